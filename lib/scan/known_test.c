#include "scan/known.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What is known, what comes, and whether that is answered. */
static void
test_answers(void **state)
{
	static const struct {
		const char *name;
		bool open, was_reading, as_lines, is_reading, has_lines, want;
	} cases[] = {
		{ "the same", false, false, false, false, false, true },
		{ "as a reading", false, false, false, true, false, true },
		{ "was a reading", false, true, false, false, false, false },
		{ "both readings", false, true, false, true, false, true },
		{ "as lines", false, false, false, false, true, true },
		{ "were lines", false, false, true, false, false, false },
		{ "both lines", false, false, true, false, true, true },
		{ "one of two", false, true, true, true, false, false },
		{ "the other", false, true, true, false, true, false },
		{ "in itself", true, true, true, false, false, true },
	};
	struct ms_known *known = ms_known_new();

	(void)state;
	assert_false(ms_known_answers(NULL, true, true));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s\n", cases[i].name);
		known->open = cases[i].open;
		known->is_reading = cases[i].was_reading;
		known->as_lines = cases[i].as_lines;
		assert_int_equal(cases[i].want, ms_known_answers(known,
		    cases[i].is_reading, cases[i].has_lines));
	}
	g_ptr_array_unref(known->names);
	g_free(known);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
