#include "report/merge.h"

#include "report/formats_test.h"
#include "report/totals.h"

static const struct ms_origin path = { .source = (char *)"p" };

static struct ms_outcome *
message(const char *source, uint64_t index, unsigned char digest)
{
	struct ms_outcome *outcome = sheet_outcome(source, index,
	    MS_VERDICT_CLEAN);

	outcome->sha256.bytes[0] = digest;
	return outcome;
}

/* Two runs, and which of them tells of each message. */
static void
test_messages(void **state)
{
	static const struct {
		const char *source;
		uint64_t index;
		unsigned char digest;
		unsigned runs;		/* bits: where it is */
		int teller;
	} cases[] = {
		{ "a", 1, 1, 3, 1 }, { "a", 2, 1, 1, 0 },
		{ "a", 1, 2, 2, 1 }, { "b", 1, 1, 3, 1 }, { "", 0, 0, 1, 0 },
	};
	static const int64_t finished[] = { 5, 6 };
	static const int64_t the_same[] = { 0, 0 };
	static const int64_t backwards[] = { 6, 5 };
	static const int64_t *const times[] = { finished, the_same,
		backwards };

	(void)state;
	for (size_t t = 0; t < G_N_ELEMENTS(times); t++) {
		struct ms_merge *merge = ms_merge_new();

		for (unsigned run = 0; run < 2; run++) {
			assert_int_equal(run, ms_merge_run(merge));
			for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
				struct ms_outcome *outcome = message(
				    cases[i].source, cases[i].index,
				    cases[i].digest);

				if (cases[i].runs & 1u << run)
					ms_merge_note(merge, outcome);
				ms_outcome_free(outcome);
			}
		}
		ms_merge_settle(merge, times[t]);
		for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
			struct ms_outcome *outcome = message(cases[i].source,
			    cases[i].index, cases[i].digest);
			int teller = cases[i].runs == 3 && t == 2 ? 0 :
			    cases[i].teller;

			assert_int_equal(teller == 0, ms_merge_take(merge, 0,
			    outcome));
			assert_int_equal(teller == 1, ms_merge_take(merge, 1,
			    outcome));
			/* Once is enough. */
			assert_false(ms_merge_take(merge, 0, outcome));
			assert_false(ms_merge_take(merge, 1, outcome));
			ms_outcome_free(outcome);
		}
		ms_merge_free(merge);
	}
}

static void
test_notices(void **state)
{
	static const int64_t finished[] = { 5, 6 };
	struct ms_merge *merge = ms_merge_new();

	(void)state;
	for (unsigned run = 0; run < 2; run++) {
		(void)ms_merge_run(merge);
		ms_merge_note_notice(merge, MS_REPORT_FAILED, &path);
	}
	ms_merge_note_notice(merge, MS_REPORT_GONE, &path);
	ms_merge_settle(merge, finished);
	assert_false(ms_merge_take_notice(merge, 0, MS_REPORT_FAILED, &path));
	assert_true(ms_merge_take_notice(merge, 1, MS_REPORT_FAILED, &path));
	assert_false(ms_merge_take_notice(merge, 1, MS_REPORT_FAILED, &path));
	assert_true(ms_merge_take_notice(merge, 1, MS_REPORT_GONE, &path));
	assert_false(ms_merge_take_notice(merge, 1, MS_REPORT_EMPTY, &path));
	ms_merge_free(merge);
}

static void
test_nothing(void **state)
{
	struct ms_outcome *outcome = message("a", 1, 1);
	struct ms_merge *merge = ms_merge_new();

	(void)state;
	ms_merge_settle(merge, NULL);
	assert_false(ms_merge_take(merge, 0, outcome));
	ms_merge_free(merge);
	ms_merge_free(NULL);
	ms_outcome_free(outcome);
}

/* Sums, and never below nothing or above all there is. */
static void
test_totals(void **state)
{
	struct ms_report_totals sum = { .messages = UINT64_MAX - 1,
		.elapsed_ms = INT64_MAX - 1, .finished = 5 };
	const struct ms_report_totals more = { .messages = 7, .bytes = 9,
		.verdicts = { [MS_VERDICT_CLEAN] = 7 }, .failed = 2,
		.gone = 1, .known = 8, .elapsed_ms = 7, .finished = 4,
		.interrupted = true, .actions = { .asked = true,
		    .moved = 3 } };
	struct ms_outcome *outcome = message("a", 1, 1);

	(void)state;
	ms_totals_add(&sum, &more);
	assert_true(sum.messages == UINT64_MAX);
	assert_true(sum.elapsed_ms == INT64_MAX);
	assert_int_equal(5, sum.finished);
	assert_int_equal(8, sum.known);
	assert_int_equal(7, sum.verdicts[MS_VERDICT_CLEAN]);
	assert_true(sum.interrupted && sum.actions.asked);
	assert_int_equal(3, sum.actions.moved);
	sum = (struct ms_report_totals){ 0 };
	ms_totals_count(&sum, outcome);
	assert_int_equal(1, sum.messages);
	assert_int_equal(7, sum.bytes);
	for (int i = 0; i < 2; i++) {
		ms_totals_drop(&sum, outcome);
		ms_totals_drop_notice(&sum, MS_REPORT_FAILED);
		assert_int_equal(0, sum.messages + sum.bytes + sum.failed +
		    sum.verdicts[MS_VERDICT_CLEAN]);
	}
	ms_totals_count_notice(&sum, MS_REPORT_FAILED);
	ms_totals_count_notice(&sum, MS_REPORT_EMPTY);
	assert_int_equal(1, sum.failed);
	ms_outcome_free(outcome);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_notices),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_totals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
