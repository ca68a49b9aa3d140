#include "capture/hearing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TO_DATA "S220 hi\r\n|CEHLO a\r\n|S250-b\r\n250 PIPELINING\r\n|" \
    "CMAIL FROM:<s@x>\r\n|S250 ok\r\n|CRCPT TO:<r@x>\r\n|S250 ok\r\n|" \
    "CDATA\r\n|S354 go\r\n|"
#define ENVELOPE "s@x r@x"

/* DIALOGUE says TEXT, turn by turn: C and S are what the sides say, g and h
 * gaps of so many bytes in that, E and R how the client ends, T TLS. BYTES: in
 * turns of so many at most; 0: as they are. */
static void
say(struct ms_dialogue *dialogue, const char *text, size_t bytes)
{
	char **turns = g_strsplit(text, "|", -1);
	int64_t now = 1000000;

	dialogue->begun = true;
	for (char **t = turns; *t; t++, now++) {
		enum ms_side side = **t == 'S' || **t == 'h' ?
		    MS_SIDE_SERVER : MS_SIDE_CLIENT;
		size_t size = **t ? strlen(*t + 1) : 0;
		size_t step = bytes > 0 ? bytes : size;

		if (**t == 'g' || **t == 'h')
			assert_int_equal(MS_OK, ms_dialogue_gap(dialogue,
			    side, now, strtoul(*t + 1, NULL, 10), NULL));
		else if (**t == 'E' || **t == 'R')
			assert_int_equal(MS_OK, ms_dialogue_end(dialogue,
			    side, now, **t == 'R', NULL));
		else if (**t == 'T')
			assert_int_equal(MS_OK, ms_dialogue_secure(dialogue,
			    now, NULL));
		else
			for (size_t at = 0; at < size; at += step, now++)
				assert_int_equal(MS_OK, ms_dialogue_say(
				    dialogue, side, now, *t + 1 + at,
				    MIN(step, size - at), NULL));
	}
	g_strfreev(turns);
}

static enum ms_status
on_begin(void *arg, const struct ms_hearing_mail *mail, struct ms_error *err)
{
	static const char *const names[] = { "message", "stray", "sealed" };

	(void)err;
	g_string_append_printf(arg, "%s %d {", names[mail->kind],
	    (int)mail->number);
	return MS_OK;
}

static enum ms_status
on_bytes(void *arg, const void *data, size_t size, struct ms_error *err)
{
	const char *p = data;

	(void)err;
	assert_true(size > 0);
	for (size_t i = 0; i < size; i++) {
		if (p[i] == '\r')
			g_string_append(arg, "\\r");
		else if (p[i] == '\n')
			g_string_append(arg, "\\n");
		else
			g_string_append_c(arg, p[i]);
	}
	return MS_OK;
}

static enum ms_status
on_end(void *arg, const struct ms_hearing_mail *mail,
    const struct ms_envelope *envelope, const char *why, struct ms_error *err)
{
	GString *out = arg;

	(void)err;
	g_string_append_c(out, '}');
	if (mail->kind == MS_HEARING_MESSAGE) {
		g_string_append_printf(out, " %s",
		    envelope->sender ? envelope->sender : "-");
		for (unsigned i = 0; i < envelope->count; i++)
			g_string_append_printf(out, " %s",
			    envelope->recipients[i]);
		for (unsigned i = 0; i < envelope->refusals; i++)
			g_string_append_printf(out, " not %s (%s)",
			    envelope->refused[i].recipient,
			    envelope->refused[i].reply);
		g_string_append_printf(out, " %s", envelope->protocol);
		if (envelope->reply)
			g_string_append_printf(out, ": %s", envelope->reply);
	}
	if (why)
		g_string_append_printf(out, " [%s]", why);
	g_string_append_c(out, '\n');
	return MS_OK;
}

static const struct ms_hearing_ops ops = { on_begin, on_bytes, on_end };

