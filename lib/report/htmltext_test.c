#include "report/htmltext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef void append(GString *out, const char *text, size_t max);

static void
expect(const char *want, append *function, const char *text, size_t max)
{
	GString *out = g_string_new("");

	function(out, text, max);
	print_message("  %s\n", want);
	assert_string_equal(want, out->str);
	g_string_free(out, TRUE);
}

static void
test_text(void **state)
{
	static const struct {
		const char *text, *want;
		size_t max;
	} cases[] = {
		{ NULL, "", 9 },
		{ "", "", 9 },
		{ "plain", "plain", 9 },
		{ "<a href=\"x\">&'", "&lt;a href=&quot;x&quot;&gt;&amp;&#39;",
		    SIZE_MAX },
		{ "&amp;", "&amp;amp;", 9 },
		{ "a\nb\033[2J", "a\\x0ab\\x1b[2J", 99 },
		{ "\\", "\\\\", 9 },
		{ "\xe2\x80\xae" "exe", "\\xe2\\x80\\xaeexe", 99 },
		{ "\xff", "\\xff", 9 },
		{ "abcdef", "abc...", 3 },
		{ "<<<<", "&lt;&lt;...", 2 },
		{ "ab\x01", "ab...", 4 },
		{ "\xc3\xa4\xc3\xb6\xc3\xbc", "\xc3\xa4\xc3\xb6...", 2 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		expect(cases[i].want, ms_htmltext_append, cases[i].text,
		    cases[i].max);
}

static void
test_tail(void **state)
{
	(void)state;
	expect("", ms_htmltext_tail, NULL, 9);
	expect("a/b", ms_htmltext_tail, "a/b", 3);
	expect(".../b", ms_htmltext_tail, "aa/b", 2);
	expect("...\xc3\xb6&lt;", ms_htmltext_tail, "\xc3\xa4\xc3\xb6<", 2);
}

static void
path(GString *out, const char *text, size_t max)
{
	ms_htmltext_breakable(out, text, '/', max);
}

static void
test_breaks(void **state)
{
	GString *slashes = g_string_new(""), *out = g_string_new("");
	int breaks = 0;

	(void)state;
	expect("", path, NULL, 9);
	expect("a/<wbr>b&lt;/<wbr>c", path, "a/b</c", 9);
	expect("/<wbr>...", path, "/abc", 1);
	for (int i = 0; i < 1000; i++)
		g_string_append_c(slashes, '/');
	path(out, slashes->str, SIZE_MAX);
	for (const char *p = out->str; (p = strstr(p, "<wbr>")); p++)
		breaks++;
	assert_in_range(breaks, 1, 100);
	assert_int_equal(1000 + 5 * breaks, out->len);
	g_string_free(out, TRUE);
	g_string_free(slashes, TRUE);
}

static void
test_figures(void **state)
{
	static const struct {
		uint64_t number;
		const char *text, *size;
	} cases[] = {
		{ 0, "0", "0 bytes" },
		{ 1, "1", "1 byte" },
		{ 999, "999", "999 bytes" },
		{ 1000, "1,000", "1,000 bytes" },
		{ 1048575, "1,048,575", "1023 KB" },
		{ 1289749, "1,289,749", "1.23 MB" },
		{ 1610612736, "1,610,612,736", "1.50 GB" },
		{ UINT64_MAX, "18,446,744,073,709,551,615",
		    "17179869183.99 GB" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *out = g_string_new("");

		ms_htmltext_number(out, cases[i].number);
		assert_string_equal(cases[i].text, out->str);
		g_string_truncate(out, 0);
		ms_htmltext_size(out, cases[i].number);
		assert_string_equal(cases[i].size, out->str);
		g_string_truncate(out, 0);
		ms_htmltext_counted(out, cases[i].number, "one", "many");
		assert_true(g_str_has_suffix(out->str,
		    cases[i].number == 1 ? " one" : " many"));
		g_string_free(out, TRUE);
	}
}

static void
test_percent(void **state)
{
	static const struct {
		uint64_t part, whole;
		const char *want;
	} cases[] = {
		{ 0, 0, "0.00%" },
		{ 0, 7, "0.00%" },
		{ 1, 8, "12.50%" },
		{ 2, 3, "66.66%" },
		{ 7, 7, "100.00%" },
		{ 1, 100000, "0.00%" },
		{ UINT64_MAX / 2, UINT64_MAX, "50.00%" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *out = g_string_new("");

		ms_htmltext_percent(out, cases[i].part, cases[i].whole);
		assert_string_equal(cases[i].want, out->str);
		g_string_free(out, TRUE);
	}
}

static void
test_duration(void **state)
{
	static const struct {
		int64_t milliseconds;
		const char *want;
	} cases[] = {
		{ 0, "0 ms" }, { 999, "999 ms" }, { 12399, "12.3 s" },
		{ 60000, "1 min 0 s" }, { 3599999, "59 min 59 s" },
		{ 7980000, "2 h 13 min" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *out = g_string_new("");

		ms_htmltext_duration(out, cases[i].milliseconds);
		assert_string_equal(cases[i].want, out->str);
		g_string_free(out, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_tail),
		cmocka_unit_test(test_breaks),
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_percent),
		cmocka_unit_test(test_duration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
