#include "base/budget.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct ms_budget_limits roomy = {
	.part_bytes = 100,
	.total_bytes = 1000,
	.ratio = 10,
	.parts = 3,
	.mime_depth = 4,
	.archive_depth = 5,
	.time_ms = 3600 * 1000,
};

/* One charge after others, and what the account says of it. */
static void
test_bytes(void **state)
{
	static const struct {
		const char *name;
		uint64_t before, charge;
		enum ms_status want;
	} cases[] = {
		{ "nothing",        0, 0, MS_OK },
		{ "all at once",    0, 1000, MS_OK },
		{ "one too many",   0, 1001, MS_E_LIMIT },
		{ "exactly full",   400, 600, MS_OK },
		{ "one over",       400, 601, MS_E_LIMIT },
		{ "full, one more", 1000, 1, MS_E_LIMIT },
		{ "full, none",     1000, 0, MS_OK },
		{ "no overflow",    400, UINT64_MAX, MS_E_LIMIT },
		{ "nor here",       400, UINT64_MAX - 399, MS_E_LIMIT },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_budget budget;
		struct ms_error err = { "" };

		print_message("  %s\n", cases[i].name);
		ms_budget_init(&budget, &roomy);
		assert_int_equal(MS_OK, ms_budget_bytes(&budget,
		    cases[i].before, &err));
		assert_int_equal(cases[i].want, ms_budget_bytes(&budget,
		    cases[i].charge, &err));
		assert_int_equal(cases[i].want == MS_OK ? MS_BUDGET_NONE :
		    MS_BUDGET_SIZE, budget.hit);
		assert_int_equal(cases[i].want != MS_OK,
		    strstr(err.text, "1000") != NULL);
	}
}

static void
test_parts(void **state)
{
	struct ms_error err = { "" };
	struct ms_budget budget;

	(void)state;
	ms_budget_init(&budget, &roomy);
	for (int i = 0; i < 3; i++)
		assert_int_equal(MS_OK, ms_budget_part(&budget, &err));
	for (int i = 0; i < 3; i++) {
		budget.hit = MS_BUDGET_NONE;
		assert_int_equal(MS_E_LIMIT, ms_budget_part(&budget, &err));
		assert_int_equal(MS_BUDGET_COUNT, budget.hit);
		assert_non_null(strstr(err.text, "3 parts (max-files)"));
	}
	/* Other accounts are open still. */
	assert_int_equal(MS_OK, ms_budget_bytes(&budget, 1, &err));
}

/* What comes again counts again, parts first. */
static void
test_repeat(void **state)
{
	static const struct {
		const char *name;
		uint64_t parts, size;
		enum ms_status want;
		enum ms_budget_limit hit;
	} cases[] = {
		{ "nothing", 0, 0, MS_OK, MS_BUDGET_NONE },
		{ "all there is", 3, 1000, MS_OK, MS_BUDGET_NONE },
		{ "a part more", 4, 0, MS_E_LIMIT, MS_BUDGET_COUNT },
		{ "a byte more", 3, 1001, MS_E_LIMIT, MS_BUDGET_SIZE },
		{ "no overflow", UINT64_MAX, 0, MS_E_LIMIT,
		  MS_BUDGET_COUNT },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_error err = { "" };
		struct ms_budget budget;

		print_message("  %s\n", cases[i].name);
		ms_budget_init(&budget, &roomy);
		assert_int_equal(cases[i].want, ms_budget_repeat(&budget,
		    cases[i].parts, cases[i].size, &err));
		assert_int_equal(cases[i].hit, budget.hit);
	}
}

/* A limit of no time has passed when it begins; a part asks, too. */
static void
test_time(void **state)
{
	struct ms_budget_limits limits = roomy;
	struct ms_error err = { "" };
	struct ms_budget budget;

	(void)state;
	ms_budget_init(&budget, &limits);
	assert_int_equal(MS_OK, ms_budget_time(&budget, &err));
	assert_in_range(budget.deadline_ms - ms_clock_ms(),
	    limits.time_ms - 1000, limits.time_ms);
	limits.time_ms = 0;
	ms_budget_init(&budget, &limits);
	for (int i = 0; i < 2; i++)
		assert_int_equal(MS_E_LIMIT, ms_budget_time(&budget, &err));
	assert_int_equal(MS_BUDGET_TIME, budget.hit);
	assert_non_null(strstr(err.text, "0 ms (max-scantime)"));
	budget.hit = MS_BUDGET_NONE;
	assert_int_equal(MS_E_LIMIT, ms_budget_part(&budget, &err));
	assert_int_equal(MS_BUDGET_TIME, budget.hit);
}

static void
test_size_and_depth(void **state)
{
	static const struct {
		const char *name;
		uint64_t size;
		unsigned depth, max;
		enum ms_status size_want, depth_want;
	} cases[] = {
		{ "less",    99, 3, 4, MS_OK, MS_OK },
		{ "exactly", 100, 4, 4, MS_OK, MS_OK },
		{ "more",    101, 5, 4, MS_E_LIMIT, MS_E_LIMIT },
		{ "most",    UINT64_MAX, UINT32_MAX, 4, MS_E_LIMIT,
		  MS_E_LIMIT },
		{ "least",   0, 0, 0, MS_OK, MS_OK },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_error err = { "" };
		struct ms_budget budget;

		print_message("  %s\n", cases[i].name);
		ms_budget_init(&budget, &roomy);
		assert_int_equal(cases[i].size_want,
		    ms_budget_size(&budget, cases[i].size, &err));
		assert_int_equal(cases[i].size_want == MS_OK ?
		    MS_BUDGET_NONE : MS_BUDGET_SIZE, budget.hit);
		budget.hit = MS_BUDGET_NONE;
		assert_int_equal(cases[i].depth_want, ms_budget_depth(
		    &budget, cases[i].depth, cases[i].max, &err));
		assert_int_equal(cases[i].depth_want == MS_OK ?
		    MS_BUDGET_NONE : MS_BUDGET_DEPTH, budget.hit);
		/* These are questions, not charges. */
		assert_int_equal(0, budget.bytes);
		assert_int_equal(0, budget.parts);
	}
}

static void
test_ratio(void **state)
{
	static const uint64_t from = MS_BUDGET_RATIO_FROM;
	static const struct {
		const char *name;
		uint64_t stored, decoded;
		enum ms_status want;
	} cases[] = {
		{ "too little to tell", 1, from - 1, MS_OK },
		{ "from nothing", 0, from, MS_E_LIMIT },
		{ "ten times, but for a byte", from, 10 * from + 9, MS_OK },
		{ "ten times", from, 10 * from + 10, MS_E_LIMIT },
		{ "much", 1000, from * 100, MS_E_LIMIT },
		{ "less than it was", from * 2, from, MS_OK },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_error err = { "" };
		struct ms_budget budget;

		print_message("  %s\n", cases[i].name);
		ms_budget_init(&budget, &roomy);
		assert_int_equal(cases[i].want, ms_budget_ratio(&budget,
		    cases[i].stored, cases[i].decoded, &err));
		assert_int_equal(cases[i].want == MS_OK ? MS_BUDGET_NONE :
		    MS_BUDGET_RATIO, budget.hit);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_repeat),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_size_and_depth),
		cmocka_unit_test(test_ratio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
