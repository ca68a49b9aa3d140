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

/* Where the pieces end makes no difference, nor that long lines are taken in
 * vectors. */
static void
test_pieces(void **state)
{
	static const char *const words[] = { "\r\n", "\r\n", "\r", "\n", ".",
		"a", "0123456789abcdef", "a line that is longer than a vector",
		"\xff", "" };
	GRand *rand = g_rand_new_with_seed(1);

	(void)state;
	for (int i = 0; i < 2000; i++) {
		GString *in = g_string_new(NULL), *one = g_string_new(NULL);
		GString *whole = g_string_new(NULL);
		struct ms_dots bytes = { 0 }, all = { 0 };

		for (int n = g_rand_int_range(rand, 1, 40); n > 0; n--) {
			const char *word = words[g_rand_int_range(rand, 0,
			    G_N_ELEMENTS(words))];

			/* The empty word is a NUL. */
			g_string_append_len(in, word, *word ?
			    (gssize)strlen(word) : 1);
		}
		for (size_t at = 0; at < in->len; at++)
			ms_dots_feed(&bytes, in->str + at, 1, one);
		ms_dots_feed(&all, in->str, in->len, whole);
		ms_dots_end(&bytes, one);
		ms_dots_end(&all, whole);
		assert_true(g_string_equal(one, whole));
		assert_int_equal(bytes.size, all.size);
		assert_int_equal(bytes.nul, all.nul);
		assert_int_equal(bytes.eight_bit, all.eight_bit);
		g_string_free(in, TRUE);
		g_string_free(one, TRUE);
		g_string_free(whole, TRUE);
	}
	g_rand_free(rand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
