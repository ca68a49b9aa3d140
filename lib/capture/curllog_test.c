#include "capture/curllog.h"

#include "capture/forms_test.h"

#define D1 "\n#: dialogue 1 line "
#define D2 "\n#: dialogue 2 line "
#define METER "\r  0     0    0     0    0     0      0      0 --:--:-- " \
	"--:--:-- --:--:--     0"
#define TRY "*   Trying 192.0.2.1:25...\n* Connected to a (192.0.2.1) " \
	"port 25 (#0)\n"
#define SERVER "#: server 192.0.2.1:25\n"

static void
test_read(void **state)
{
	static const struct form_case cases[] = {
		{ "a session", TRY "< 220 a\r\n> EHLO b\r\n< 250 c\r\n"
		  "> DATA\r\n< 354 go\r\n} [42 bytes data]\n"
		  "* We are completely uploaded and fine\n< 250 ok\r\n"
		  "* Connection #0 to host a left intact\n", D1 "3\n" SERVER
		  "S: 220 a\nC: EHLO b\nS: 250 c\nC: DATA\nS: 354 go\n"
		  "#: gap client unknown\nS: 250 ok\n" },
		{ "a meter", "  % Total    % Received\n           Dload\n"
		  METER TRY METER "< 220 a\r\n> EHLO b\r\n" METER
		  "\n> QUIT\r\n", D1 "5\n" SERVER "S: 220 a\nC: EHLO b\n"
		  "C: QUIT\n" },
		{ "TLS", TRY "< 220 a\r\n> STARTTLS\r\n< 220 go\r\n"
		  "* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n"
		  "} [512 bytes data]\n* SSL connection using TLSv1.3 / X\n"
		  "> EHLO b\r\n", D1 "3\n" SERVER "S: 220 a\nC: STARTTLS\n"
		  "S: 220 go\n#: tls\nC: EHLO b\n" },
		{ "two", TRY "< 220 a\r\n> QUIT\r\n* Closing connection 0\n"
		  TRY "< 220 b\r\n", D1 "3\n" SERVER "S: 220 a\nC: QUIT\n"
		  D2 "8\n" SERVER "S: 220 b\n" },
		{ "no connection", TRY "* Closing connection 0\n", "" },
	};

	(void)state;
	form_check(MS_CAPTURE_CURL, cases, G_N_ELEMENTS(cases));
}

static void
test_detect(void **state)
{
	static const struct detect_case cases[] = {
		{ "a session", TRY "< 220 a\r\n> EHLO b\r\n", true },
		{ "a meter", "  % Total\n         Dload\n" METER TRY METER
		  "< 220 a\r\n> EHLO b\r\n", true },
		{ "no beginning", "< 220 a\n> HELO b\n", true },
		{ "HTTP", TRY "> GET / HTTP/1.1\r\n", false },
		{ "FTP", TRY "< 220 a\r\n> USER b\r\n", false },
		{ "mail", "Subject: a\n\n> quoted\n< 220 a\n> EHLO b\n",
		  false },
		{ "a reply to mail", "> EHLO a\n> EHLO b\n", false },
	};

	(void)state;
	detect_check(MS_CAPTURE_CURL, cases, G_N_ELEMENTS(cases));
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
