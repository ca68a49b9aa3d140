#include "capture/flowsynth.h"

#include "capture/forms_test.h"

#define D1 "\n#: dialogue 1 line "
#define D2 "\n#: dialogue 2 line "
#define FLOW "flow a tcp 192.0.2.1:1025 > 192.0.2.2:25 (tcp.initialize;);\n"
#define PEERS "#: client 192.0.2.1:1025\n#: server 192.0.2.2:25\n"

static void
test_read(void **state)
{
	static const struct form_case cases[] = {
		{ "a session", FLOW "a < (content:\"220 b\\x0d\\x0a\";);\n"
		  "a > (content:\"EHLO\"; content:\" c\\x0D\\x0a\";);\n",
		  D1 "1\n" PEERS "S: 220 b\nC: EHLO c\n" },
		{ "escapes", FLOW "a > (content:\"\\\"\\\\\\;\\q;)(\";);\n",
		  D1 "1\n" PEERS "C: \"\\\\;\\\\q;)(\\\n" },
		{ "comments, blanks, statements of lines", "# (hello;\n\n"
		  FLOW "  a  >\n(  content : \"x\" ;\n );a.to_client ("
		  "content:\"y\";);", D1 "3\n" PEERS "C: x\\\nS: y\\\n" },
		{ "other attributes", FLOW "a > (tcp.seq:17; tcp.noack; "
		  "content:\"x\";);\na < (tcp.flags.rst;);\n", D1 "1\n" PEERS
		  "C: x\\\n#: end server\n" },
		{ "another file", FLOW "a > (content:\"x\"; "
		  "filecontent:\"/etc/passwd\";);\n", D1 "1\n" PEERS "C: x\\\n"
		  "#: gap client unknown\n" },
		{ "two", FLOW "flow b tcp [::1]:1 < [::2]:25;\n"
		  "b > (content:\"y\";);\na > (content:\"x\";);\n", D1 "1\n"
		  PEERS "C: x\\\n" D2 "2\n#: client [::2]:25\n"
		  "#: server [::1]:1\nC: y\\\n" },
		{ "no flow of that name", "b > (content:\"x\";);\n", "" },
		{ "UDP", "flow a udp 192.0.2.1:1025 > 192.0.2.2:53;\n"
		  "a > (content:\"x\";);\n", "" },
		{ "a bad escape", FLOW "a > (content:\"\\x4z\\xy\";);\n",
		  D1 "1\n" PEERS "C: zy\\\n! -2 line 2: an escape that is "
		  "none; and 1 more lines like it\n" },
		{ "no sense", FLOW "hello world;\na > (content:\"x\";);\n",
		  D1 "1\n" PEERS "C: x\\\n! -2 line 2: neither a flow nor "
		  "what is said in one\n" },
		{ "no end", FLOW "a > (content:\"x", D1 "1\n" PEERS
		  "C: x\\x0a\\\n#: gap client unknown\n#: gap server unknown\n"
		  "#: note client the text ends within a statement\n"
		  "! -2 line 2: the last statement has no end\n" },
	};

	(void)state;
	form_check(MS_CAPTURE_FLOWSYNTH, cases, G_N_ELEMENTS(cases));
}

static void
test_detect(void **state)
{
	static const struct detect_case cases[] = {
		{ "flows", "# a\n\n" FLOW, true },
		{ "prose", "flow of words: a > b (c);\n", false },
		{ "prose again", "flow a tcp b > c (d);\n", false },
		{ "mail", "From: a\n\n" FLOW, false },
	};

	(void)state;
	detect_check(MS_CAPTURE_FLOWSYNTH, cases, G_N_ELEMENTS(cases));
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
