#include "capture/redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ms_stash *stash;

static int
set_up(void **state)
{
	struct ms_stash_config config = { .memory_max = 32 << 20, .fd = -1 };

	(void)state;
	stash = ms_stash_new(&config);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	ms_stash_free(stash);
	return 0;
}

/* A dialogue of TEXT: lines that begin with "C: " or "S: ", each a turn, and
 * "C+" or "S+" for more of the one before. "~" is a gap of the client, "=" the
 * beginning of TLS. Lines end with CR LF, except after a backslash. */
static struct ms_dialogue *
make(const char *text, bool heard)
{
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	char **lines = g_strsplit(text, "\n", -1);
	int64_t time = 0;

	dialogue->number = 1;
	dialogue->client = g_strdup("192.0.2.17:1025");
	dialogue->server = g_strdup("[2001:db8::19]:25");
	for (size_t i = 0; lines[i]; i++) {
		enum ms_side side = lines[i][0] == 'S' ? MS_SIDE_SERVER :
		    MS_SIDE_CLIENT;
		size_t n = strlen(lines[i]);
		bool open = n > 0 && lines[i][n - 1] == '\\';
		char *line;

		if (lines[i][0] == '~')
			(void)ms_dialogue_gap(dialogue, MS_SIDE_CLIENT, time,
			    100, NULL);
		else if (lines[i][0] == '=')
			(void)ms_dialogue_secure(dialogue, time, NULL);
		if (n < 3 || (!heard && side == MS_SIDE_SERVER))
			continue;
		line = g_strdup_printf("%.*s%s", (int)(n - 3 - open),
		    lines[i] + 3, open ? "" : "\r\n");
		time += lines[i][1] == ':';
		(void)ms_dialogue_say(dialogue, side, time, line,
		    strlen(line), NULL);
		g_free(line);
	}
	g_strfreev(lines);
	return dialogue;
}

/* All that SIDE says. */
static char *
said(const struct ms_dialogue *dialogue, enum ms_side side)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < dialogue->turns->len; i++) {
		const struct ms_turn *turn = ms_dialogue_turn(dialogue, i);
		size_t got = turn->kind == MS_TURN_BYTES ?
		    (size_t)turn->size : 0;
		char *block = g_malloc(got + 1);

		if (turn->side == side && got > 0) {
			assert_int_equal(MS_OK, ms_dialogue_read(dialogue, i,
			    0, block, &got, NULL));
			assert_int_equal(turn->size, got);
			g_string_append_len(text, block, (gssize)got);
		}
		g_free(block);
	}
	return g_string_free(text, FALSE);
}

/* The redacted DIALOGUE has the same turns; it is freed. */
static struct ms_dialogue *
redact(struct ms_redact *redactor, struct ms_dialogue *dialogue)
{
	struct ms_dialogue *got;
	struct ms_error err;

	assert_int_equal(MS_OK, ms_redact(redactor, dialogue, &got, &err));
	assert_int_equal(dialogue->turns->len, got->turns->len);
	for (size_t i = 0; i < got->turns->len; i++) {
		const struct ms_turn *a = ms_dialogue_turn(dialogue, i);
		const struct ms_turn *b = ms_dialogue_turn(got, i);

		assert_int_equal(a->kind, b->kind);
		assert_int_equal(a->side, b->side);
		assert_int_equal(a->time_us, b->time_us);
		assert_int_equal(a->size, b->size);
	}
	ms_dialogue_free(dialogue);
	return got;
}

/* "*" in PATTERN is any character but a line end, and so are letters and
 * digits that differ where PATTERN has a "*". */
static void
matches(const char *name, const char *pattern, const char *text)
{
	bool ok = strlen(pattern) == strlen(text);

	for (size_t i = 0; ok && pattern[i]; i++)
		ok = pattern[i] == text[i] || (pattern[i] == '*' &&
		    (g_ascii_isalnum(text[i])));
	if (!ok)
		print_message("%s: want\n%s\ngot\n%s\n", name, pattern, text);
	assert_true(ok);
}

