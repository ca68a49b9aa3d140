#include "smtp/newlines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "smtp/dots.h"

/* What becomes of SIZE bytes at DATA, STEP at a time. */
static GString *
all(const char *data, size_t size, size_t step)
{
	struct ms_newlines newlines = { 0 };
	GString *out = g_string_new(NULL);
	size_t at = 0;

	while (at < size)
		at += ms_newlines_feed(&newlines, data + at,
		    MIN(step, size - at), out);
	while (ms_newlines_end(&newlines, out))
		;
	return out;
}

static void
test_newlines(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *want;
	} cases[] = {
		{ "", 0, "" },
		{ "a\r\nb", 4, "a\r\nb" },
		{ "a\nb\n", 4, "a\r\nb\r\n" },
		{ "a\rb\r", 4, "a\r\nb\r\n" },
		{ "a\r\r\nb", 5, "a\r\nb" },
		{ "a\r\rb", 4, "a\r\n\r\nb" },
		{ "\r\0\n.\0\r\n", 7, "\r\n.\r\n" },
		{ "\n\n\r\n", 4, "\r\n\r\n\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		for (size_t step = 1; step <= 8; step++) {
			GString *out = all(cases[i].bytes, cases[i].size,
			    step);

			assert_string_equal(out->str, cases[i].want);
			assert_int_equal(out->len, strlen(cases[i].want));
			g_string_free(out, TRUE);
		}
}

/* All strings of some length of what matters: the dots add nothing but dots,
 * and doing it twice changes nothing. */
static void
test_with_dots(void **state)
{
	static const char bytes[] = { '\r', '\n', '.', 'a' };

	(void)state;
	for (unsigned n = 0; n < 1u << 14; n++) {
		struct ms_dots dots = { 0 }, direct = { 0 };
		GString *one, *two, *sent = g_string_new(NULL);
		GString *want = g_string_new(NULL);
		char text[7];

		for (int i = 0; i < 7; i++)
			text[i] = bytes[n >> (2 * i) & 3];
		one = all(text, sizeof text, 3);
		two = all(one->str, one->len, 2);
		assert_string_equal(one->str, two->str);
		ms_dots_feed(&dots, one->str, one->len, sent);
		ms_dots_end(&dots, sent);
		ms_dots_feed(&direct, text, sizeof text, want);
		ms_dots_end(&direct, want);
		assert_string_equal(sent->str, want->str);
		g_string_free(one, TRUE);
		g_string_free(two, TRUE);
		g_string_free(sent, TRUE);
		g_string_free(want, TRUE);
	}
}

/* A run of CRs as long as a message is not written in one block. */
static void
test_run(void **state)
{
	struct ms_newlines newlines = { 0 };
	GString *out = g_string_new(NULL);
	char *run = g_strnfill(1000000, '\r');
	size_t total = 0, at = 0;

	(void)state;
	assert_int_equal(ms_newlines_feed(&newlines, run, 1000000, out),
	    1000000);
	while (at == 0) {
		g_string_truncate(out, 0);
		at = ms_newlines_feed(&newlines, "x", 1, out);
		assert_true(out->len <= 10000);
		total += out->len;
	}
	assert_int_equal(total, 2000001);
	g_string_free(out, TRUE);
	g_free(run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newlines),
		cmocka_unit_test(test_with_dots),
		cmocka_unit_test(test_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
