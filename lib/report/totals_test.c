#include "report/totals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct ms_outcome *
outcome(enum ms_verdict verdict, uint64_t size, bool ambiguous)
{
	char source[] = "x";
	const struct ms_message message = { .origin.source = source,
		.size = size };
	struct ms_outcome *new = ms_outcome_new(&message);

	new->verdict = verdict;
	if (ambiguous)
		ms_facts_ambiguity(&new->facts, "two-headers", "", "");
	return new;
}

/* What is dropped leaves nothing behind, and nothing is less than none. */
static void
test_count(void **state)
{
	struct ms_outcome *bad = outcome(MS_VERDICT_INFECTED, 100, true);
	struct ms_outcome *fine = outcome(MS_VERDICT_CLEAN, 7, false);
	struct ms_report_totals totals = { 0 }, none = { 0 };

	(void)state;
	ms_totals_count(&totals, bad);
	ms_totals_count(&totals, fine);
	ms_totals_count(&totals, fine);
	assert_int_equal(3, totals.messages);
	assert_int_equal(1, totals.verdicts[MS_VERDICT_INFECTED]);
	assert_int_equal(2, totals.verdicts[MS_VERDICT_CLEAN]);
	assert_int_equal(1, totals.ambiguous);
	assert_int_equal(114, totals.bytes);
	ms_totals_drop(&totals, fine);
	ms_totals_drop(&totals, bad);
	assert_int_equal(1, totals.messages);
	assert_int_equal(7, totals.bytes);
	for (int i = 0; i < 2; i++)
		ms_totals_drop(&totals, fine);
	ms_totals_drop(&totals, bad);
	assert_memory_equal(&none, &totals, sizeof totals);
	ms_outcome_free(bad);
	ms_outcome_free(fine);
}

static void
test_notices(void **state)
{
	static const struct {
		enum ms_report_notice kind;
		uint64_t gone, passed_over, failed;
	} cases[] = {
		{ MS_REPORT_GONE, 1, 0, 0 },
		{ MS_REPORT_EMPTY, 0, 0, 0 },
		{ MS_REPORT_SKIPPED, 0, 1, 0 },
		{ MS_REPORT_FAILED, 0, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_report_totals totals = { 0 }, none = { 0 };

		ms_totals_count_notice(&totals, cases[i].kind);
		assert_int_equal(cases[i].gone, totals.gone);
		assert_int_equal(cases[i].passed_over, totals.passed_over);
		assert_int_equal(cases[i].failed, totals.failed);
		assert_int_equal(0, totals.messages);
		for (int j = 0; j < 2; j++)
			ms_totals_drop_notice(&totals, cases[i].kind);
		assert_memory_equal(&none, &totals, sizeof totals);
	}
}

static void
test_add(void **state)
{
	struct ms_report_totals one = {
		.messages = 1, .verdicts = { 1, 2, 3 }, .ambiguous = 4,
		.unselected = 5, .gone = 6, .passed_over = 7, .failed = 8,
		.known = 9, .bytes = 10, .elapsed_ms = 11, .finished = 30,
		.actions = { .asked = true, .moved = 12, .copied = 13,
		    .removed = 14, .flagged = 15, .refiled = 16,
		    .failed = 17 },
	};
	const struct ms_report_totals more = {
		.messages = 100, .verdicts = { 200, 300, 400 },
		.ambiguous = 500, .unselected = 600, .gone = 700,
		.passed_over = 800, .failed = 900, .known = 1000,
		.bytes = UINT64_MAX - 5, .elapsed_ms = INT64_MAX - 5,
		.finished = 20, .interrupted = true,
		.actions = { .dry_run = true, .moved = 1100, .copied = 1200,
		    .removed = 1300, .flagged = 1400, .refiled = 1500,
		    .failed = 1600 },
	};
	/* Numbers come from files: a sum that is too much stays at the
	 * end of what there is. */
	const struct ms_report_totals want = {
		.messages = 101, .verdicts = { 201, 302, 403 },
		.ambiguous = 504, .unselected = 605, .gone = 706,
		.passed_over = 807, .failed = 908, .known = 1009,
		.bytes = UINT64_MAX, .elapsed_ms = INT64_MAX,
		.finished = 30, .interrupted = true,
		.actions = { .asked = true, .dry_run = true, .moved = 1112,
		    .copied = 1213, .removed = 1314, .flagged = 1415,
		    .refiled = 1516, .failed = 1617 },
	};

	(void)state;
	ms_totals_add(&one, &more);
	assert_memory_equal(&want, &one, sizeof one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_notices),
		cmocka_unit_test(test_add),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