static const struct {
	const char *name;
	bool heard;
	const char *text;
	const char *client, *server;
} cases[] = {
	{ "commands", true,
	  "S: 220 mx.example.org ESMTP Postfix (Debian/GNU)\n"
	  "C: EHLO host.example.com\nS: 250-mx.example.org Hello host"
	  " [192.0.2.17]\n"
	  "S+ 250-SIZE 10240000\nS+ 250-AUTH PLAIN LOGIN SECRET\n"
	  "S+ 250 ENHANCEDSTATUSCODES\n"
	  "C: mail from:<joe@example.com> SIZE=1234 BODY=8BITMIME ENVID=QQ314\n"
	  "S: 250 2.1.0 Ok\n"
	  "C: RCPT TO:<ann.lee@example.org> NOTIFY=NEVER"
	  " ORCPT=rfc822;ann@example.org\n"
	  "S: 550 5.1.1 <ann.lee@example.org>: Recipient address rejected:"
	  " User unknown in local recipient table\n"
	  "C: RCPT TO:<size@full.to>\nS: 250 ok\n"
	  "C: VRFY postmaster\nS: 252 2.0.0 postmaster\nC: QUIT\n"
	  "S: 221 2.0.0 Bye",
	  "EHLO ****.*******.***\r\n"
	  "mail from:<***@*******.***> SIZE=1234 BODY=8BITMIME ENVID=*****\r\n"
	  "RCPT TO:<***.***@*******.***> NOTIFY=NEVER"
	  " ORCPT=rfc822;***@*******.***\r\n"
	  "RCPT TO:<****@****.**>\r\n"
	  "VRFY **********\r\nQUIT\r\n",
	  "220 **.*******.*** ESMTP Postfix (******/***)\r\n"
	  "250-**.*******.*** Hello **** [***.*.*.**]\r\n"
	  "250-SIZE 10240000\r\n250-AUTH PLAIN LOGIN ******\r\n"
	  "250 ENHANCEDSTATUSCODES\r\n250 2.1.0 Ok\r\n"
	  "550 5.1.1 <***.***@*******.***>: Recipient address rejected: User"
	  " unknown in local recipient table\r\n"
	  "250 ok\r\n252 2.0.0 **********\r\n221 2.0.0 Bye\r\n" },
	{ "message", true,
	  "C: DATA\nS: 354 go ahead\nC: From: Joe Doe <joe@example.com>\n"
	  "C+ To: \"Lee, Ann\"\nC+  <ann.lee@example.org>\n"
	  "C+ Subject: =?utf-8?B?R2VoZWlt?= money =?x?q?a=C3=A4?=\n"
	  "C+ Date: Mon, 1 Jan 2024 10:11:12 +0100 (Somewhere)\n"
	  "C+ X-Acme: secret 77\nC+ Content-Type: multipart/mixed;"
	  " boundary=\"=_a.b\"\n"
	  "C+ \nC+ --=_a.b\nC+ Content-Type: text/plain; charset=utf-8;"
	  " name=\"plan 9.txt\"\n"
	  "C+ \nC+ Dear Ann, the code is 4711.\nC+ ..dots\nC+ .\n"
	  "S: 250 2.0.0 Ok: queued as 4F3A\nC: QUIT\nS: 221 2.0.0 Bye",
	  "DATA\r\nFrom: xxx xxx <***@*******.***>\r\n"
	  "To: \"xxx, xxx\"\r\n <***.***@*******.***>\r\n"
	  "Subject: =?utf-8?B?AAAAAAAA?= xxxxx =?x?q?x=78=78?=\r\n"
	  "Date: Mon, 1 Jan 2024 10:11:12 +0100 (xxxxxxxxx)\r\n"
	  "x-xxxx: xxxxxx 00\r\nContent-Type: multipart/mixed;"
	  " boundary=\"=_*.*\"\r\n"
	  "\r\n--=_*.*\r\nContent-Type: text/plain; charset=utf-8;"
	  " name=\"xxxx *.***\"\r\n"
	  "\r\nxxxx xxx, xxx xxxx xx 0000.\r\n..xxxx\r\n.\r\nQUIT\r\n",
	  "354 go ahead\r\n250 2.0.0 Ok: queued as ****\r\n"
	  "221 2.0.0 Bye\r\n" },
	{ "encodings", false,
	  "C: DATA\nC+ Content-Type: multipart/mixed;\nC+ \tboundary=x1\nC+ \n"
	  "C+ --x1\nC+ Content-Transfer-Encoding: base64\nC+ \nC+"
	  " c2VjcmV0/+==\n"
	  "C+ --x1\nC+ Content-Type: text/html\nC+"
	  " Content-Transfer-Encoding: quoted-printable\n"
	  "C+ \nC+ Gr=C3=BC=\nC+ <b>77</b>=3D\nC+ --x1--\nC+ bye\nC+ .",
	  "DATA\r\nContent-Type: multipart/mixed;\r\n\tboundary=**\r\n\r\n"
	  "--**\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAAAAAAAA==\r\n"
	  "--**\r\nContent-Type: text/html\r\nContent-Transfer-Encoding:"
	  " quoted-printable\r\n"
	  "\r\nxx=78=78=\r\n<x>00</x>=78\r\n--**--\r\nxxx\r\n.\r\n", "" },
	{ "nested", false,
	  "C: DATA\nC+ Content-Type: message/rfc822\nC+ \nC+ Subject: inner\n"
	  "C+ Content-Transfer-Encoding: base64\nC+ \nC+ aGVsbG8=\nC+ .",
	  "DATA\r\nContent-Type: message/rfc822\r\n\r\nSubject: xxxxx\r\n"
	  "Content-Transfer-Encoding: base64\r\n\r\nAAAAAAA=\r\n.\r\n", "" },
	{ "auth", true,
	  "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: am9lQGV4YW1wbGU=\n"
	  "S: 334 UGFzc3dvcmQ6\nC: QUIT\nS: 535 5.7.8 no, joe\n"
	  "C: AUTH PLAIN am9lAGpvZQBw\nS: 235 2.7.0 ok\nC: QUIT",
	  "AUTH LOGIN\r\nAAAAAAAAAAAAAAA=\r\nAAAA\r\n"
	  "AUTH PLAIN AAAAAAAAAAAA\r\nQUIT\r\n",
	  "334 AAAAAAAAAAAA\r\n334 AAAAAAAAAAAA\r\n535 5.7.8 no, ***\r\n"
	  "235 2.7.0 ok\r\n" },
	{ "password that looks like a command", true,
	  "C: AUTH PLAIN\nS: 334 \nC: RCPT TO:<x>\nS: 535 no",
	  "AUTH PLAIN\r\nAAAA AAAAAA\r\n", "334 \r\n535 no\r\n" },
	{ "refused data", true,
	  "C: MAIL FROM:<>\nC+ RCPT TO:<a@b>\nC+ DATA\nS: 250 ok\nS+ 550 no\n"
	  "S+ 503 no\nC: NOOP hidden\nS: 250 ok\nC: QUIT",
	  "MAIL FROM:<>\r\nRCPT TO:<*@*>\r\nDATA\r\nNOOP ******\r\nQUIT\r\n",
	  "250 ok\r\n550 no\r\n503 no\r\n250 ok\r\n" },
	{ "did not wait", true,
	  "C: DATA\nC+ Subject: hidden\nC+ \nC+ text\nC+ .\nC+ QUIT\n"
	  "S: 503 no",
	  "DATA\r\nxxxxxxx: xxxxxx\r\n\r\nxxxx\r\n.\r\nQUIT\r\n",
	  "503 no\r\n" },
	{ "chunks", true,
	  "C: BDAT 15\nC+ Subject: abcd\nC+ BDAT 8 LAST\nC+ \nC+ RSET\\\n"
	  "C+ RSET\nS: 250 ok",
	  "BDAT 15\r\nSubject: xxxx\r\n", NULL },
	{ "unknown commands", true,
	  "S: 220 x\nC: joe@example.com has 12 words\nS: 500 what\n"
	  "C: \nS: nonsense of joe",
	  "***@*******.*** *** ** *****\r\n\r\n",
	  "220 *\r\n500 ****\r\n******** ** ***\r\n" },
	{ "gap in a message", true,
	  "C: DATA\nS: 354 go\nC: Subject: abc\n~\nC+ rest\nS: 250 ok\n"
	  "C: QUIT",
	  "DATA\r\nSubject: xxx\r\nxxxx\r\nQUIT\r\n",
	  "354 go\r\n250 ok\r\n" },
	{ "gap in a command", true,
	  "C: RCPT TO:<jo\\\n~\nC+ e@example.com>\nC: QUIT",
	  "RCPT TO:<**x@xxxxxxx.xxx>\r\nQUIT\r\n", "" },
	{ "TLS that was looked into", true,
	  "C: STARTTLS\nS: 220 go ahead\n=\nC: EHLO joe\nS: 250 ok",
	  "STARTTLS\r\nEHLO ***\r\n", "220 go ahead\r\n250 ok\r\n" },
	{ "addresses", true,
	  "C: XCLIENT NAME=joe.example ADDR=IPV6:2001:db8::17"
	  " HELO=[10.1.2.3] PORT=[UNAVAILABLE]",
	  "XCLIENT NAME=***.******* ADDR=IPV6:****:***::** HELO=[**.*.*.*]"
	  " PORT=[UNAVAILABLE]\r\n",
	  "" },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_redact *redactor = ms_redact_new();
		struct ms_dialogue *got = redact(redactor,
		    make(cases[i].text, cases[i].heard));
		char *client = said(got, MS_SIDE_CLIENT);
		char *server = said(got, MS_SIDE_SERVER);

		print_message("  %s\n", cases[i].name);
		if (cases[i].server) {
			matches(cases[i].name, cases[i].client, client);
			matches(cases[i].name, cases[i].server, server);
		} else {
			assert_true(g_str_has_prefix(client,
			    cases[i].client));
		}
		g_free(client);
		g_free(server);
		ms_dialogue_free(got);
		ms_redact_free(redactor);
	}
	ms_redact_free(NULL);
}