static char *
hear(const char *text, size_t bytes, bool begun)
{
	const struct ms_stash_config config = { .memory_max = 1 << 20,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	GString *out = g_string_new(NULL);
	struct ms_error err = { "" };

	dialogue->number = 7;
	say(dialogue, text, bytes);
	dialogue->begun = begun;
	assert_int_equal(MS_OK, ms_hearing(dialogue, &ops, out, &err));
	ms_dialogue_free(dialogue);
	ms_stash_free(stash);
	return g_string_free(out, FALSE);
}

struct row {
	const char *name, *text, *want;
};

/* All of them also byte by byte. */
static void
check(const struct row *rows, size_t count, bool begun)
{
	for (size_t i = 0; i < count; i++) {
		static const size_t pieces[] = { 0, 1, 7 };

		print_message("  %s\n", rows[i].name);
		for (size_t p = 0; p < G_N_ELEMENTS(pieces); p++) {
			char *got = hear(rows[i].text, pieces[p], begun);

			assert_string_equal(rows[i].want, got);
			g_free(got);
		}
	}
}

static void
test_messages(void **state)
{
	static const struct row rows[] = {
		{ "one", TO_DATA "CHi\r\n..dot\r\n.\r\n|S250 queued\r\n|"
		  "CQUIT\r\n|S221 bye\r\n|E|",
		  "message 1 {Hi\\r\\n.dot\\r\\n} " ENVELOPE
		  " ESMTP: 250 queued\n" },
		{ "two", TO_DATA "Ca\r\n.\r\n|S250 1\r\n|CMAIL FROM:<>\r\n|"
		  "S250 ok\r\n|CRCPT TO:<q@x>\r\n|S250 ok\r\n|CDATA\r\n|"
		  "S354 go\r\n|Cb\r\n.\r\n|S550 5.7.1 no\r\n|E|",
		  "message 1 {a\\r\\n} " ENVELOPE " ESMTP: 250 1\n"
		  "message 2 {b\\r\\n}  q@x ESMTP: 550 5.7.1 no\n" },
		{ "together", "S220 hi\r\n|CHELO a\r\n|S250 b\r\n|"
		  "CMAIL FROM:<s@x>\r\nRCPT TO:<no@x>\r\nRCPT TO:<r@x>\r\n"
		  "DATA\r\n|S250 ok\r\n550 5.1.1 who\r\n250 ok\r\n354 go\r\n|"
		  "Ca\r\n.\r\nQUIT\r\n|S250 q\r\n221 bye\r\n|E|",
		  "message 1 {a\\r\\n} " ENVELOPE
		  " not no@x (550 5.1.1 who) SMTP: 250 q\n" },
		{ "reset", "S220 hi\r\n|CHELO a\r\n|S250 b\r\n|"
		  "CMAIL FROM:<o@x>\r\n|S250 ok\r\n|CRSET\r\n|S250 ok\r\n|"
		  "CMAIL FROM:<bad>\r\n|S501 no\r\n|CMAIL FROM:<s@x>\r\n|"
		  "S250 ok\r\n|CRCPT TO:<r@x>\r\n|S250 ok\r\n|CDATA\r\n|"
		  "S354 go\r\n|Ca\r\n.\r\n|S250 q\r\n|E|",
		  "message 1 {a\\r\\n} " ENVELOPE " SMTP: 250 q\n" },
		{ "chunks", "S220 hi\r\n|CEHLO a\r\n|S250 CHUNKING\r\n|"
		  "CMAIL FROM:<s@x>\r\n|S250 ok\r\n|CRCPT TO:<r@x>\r\n|"
		  "S250 ok\r\n|CBDAT 4\r\n.\r\nb|S250 ok\r\n|"
		  "CBDAT 3 LAST\r\nc\r\n|S250 q\r\n|E|",
		  "message 1 {.\\r\\nbc\\r\\n} " ENVELOPE
		  " ESMTP: 250 q\n" },
		{ "a server with nothing to say", "CEHLO a\r\n"
		  "MAIL FROM:<s@x>\r\nRCPT TO:<r@x>\r\nDATA\r\na\r\n.\r\n"
		  "QUIT\r\n|", "message 1 {a\\r\\n} " ENVELOPE " ESMTP\n" },
		{ "lines that a line feed ends", "CHELO a\nMAIL FROM:<s@x>\n"
		  "RCPT TO:<r@x>\nDATA\na\n..\n.\nMAIL FROM:<t@x>\n"
		  "RCPT TO:<r@x>\nDATA\nb\n.\nQUIT\n|",
		  "message 1 {a\\n.\\n} " ENVELOPE " SMTP\n"
		  "message 2 {b\\n} t@x r@x SMTP\n" },
		{ "AUTH without a server", "CEHLO a\r\nAUTH LOGIN\r\nYQ==\r\n"
		  "Yg==\r\nMAIL FROM:<s@x>\r\nRCPT TO:<r@x>\r\nDATA\r\na\r\n"
		  ".\r\n|", "message 1 {a\\r\\n} " ENVELOPE " ESMTPA\n" },
		{ "LMTP", "S220 hi\r\n|CLHLO a\r\n|S250 b\r\n|"
		  "CMAIL FROM:<s@x>\r\n|S250 ok\r\n|CRCPT TO:<r@x>\r\n|"
		  "S250 ok\r\n|CRCPT TO:<q@x>\r\n|S250 ok\r\n|CDATA\r\n|"
		  "S354 go\r\n|Ca\r\n.\r\n|S250 1\r\n450 2\r\n|E|",
		  "message 1 {a\\r\\n} s@x r@x not q@x (450 2) "
		  "LMTP: 450 2\n" },
	};

	(void)state;
	check(rows, G_N_ELEMENTS(rows), true);
}

static void
test_incomplete(void **state)
{
	static const struct row rows[] = {
		{ "ended", TO_DATA "Ca\r\n|E|", "message 1 {a\\r\\n} " ENVELOPE
		  " ESMTP [the connection ended before the message did]\n" },
		{ "broken off", TO_DATA "Ca\r\n|R|", "message 1 {a\\r\\n} "
		  ENVELOPE " ESMTP [the connection was broken off before the "
		  "message ended]\n" },
		{ "not captured further", TO_DATA "Ca\r\n|",
		  "message 1 {a\\r\\n} " ENVELOPE
		  " ESMTP [the capture ends before the message does]\n" },
		{ "not even begun", TO_DATA, "message 1 {} " ENVELOPE
		  " ESMTP [the capture ends before the message does]\n" },
		{ "a gap, and the rest", TO_DATA "Ca\r\n|g5|Cz\r\n.\r\n|"
		  "S250 q\r\n|CQUIT\r\n|S221 bye\r\n|E|",
		  "message 1 {a\\r\\nz\\r\\n} " ENVELOPE " ESMTP: 250 q "
		  "[5 bytes were not captured at byte 50 of stream 7]\n" },
		{ "a gap with the end, and an answer", TO_DATA "Ca\r\n|g5|"
		  "S250 q\r\n|CMAIL FROM:<t@x>\r\n|S250 ok\r\n|"
		  "CRCPT TO:<r@x>\r\n|S250 ok\r\n|CDATA\r\n|S354 go\r\n|"
		  "Cb\r\n.\r\n|S250 r\r\n|E|",
		  "message 1 {a\\r\\n} " ENVELOPE " ESMTP: 250 q "
		  "[5 bytes were not captured at byte 50 of stream 7]\n"
		  "message 2 {b\\r\\n} t@x r@x ESMTP: 250 r\n" },
		{ "a gap with the end, and no server", "CEHLO a\r\n"
		  "MAIL FROM:<s@x>\r\nRCPT TO:<r@x>\r\nDATA\r\na\r\n|g0|"
		  "Cz\r\nMAIL FROM:<t@x>\r\nRCPT TO:<r@x>\r\nDATA\r\nb\r\n"
		  ".\r\n|", "message 1 {a\\r\\nz\\r\\n} " ENVELOPE
		  " ESMTP [bytes were not captured at byte 50 of stream 7]\n"
		  "message 2 {b\\r\\n} t@x r@x ESMTP\n" },
		{ "a gap between messages", TO_DATA "Ca\r\n.\r\n|S250 q\r\n|"
		  "g900|S354 go\r\n|Cz\r\n.\r\n|S250 r\r\n|CQUIT\r\n|"
		  "S221 bye\r\n|E|", "message 1 {a\\r\\n} " ENVELOPE
		  " ESMTP: 250 q\nstray 2 {z\\r\\n} [900 bytes were not "
		  "captured at byte 53 of stream 7]\n" },
		{ "a gap among the replies", "S220 hi\r\n|CHELO a\r\n|h8|"
		  "CMAIL FROM:<s@x>\r\n|S250 ok\r\n|CRCPT TO:<no@x>\r\n|"
		  "S550 no\r\n|CRCPT TO:<r@x>\r\n|S250 ok\r\n|CDATA\r\n|"
		  "S354 go\r\n|Ca\r\n.\r\n|S250 q\r\n|E|",
		  "message 1 {a\\r\\n} " ENVELOPE
		  " not no@x (550 no) SMTP: 250 q\n" },
		{ "given up", "S220 hi\r\n|CEHLO a\r\n|S250 b\r\n|"
		  "CMAIL FROM:<s@x>\r\n|S250 ok\r\n|CRCPT TO:<r@x>\r\n|"
		  "S250 ok\r\n|CBDAT 3\r\nabc|S250 ok\r\n|CRSET\r\n|"
		  "S250 ok\r\n|E|", "message 1 {abc} " ENVELOPE
		  " ESMTP [the client gave it up]\n" },
		{ "only the server", "S220 hi\r\n|S250 b\r\n|S250 ok\r\n|",
		  "stray 1 {} [the client was not captured]\n" },
		{ "nobody came", "S220 hi\r\n|S421 bye\r\n|E|", "" },
	};

	(void)state;
	check(rows, G_N_ELEMENTS(rows), true);
}

static void
test_stray(void **state)
{
	static const struct row rows[] = {
		{ "refused, and sent all the same", "S220 hi\r\n|CHELO a\r\n|"
		  "S250 b\r\n|CMAIL FROM:<s@x>\r\n|S250 ok\r\n|"
		  "CRCPT TO:<r@x>\r\n|S250 ok\r\n|CDATA\r\n|S554 no\r\n|"
		  "CSubject: x\r\n\r\nRSET\r\ny\r\n.\r\n|S502 what\r\n|E|",
		  "message 1 {Subject: x\\r\\n\\r\\nRSET\\r\\ny\\r\\n} "
		  ENVELOPE " SMTP: 554 no\n" },
		{ "nobody heard the reply to DATA", "S220 hi\r\n|CHELO a\r\n|"
		  "S250 b\r\n|CMAIL FROM:<s@x>\r\n|S250 ok\r\n|"
		  "CRCPT TO:<r@x>\r\n|S250 ok\r\n|CDATA\r\n|h8|"
		  "CRSET\r\nx\r\nRSET\r\n.\r\n|E|",
		  "stray 1 {} [the reply to DATA was not captured]\n" },
		{ "no BDAT, but commands", "S220 hi\r\n|CEHLO a\r\n|S250 b\r\n"
		  "|CMAIL FROM:<s@x>\r\n|S250 ok\r\n|CRCPT TO:<r@x>\r\n|"
		  "S250 ok\r\n|CBDAT 6 LAST\r\nDATA\r\n|S502 no\r\n|E|",
		  "message 1 {DATA\\r\\n} " ENVELOPE " ESMTP: 502 no "
		  "[the server refused one of its chunks]\n"
		  "message 2 {} - SMTP [the connection ended before the "
		  "message did]\n" },
		{ "no TLS, though it looks like it", "S220 hi\r\n|"
		  "CEHLO a\r\n|S250 b\r\n|CSTARTTLS\r\n|S220 go\r\n|"
		  "C\x16\x03\x01\r\n|S500 what\r\n|"
		  "CMAIL FROM:<s@x>\r\n|S250 ok\r\n|CRCPT TO:<r@x>\r\n|"
		  "S250 ok\r\n|CDATA\r\n|S354 go\r\n|Ca\r\n.\r\n|"
		  "S250 q\r\n|E|",
		  "message 1 {a\\r\\n} " ENVELOPE " SMTP: 250 q\n" },
		{ "mistyped", "S220 hi\r\n|CHLEO a\r\n|S500 what\r\n|"
		  "CQUIT\r\n|S221 bye\r\n|E|", "" },
		{ "lines of something else", "S220 hi\r\n|CGET / HTTP/1.1\r\n"
		  "Host: x\r\n\r\n|S500 what\r\n500 what\r\n500 what\r\n|"
		  "CQUIT\r\n|S221 bye\r\n|E|",
		  "stray 1 {GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n}\n" },
		{ "behind QUIT", "S220 hi\r\n|CQUIT\r\n|S221 bye\r\n|"
		  "Cone\r\ntwo\r\n|E|", "stray 1 {one\\r\\ntwo\\r\\n}\n" },
		{ "a server of rubbish", "Sx\r\ny\r\n|CHELO a\r\n|Sz\r\n|"
		  "CMAIL FROM:<s@x>\r\n|Sz\r\n|CRCPT TO:<r@x>\r\n|Sz\r\n|"
		  "CDATA\r\n|Sz\r\n|Ca\r\n.\r\n|Sz\r\n|E|",
		  "message 1 {a\\r\\n} " ENVELOPE " SMTP\n" },
	};

	(void)state;
	check(rows, G_N_ELEMENTS(rows), true);
}

static void
test_late(void **state)
{
	static const struct row rows[] = {
		{ "in a message", "Cz\r\nyy\r\n.\r\n|S250 q\r\n|"
		  "CMAIL FROM:<s@x>\r\n|S250 ok\r\n|CRCPT TO:<no@x>\r\n|"
		  "S550 no\r\n|CRCPT TO:<r@x>\r\n|S250 ok\r\n|CDATA\r\n|"
		  "S354 go\r\n|Ca\r\n.\r\n|S250 r\r\n|E|",
		  "stray 1 {z\\r\\nyy\\r\\n} [the capture begins in it]\n"
		  "message 2 {a\\r\\n} " ENVELOPE
		  " not no@x (550 no) SMTP: 250 r\n" },
		{ "before a message", "S250 ok\r\n|CMAIL FROM:<s@x>\r\n|"
		  "S250 ok\r\n|CRCPT TO:<r@x>\r\n|S250 ok\r\n|CDATA\r\n|"
		  "S354 go\r\n|Ca\r\n.\r\n|S250 r\r\n|E|",
		  "message 1 {a\\r\\n} " ENVELOPE " SMTP: 250 r\n" },
	};

	(void)state;
	check(rows, G_N_ELEMENTS(rows), false);
}

static void
test_tls(void **state)
{
	static const struct row rows[] = {
		{ "STARTTLS", "S220 hi\r\n|CEHLO a\r\n|S250 STARTTLS\r\n|"
		  "CSTARTTLS\r\n|S220 go\r\n|C\x16\x03\x01\x01\x01xx|"
		  "S\x16\x03zz|Cyy|E|", "sealed 1 {\x16\x03\x01\x01\x01xxyy} "
		  "[TLS from byte 19 of stream 7]\n" },
		{ "from the beginning", "C\x16\x03\x01\x01\x01x|"
		  "S\x16\x03zz|Cyy|E|",
		  "sealed 1 {\x16\x03\x01\x01\x01xyy} "
		  "[TLS from byte 1 of stream 7]\n" },
		{ "looked into", "S220 hi\r\n|CEHLO a\r\n|"
		  "S250 b\r\n|CSTARTTLS\r\n|S220 go\r\n|T|CEHLO a\r\n|"
		  "S250 b\r\n|"
		  "CMAIL FROM:<s@x>\r\n|S250 ok\r\n|CRCPT TO:<r@x>\r\n|"
		  "S250 ok\r\n|CDATA\r\n|S354 go\r\n|Ca\r\n.\r\n|S250 q\r\n|",
		  "message 1 {a\\r\\n} " ENVELOPE " ESMTPS: 250 q\n" },
		{ "no handshake", "S220 hi\r\n|CEHLO a\r\n|S250 b\r\n|"
		  "CSTARTTLS\r\n|S220 go\r\n|CMAIL FROM:<s@x>\r\n|S250 ok\r\n|"
		  "CRCPT TO:<r@x>\r\n|S250 ok\r\n|CDATA\r\n|S354 go\r\n|"
		  "Ca\r\n.\r\n|S250 q\r\n|", "message 1 {a\\r\\n} " ENVELOPE
		  " SMTP: 250 q\n" },
	};

	(void)state;
	/* A single byte is no handshake yet. */
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *got = hear(rows[i].text, 0, true);

		print_message("  %s\n", rows[i].name);
		assert_string_equal(rows[i].want, got);
		g_free(got);
	}
}

