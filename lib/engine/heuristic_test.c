#include "engine/heuristic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	const char *name;
	bool is;
	enum ms_engine_gap gap;
	unsigned alerts;
} rows[] = {
	{ "Heuristics.Limits.Exceeded.MaxFileSize", true, MS_ENGINE_GAP_SIZE,
	  MS_ENGINE_ALERT_EXCEEDS_MAX },
	{ "Heuristics.Limits.Exceeded.MaxScanTime", true, MS_ENGINE_GAP_TIME,
	  MS_ENGINE_ALERT_EXCEEDS_MAX },
	{ "Heuristics.Limits.Exceeded.MaxRecursion", true,
	  MS_ENGINE_GAP_DEPTH, MS_ENGINE_ALERT_EXCEEDS_MAX },
	{ "Heuristics.Limits.Exceeded.Another", true, MS_ENGINE_GAP_COUNT,
	  MS_ENGINE_ALERT_EXCEEDS_MAX },
	{ "Heuristics.Encrypted.PDF", true, MS_ENGINE_GAP_ENCRYPTED,
	  MS_ENGINE_ALERT_ENCRYPTED_DOC },
	{ "Heuristics.Encrypted.Zip", true, MS_ENGINE_GAP_ENCRYPTED,
	  MS_ENGINE_ALERT_ENCRYPTED_ARCHIVE },
	{ "Heuristics.Phishing.Email.SpoofedDomain", false, 0, 0 },
	{ "X.Heuristics.Encrypted.Zip", false, 0, 0 },
	{ "", false, 0, 0 },
};

static void
test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum ms_engine_gap gap = 0;
		unsigned alerts = 0;

		assert_int_equal(ms_heuristic_gap(rows[i].name, &gap,
		    &alerts), rows[i].is);
		assert_int_equal(gap, rows[i].gap);
		assert_int_equal(alerts, rows[i].alerts);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
