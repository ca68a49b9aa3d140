#include "capture/curltest.h"

#include "capture/forms_test.h"

#define D1 "\n#: dialogue 1 line 1\n"
#define HEAD "<testcase>\n<info>\n<keywords>\nSMTP\n</keywords>\n</info>\n"
#define SAYS "<protocol crlf=\"yes\">\nEHLO a\nDATA\nQUIT\n</protocol>\n"

static void
test_read(void **state)
{
	static const struct form_case cases[] = {
		{ "mail", HEAD SAYS "<upload crlf=\"yes\">\nA: b\n\n..\n.\n"
		  "</upload>\n</testcase>\n", D1 "C: EHLO a\nC: DATA\n"
		  "C: A: b\nC:\nC: ..\nC: .\nC: QUIT\n" },
		{ "no mail", HEAD "<protocol crlf=\"yes\">\nEHLO a\nQUIT\n"
		  "</protocol>\n", D1 "C: EHLO a\nC: QUIT\n" },
		{ "bytes", HEAD SAYS "<upload>\na%CR\nb\n%LT%GT%AMP%SP%TAB%LF"
		  "%CR\n</upload>\n", D1 "C: EHLO a\nC: DATA\nC: a\n"
		  "C: b\\x0a<>& \\x09\\x0a\nC: QUIT\n" },
		{ "brackets", HEAD "<protocol>\n%b64[%00a%00b]b64%%CR\n"
		  "%hex[41%42]hex%%CR\n%repeat[3 x ab%20]%%CR\n</protocol>\n",
		  D1 "C: AGEAYg==\nC: 41B\nC: ab ab ab\\x20\n" },
		{ "what is none", HEAD "<protocol crlf=\"yes\">\n%TESTNUMBER "
		  "100% %b64[a %repeat[x]% %\n</protocol>\n", D1
		  "C: %TESTNUMBER 100% %b64[a  %\n#: gap client unknown\n"
		  "! -2 line 9: a test with more than 4 MB\n" },
		{ "too much", HEAD "<protocol crlf=\"yes\">\n"
		  "%repeat[99999999999999999999 x 0123456789]%\n"
		  "</protocol>\n", D1 "C:\n#: gap client unknown\n! -2 line 9"
		  ": a test with more than 4 MB\n" },
		{ "attributes", HEAD SAYS "<upload crlf=\"headers\" "
		  "nonewline=\"yes\">\nA: b\n\nc\nd\n</upload>\n", D1
		  "C: EHLO a\nC: DATA\nC: A: b\nC:\nC: c\\x0adQUIT\n" },
		{ "conditions", HEAD "<protocol crlf=\"yes\">\n%if a\nb\n"
		  "%else\nc\n%endif\nd\n</protocol>\n", D1 "C: b\nC: d\n" },
		{ "a section without end", HEAD "<protocol crlf=\"yes\">\nb\n",
		  D1 "C: b\n#: gap client unknown\n! -2 line 8: a section has "
		  "no end\n" },
	};

	(void)state;
	form_check(MS_CAPTURE_CURLTEST, cases, G_N_ELEMENTS(cases));
}

/* Brackets that nothing closes take no time that grows with their square. */
static void
test_open(void **state)
{
	GString *text = g_string_new(HEAD "<protocol>\n"), *got;
	struct text_input input;

	(void)state;
	for (int i = 0; i < 200000; i++)
		g_string_append(text, "%b64[%hex[%repeat[");
	g_string_append(text, "\n</protocol>\n");
	input = (struct text_input){ .text = text->str, .size = text->len };
	got = text_script(&input, MS_CAPTURE_CURLTEST, 1 << 24);
	assert_true(got->len > text->len);
	g_string_free(got, TRUE);
	g_string_free(text, TRUE);
}

static void
test_detect(void **state)
{
	static const struct detect_case cases[] = {
		{ "a test", HEAD, true },
		{ "XML before", "<?xml version=\"1.0\"?>\n" HEAD, true },
		{ "of something else", "<testcase>\n<info>\n<keywords>\nHTTP\n"
		  "</keywords>\n", false },
		{ "other XML", "<?xml version=\"1.0\"?>\n<a/>\n", false },
		{ "mail", "From: a\n\n" HEAD, false },
	};

	(void)state;
	detect_check(MS_CAPTURE_CURLTEST, cases, G_N_ELEMENTS(cases));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_detect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
