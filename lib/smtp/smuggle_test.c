#include "smtp/session_test.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "smtp/dots.h"

/*
 * SMTP smuggling: what some server, somewhere, takes to be the end of a
 * message. Here none of it is, wherever it stands and however it arrives, and
 * what smtp/dots sends on has none of it.
 */
static const struct {
	const char *bytes;
	size_t size;
} sequences[] = {
	{ "\n.\n", 3 }, { "\r.\r", 3 }, { "\r.\n", 3 }, { "\n.\r", 3 },
	{ "\n.\r\n", 4 }, { "\r\n.\n", 4 }, { "\r.\r\n", 4 },
	{ "\r\n.\r", 4 }, { "\r\n\0.\r\n", 6 }, { "\r\n.\0\r\n", 6 },
	{ "\r\n.\r\r\n", 6 }, { "\r\r\n.\r\r\n", 7 },
};

/* Where it stands: S-001 are the first sequence behind text, ... */
static const struct {
	const char *before, *behind;
} places[] = {
	{ "Subject: first\r\n\r\nfirst", "" },
	{ "", "" },
	{ "Subject: first\r\n\r\nfirst\r\n", "\r\n" },
};

static const char hello[] = "EHLO a\r\nMAIL FROM:<a@x>\r\n"
    "RCPT TO:<b@y>\r\nDATA\r\n";
static const char payload[] = "MAIL FROM:<smug@x>\r\nRCPT TO:<b@y>\r\n"
    "DATA\r\nSubject: smuggled\r\n\r\nx";
static const char end[] = "\r\n.\r\n";

/* The content, as the client sends it without the end. Directly behind DATA
 * the line end of the sequence is that of DATA. */
static GString *
content(size_t sequence, size_t place)
{
	GString *all = g_string_new(places[place].before);

	g_string_append_len(all, sequences[sequence].bytes,
	    (gssize)sequences[sequence].size);
	if (place == 1 && g_str_has_prefix(all->str, "\r\n"))
		g_string_erase(all, 0, 2);
	/* At the last place nothing but the true end is behind it. */
	if (place < 2)
		g_string_append(all, payload);
	else
		g_string_append(all, places[place].behind);
	return all;
}

/* How often WHAT is in TEXT. */
static unsigned
count(const GString *text, const char *what)
{
	const char *p = text->str;
	unsigned n = 0;

	while ((p = memmem(p, (size_t)(text->str + text->len - p), what,
	    strlen(what)))) {
		p++;
		n++;
	}
	return n;
}

/* From a client: one message, and no command of the smuggler. */
static void
check_in(const struct session_test_setup *setup, const GString *inner)
{
	const struct cuts_test test = session_test(setup);
	GString *in = g_string_new(hello), *log;

	g_string_append_len(in, inner->str, (gssize)inner->len);
	g_string_append(in, end);
	g_string_append(in, "QUIT\r\n");
	log = cuts_test_all(&test, in->str, in->len, 76, NULL);
	assert_non_null(log);
	assert_int_equal(1, count(log, "\nend "));
	assert_int_equal(1, count(log, "> MAIL"));
	assert_int_equal(0, count(log, "> MAIL FROM:<smug"));
	assert_int_equal(1, count(log, "> QUIT"));
	/* The caller is told of it, and decides. */
	assert_int_equal(1, count(log, " like="));
	g_string_free(in, TRUE);
	g_string_free(log, TRUE);
}

static void
test_from_client(void **state)
{
	static const struct session_test_setup setups[] = {
		{ .config = { 0 } },
		{ .config = { .lenient = true } },
		{ .config = { .pipeline_max = 20 } },
	};

	(void)state;
	for (size_t s = 0; s < G_N_ELEMENTS(sequences); s++)
		for (size_t p = 0; p < G_N_ELEMENTS(places); p++)
			for (size_t i = 0; i < G_N_ELEMENTS(setups); i++) {
				GString *inner = content(s, p);

				check_in(&setups[i], inner);
				g_string_free(inner, TRUE);
			}
}

/* Cut in two at every place of the sequence, and around it. */
static void
test_segments(void **state)
{
	static const struct session_test_setup setup = { .config = { 0 } };
	const struct cuts_test test = session_test(&setup);

	(void)state;
	for (size_t s = 0; s < G_N_ELEMENTS(sequences); s++) {
		GString *in = g_string_new(hello), *inner = content(s, 0);
		const size_t from = in->len + strlen(places[0].before) - 1;
		GString *whole;

		g_string_append_len(in, inner->str, (gssize)inner->len);
		g_string_append(in, end);
		whole = cuts_test_run(&test, in->str, in->len, in->len, NULL);
		for (size_t cut = from; cut < from + 10; cut++) {
			void *arg = session_test_start(&setup);
			GString *log;

			session_test_take(arg, in->str, cut);
			session_test_take(arg, in->str + cut, in->len - cut);
			log = session_test_end(arg);
			assert_true(g_string_equal(whole, log));
			g_string_free(log, TRUE);
		}
		g_string_free(whole, TRUE);
		g_string_free(inner, TRUE);
		g_string_free(in, TRUE);
	}
}

/* To the next server: it arrives as one message, in which no line end is left
 * that anybody could take for another. NULs are for the caller to keep out. */
static void
test_to_server(void **state)
{
	const enum ms_payload_kind kinds[] = { MS_PAYLOAD_DATA,
		MS_PAYLOAD_LOOSE };

	(void)state;
	for (size_t s = 0; s < G_N_ELEMENTS(sequences); s++)
		for (size_t p = 0; p < G_N_ELEMENTS(places); p++) {
			GString *inner = content(s, p);
			GString *sent = g_string_new(NULL), *got[2];
			struct ms_dots dots = { 0 };

			ms_dots_feed(&dots, inner->str, inner->len, sent);
			ms_dots_end(&dots, sent);
			assert_int_equal(dots.nul, memchr(inner->str, '\0',
			    inner->len) != NULL);
			/* Strict and loose servers get the same. */
			for (size_t k = 0; k < 2; k++) {
				const struct cuts_test test = payload_test(
				    &kinds[k]);

				got[k] = cuts_test_all(&test, sent->str,
				    sent->len, 1, NULL);
				assert_non_null(got[k]);
				assert_int_equal(0, count(got[k], " lf="));
				assert_int_equal(0, count(got[k], " cr="));
			}
			assert_true(g_string_equal(got[0], got[1]));
			assert_int_equal(dots.nul ? 1 : 0,
			    count(got[0], " nul="));
			assert_int_equal('|', got[0]->str[dots.size]);
			g_string_free(inner, TRUE);
			g_string_free(sent, TRUE);
			g_string_free(got[0], TRUE);
			g_string_free(got[1], TRUE);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_client),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_to_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
