#include "scan/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What each reason makes of a message by itself. */
static const enum ms_verdict alone[MS_REASONS] = {
	[MS_REASON_LIMIT_SIZE] = MS_VERDICT_INCOMPLETE,
	[MS_REASON_LIMIT_TIME] = MS_VERDICT_ERROR,
	[MS_REASON_LIMIT_MEMORY] = MS_VERDICT_INCOMPLETE,
	[MS_REASON_LIMIT_DEPTH] = MS_VERDICT_INCOMPLETE,
	[MS_REASON_LIMIT_COUNT] = MS_VERDICT_INCOMPLETE,
	[MS_REASON_LIMIT_RATIO] = MS_VERDICT_INCOMPLETE,
	[MS_REASON_MALFORMED] = MS_VERDICT_INCOMPLETE,
	[MS_REASON_TRUNCATED] = MS_VERDICT_INCOMPLETE,
	[MS_REASON_UNSUPPORTED] = MS_VERDICT_INCOMPLETE,
	[MS_REASON_ENCRYPTED] = MS_VERDICT_ENCRYPTED,
	[MS_REASON_WORKER_DIED] = MS_VERDICT_ERROR,
	[MS_REASON_ENGINE_FAILED] = MS_VERDICT_ERROR,
	[MS_REASON_AMBIGUOUS] = MS_VERDICT_INCOMPLETE,
};

/* Every set of up to three reasons, with and without a finding: the worst
 * decides, and nothing that was not looked at is clean. */
static void
test_all(void **state)
{
	(void)state;
	for (int a = 0; a < MS_REASONS; a++)
		for (int b = 0; b < MS_REASONS; b++)
			for (int c = 0; c < MS_REASONS; c++) {
				enum ms_verdict want = MIN(alone[a],
				    MIN(alone[b], alone[c]));
				struct ms_facts facts;

				ms_facts_init(&facts);
				ms_facts_gap(&facts, (enum ms_reason)a, "1",
				    "d");
				ms_facts_gap(&facts, (enum ms_reason)b, "2",
				    "d");
				ms_facts_gap(&facts, (enum ms_reason)c, "",
				    "d");
				assert_int_equal(want,
				    ms_verdict_of(&facts));
				ms_facts_finding(&facts, "c", "A", "1");
				assert_int_equal(MS_VERDICT_INFECTED,
				    ms_verdict_of(&facts));
				ms_facts_clear(&facts);
			}
}

static void
test_single(void **state)
{
	struct ms_facts facts;

	(void)state;
	ms_facts_init(&facts);
	assert_int_equal(MS_VERDICT_CLEAN, ms_verdict_of(&facts));
	ms_facts_part(&facts, &(struct ms_part){ .path = (char *)"1" });
	assert_int_equal(MS_VERDICT_CLEAN, ms_verdict_of(&facts));
	ms_facts_clear(&facts);
	for (int r = 0; r < MS_REASONS; r++) {
		print_message("  %s\n",
		    ms_facts_reason_name((enum ms_reason)r));
		ms_facts_init(&facts);
		ms_facts_gap(&facts, (enum ms_reason)r, "", "d");
		assert_int_equal(alone[r], ms_verdict_of(&facts));
		ms_facts_clear(&facts);
	}
}

static void
test_names(void **state)
{
	static const char *const names[MS_VERDICTS] = { "infected",
		"blocked", "spam", "error", "incomplete", "encrypted",
		"clean", "skipped" };

	(void)state;
	for (int v = 0; v < MS_VERDICTS; v++) {
		print_message("  %s\n", names[v]);
		assert_string_equal(names[v],
		    ms_verdict_name((enum ms_verdict)v));
		assert_int_equal(v, ms_verdict_by_name(names[v]));
	}
	assert_int_equal(MS_VERDICTS, ms_verdict_by_name("ok"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
