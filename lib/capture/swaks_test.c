#include "capture/swaks.h"

#include "capture/forms_test.h"

#define D1 "\n#: dialogue 1 line "
#define D2 "\n#: dialogue 2 line "
#define TRY "=== Trying 192.0.2.1:25...\n=== Connected to 192.0.2.1.\n"
#define SERVER "#: server 192.0.2.1:25\n"

static void
test_read(void **state)
{
	static const struct form_case cases[] = {
		{ "a session", TRY "<-  220 a\n -> EHLO b\n<** 550 no\n"
		  " -> QUIT\n<-  221 b\n=== Connection closed with remote "
		  "host.\n", D1 "3\n" SERVER "S: 220 a\nC: EHLO b\nS: 550 no\n"
		  "C: QUIT\nS: 221 b\n#: end server\n" },
		{ "mail", TRY "<-  220 a\n -> DATA\n<-  354 go\n -> A: b\r\n"
		  " -> \r\n -> ..\r\n -> .\n<-  250 ok\n", D1 "3\n" SERVER
		  "S: 220 a\nC: DATA\nS: 354 go\nC: A: b\nC:\nC: ..\nC: .\n"
		  "S: 250 ok\n" },
		{ "mail with a bare line feed", "<-  220 a\n -> DATA\n"
		  "<-  354 go\n -> A: b\r\n -> c\n -> d\r\n -> .\n",
		  D1 "1\nS: 220 a\nC: DATA\nS: 354 go\nC: A: b\n"
		  "C: c\\x0ad\nC: .\n" },
		{ "no carriage returns at all", "<-  220 a\n -> DATA\n"
		  "<-  354 go\n -> A: b\n -> c\n -> .\n", D1 "1\nS: 220 a\n"
		  "C: DATA\nS: 354 go\nC: A: b\nC: c\nC: .\n" },
		{ "no blanks at the end", "<-  220 a\n ->\n<-\n",
		  D1 "1\nS: 220 a\nC:\nS:\n" },
		{ "TLS", TRY "<-  220 a\n -> STARTTLS\n<-  220 go\n"
		  "=== TLS started with cipher X\n=== TLS peer DN=\"\"\n"
		  " ~> EHLO b\n<~  250 c\n<~* 550 d\n *~> e\n*~> f\n",
		  D1 "3\n" SERVER "S: 220 a\nC: STARTTLS\nS: 220 go\n#: tls\n"
		  "C: EHLO b\nS: 250 c\nS: 550 d\nC: f\n#: note client 1 lines "
		  "are not part of the dialogue, the first is line 11\n" },
		{ "TLS from the beginning", "<~  220 a\n ~> EHLO b\n",
		  D1 "1\n#: tls\nS: 220 a\nC: EHLO b\n" },
		{ "mail that is not shown", "<-  220 a\n -> DATA\n"
		  "<-  354 go\n -> 11 lines sent\n<-  250 ok\n -> QUIT\n"
		  "<-  221 b\n<-  220 c\n", D1 "1\nS: 220 a\nC: DATA\n"
		  "S: 354 go\n#: gap client unknown\nS: 250 ok\nC: QUIT\n"
		  "S: 221 b\n" D2 "8\nS: 220 c\n" },
		{ "times and hexadecimal", TRY "=== response in 0.1s\n"
		  "<-  220 a\n<   32 32 30\n  > 41\n -> EHLO b\n",
		  D1 "4\n" SERVER "S: 220 a\nC: EHLO b\n" },
		{ "two", TRY "<-  220 a\n" TRY "<-  220 b\n", D1 "3\n" SERVER
		  "S: 220 a\n" D2 "6\n" SERVER "S: 220 b\n" },
		{ "no connection", TRY "*** Error connecting\n", "" },
	};

	(void)state;
	form_check(MS_CAPTURE_SWAKS, cases, G_N_ELEMENTS(cases));
}

static void
test_detect(void **state)
{
	static const struct detect_case cases[] = {
		{ "a session", TRY "<-  220 a\n -> EHLO b\n", true },
		{ "the middle of one", "<-  220 a\n -> EHLO b\n", true },
		{ "a warning before", "*** DEPRECATION\n" TRY "<-  220 a\n",
		  true },
		{ "no server", TRY " -> EHLO b\n", false },
		{ "something else with such lines", "=== Title\ntext\n",
		  false },
		{ "mail", "From: a\n\n=== Trying a\n<-  220 a\n", false },
		{ "no reply", "=== a\n<-  hello\n", false },
	};

	(void)state;
	detect_check(MS_CAPTURE_SWAKS, cases, G_N_ELEMENTS(cases));
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
