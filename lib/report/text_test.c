#include "report/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct ms_report_engine engine = {
	.name = "clamav",
	.version = "1.4.6",
	.database = "daily 27451",
	.signatures = 8700000,
	.database_age_days = 1,
	.sandbox = "seccomp, rlimits",
};

/* One message: up to two findings and two gaps. */
struct sample {
	const char *source, *message_id;
	bool many;
	uint64_t index;
	struct {
		const char *name, *part;
	} findings[2];
	struct {
		enum ms_reason reason;
		const char *part, *detail;
	} gaps[2];
	const char *ambiguous;		/* reason */
	enum ms_verdict verdict;	/* INFECTED (0): as the facts say */
};

static struct ms_outcome *
outcome_new(const struct sample *sample)
{
	struct ms_message message = { .origin = {
		.source = (char *)sample->source,
		.many = sample->many,
		.index = sample->index,
	} };
	struct ms_outcome *outcome = ms_outcome_new(&message);
	struct ms_facts *facts = &outcome->facts;

	facts->headers.message_id = g_strdup(sample->message_id);
	for (size_t i = 0; i < 2 && sample->findings[i].name; i++)
		ms_facts_finding(facts, "clamav", sample->findings[i].name,
		    sample->findings[i].part);
	for (size_t i = 0; i < 2 && sample->gaps[i].part; i++)
		ms_facts_gap(facts, sample->gaps[i].reason,
		    sample->gaps[i].part, sample->gaps[i].detail);
	if (sample->ambiguous)
		ms_facts_ambiguity(facts, sample->ambiguous, "2", "");
	outcome->verdict = sample->verdict != MS_VERDICT_INFECTED ?
	    sample->verdict : ms_verdict_of(facts);
	return outcome;
}

static void
expect(const char *want, const struct ms_report_options *options,
    const struct sample *sample)
{
	struct ms_outcome *outcome = outcome_new(sample);
	char *got = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&got, &size);
	struct ms_report *report = ms_report_new("text", stream, options,
	    &engine);
	struct ms_error err;

	assert_int_equal(MS_OK, ms_report_message(report, outcome, &err));
	ms_report_free(report);
	fclose(stream);
	assert_string_equal(want, got);
	free(got);
	ms_outcome_free(outcome);
}

static void
test_lines(void **state)
{
	static const struct {
		const char *want;
		struct sample sample;
	} cases[] = {
		{ "a.eml: OK\n", { .source = "a.eml", .index = 1,
		    .message_id = "<x@y>" } },
		{ "a.eml: OK\na.eml: AMBIGUOUS (b-c)\n", {
		    .source = "a.eml", .ambiguous = "b-c" } },
		{ "a.eml: E FOUND\n", { .source = "a.eml",
		    .findings = { { .name = "E", .part = "" } } } },
		{ "a.eml:2.1/x.zip/y: E FOUND\na.eml:3: F FOUND\n",
		    { .source = "a.eml", .findings = {
		    { .name = "E", .part = "2.1/x.zip/y" },
		    { .name = "F", .part = "3" } } } },
		{ "in[#3 <x@y>]: OK\n", { .source = "in", .many = true,
		    .index = 3, .message_id = "<x@y>" } },
		{ "in[#3]: OK\n", { .source = "in", .many = true,
		    .index = 3 } },
		{ "in[#3]: OK\n", { .source = "in", .many = true,
		    .index = 3, .message_id = "" } },
		{ "in[#0 before the first message]: OK\n",
		    { .source = "in", .many = true, .message_id = "<x>" } },
		{ "in[#1 <x@y>]:2: INCOMPLETE (limit-size: 9 > 8)\n",
		    { .source = "in", .many = true, .index = 1,
		    .message_id = "<x@y>", .gaps = {
		    { MS_REASON_LIMIT_SIZE, "2", "9 > 8" } } } },
		{ "a: INCOMPLETE (malformed)\na:1: ERROR (limit-time)\n",
		    { .source = "a", .gaps = {
		    { MS_REASON_MALFORMED, "", "" },
		    { MS_REASON_LIMIT_TIME, "1", "" } } } },
		{ "a: ERROR (worker-died: signal 11)\n"
		    "a:2: ERROR (engine-failed: no)\n",
		    { .source = "a", .gaps = {
		    { MS_REASON_WORKER_DIED, "", "signal 11" },
		    { MS_REASON_ENGINE_FAILED, "2", "no" } } } },
		{ "a:2/x: ENCRYPTED (needs a password)\na:3: ENCRYPTED\n",
		    { .source = "a", .gaps = {
		    { MS_REASON_ENCRYPTED, "2/x", "needs a password" },
		    { MS_REASON_ENCRYPTED, "3", "" } } } },
		{ "a:2: E FOUND\na:3: INCOMPLETE (truncated: t)\n",
		    { .source = "a",
		    .findings = { { .name = "E", .part = "2" } },
		    .gaps = { { MS_REASON_TRUNCATED, "3", "t" } } } },
		{ "a: SKIPPED\n", { .source = "a",
		    .verdict = MS_VERDICT_SKIPPED } },
		{ "a: BLOCKED\n", { .source = "a",
		    .verdict = MS_VERDICT_BLOCKED } },
		{ "a\\x1b[2J\\\\\\x0a[#1 <\\xff>]:\\x0d: \\x07 FOUND\n",
		    { .source = "a\033[2J\\\n", .many = true, .index = 1,
		    .message_id = "<\xff>",
		    .findings = { { .name = "\a", .part = "\r" } } } },
	};
	struct ms_report_options options = { 0 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s", cases[i].want);
		expect(cases[i].want, &options, &cases[i].sample);
	}
}