/* The same address is the same one everywhere, another one is another, and
 * the next run knows nothing of it. */
static void
test_consistent(void **state)
{
	static const char text[] = "C: MAIL FROM:<joe.smith@example.com>\n"
	    "C: RCPT TO:<Joe.Smith@Example.COM>\n"
	    "C: RCPT TO:<jim.smith@example.com>\nC: EHLO [192.0.2.17]";
	struct ms_redact *a = ms_redact_new(), *b = ms_redact_new();
	struct ms_dialogue *got = redact(a, make(text, true));
	struct ms_dialogue *other = redact(b, make(text, true));
	char *said_a = said(got, MS_SIDE_CLIENT);
	char *said_b = said(other, MS_SIDE_CLIENT);
	char **lines = g_strsplit(said_a, "\r\n", -1);
	char *ip = g_strndup(got->client, strcspn(got->client, ":"));

	(void)state;
	assert_int_equal(0, g_ascii_strcasecmp(lines[0] + 10, lines[1] + 8));
	assert_string_not_equal(lines[0] + 10, lines[2] + 8);
	/* The domain of the third is that of the first. */
	assert_string_equal(strchr(lines[0], '@'), strchr(lines[2], '@'));
	assert_string_not_equal(said_a, said_b);
	assert_non_null(strstr(lines[3], ip));
	assert_int_equal(strlen("192.0.2.17"), strlen(ip));
	assert_string_not_equal("192.0.2.17", ip);
	assert_true(g_str_has_suffix(got->client, ":1025"));
	assert_true(g_str_has_prefix(got->server, "["));
	assert_true(g_str_has_suffix(got->server, "]:25"));
	g_strfreev(lines);
	g_free(ip);
	g_free(said_a);
	g_free(said_b);
	ms_dialogue_free(got);
	ms_dialogue_free(other);
	ms_redact_free(a);
	ms_redact_free(b);
}

