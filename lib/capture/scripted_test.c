#include "capture/scripted.h"

#include "capture/forms_test.h"

#define HEAD "#: mailscan-transcript 1\n"
#define D1 "\n#: dialogue 1 line "
#define D2 "\n#: dialogue 2 line "
#define CUT "#: gap client unknown\n#: gap server unknown\n"

static void
test_read(void **state)
{
	static const struct form_case cases[] = {
		{ "nothing", HEAD, "" },
		{ "all facts", HEAD "#: dialogue 7 packet 12\n"
		  "#: client 192.0.2.1:1025\n#: server [2001:db8::1]:25\n"
		  "#: beginning unknown\n#: time 2026-11-21T07:00:00.5Z\n"
		  "S: 220 a\n#: tls\n#: gap client 17\n"
		  "#: gap client unknown\n#: note server a\\x0ab\n"
		  "#: time unknown\n#: end client\n#: reset server\n",
		  D1 "2\n#: client 192.0.2.1:1025\n"
		  "#: server [2001:db8::1]:25\n#: beginning unknown\n"
		  "#: time 2026-11-21T07:00:00.500000Z\nS: 220 a\n#: tls\n"
		  "#: gap client 17\n#: gap client unknown\n"
		  "#: note server a\\x0ab\n#: time unknown\n#: end client\n"
		  "#: reset server\n" },
		{ "escapes", HEAD "C: \\x41\\r\\n\\t\\\\\nC:x\nC:  y\\\nC:z\n",
		  D1 "2\nC: A\nC: \\x09\\\\\nC: x\nC:  yz\n" },
		{ "no line end", HEAD "C: a\\\nS: b\\\n", D1 "2\nC: a\\\n"
		  "S: b\\\n" },
		{ "only a line end", HEAD "C:\nC: \\x0d\\\nC: \\x0a\\\n",
		  D1 "2\nC:\nC:\n" },
		{ "silent", HEAD "#: silent server\nC: a\n",
		  D1 "2\n#: silent server\nC: a\n" },
		{ "comments, blanks, CRLF", HEAD "# a\r\n\r\n  \r\nC: a\r\n"
		  "#b\n", D1 "5\nC: a\n" },
		{ "an empty dialogue", HEAD "#: dialogue 1\n#: dialogue 2\n"
		  "S: 220\n", D1 "3\nS: 220\n" },
		{ "a long note", HEAD "#: note client a\\\n#: note client b\n",
		  D1 "3\n#: note client ab\n" },
		{ "times of their own", HEAD "#: time @-5\nC: a\n#: time @5\n"
		  "C: b\n", D1 "3\n#: time @-5\nC: a\n"
		  "#: time 1970-01-01T00:00:00.000005Z\nC: b\n" },
	};

	(void)state;
	form_check(MS_CAPTURE_TRANSCRIPT, cases, G_N_ELEMENTS(cases));
}

static void
test_damage(void **state)
{
	static const struct form_case cases[] = {
		{ "prose", HEAD "S: 220 a\nHello.\nC: QUIT\n",
		  D1 "2\nS: 220 a\n#: note client line 3: begins with none of "
		  "C: S: #\n" CUT "C: QUIT\n! -2 line 3: begins with none of "
		  "C: S: #\n" },
		{ "prose before", HEAD "Hello.\nHello.\nC: QUIT\n",
		  D1 "4\nC: QUIT\n! -2 line 2: begins with none of C: S: #; "
		  "and 1 more lines like it\n" },
		{ "a bad escape", HEAD "C: a\\qb\\x4\n", D1 "2\n"
		  "C: a\\\\qb\\\\x4\n#: note client line 2: an escape that is "
		  "none\n" CUT "! -2 line 2: an escape that is none\n" },
		{ "a bad side", HEAD "C: a\n#: end both\n", D1 "2\nC: a\n"
		  "#: note client line 3: neither client nor server\n" CUT
		  "! -2 line 3: neither client nor server\n" },
		{ "a bad size", HEAD "C: a\n#: gap client -1\n", D1 "2\nC: a\n"
		  "#: note client line 3: a size that is none\n" CUT
		  "! -2 line 3: a size that is none\n" },
		{ "a bad fact", HEAD "C: a\n#: hello\n", D1 "2\nC: a\n"
		  "#: note client line 3: a fact of no known name\n" CUT
		  "! -2 line 3: a fact of no known name\n" },
		{ "a bad time", HEAD "#: time 2026-13-01T00:00:00Z\nC: a\n",
		  D1 "3\nC: a\n! -2 line 2: a time that is none\n" },
		{ "a note without end", HEAD "C: a\n#: note client a\\\n",
		  D1 "2\nC: a\n! -2 line 3: a note that does not end\n" },
		{ "another version", "#: mailscan-transcript 2\nC: a\n",
		  D1 "2\nC: a\n! -2 line 1: a version of this form that is "
		  "not known here; a newer mailscan may read it\n" },
	};

	(void)state;
	form_check(MS_CAPTURE_TRANSCRIPT, cases, G_N_ELEMENTS(cases));
}

/* Escapes at the end of a piece of a line that is longer than one. */
static void
test_long(void **state)
{
	(void)state;
	for (size_t n = 65520; n < 65545; n++) {
		GString *text = g_string_new(HEAD "C: ");
		GString *want = g_string_new(NULL), *got;
		struct text_input input;

		for (size_t i = 0; i < n; i++)
			g_string_append_c(text, 'x');
		g_string_append(text, "\\x41\\\\\\n\\x42\\\n");
		input = (struct text_input){ .text = text->str,
			.size = text->len };
		got = text_script(&input, MS_CAPTURE_TRANSCRIPT, 1 << 24);
		for (char *p = got->str; *p; p++)
			if (*p == 'A')
				g_string_append(want, p);
		assert_string_equal("A\\\\\\x0aB\\\n", want->str);
		g_string_free(want, TRUE);
		g_string_free(got, TRUE);
		g_string_free(text, TRUE);
	}
}

/* With a full stash there is a gap, the rest is left out, and it is said. */
static void
test_full(void **state)
{
	GString *text = g_string_new(HEAD "C: a\n"), *got;
	struct text_input input;

	(void)state;
	for (size_t i = 0; i < 2000; i++)
		g_string_append(text, "C: this is a line of a long mail\n");
	g_string_append(text, "#: dialogue 2\nC: b\n");
	input = (struct text_input){ .text = text->str, .size = text->len };
	got = text_script(&input, MS_CAPTURE_TRANSCRIPT, 16384);
	assert_non_null(strstr(got->str, "#: gap client unknown\n"
	    "#: gap server unknown\n\n#: dialogue 2 line 2003\nC: b\n"
	    "! -3 line "));
	g_string_free(got, TRUE);
	g_string_free(text, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
