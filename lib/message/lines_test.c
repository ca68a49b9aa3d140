#include "message/lines.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_cases(void **state)
{
	/* In WANT '|' stands for each line end. */
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "a", "a|" },
		{ "a\n", "a|" },
		{ "a\r\n", "a|" },
		{ "a\r", "a|" },
		{ "a\n\nb", "a||b|" },
		{ "a\r\rb\n", "a||b|" },
		{ "a\n\rb", "a||b|" },
		{ "a\r\r\nb", "a||b|" },
		{ "a\r\nb\rc\nd", "a|b|c|d|" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const unsigned char *data =
		    (const unsigned char *)cases[i].text;
		size_t size = strlen(cases[i].text);
		GString *got = g_string_new(NULL);
		struct ms_lines lines;
		struct ms_line line;
		const unsigned char *next = data;

		print_message("  %zu\n", i);
		ms_lines_start(&lines, data, size);
		while (ms_lines_next(&lines, &line)) {
			assert_ptr_equal(next, line.data);
			next = line.next;
			g_string_append_len(got, (const char *)line.data,
			    (gssize)line.size);
			g_string_append_c(got, '|');
		}
		assert_ptr_equal(data + size, next);
		assert_string_equal(cases[i].want, got->str);
		g_string_free(got, TRUE);
	}
}

/* Only LF ends a line, with a CR before it or not. */
static void
test_cut(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "a", "a|" },
		{ "a\n", "a|" },
		{ "a\r\n", "a|" },
		{ "a\r", "a|" },
		{ "\r", "|" },
		{ "\n\r\nb", "||b|" },
		{ "a\rb\r\r\nc", "a\rb\r|c|" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const unsigned char *at =
		    (const unsigned char *)cases[i].text;
		const unsigned char *end = at + strlen(cases[i].text);
		GString *got = g_string_new(NULL);
		struct ms_line line;

		while (ms_lines_cut(at, end, &line)) {
			assert_ptr_equal(at, line.data);
			assert_true(line.next > at);
			at = line.next;
			g_string_append_len(got, (const char *)line.data,
			    (gssize)line.size);
			g_string_append_c(got, '|');
		}
		assert_ptr_equal(end, at);
		assert_string_equal(cases[i].want, got->str);
		g_string_free(got, TRUE);
	}
}

static void
test_blank(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{ "", true }, { " \t", true }, { "\001\177", true },
		{ " x", false }, { "\240", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_line line = {
			(const unsigned char *)cases[i].text,
			strlen(cases[i].text), NULL };

		assert_int_equal(cases[i].want, ms_lines_is_blank(&line));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_blank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
