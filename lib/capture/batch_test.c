#include "capture/batch.h"

#include "capture/forms_test.h"

#define D1 "\n#: dialogue 1 line "
#define D2 "\n#: dialogue 2 line "
#define HEAD "HELO a\nMAIL FROM:<b>\nRCPT TO:<c>\nDATA\n"
#define SAID "C: HELO a\nC: MAIL FROM:<b>\nC: RCPT TO:<c>\nC: DATA\n"

static void
test_batch(void **state)
{
	static const struct form_case cases[] = {
		{ "LF", HEAD "x\n\n..\n.\nQUIT\n", D1 "1\n" SAID
		  "C: x\nC:\nC: ..\nC: .\nC: QUIT\n" },
		{ "CRLF and bare ends", "HELO a\r\nDATA\r\nx\ny\r\n.\r\n",
		  D1 "1\nC: HELO a\nC: DATA\nC: x\\x0ay\nC: .\n" },
		{ "empty lines before", "\n\r\n" HEAD ".\n", D1 "3\n" SAID
		  "C: .\n" },
		{ "two", HEAD "x\n.\nQUIT\nHELO b\nQUIT\n", D1 "1\n" SAID
		  "C: x\nC: .\nC: QUIT\n" D2 "8\nC: HELO b\nC: QUIT\n" },
		{ "mail about it", HEAD "QUIT\nHELO b\n.\n", D1 "1\n" SAID
		  "C: QUIT\nC: HELO b\nC: .\n" },
		{ "no end", HEAD "x", D1 "1\n" SAID "C: x\\\n" },
		{ "carriage returns", HEAD "x\ry\r\r\n", D1 "1\n" SAID
		  "C: x\\x0dy\\x0d\n" },
	};

	(void)state;
	form_check(MS_CAPTURE_BSMTP, cases, G_N_ELEMENTS(cases));
}

static void
test_stream(void **state)
{
	static const struct form_case cases[] = {
		{ "a client", "EHLO a\r\nx\ny\rz", D1 "1\nC: EHLO a\n"
		  "C: x\\x0ay\\x0dz\\\n" },
		{ "a server", "220 a\r\n250-b\r\n250 c\r\n", D1 "1\n"
		  "S: 220 a\nS: 250-b\nS: 250 c\n" },
		{ "more than one mail", "EHLO a\r\nQUIT\r\nEHLO b\r\n",
		  D1 "1\nC: EHLO a\nC: QUIT\nC: EHLO b\n" },
		{ "empty lines", "\n\nEHLO a\n", D1 "1\n"
		  "C: \\x0a\\x0aEHLO a\\x0a\\\n" },
		{ "nothing", "", "" },
	};

	(void)state;
	form_check(MS_CAPTURE_STREAM, cases, G_N_ELEMENTS(cases));
}

static void
test_detect_batch(void **state)
{
	static const struct detect_case cases[] = {
		{ "a batch", HEAD "x\n.\n", true },
		{ "without HELO", "MAIL FROM:<a>\nRCPT TO:<b>\nDATA\n", true },
		{ "empty lines before", "\n\nEHLO a\r\nRSET\r\nmail from:<a>"
		  "\r\nrcpt to:<b>\r\ndata\r\n", true },
		{ "no DATA", "HELO a\nMAIL FROM:<b>\nRCPT TO:<c>\n", false },
		{ "prose between", "HELO a\nMAIL FROM:<b>\nhello\nRCPT TO:<c>"
		  "\nDATA\n", false },
		{ "prose", "Dear all\n" HEAD, false },
		{ "mail", "Subject: a\n\n" HEAD, false },
		{ "a word", "HELO WORLD\n", false },
	};

	(void)state;
	detect_check(MS_CAPTURE_BSMTP, cases, G_N_ELEMENTS(cases));
}

static void
test_detect_stream(void **state)
{
	static const struct detect_case cases[] = {
		{ "a client", "EHLO a\r\nSTARTTLS\r\n\x16\x03\x01", true },
		{ "a server", "220 a\r\n250 b\r\n", true },
		{ "a greeting of lines", "220-a\r\n220 b\r\n", true },
		{ "line feeds", "EHLO a\nSTARTTLS\n", false },
		{ "a greeting alone", "EHLO a\r\n", false },
		{ "a number", "220 people came\r\nto see it.\r\n", false },
		{ "FTP", "220 a\r\n", false },
		{ "mail", "From: a\r\n220 b\r\n", false },
	};

	(void)state;
	detect_check(MS_CAPTURE_STREAM, cases, G_N_ELEMENTS(cases));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batch),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_detect_batch),
		cmocka_unit_test(test_detect_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