/* What is inside TLS is gone, its records are not. */
static void
test_tls(void **state)
{
	static const char records[] = "\x16\x03\x01\0\x05secre\x17\x03\x03\0"
	    "\x02ts\x15\x03\x03\0\x01!";
	static const char want[] = "\x16\x03\x01\0\x05\0\0\0\0\0\x17\x03\x03\0"
	    "\x02\0\0\x15\x03\x03\0\x01\0";

	(void)state;
	for (size_t cut = 1; cut < sizeof records - 1; cut++) {
		struct ms_redact *redactor = ms_redact_new();
		struct ms_dialogue *dialogue = make("C: STARTTLS\nS: 220 ok",
		    true), *got;
		char block[100];
		size_t size = sizeof block;
		GString *all = g_string_new(NULL);

		(void)ms_dialogue_say(dialogue, MS_SIDE_CLIENT, 10, records,
		    cut, NULL);
		(void)ms_dialogue_say(dialogue, MS_SIDE_CLIENT, 11,
		    records + cut, sizeof records - 1 - cut, NULL);
		got = redact(redactor, dialogue);
		for (size_t i = 2; i < 4; i++) {
			size = sizeof block;
			(void)ms_dialogue_read(got, i, 0, block, &size, NULL);
			g_string_append_len(all, block, (gssize)size);
		}
		assert_int_equal(sizeof want - 1, all->len);
		assert_memory_equal(want, all->str, all->len);
		g_string_free(all, TRUE);
		ms_dialogue_free(got);
		ms_redact_free(redactor);
	}
}

/* Words that are no words of SMTP or MIME, with something in them that is not
 * the work of chance. */
static const char *const secrets[] = {
	"zyqoxwal", "Hrmpfel77", "kwaxilotz", "4711kz471147", "umpfquirl",
};