/* A Message-ID is cut after 200 characters, between characters. */
static void
test_long_id(void **state)
{
	static const struct {
		const char *unit;
		unsigned count, kept;
		const char *quoted, *end;
	} cases[] = {
		{ "x", 200, 200, "x", "" },
		{ "x", 201, 200, "x", "..." },
		{ "\xc3\xa4", 100000, 200, "\xc3\xa4", "..." },
		{ "\x01", 50, 50, "\\x01", "" },
		{ "\x01", 51, 50, "\\x01", "..." },
		{ "abc\x01", 40, 28, "abc\\x01", "abc..." },
		{ "\\", 101, 100, "\\\\", "..." },
	};
	struct ms_report_options options = { 0 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *id = g_string_new(NULL), *want = g_string_new(NULL);
		struct sample sample = { .source = "in", .many = true,
			.index = 1 };

		for (unsigned n = 0; n < cases[i].count; n++)
			g_string_append(id, cases[i].unit);
		g_string_append(want, "in[#1 ");
		for (unsigned n = 0; n < cases[i].kept; n++)
			g_string_append(want, cases[i].quoted);
		g_string_append_printf(want, "%s]: OK\n", cases[i].end);
		sample.message_id = id->str;
		expect(want->str, &options, &sample);
		g_string_free(id, TRUE);
		g_string_free(want, TRUE);
	}
}

static void
test_filters(void **state)
{
	static const struct sample clean = { .source = "c" };
	static const struct sample skipped = { .source = "s",
		.verdict = MS_VERDICT_SKIPPED };
	static const struct sample spam = { .source = "s",
		.verdict = MS_VERDICT_SPAM };
	static const struct sample gap = { .source = "g",
		.gaps = { { MS_REASON_TRUNCATED, "", "" } } };
	static const struct sample found = { .source = "f",
		.findings = { { .name = "E", .part = "" } },
		.gaps = { { MS_REASON_TRUNCATED, "", "" } } };
	struct ms_report_options only_found = { .only_found = true };
	struct ms_report_options only_not_ok = { .only_not_ok = true };

	(void)state;
	expect("", &only_found, &clean);
	expect("", &only_found, &skipped);
	expect("", &only_found, &gap);
	expect("s: SPAM\n", &only_found, &spam);
	expect("f: E FOUND\nf: INCOMPLETE (truncated)\n", &only_found,
	    &found);
	expect("", &only_not_ok, &clean);
	expect("s: SKIPPED\n", &only_not_ok, &skipped);
	expect("g: INCOMPLETE (truncated)\n", &only_not_ok, &gap);
}

static void
test_notices(void **state)
{
	static const struct {
		enum ms_report_notice kind;
		const char *text, *want, *want_found;
	} cases[] = {
		{ MS_REPORT_GONE, "it was moved",
		    "p\\x0a: GONE (it was moved)\n", "" },
		{ MS_REPORT_EMPTY, "", "p\\x0a: EMPTY\n", "" },
		{ MS_REPORT_SKIPPED, NULL, "", "" },
		{ MS_REPORT_FAILED, "a\tb", "p\\x0a: ERROR (a\\x09b)\n",
		    "p\\x0a: ERROR (a\\x09b)\n" },
	};
	struct ms_origin origin = { .source = (char *)"p\n" };

	(void)state;
	for (size_t i = 0; i < 2 * G_N_ELEMENTS(cases); i++) {
		struct ms_report_options options = {
			.only_found = i % 2 == 1,
			.only_not_ok = true,
		};
		char *got = NULL;
		size_t size = 0;
		FILE *stream = open_memstream(&got, &size);
		struct ms_report *report = ms_report_new("text", stream,
		    &options, &engine);

		assert_int_equal(MS_OK, ms_report_notice(report,
		    cases[i / 2].kind, &origin, cases[i / 2].text, NULL));
		ms_report_free(report);
		fclose(stream);
		assert_string_equal(i % 2 ? cases[i / 2].want_found :
		    cases[i / 2].want, got);
		free(got);
	}
}