#define TO_CHUNK "CEHLO a\r\nMAIL FROM:<s@x>\r\nRCPT TO:<r@x>\r\n"
#define OF_T "MAIL FROM:<t@x>\r\nRCPT TO:<r@x>\r\nDATA\r\nb\r\n.\r\n"
#define SHOWN "MAIL FROM:<t@x>\\r\\nRCPT TO:<r@x>\\r\\nDATA\\r\\nb\\r\\n" \
    ".\\r\\n"
#define T_B " {b\\r\\n} t@x r@x "

/* Who does not know BDAT takes its chunk for commands. What the server was not
 * heard to take may be either, and both are handed out; nothing a third
 * time. */
static void
test_chunks(void **state)
{
	static const struct row rows[] = {
		{ "commands", TO_CHUNK "BDAT 44 LAST\r\n" OF_T "QUIT\r\n|",
		  "message 1 {" SHOWN "} " ENVELOPE " ESMTP\n"
		  "message 2" T_B "SMTP\n" },
		{ "without LAST", TO_CHUNK "BDAT 44\r\n" OF_T
		  "BDAT 1 LAST\r\nx|", "message 1 {" SHOWN "x} " ENVELOPE
		  " ESMTP\nmessage 2" T_B "SMTP\nstray 3 {x} [nobody heard "
		  "whether the server took a chunk]\n" },
		{ "that go on behind it", TO_CHUNK "BDAT 35 LAST\r\n" OF_T
		  "QUIT\r\n|", "message 1 {MAIL FROM:<t@x>\\r\\n"
		  "RCPT TO:<r@x>\\r\\nDAT} " ENVELOPE " ESMTP\nmessage 2 "
		  "{b\\r\\n} t@x r@x SMTP\n" },
		{ "without an end", TO_CHUNK "BDAT 999 LAST\r\n" OF_T "|E|",
		  "message 1 {" SHOWN "} " ENVELOPE " ESMTP [the connection "
		  "ended before the message did]\nmessage 2" T_B "SMTP\n" },
		{ "within a chunk", TO_CHUNK "BDAT 57 LAST\r\n"
		  "BDAT 3 LAST\r\n" OF_T "|", "message 1 {BDAT 3 LAST\\r\\n"
		  SHOWN "} " ENVELOPE " ESMTP\nstray 2 {} [nobody heard "
		  "whether the server took a chunk]\nmessage 3" T_B
		  "SMTP\n" },
		{ "mail", TO_CHUNK "BDAT 9 LAST\r\nDATE\r\nx\r\nQUIT\r\n|",
		  "message 1 {DATE\\r\\nx\\r\\n} " ENVELOPE " ESMTP\n" },
		{ "the server takes it", "S220 hi\r\n|CEHLO a\r\n|S250 b\r\n|"
		  "CMAIL FROM:<s@x>\r\n|S250 ok\r\n|CRCPT TO:<r@x>\r\n|"
		  "S250 ok\r\n|CBDAT 44 LAST\r\n" OF_T "|S250 q\r\n|E|",
		  "message 1 {" SHOWN "} " ENVELOPE " ESMTP: 250 q\n" },
		{ "the server does not want it", "S220 hi\r\n|CEHLO a\r\n|"
		  "S250 b\r\n|CMAIL FROM:<s@x>\r\n|S250 ok\r\n|"
		  "CRCPT TO:<r@x>\r\n|S250 ok\r\n|CBDAT 44 LAST\r\n" OF_T
		  "|S550 spam\r\n|E|", "message 1 {" SHOWN "} " ENVELOPE
		  " ESMTP: 550 spam\n" },
		{ "the server does not know it", "S220 hi\r\n|CEHLO a\r\n|"
		  "S250 b\r\n|CBDAT 44 LAST\r\n" OF_T "|S502 no\r\n|"
		  "S250 1\r\n250 2\r\n354 go\r\n250 q\r\n|E|",
		  "message 1 {" SHOWN "} - ESMTP: 502 no [the server refused "
		  "one of its chunks]\nmessage 2" T_B "SMTP: 250 q\n" },
	};

	(void)state;
	check(rows, G_N_ELEMENTS(rows), true);
}

