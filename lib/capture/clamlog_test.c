#include "capture/clamlog.h"

#include "capture/forms_test.h"

#define D1 "\n#: dialogue 1 line "
#define D2 "\n#: dialogue 2 line "
#define L "clamsmtpd: 100000: "
#define M "clamsmtpd: 10000a: "
#define S "Nov 21 07:00:00 mx clamsmtpd[12]: 100000: "
#define LONG "RCPT TO:<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaa"

static void
test_read(void **state)
{
	static const struct form_case cases[] = {
		{ "a session", "clamsmtpd: starting up (1.10)...\n" L
		  "accepted connection from: 192.0.2.1\n" L
		  "SERVER connected to: 192.0.2.2\n" L "SERVER < 220 x\n" L
		  "CLIENT > 220 a\n" L "CLIENT < EHLO b\n" L
		  "SERVER > EHLO b\n" L "CLIENT < DATA\n" L
		  "CLIENT > 354 go\n" L "CLIENT > 250 ok\n" L
		  "CLIENT < QUIT\n" L "CLIENT connection closed\n", D1 "2\n"
		  "#: client 192.0.2.1\nS: 220 a\nC: EHLO b\nC: DATA\n"
		  "S: 354 go\n#: gap client unknown\nS: 250 ok\nC: QUIT\n"
		  "#: end server\n" },
		{ "two at once", L "CLIENT > 220 a\n" M "CLIENT > 220 b\n" M
		  "CLIENT < NOOP\n" L "CLIENT < RSET\n", D1 "1\nS: 220 a\n"
		  "C: RSET\n" D2 "2\nS: 220 b\nC: NOOP\n" },
		{ "syslog", S "CLIENT > 220 a\n" S "CLIENT < NOOP\n",
		  D1 "1\nS: 220 a\nC: NOOP\n" },
		{ "a line that was cut", L "CLIENT > 220 a\n" L "CLIENT < "
		  LONG "\n" L "CLIENT < NOOP\n", D1 "1\nS: 220 a\nC: " LONG
		  "\\\n#: gap client unknown\nC:\nC: NOOP\n" },
		{ "others", "clamsmtpd: hello\nclamd: 1: CLIENT < NOOP\n"
		  "clamsmtpd: xyz: CLIENT < NOOP\n", "" },
	};

	(void)state;
	form_check(MS_CAPTURE_CLAMSMTPD, cases, G_N_ELEMENTS(cases));
}

static void
test_detect(void **state)
{
	static const struct detect_case cases[] = {
		{ "on a terminal", "clamsmtpd: starting\n" L "CLIENT > 220 a\n",
		  true },
		{ "in syslog", S "CLIENT < EHLO a\n", true },
		{ "with others", "Nov 21 07:00:00 mx sshd[1]: hello\n" S
		  "CLIENT < EHLO a\n", true },
		{ "less verbose", "clamsmtpd: starting\n" L "from=a\n",
		  false },
		{ "mail", "From: a\n" S "CLIENT < EHLO a\n", false },
		{ "prose", "hello\n" L "CLIENT < EHLO a\n", false },
	};

	(void)state;
	detect_check(MS_CAPTURE_CLAMSMTPD, cases, G_N_ELEMENTS(cases));
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
