#include "capture/sides.h"

#include "capture/forms_test.h"

#define D1 "\n#: dialogue 1 line "
#define D2 "\n#: dialogue 2 line "

static void
test_read(void **state)
{
	static const struct form_case cases[] = {
		{ "a session", "S: 220 a\nC: EHLO b\nS: 250 a\nC: QUIT\n"
		  "S: 221 bye\n", D1 "1\nS: 220 a\nC: EHLO b\nS: 250 a\n"
		  "C: QUIT\nS: 221 bye\n" },
		{ "indented, CRLF, no end", "   S: 220 a\r\n   C:\r\n"
		  "   C: x", D1 "1\nS: 220 a\nC:\nC: x\n" },
		{ "a backslash is one", "S: 220 a\nC: EHLO a\\r\\nNOOP\n",
		  D1 "1\nS: 220 a\nC: EHLO a\\\\r\\\\nNOOP\n" },
		{ "blanks are kept", "S: 220 a\nC:  x \n",
		  D1 "1\nS: 220 a\nC:  x\\x20\n" },
		{ "prose", "As follows:\n\nS: 220 a\nC: EHLO b\nNow wait.\n"
		  "S: 250 c\n\nThat was it.\n", D1 "3\nS: 220 a\nC: EHLO b\n"
		  "S: 250 c\n#: note client 2 lines are not part of the "
		  "dialogue, the first is line 5\n" },
		{ "prose where mail is", "S: 220 a\nC: DATA\nS: 354 go\n"
		  "C: x\nwrapped\nC: .\nS: 250 ok\nC: QUIT\n",
		  D1 "1\nS: 220 a\nC: DATA\nS: 354 go\nC: x\n"
		  "#: gap client unknown\nC: .\nS: 250 ok\nC: QUIT\n"
		  "#: note client 1 lines are not part of the dialogue, the "
		  "first is line 5\n" },
		{ "what RFCs do not show", "S: <wait for connection>\n"
		  "S: 220 a\nC: DATA\nS: 354 go\nC: <p>\nC: .\nS: 250 a\n"
		  "C: <sends more>\n", D1 "2\nS: 220 a\nC: DATA\nS: 354 go\n"
		  "C: <p>\nC: .\nS: 250 a\n#: note client 1 lines are not "
		  "part of the dialogue, the first is line 8\n" },
		{ "a second greeting", "S: 220 a\nC: QUIT\nS: 221 b\n"
		  "S: 220 c\nC: QUIT\n", D1 "1\nS: 220 a\nC: QUIT\nS: 221 b\n"
		  D2 "4\nS: 220 c\nC: QUIT\n" },
		{ "a greeting of lines", "S: 220-a\nS: 220 b\nC: QUIT\n",
		  D1 "1\nS: 220-a\nS: 220 b\nC: QUIT\n" },
		{ "no greeting, but mail", "S: 220 a\nC: DATA\nS: 354 go\n"
		  "C: QUIT\nS: 220 no\nC: EHLO a\nC: .\nC: QUIT\nC: EHLO a\n",
		  D1 "1\nS: 220 a\nC: DATA\nS: 354 go\nC: QUIT\nS: 220 no\n"
		  "C: EHLO a\nC: .\nC: QUIT\n" D2 "9\nC: EHLO a\n" },
		{ "STARTTLS", "S: 220 a\nC: starttls\nS: 220 go\nC: EHLO b\n",
		  D1 "1\nS: 220 a\nC: starttls\nS: 220 go\n#: tls\n"
		  "C: EHLO b\n" },
		{ "STARTTLS refused", "S: 220 a\nC: STARTTLS\nS: 454 no\n"
		  "C: EHLO b\n", D1 "1\nS: 220 a\nC: STARTTLS\nS: 454 no\n"
		  "C: EHLO b\n" },
		{ "STARTTLS and nothing more", "S: 220 a\nC: STARTTLS\n"
		  "S: 220 go\n", D1 "1\nS: 220 a\nC: STARTTLS\nS: 220 go\n" },
		{ "XCLIENT is greeted", "S: 220 a\nC: XCLIENT NAME=x\n"
		  "S: 220 b\nC: EHLO b\n", D1 "1\nS: 220 a\n"
		  "C: XCLIENT NAME=x\nS: 220 b\nC: EHLO b\n" },
		{ "a client alone", "C: HELO a\nC: DATA\nC: QUIT\nC: .\n"
		  "C: QUIT\nC: HELO b\n", D1 "1\nC: HELO a\nC: DATA\nC: QUIT\n"
		  "C: .\nC: QUIT\n" D2 "6\nC: HELO b\n" },
		{ "the client first", "C: EHLO a\nS: 220 b\nS: 250 c\n",
		  D1 "1\nC: EHLO a\nS: 220 b\nS: 250 c\n" },
		{ "nothing at all", "Nobody said anything.\n", "" },
		{ "bytes", "S: 220 \xff\nC: \x01\xc3\xa9\r\r\n", D1 "1\n"
		  "S: 220 \\xff\nC: \\x01\xc3\xa9\\x0d\n" },
	};

	(void)state;
	form_check(MS_CAPTURE_TRANSCRIPT, cases, G_N_ELEMENTS(cases));
}

static void
test_detect(void **state)
{
	static const struct detect_case cases[] = {
		{ "a session", "S: 220 a\nC: EHLO b\n", true },
		{ "comments before", "# a\n\n  S: 220 a\n  C: x\n", true },
		{ "a client alone", "C: ehlo a\nC: MAIL FROM:<>\n", true },
		{ "refused", "S: 554 no\r\nC: QUIT\r\n", true },
		{ "one line", "S: 220 a\n", true },
		{ "no greeting", "S: 250 a\nC: EHLO b\n", false },
		{ "prose", "See:\nS: 220 a\nC: EHLO b\n", false },
		{ "mail", "From: a\nS: 220 a\nC: EHLO b\n", false },
		{ "mail that looks like it", "S: 220 a\nFrom: a\n", false },
		{ "a header", "C: text/plain\nS: hello\n", false },
		{ "mbox", "From a@b Thu Jan  1 00:00:00 1970\nS: 220 a\n",
		  false },
		{ "nothing", "", false },
	};

	(void)state;
	detect_check(MS_CAPTURE_TRANSCRIPT, cases, G_N_ELEMENTS(cases));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_detect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
