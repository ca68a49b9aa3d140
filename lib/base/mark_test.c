#include "base/mark.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

/* Pairs of contents and kinds, and whether their marks are the same. */
static void
test_pairs(void **state)
{
	static const struct {
		const char *name;
		const char *a, *b;
		uint32_t kind_a, kind_b;
		bool want;
	} cases[] = {
		{ "the same",        "abc", "abc", 1, 1, true },
		{ "both empty",      "", "", 1, 1, true },
		{ "another letter",  "abc", "abd", 1, 1, false },
		{ "one more",        "abc", "abcd", 1, 1, false },
		{ "something, none", "a", "", 1, 1, false },
		{ "another kind",    "abc", "abc", 1, 2, false },
		{ "empty, too",      "", "", 0, 1, false },
		{ "a far kind",      "abc", "abc", 0, 1u << 31, false },
		{ "over one block",  "0123456789abcdefX", "0123456789abcdefY",
		  1, 1, false },
	};
	struct ms_marker *marker = ms_mark_start();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_mark a = ms_mark_of(marker, cases[i].kind_a,
		    cases[i].a, strlen(cases[i].a));
		struct ms_mark b = ms_mark_of(marker, cases[i].kind_b,
		    cases[i].b, strlen(cases[i].b));

		print_message("  %s\n", cases[i].name);
		assert_int_equal(cases[i].want, ms_mark_equal(&a, &b));
		if (cases[i].want)
			assert_int_equal(ms_mark_hash(&a),
			    ms_mark_hash(&b));
	}
	ms_mark_stop(marker);
	ms_mark_stop(NULL);
}

/* Nobody can foresee the marks of another process. */
static void
test_markers_differ(void **state)
{
	struct ms_marker *one = ms_mark_start(), *two = ms_mark_start();
	struct ms_mark a = ms_mark_of(one, 1, "abc", 3);
	struct ms_mark b = ms_mark_of(two, 1, "abc", 3);

	(void)state;
	assert_false(ms_mark_equal(&a, &b));
	ms_mark_stop(one);
	ms_mark_stop(two);
}

/* A marker has no memory: order and what came before do not count. Zeros
 * padded to a block are not the block. */
static void
test_no_memory(void **state)
{
	struct ms_marker *marker = ms_mark_start();
	unsigned char zeros[64] = { 0 };
	struct ms_mark marks[64], again;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
		marks[i] = ms_mark_of(marker, 3, zeros, i);
		for (size_t k = 0; k < i; k++)
			assert_false(ms_mark_equal(&marks[i], &marks[k]));
	}
	for (size_t i = G_N_ELEMENTS(marks); i-- > 0;) {
		again = ms_mark_of(marker, 3, zeros, i);
		assert_true(ms_mark_equal(&marks[i], &again));
	}
	ms_mark_stop(marker);
}

/* The same, however the bytes come. */
static void
test_pieces(void **state)
{
	static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	struct ms_marker *marker = ms_mark_start();
	const struct ms_mark whole = ms_mark_of(marker, 3, text,
	    sizeof text);

	(void)state;
	for (size_t step = 1; step <= sizeof text; step++) {
		struct ms_mark mark;

		ms_mark_begin(marker, 3);
		for (size_t at = 0; at < sizeof text; at += step)
			ms_mark_feed(marker, text + at,
			    MIN(step, sizeof text - at));
		ms_mark_feed(marker, text, 0);
		mark = ms_mark_end(marker);
		assert_true(ms_mark_equal(&mark, &whole));
	}
	ms_mark_stop(marker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_markers_differ),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