static void
expect_summary(const char *want, bool wanted,
    const struct ms_report_engine *used,
    const struct ms_report_totals *totals)
{
	struct ms_report_options options = { .summary = wanted };
	char *got = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&got, &size);
	struct ms_report *report = ms_report_new("text", stream, &options,
	    used);

	assert_int_equal(MS_OK, ms_report_summary(report, totals, NULL));
	ms_report_free(report);
	fclose(stream);
	assert_string_equal(want, got);
	free(got);
}

static void
test_summary(void **state)
{
	static const struct ms_report_engine unknown = {
		.database_age_days = -1,
	};
	struct ms_report_totals totals = {
		.messages = 5,
		.verdicts = { [MS_VERDICT_INFECTED] = 2,
		    [MS_VERDICT_CLEAN] = 3 },
		.bytes = 1289749,
		.elapsed_ms = 512,
	};
	struct ms_report_totals none = { .interrupted = true,
		.unselected = 1, .gone = 2, .failed = 3,
		.elapsed_ms = 61005,
		.verdicts = { [MS_VERDICT_ENCRYPTED] = 1 },
		.actions = { .asked = true, .moved = 4, .copied = 5,
		    .removed = 6, .flagged = 7, .refiled = 8, .failed = 9 } };

	(void)state;
	expect_summary("", false, &engine, &totals);
	expect_summary("\n----------- SCAN SUMMARY -----------\n"
	    "Engine: clamav 1.4.6\n"
	    "Database: daily 27451 (8700000 signatures, 1 day old)\n"
	    "Sandbox: seccomp, rlimits\n"
	    "Messages: 5\nInfected: 2\nClean: 3\n"
	    "Data scanned: 1.23 MB\nTime: 0.512 sec\n", true, &engine,
	    &totals);
	expect_summary("\n----------- SCAN SUMMARY -----------\n"
	    "Engine: unknown\nDatabase: unknown\n"
	    "Sandbox: unknown\n"
	    "Messages: 0\nInfected: 0\nEncrypted: 1\nClean: 0\n"
	    "Not selected: 1\nGone: 2\nUnreadable: 3\n"
	    "Moved: 4\nCopied: 5\nRemoved: 6\nFlagged: 7\nTo folder: 8\n"
	    "Actions failed: 9\n"
	    "Data scanned: 0.00 MB\nTime: 61.005 sec\nInterrupted: yes\n",
	    true, &unknown, &none);
	none.actions = (struct ms_report_actions){ .asked = true,
		.dry_run = true, .moved = 4 };
	expect_summary("\n----------- SCAN SUMMARY -----------\n"
	    "Engine: unknown\nDatabase: unknown\n"
	    "Sandbox: unknown\n"
	    "Messages: 0\nInfected: 0\nEncrypted: 1\nClean: 0\n"
	    "Not selected: 1\nGone: 2\nUnreadable: 3\n"
	    "Would be moved: 4\n"
	    "Data scanned: 0.00 MB\nTime: 61.005 sec\nInterrupted: yes\n",
	    true, &unknown, &none);
}

/* What was done is said even of a message that is not worth a line. */
static void
test_deeds(void **state)
{
	static const struct ms_report_options options = {
		.only_found = true, .only_not_ok = true };
	static const struct ms_report_action action = { "in", "expunge",
		MS_DEED_DONE, 2, NULL };
	struct ms_message message = { .origin = { .source = (char *)"a" } };
	struct ms_outcome *outcome = ms_outcome_new(&message);
	char *got = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&got, &size);
	struct ms_report *report = ms_report_new("text", stream, &options,
	    &engine);

	(void)state;
	assert_int_equal(MS_OK, ms_report_message(report, outcome, NULL));
	ms_outcome_deed(outcome, "remove", MS_DEED_DONE, NULL);
	assert_int_equal(MS_OK, ms_report_message(report, outcome, NULL));
	assert_int_equal(MS_OK, ms_report_action(report, &action, NULL));
	ms_report_free(report);
	fclose(stream);
	assert_string_equal("a: OK\na: removed\nin: 2 messages removed\n",
	    got);
	free(got);
	ms_outcome_free(outcome);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_id),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_notices),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_deeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