static void
append_secret(GString *text)
{
	g_string_append(text, secrets[rand() % 5]);
}

/* Something with secrets in it. */
static void
append_random(GString *text)
{
	static const char *const around[] = {
		"MAIL FROM:<", "@", "> SIZE=1", "RCPT TO:<", "AUTH PLAIN ",
		"DATA\r\n", "\r\n", " ", "From: ", "Subject: ", ".\r\n",
		"Content-Type: text/plain; name=", "BDAT 20\r\n", "250 ",
		"250-", "334 ", "354 ", "\r\n\r\n", "EHLO ", "QUIT\r\n",
		"=?utf-8?q?", "?=", "boundary=", "--", "\n", "<", ".org",
		"Content-Transfer-Encoding: base64\r\n", "BDAT 5 LAST\r\n",
		"\t", "\"", "Date: Mon, ", "X-", "\xc3\xa4", "\xff", "\x01",
		"NOOP ", "235 ok\r\n", "220 ", "[", "IPv6:", "=",
		"Content-Type: multipart/mixed; ",
	};

	g_string_append(text, around[(size_t)rand() % G_N_ELEMENTS(around)]);
	if (rand() % 2)
		append_secret(text);
}

/* Whatever is said in whatever order, in whatever pieces: nothing of it is
 * left, and all of it is as long as before, codes are the same. */
static void
test_nothing_is_left(void **state)
{
	const unsigned seed = 11;
	struct ms_redact *redactor = ms_redact_new();

	(void)state;
	print_message("  seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 3000; round++) {
		struct ms_dialogue *dialogue = ms_dialogue_new(stash);
		struct ms_dialogue *got;

		dialogue->number = 1;
		for (int i = rand() % 30; i > 0; i--) {
			GString *text = g_string_new(NULL);

			for (int n = rand() % 10; n >= 0; n--)
				append_random(text);
			(void)ms_dialogue_say(dialogue, rand() % 3 == 0, i,
			    text->str, text->len, NULL);
			if (rand() % 20 == 0)
				(void)ms_dialogue_gap(dialogue, rand() % 2, i,
				    (uint64_t)rand() % 30, NULL);
			if (rand() % 40 == 0)
				(void)ms_dialogue_secure(dialogue, i, NULL);
			g_string_free(text, TRUE);
		}
		got = redact(redactor, dialogue);
		for (int side = 0; side < MS_SIDES; side++) {
			char *text = said(got, (enum ms_side)side);
			char *lower = g_ascii_strdown(text, -1);

			for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++) {
				char *secret = g_ascii_strdown(secrets[i],
				    -1);

				if (strstr(lower, secret))
					print_message("%s\n", text);
				assert_null(strstr(lower, secret));
				g_free(secret);
			}
			g_free(lower);
			g_free(text);
		}
		ms_dialogue_free(got);
	}
	ms_redact_free(redactor);
}

/* It does not matter in what pieces a side's bytes come. */
static void
test_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_dialogue *whole = make(cases[i].text,
		    cases[i].heard), *bytes = ms_dialogue_new(stash);
		struct ms_redact *redactor = ms_redact_new();
		int64_t time = 0;

		bytes->number = 1;
		for (size_t k = 0; k < whole->turns->len; k++) {
			const struct ms_turn *turn = ms_dialogue_turn(whole,
			    k);

			if (turn->kind == MS_TURN_GAP)
				(void)ms_dialogue_gap(bytes, turn->side,
				    time++, turn->size, NULL);
			if (turn->kind == MS_TURN_SECURE)
				(void)ms_dialogue_secure(bytes, time++, NULL);
			for (uint64_t at = 0; turn->kind == MS_TURN_BYTES &&
			    at < turn->size; at++) {
				char byte;
				size_t one = 1;

				(void)ms_dialogue_read(whole, k, at, &byte,
				    &one, NULL);
				(void)ms_dialogue_say(bytes, turn->side,
				    time++, &byte, 1, NULL);
			}
		}
		whole = redact(redactor, whole);
		bytes = redact(redactor, bytes);
		for (int side = 0; side < MS_SIDES; side++) {
			char *a = said(whole, (enum ms_side)side);
			char *b = said(bytes, (enum ms_side)side);

			assert_string_equal(a, b);
			g_free(a);
			g_free(b);
		}
		ms_dialogue_free(whole);
		ms_dialogue_free(bytes);
		ms_redact_free(redactor);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_consistent),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_nothing_is_left),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
