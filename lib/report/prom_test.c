#include "report/prom.h"

#include "report/formats_test.h"

static const struct ms_report_options none = { 0 };

static const struct ms_report_totals good = { .messages = 3,
	.verdicts = { 1, 0, 0, 0, 0, 0, 2, 0 }, .bytes = 12, .ambiguous = 4,
	.known = 7, .gone = 5, .passed_over = 6, .elapsed_ms = 1234,
	.finished = 1767323045 };

static void
test_metrics(void **state)
{
	static const char *const want[] = {
		"# HELP mailscan_messages_total ",
		"# TYPE mailscan_messages_total counter\n",
		"\nmailscan_messages_total{verdict=\"infected\"} 1\n",
		"\nmailscan_messages_total{verdict=\"clean\"} 2\n",
		"\nmailscan_messages_total{verdict=\"skipped\"} 0\n",
		"\nmailscan_ambiguous_messages_total 4\n",
		"\nmailscan_known_messages_total 7\n",
		"\nmailscan_message_bytes_total 12\n",
		"\nmailscan_findings_total 1\n",
		"\nmailscan_gaps_total{reason=\"encrypted\"} 2\n",
		"\nmailscan_gaps_total{reason=\"limit-size\"} 0\n",
		"\nmailscan_failed_paths_total 0\n",
		"\nmailscan_gone_paths_total 5\n",
		"\nmailscan_passed_over_paths_total 6\n",
		("\nmailscan_engine_info{engine=\"clamav\",version=\"1.4.6\","
		    "database=\"d \\\"1\\\" \\\\\\\\\"} 1\n"),
		"\nmailscan_database_signatures 3\n",
		"\nmailscan_database_timestamp_seconds 1767000000\n",
		"\nmailscan_database_age_seconds 323045\n",
		"\nmailscan_run_duration_seconds 1.234\n",
		"\nmailscan_run_interrupted 0\n",
		"\nmailscan_last_run_timestamp_seconds 1767323045\n",
		"\nmailscan_last_success_timestamp_seconds 1767323045\n",
	};
	struct ms_outcome *outcome = sheet_outcome("a", 1,
	    MS_VERDICT_INFECTED);
	struct sheet sheet;

	(void)state;
	ms_facts_finding(&outcome->facts, "clamav", "N", "");
	ms_facts_gap(&outcome->facts, MS_REASON_ENCRYPTED, "1", "");
	ms_facts_gap(&outcome->facts, MS_REASON_ENCRYPTED, "2", "");
	sheet_begin(&sheet, "prom", &none);
	sheet_message(&sheet, outcome);
	sheet_notice(&sheet, MS_REPORT_GONE, "x", NULL);
	sheet_end(&sheet, &good);
	for (size_t i = 0; i < G_N_ELEMENTS(want); i++)
		sheet_expect(&sheet, want[i]);
	free(sheet.text);
}

/* What LAST_SUCCESS becomes, with these TOTALS. */
static int64_t
success_after(int64_t last_success, const struct ms_report_totals *totals)
{
	const struct ms_report_options options = {
		.last_success = last_success };
	struct sheet sheet;
	int64_t when;
	FILE *stream;

	sheet_begin(&sheet, "prom", &options);
	sheet_end(&sheet, totals);
	stream = fmemopen(sheet.text, sheet.size, "r");
	when = ms_prom_last_success(stream);
	fclose(stream);
	free(sheet.text);
	return when;
}

/* A run that did not go well tells of the one before. */
static void
test_last_success(void **state)
{
	const struct ms_report_totals interrupted = { .interrupted = true,
		.finished = 9 };
	const struct ms_report_totals failed = { .failed = 1, .finished = 9 };

	(void)state;
	assert_int_equal(1767323045, success_after(7, &good));
	assert_int_equal(1767323045, success_after(0, &good));
	assert_int_equal(7, success_after(7, &interrupted));
	assert_int_equal(7, success_after(7, &failed));
	assert_int_equal(0, success_after(0, &failed));
}

static void
test_no_metrics(void **state)
{
	static const char *const texts[] = {
		"x", "mailscan_last_success_timestamp_seconds",
		"mailscan_last_success_timestamp_seconds -1\n",
		"mailscan_last_success_timestamp_seconds 1e9\n",
		("mailscan_last_success_timestamp_seconds "
		    "99999999999999999999\n"),
		"mailscan_last_success_timestamp_seconds 12",
		"# mailscan_last_success_timestamp_seconds 12\n",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		FILE *stream = fmemopen((void *)(uintptr_t)texts[i],
		    strlen(texts[i]), "r");

		assert_int_equal(0, ms_prom_last_success(stream));
		fclose(stream);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_last_success),
		cmocka_unit_test(test_no_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
