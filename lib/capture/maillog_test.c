#include "capture/maillog.h"

#include "capture/forms_test.h"

#define D1 "\n#: dialogue 1 line "
#define D2 "\n#: dialogue 2 line "
#define OLD "Nov 21 07:00:00 mx postfix/smtpd[17]: "
#define OTHER "Nov 21 07:00:00 mx postfix/smtpd[18]: "
#define NEW "2026-11-21T07:00:00.5Z mx postfix/submission/smtpd[17]: "
#define OUT "Nov 21 07:00:00 mx postfix/smtp[19]: "
#define A "a[192.0.2.1]"
#define B "b[2001:db8::1]"

static void
test_read(void **state)
{
	static const struct form_case cases[] = {
		{ "a session", OLD "connect from " A "\n" OLD "> " A
		  ": 220 mx ESMTP\n" OLD "watchdog_pat: 0x1\n" OLD "< " A
		  ": EHLO b\n" OLD "> " A ": 250 mx\n" OLD "< " A ": QUIT\n"
		  OLD "> " A ": 221 bye\n" OLD "disconnect from " A
		  " ehlo=1 quit=1 commands=2\n", D1 "1\n#: client 192.0.2.1\n"
		  "S: 220 mx ESMTP\nC: EHLO b\nS: 250 mx\nC: QUIT\n"
		  "S: 221 bye\n#: end client\n" },
		{ "mail is not logged", OLD "connect from " A "\n" OLD "> " A
		  ": 220 mx\n" OLD "< " A ": DATA\n" OLD "> " A
		  ": 354 go\n" OLD "> " A ": 250 ok\n" OLD "< " A
		  ": BDAT 5 LAST\n" OLD "> " A ": 250 ok\n", D1 "1\n"
		  "#: client 192.0.2.1\nS: 220 mx\nC: DATA\nS: 354 go\n"
		  "#: gap client unknown\nS: 250 ok\nC: BDAT 5 LAST\n"
		  "#: gap client unknown\nS: 250 ok\n" },
		{ "two at once", OLD "connect from " A "\n" OTHER
		  "connect from " B "\n" OTHER "> " B ": 220 2\n" OLD "> " A
		  ": 220 1\n" OTHER "< " B ": NOOP\n" OLD "< " A ": RSET\n"
		  OTHER "disconnect from " B "\n", D1 "2\n"
		  "#: client [2001:db8::1]\nS: 220 2\nC: NOOP\n"
		  "#: end client\n" D2 "1\n#: client 192.0.2.1\nS: 220 1\n"
		  "C: RSET\n" },
		{ "times", NEW "connect from " A "\n" NEW "> " A ": 220 a\n",
		  D1 "1\n#: client 192.0.2.1\n"
		  "#: time 2026-11-21T07:00:00.500000Z\nS: 220 a\n" },
		{ "TLS", OLD "connect from " A "\n" OLD "> " A ": 220 a\n" OLD
		  "< " A ": STARTTLS\n" OLD "> " A ": 220 go\n" OLD
		  "setting up TLS connection from " A "\n" OLD "Anonymous TLS "
		  "connection established from " A ": TLSv1.3\n" OLD "< " A
		  ": EHLO b\n", D1 "1\n#: client 192.0.2.1\nS: 220 a\n"
		  "C: STARTTLS\nS: 220 go\n#: tls\nC: EHLO b\n" },
		{ "no beginning", OLD "< " A ": MAIL FROM:<a@b>\n" OLD "> " A
		  ": 250 ok\n", D1 "1\n#: client 192.0.2.1\n"
		  "#: beginning unknown\nC: MAIL FROM:<a@b>\nS: 250 ok\n" },
		{ "what is sent on", OUT "< " A ":25: 220 a\n" OUT "> " A
		  ":25: EHLO b\n" OUT "> " A ":25: DATA\n" OUT "< " A
		  ":25: 354 go\n" OUT "> " A ":25: .\n" OUT "< " A
		  ":25: 250 ok\n", D1 "1\n#: server 192.0.2.1\nS: 220 a\n"
		  "C: EHLO b\nC: DATA\nS: 354 go\n#: gap client unknown\n"
		  "C: .\nS: 250 ok\n" },
		{ "others", "Nov 21 07:00:00 mx sshd[1]: < " A ": EHLO b\n"
		  "hello\n" OLD "< [127.0.0.1]:10024: 220 a\n" OLD "< " A "\n"
		  OLD "< a b[c]: x\n", "" },
		{ "a second session without a word", OUT "< " A ":25: 220 a\n"
		  OUT "> " A ":25: QUIT\n" OUT "< " B ":25: 220 b\n",
		  D1 "1\n#: server 192.0.2.1\nS: 220 a\nC: QUIT\n" D2 "3\n"
		  "#: server [2001:db8::1]\nS: 220 b\n" },
	};

	(void)state;
	form_check(MS_CAPTURE_POSTFIX, cases, G_N_ELEMENTS(cases));
}

static void
test_detect(void **state)
{
	static const struct detect_case cases[] = {
		{ "a log", OLD "connect from " A "\n" OLD "> " A
		  ": 220 mx\n", true },
		{ "a log without -v", OLD "connect from " A "\n" OLD
		  "disconnect from " A "\n", false },
		{ "another log", "Nov 21 07:00:00 mx sshd[1]: > " A ": 220\n",
		  false },
		{ "prose", "See:\n" OLD "> " A ": 220 mx\n", false },
		{ "no time", "postfix/smtpd[1]: > " A ": 220 mx\n", false },
		{ "mail", "Subject: log\n\n" OLD "> " A ": 220 mx\n", false },
	};

	(void)state;
	detect_check(MS_CAPTURE_POSTFIX, cases, G_N_ELEMENTS(cases));
}

/* More at once than are kept: all are given, and said to be cut. */
static void
test_many(void **state)
{
	GString *text = g_string_new(NULL), *got;
	struct text_input input;
	size_t found = 0;

	(void)state;
	for (int i = 0; i < 5000; i++)
		g_string_append_printf(text, "Nov 21 07:00:00 mx "
		    "postfix/smtpd[%d]: > " A ": 220 mx\n", i);
	input = (struct text_input){ .text = text->str, .size = text->len };
	got = text_script(&input, MS_CAPTURE_POSTFIX, 64 << 20);
	for (const char *p = got->str; (p = strstr(p, "S: 220 mx\n")); p++)
		found++;
	assert_int_equal(5000, found);
	found = 0;
	for (const char *p = got->str; (p = strstr(p, "too many")); p++)
		found++;
	assert_int_equal(4096, found);
	g_string_free(got, TRUE);
	g_string_free(text, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_detect),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
