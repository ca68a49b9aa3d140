#include "capture/sinkdump.h"

#include "capture/forms_test.h"

#define D1 "\n#: dialogue 1 line "
#define D2 "\n#: dialogue 2 line "
#define HEAD(n) "X-Client-Addr: " n "\nX-Client-Proto: ESMTP\n" \
	"X-Helo-Args: a\nX-Mail-Args: <b@c> SIZE=3\nX-Rcpt-Args: <d@e>\n" \
	"Received: from a ([" n "])\n\tby s (smtp-sink) with ESMTP id 1;\n" \
	"\tSat, 21 Nov 2026 07:09:18 +0000 (UTC)\n"
#define SAID "#: time 2026-11-21T07:09:18.000000Z\nC: EHLO a\n" \
	"C: MAIL FROM:<b@c> SIZE=3\nC: RCPT TO:<d@e>\nC: DATA\n"

static void
test_read(void **state)
{
	static const struct form_case cases[] = {
		{ "a mail", HEAD("192.0.2.1") "S: x\n\n.\n..y\n\n\n", D1 "1\n"
		  "#: client 192.0.2.1\n" SAID "C: S: x\nC:\nC: ..\nC: ...y\n"
		  "C:\nC: .\n" },
		{ "an empty mail", HEAD("192.0.2.1") "\n", D1 "1\n"
		  "#: client 192.0.2.1\n" SAID "C: .\n" },
		{ "two", HEAD("192.0.2.1") "x\n\n" HEAD("ipv6:::1") "y\n\n",
		  D1 "1\n#: client 192.0.2.1\n" SAID "C: x\nC: .\n" D2 "11\n"
		  "#: client [::1]\n" SAID "C: y\nC: .\n" },
		{ "what looks like another", HEAD("192.0.2.1") "x\n\n"
		  "X-Client-Addr: 192.0.2.2\nX-Client-Proto: UUCP\n\n"
		  "X-Client-Addr: 192.0.2.3\n\n", D1 "1\n"
		  "#: client 192.0.2.1\n" SAID "C: x\nC:\n"
		  "C: X-Client-Addr: 192.0.2.2\nC: X-Client-Proto: UUCP\nC:\n"
		  "C: X-Client-Addr: 192.0.2.3\nC: .\n" },
		{ "no end", HEAD("192.0.2.1") "x\n", D1 "1\n"
		  "#: client 192.0.2.1\n" SAID "C: x\n"
		  "#: time unknown\n#: gap client unknown\n" },
		{ "a carriage return that was sent", HEAD("192.0.2.1")
		  "x\r\ny\n\n", D1 "1\n#: client 192.0.2.1\n" SAID
		  "C: x\\x0d\nC: y\nC: .\n" },
		{ "only an envelope", "X-Client-Addr: 192.0.2.1\n"
		  "X-Client-Proto: SMTP\nX-Helo-Args: a\n", D1 "1\n"
		  "#: client 192.0.2.1\nC: HELO a\n#: gap client unknown\n" },
		{ "a damaged envelope", "X-Client-Addr: 192.0.2.1\n"
		  "X-Client-Proto: LMTP\nX-Helo-Args: a\nhello\nmore\n",
		  D1 "1\n#: client 192.0.2.1\nC: LHLO a\n"
		  "#: gap client unknown\n! -2 line 4: no field of an "
		  "smtp-sink dump\n" },
		{ "a text of its own before", "hello\n" HEAD("192.0.2.1")
		  "x\n\n", D1 "2\n#: client 192.0.2.1\n" SAID
		  "C: x\nC: .\n" },
	};

	(void)state;
	form_check(MS_CAPTURE_SINK, cases, G_N_ELEMENTS(cases));
}

static void
test_detect(void **state)
{
	static const struct detect_case cases[] = {
		{ "a dump", HEAD("192.0.2.1") "x\n\n", true },
		{ "mail with such a field", "X-Client-Addr: 192.0.2.1\n"
		  "From: a\n\nx\n", false },
		{ "mail with two", "X-Client-Addr: 192.0.2.1\n"
		  "X-Client-Proto: HTTP\nX-Mail-Args: a\n", false },
		{ "a dump in a mail", "From: a\n\n" HEAD("192.0.2.1"),
		  false },
	};

	(void)state;
	detect_check(MS_CAPTURE_SINK, cases, G_N_ELEMENTS(cases));
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
