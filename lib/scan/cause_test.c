#include "scan/cause.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_limits(void **state)
{
	static const struct {
		enum ms_budget_limit hit;
		enum ms_reason reason;
	} rows[] = {
		{ MS_BUDGET_SIZE, MS_REASON_LIMIT_SIZE },
		{ MS_BUDGET_TIME, MS_REASON_LIMIT_TIME },
		{ MS_BUDGET_MEMORY, MS_REASON_LIMIT_MEMORY },
		{ MS_BUDGET_DEPTH, MS_REASON_LIMIT_DEPTH },
		{ MS_BUDGET_COUNT, MS_REASON_LIMIT_COUNT },
		{ MS_BUDGET_RATIO, MS_REASON_LIMIT_RATIO },
		/* Whoever says it was a limit is believed. */
		{ MS_BUDGET_NONE, MS_REASON_LIMIT_SIZE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct ms_budget budget = { .hit = rows[i].hit };

		assert_int_equal(ms_cause_limit(&budget), rows[i].reason);
	}
}

static void
test_engine(void **state)
{
	static const struct {
		enum ms_engine_gap gap;
		enum ms_reason reason;
	} rows[] = {
		{ MS_ENGINE_GAP_SIZE, MS_REASON_LIMIT_SIZE },
		{ MS_ENGINE_GAP_TIME, MS_REASON_LIMIT_TIME },
		{ MS_ENGINE_GAP_MEMORY, MS_REASON_LIMIT_MEMORY },
		{ MS_ENGINE_GAP_DEPTH, MS_REASON_LIMIT_DEPTH },
		{ MS_ENGINE_GAP_COUNT, MS_REASON_LIMIT_COUNT },
		{ MS_ENGINE_GAP_ENCRYPTED, MS_REASON_ENCRYPTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(ms_cause_engine(rows[i].gap),
		    rows[i].reason);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_engine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