#define HELLO "\x16\x03\x01\x01\x01"
#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* Where nobody heard that the server agreed, TLS ends with its last record,
 * and where a command is. */
static void
test_unsealed(void **state)
{
	static const struct row rows[] = {
		{ "commands in a record", "CEHLO a\r\nSTARTTLS\r\n"
		  "\x16\x03\x01\r\n" OF_T "QUIT\r\n|", "sealed 1 "
		  "{\x16\x03\x01\\r\\n} [TLS from byte 19 of stream 7, over "
		  "at byte 23]\nmessage 2" T_B "SMTP\n" },
		{ "commands behind a record", "CEHLO a\r\nSTARTTLS\r\n"
		  HELLO X64 X64 X64 X64 "xRCPT TO:<r@x>\r\nDATA\r\nb\r\n"
		  ".\r\n|", "sealed 1 {" HELLO X64 X64 X64 X64 "x} [TLS from "
		  "byte 19 of stream 7, over at byte 280]\nmessage 2 "
		  "{b\\r\\n} - r@x SMTP\n" },
		{ "from the first byte", "C" HELLO "\n" OF_T "|",
		  "sealed 1 {" HELLO "\\n} [TLS from byte 1 of stream 7, "
		  "over at byte 6]\nmessage 2" T_B "SMTP\n" },
		{ "a server that says nothing more", "S220 hi\r\n|CEHLO a\r\n|"
		  "S250 b\r\n|CSTARTTLS\r\n|S220 go\r\n|C" HELLO "\n" OF_T
		  "|", "sealed 1 {" HELLO "\\n} [TLS from byte 19 of stream "
		  "7, over at byte 24]\nmessage 2" T_B "SMTP\n" },
		{ "a server that refused it", "S220 hi\r\n|CEHLO a\r\n|"
		  "S250 b\r\n|CSTARTTLS\r\n|S454 no\r\n|C" HELLO "\n" OF_T
		  "|", "message 1" T_B "ESMTP\n" },
	};

	(void)state;
	check(rows, G_N_ELEMENTS(rows), true);
}

/* A message of any size takes memory that does not grow, and lines without an
 * end, commands and replies without number time that is in proportion. */
static void
test_large(void **state)
{
	GString *text = g_string_new(TO_DATA "C");
	char *got;

	(void)state;
	for (int i = 0; i < 20000; i++)
		g_string_append(text, "0123456789abcdef\r\n");
	g_string_append(text, ".\r\n|S250 q\r\n|");
	got = hear(text->str, 0, true);
	assert_true(strlen(got) > 20000 * 20);
	g_free(got);
	g_string_assign(text, "S220 hi\r\n|C");
	for (int i = 0; i < 20000; i++)
		g_string_append(text, "DATA\r\n");
	g_string_append(text, "|S");
	for (int i = 0; i < 20000; i++)
		g_string_append(text, "503 no\r\n");
	got = hear(text->str, 0, true);
	assert_string_equal("", got);
	g_free(got);
	g_string_free(text, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_stray),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_unsealed),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
