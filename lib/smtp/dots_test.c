#include "smtp/dots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
test_lines(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", ".\r\n" },
		{ "a", "a\r\n.\r\n" },
		{ "a\n", "a\r\n.\r\n" },
		{ "a\r\n", "a\r\n.\r\n" },
		{ ".", "..\r\n.\r\n" },
		{ ".\r\n", "..\r\n.\r\n" },
		{ "..", "...\r\n.\r\n" },
		{ "a.\nb", "a.\r\nb\r\n.\r\n" },
		{ "\n\n", "\r\n\r\n.\r\n" },
		{ "a\r", "a\r\n.\r\n" },
		{ "a\rb", "a\r\nb\r\n.\r\n" },
		{ "a\r\r\nb", "a\r\nb\r\n.\r\n" },
		{ "a\r\rb", "a\r\n\r\nb\r\n.\r\n" },
		/* the sequences of SMTP smuggling */
		{ "a\n.\nb", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\r.\rb", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\r.\nb", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\n.\rb", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\n.\r\nb", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\r\n.\nb", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\r.\r\nb", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\r\n.\rb", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\r\n.\r\r\nb", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\r\r\n.\r\r\nb", "a\r\n..\r\nb\r\n.\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		for (size_t step = 1; step < 12; step++) {
			const size_t size = strlen(cases[i].in);
			GString *out = g_string_new(NULL);
			struct ms_dots dots = { 0 };

			for (size_t at = 0; at < size; at += step)
				ms_dots_feed(&dots, cases[i].in + at,
				    MIN(step, size - at), out);
			ms_dots_end(&dots, out);
			assert_string_equal(cases[i].out, out->str);
			assert_false(dots.nul || dots.eight_bit);
			g_string_free(out, TRUE);
		}
}

static void
test_counts(void **state)
{
	struct ms_dots dots = { 0 };

	(void)state;
	ms_dots_feed(&dots, ".a\n\0\xff", 5, NULL);
	ms_dots_end(&dots, NULL);
	/* .a CR LF NUL \xff CR LF, with neither dot doubled nor the last */
	assert_int_equal(8, dots.size);
	assert_true(dots.nul);
	assert_true(dots.eight_bit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
