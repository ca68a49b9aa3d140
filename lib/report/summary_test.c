#include "report/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "\n----------- SCAN SUMMARY -----------\n"

static void
check(const struct ms_report_engine *engine,
    const struct ms_report_totals *totals, const char *want)
{
	GString *out = g_string_new(NULL);

	ms_summary_append(out, engine, totals);
	assert_string_equal(want, out->str);
	g_string_free(out, TRUE);
}

/* What is nothing is left out, but for what everybody looks for. */
static void
test_least(void **state)
{
	const struct ms_report_engine engine = { .database_age_days = -1 };
	const struct ms_report_totals totals = { 0 };

	(void)state;
	check(&engine, &totals, HEAD
	    "Engine: unknown\n"
	    "Database: unknown\n"
	    "Sandbox: unknown\n"
	    "Messages: 0\n"
	    "Infected: 0\n"
	    "Clean: 0\n"
	    "Data scanned: 0.00 MB\n"
	    "Time: 0.000 sec\n");
}

static void
test_most(void **state)
{
	const struct ms_report_engine engine = { .name = "clamav",
		.version = "1.4.6\n", .database = "daily 1",
		.signatures = 12345, .database_age_days = 1,
		.sandbox = "seccomp" };
	struct ms_report_totals totals = {
		.messages = 30, .known = 4, .ambiguous = 5, .unselected = 6,
		.gone = 7, .passed_over = 8, .failed = 9, .bytes = 1572864,
		.elapsed_ms = 61007, .interrupted = true,
		.verdicts = { [MS_VERDICT_INFECTED] = 10,
		    [MS_VERDICT_ENCRYPTED] = 11, [MS_VERDICT_CLEAN] = 9 },
		.actions = { .asked = true, .moved = 1, .copied = 2,
		    .removed = 3, .flagged = 4, .refiled = 5, .failed = 6 },
	};

	(void)state;
#define BEGIN HEAD \
	    "Engine: clamav 1.4.6\\x0a\n" \
	    "Database: daily 1 (12345 signatures, 1 day old)\n" \
	    "Sandbox: seccomp\n" \
	    "Messages: 30\n" \
	    "Known: 4\n"
#define REST "Ambiguous: 5\n" \
	    "Not selected: 6\n" \
	    "Gone: 7\n" \
	    "Passed over: 8\n" \
	    "Unreadable: 9\n"
#define END "Data scanned: 1.50 MB\n" \
	    "Time: 61.007 sec\n" \
	    "Interrupted: yes\n"
	check(&engine, &totals, BEGIN
	    "Infected: 10\nEncrypted: 11\nClean: 9\n" REST
	    "Moved: 1\nCopied: 2\nRemoved: 3\nFlagged: 4\nTo folder: 5\n"
	    "Actions failed: 6\n" END);
	totals.actions.dry_run = true;
	totals.actions.flagged = 0;
	check(&engine, &totals, BEGIN
	    "Infected: 10\nEncrypted: 11\nClean: 9\n" REST
	    "Would be moved: 1\nWould be copied: 2\nWould be removed: 3\n"
	    "Would go to folder: 5\nActions that would fail: 6\n" END);
}

/* An engine that looks for nothing has no database to speak of. */
static void
test_blind(void **state)
{
	const struct ms_report_engine engine = { .name = "none",
		.version = "1", .database = "x", .signatures = 5,
		.sandbox = "rlimits", .blind = true };
	const struct ms_report_totals totals = { 0 };

	(void)state;
	check(&engine, &totals, HEAD
	    "Engine: none (nothing was looked for)\n"
	    "Sandbox: rlimits\n"
	    "Messages: 0\n"
	    "Infected: 0\n"
	    "Clean: 0\n"
	    "Data scanned: 0.00 MB\n"
	    "Time: 0.000 sec\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_blind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
