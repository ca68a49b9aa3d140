#include "report/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

static const struct ms_report_engine engine = {
	.name = "clamav",
	.version = "1.4.6",
	.database = "daily <27451>",
	.signatures = 8700000,
	.database_age_days = 1,
	.sandbox = "seccomp, rlimits",
};

/* A report that is being written to memory. */
struct target {
	struct ms_report *report;
	FILE *stream;
	char *text;
	size_t size;
};

static void
begin(struct target *target, const struct ms_report_options *options,
    const struct ms_report_engine *used)
{
	*target = (struct target){ .text = NULL };
	target->stream = open_memstream(&target->text, &target->size);
	target->report = ms_report_new("html", target->stream, options, used);
}

static void
end(struct target *target, const struct ms_report_totals *totals)
{
	struct ms_error err;

	assert_int_equal(MS_OK, ms_report_summary(target->report, totals,
	    &err));
	ms_report_free(target->report);
	fclose(target->stream);
}

static void
has(const struct target *target, const char *what)
{
	if (!strstr(target->text, what))
		print_message("no %s\n", what);
	assert_non_null(strstr(target->text, what));
}

static void
lacks(const struct target *target, const char *what)
{
	if (strstr(target->text, what))
		print_message("there is %s\n", what);
	assert_null(strstr(target->text, what));
}

static unsigned
count(const struct target *target, const char *what)
{
	const char *end = target->text + target->size;
	unsigned n = 0;

	for (const char *p = target->text; (p = memmem(p, (size_t)(end - p),
	    what, strlen(what))); p++)
		n++;
	return n;
}

/* A message with a finding, a gap, both or neither; of March 2026. */
static enum ms_status
add(struct ms_report *report, const char *source, const char *name,
    const char *detail)
{
	struct ms_message message = { .origin = {
		.source = (char *)source,
		.many = true,
		.index = 1,
	} };
	struct ms_outcome *outcome = ms_outcome_new(&message);
	struct ms_error err;
	enum ms_status status;

	outcome->facts.headers.date = g_strdup("2026-03-02T08:14:07Z");
	if (name)
		ms_facts_finding(&outcome->facts, "clamav", name, "2");
	if (detail)
		ms_facts_gap(&outcome->facts, MS_REASON_TRUNCATED, "3",
		    detail);
	outcome->verdict = ms_verdict_of(&outcome->facts);
	status = ms_report_message(report, outcome, &err);
	ms_outcome_free(outcome);
	return status;
}

static void
test_page(void **state)
{
	const struct ms_report_options options = { 0 };
	const struct ms_report_totals totals = {
		.messages = 12408,
		.verdicts = { [MS_VERDICT_INFECTED] = 2,
		    [MS_VERDICT_INCOMPLETE] = 1, [MS_VERDICT_CLEAN] = 12405 },
		.failed = 1, .gone = 3, .known = 1000, .bytes = 5 << 20,
		.elapsed_ms = 61005,
		.finished = 1774000000,
	};
	const struct ms_origin origin = { .source = (char *)"no<where" };
	struct target target;
	const char *gap, *second;

	(void)state;
	begin(&target, &options, &engine);
	assert_int_equal(MS_OK, add(target.report, "a", NULL, "<cut>"));
	assert_int_equal(MS_OK, add(target.report, "a", "Name-1", "cut"));
	assert_int_equal(MS_OK, add(target.report, "b", "Name-1", NULL));
	assert_int_equal(MS_OK, add(target.report, "c", NULL, NULL));
	assert_int_equal(MS_OK, ms_report_notice(target.report,
	    MS_REPORT_FAILED, &origin, "no <way>", NULL));
	assert_int_equal(MS_OK, ms_report_notice(target.report,
	    MS_REPORT_EMPTY, &origin, NULL, NULL));
	end(&target, &totals);
	has(&target, "<!DOCTYPE html>");
	has(&target, "<title>2 found, 1 not examined in full - mailscan<");
	has(&target, "<h1 class=\"found\"><strong>2 infected</strong> among "
	    "12,408 messages</h1>");
	has(&target, "<time datetime=\"2026-03-20T09:46:40Z\">");
	has(&target, "<strong>1</strong> message was examined only in part");
	has(&target, "Reasons: truncated&nbsp;<b>2</b>.");
	has(&target, "<dd>5.00 MB</dd>");
	has(&target, "<dd>1 min 1 s</dd>");
	has(&target, "daily &lt;27451&gt;<small>8,700,000 signatures, 1 day "
	    "old</small>");
	has(&target, "<dt>Known already</dt><dd>1,000</dd>");
	has(&target, "<dt>Gone meanwhile</dt><dd>3</dd>");
	has(&target, "<dt>Without mail</dt><dd>1</dd>");
	has(&target, "<dt>Actions</dt><dd>none</dd>");
	has(&target, "<table id=\"rows\" class=\"untouched\">");
	has(&target, "<th scope=\"row\">Name-1</th><td>2</td>");
	has(&target, "<th scope=\"row\">a</th><td>1</td><td>1</td>");
	has(&target, "<th scope=\"row\">2026-03</th><td>2</td><td>1</td>");
	has(&target, "<code>no&lt;where</code> <span>no &lt;way&gt;</span>");
	assert_true(g_str_has_suffix(target.text, "</html>\n"));
	/* Findings first, although a gap came first. */
	assert_int_equal(4, count(&target, "<tr><td class="));
	second = strstr(target.text, "<b>#1</b><td>\n<tr><td class=\"inf");
	gap = strstr(target.text, "<td class=\"incomplete\">");
	assert_true(second && gap && second < gap);
	lacks(&target, "rows are shown");
	free(target.text);
}

static void
test_quiet(void **state)
{
	const struct ms_report_options options = { 0 };
	const struct ms_report_totals totals = {
		.messages = 1, .verdicts = { [MS_VERDICT_CLEAN] = 1 },
	};
	struct target target;

	(void)state;
	begin(&target, &options, &engine);
	assert_int_equal(MS_OK, add(target.report, "c", NULL, NULL));
	end(&target, &totals);
	has(&target, "<h1 class=\"calm\">Nothing found in 1 message</h1>");
	has(&target, "Everything was examined in full.");
	has(&target, "at an unknown time");
	has(&target, "There are none.");
	has(&target, "id=\"verdicts\"");
	lacks(&target, "id=\"names\"");
	lacks(&target, "id=\"months\"");
	lacks(&target, "<table id=\"rows\"");
	lacks(&target, "id=\"missing\"");
	free(target.text);
}

/* Each of these alone takes away the sentence that all is well. */
static void
test_missing(void **state)
{
	static const struct {
		const char *want;
		struct ms_report_totals totals;
		bool blind;
		int64_t age_days;
	} cases[] = {
		{ "The run was interrupted", { .interrupted = true }, false,
		    0 },
		{ "No engine was used", { 0 }, true, -1 },
		{ "<strong>7 days old", { 0 }, false, 7 },
		{ "</strong> paths <a href=\"#unread\">could", { .failed = 2 },
		    false, 0 },
		{ "2</strong> messages could not be scanned", { .verdicts = {
		    [MS_VERDICT_ERROR] = 2 } }, false, 0 },
		{ "1</strong> message has content that is encrypted", {
		    .verdicts = { [MS_VERDICT_ENCRYPTED] = 1 } }, false, 0 },
		{ "1</strong> message with which something was to be", {
		    .actions = { .failed = 1 } }, false, 0 },
	};
	const struct ms_report_options options = { 0 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_report_engine used = engine;
		struct target target;

		print_message("  %s\n", cases[i].want);
		used.blind = cases[i].blind;
		used.database_age_days = cases[i].age_days;
		begin(&target, &options, &used);
		end(&target, &cases[i].totals);
		has(&target, cases[i].want);
		has(&target, "id=\"missing\"");
		lacks(&target, "Everything was examined");
		free(target.text);
	}
}

static void
test_actions(void **state)
{
	const struct ms_report_options options = { 0 };
	const struct ms_report_totals totals = { .messages = 1, .actions = {
		.moved = 1, .failed = 1, .dry_run = true } };
	const struct ms_report_action failed = { "box", "expunge",
		MS_DEED_FAILED, 2, "locked <by others>" };
	const struct ms_report_action done = { "other", "expunge",
		MS_DEED_DONE, 2, NULL };
	struct ms_message message = { .origin = { .source = (char *)"m" } };
	struct ms_outcome *outcome = ms_outcome_new(&message);
	struct target target;
	struct ms_error err;

	(void)state;
	begin(&target, &options, &engine);
	outcome->verdict = MS_VERDICT_CLEAN;
	ms_outcome_deed(outcome, "flag", MS_DEED_WOULD, NULL);
	assert_int_equal(MS_OK, ms_report_message(target.report, outcome,
	    &err));
	assert_int_equal(MS_OK, ms_report_action(target.report, &failed,
	    &err));
	assert_int_equal(MS_OK, ms_report_action(target.report, &done, &err));
	end(&target, &totals);
	has(&target, "<dd>1 moved, 1 failed<small>a dry run: ");
	has(&target, "<code>box</code> <span>expunge: locked &lt;by others"
	    "&gt;</span>");
	lacks(&target, "<code>other</code>");
	has(&target, "<table id=\"rows\">");
	has(&target, "<tr><td class=\"clean\">clean<td>");
	/* The charts are of what was found, or not examined. */
	lacks(&target, "id=\"mailboxes\"");
	free(target.text);
	ms_outcome_free(outcome);
}

/* The first MS_HTML_ROWS_MAX rows, findings before gaps, and all counted;
 * the temporary file is where it was wanted. */
static void
test_cut(void **state)
{
	const struct ms_report_options options = { .dir = "/tmp" };
	const struct ms_report_totals totals = { .messages = MS_HTML_ROWS_MAX,
		.verdicts = { 10, [MS_VERDICT_INCOMPLETE] =
		    MS_HTML_ROWS_MAX - 5 } };
	struct target target;

	(void)state;
	begin(&target, &options, &engine);
	for (int i = 0; i < MS_HTML_ROWS_MAX - 5; i++)
		assert_int_equal(MS_OK, add(target.report, "a", NULL, "d"));
	for (int i = 0; i < 10; i++)
		assert_int_equal(MS_OK, add(target.report, "b", "Name", NULL));
	end(&target, &totals);
	assert_int_equal(MS_HTML_ROWS_MAX, count(&target, "<tr><td class="));
	assert_int_equal(10, count(&target, "<tr><td class=\"infected\">"));
	has(&target, "<strong>50,000 of 50,005</strong> rows are shown");
	has(&target, "Reasons: truncated&nbsp;<b>49,995</b>.");
	has(&target, "<th scope=\"row\">a</th><td>0</td><td>49,995</td>");
	/* Bodies of 500 rows, and those of four charts' tables and the one
	 * that begins the table. */
	assert_int_equal(MS_HTML_ROWS_MAX / 500 + 4,
	    count(&target, "<tbody>\n"));
	free(target.text);
}

/* Long rows are cut by their bytes. */
static void
test_cut_bytes(void **state)
{
	const struct ms_report_options options = { .dir = "/tmp" };
	const struct ms_report_totals totals = { .messages = 1 };
	char *name = g_strnfill(300, '&');
	char *part = g_strnfill(1024, '"');
	struct target target;
	unsigned rows;

	(void)state;
	begin(&target, &options, &engine);
	for (int i = 0; i < 12000; i++)
		assert_int_equal(MS_OK, add(target.report, part, name, NULL));
	end(&target, &totals);
	rows = count(&target, "<tr><td class=");
	assert_in_range(rows, 1000, 11999);
	assert_in_range(target.size, MS_HTML_BYTES_MAX,
	    MS_HTML_BYTES_MAX + (1u << 20));
	has(&target, " of 12,000</strong> rows are shown");
	g_free(part);
	g_free(name);
	free(target.text);
}

/* -i leaves out rows, not figures. */
static void
test_only_found(void **state)
{
	const struct ms_report_options options = { .only_found = true };
	const struct ms_report_totals totals = { .messages = 2, .verdicts = {
		1, [MS_VERDICT_INCOMPLETE] = 1 } };
	struct target target;

	(void)state;
	begin(&target, &options, &engine);
	assert_int_equal(MS_OK, add(target.report, "a", NULL, "cut"));
	assert_int_equal(MS_OK, add(target.report, "b", "Name", NULL));
	end(&target, &totals);
	assert_int_equal(1, count(&target, "<tr><td class="));
	has(&target, "Reasons: truncated&nbsp;<b>1</b>.");
	has(&target, "<th scope=\"row\">a</th><td>0</td><td>1</td>");
	free(target.text);
}

static void
test_many_paths(void **state)
{
	const struct ms_report_options options = { 0 };
	const struct ms_report_totals totals = { .failed = 1234 };
	struct target target;

	(void)state;
	begin(&target, &options, &engine);
	for (int i = 0; i < 1234; i++) {
		char *path = g_strdup_printf("lost-%d", i);
		const struct ms_origin origin = { .source = path };

		assert_int_equal(MS_OK, ms_report_notice(target.report,
		    MS_REPORT_FAILED, &origin, NULL, NULL));
		g_free(path);
	}
	end(&target, &totals);
	assert_int_equal(200, count(&target, "<code>lost-"));
	has(&target, "and 1,034 more");
	free(target.text);
}

/* The policy names the style and the script that the page has. */
static void
test_policy(void **state)
{
	static const char *const elements[][2] = {
		{ "<style>", "</style>" },
		{ "<script>", "</script>" },
	};
	const struct ms_report_options options = { 0 };
	const struct ms_report_totals totals = { 0 };
	struct target target;

	(void)state;
	begin(&target, &options, &engine);
	end(&target, &totals);
	has(&target, "content=\"default-src 'none'; ");
	lacks(&target, "unsafe");
	lacks(&target, " style=");
	lacks(&target, "innerHTML");
	for (size_t i = 0; i < G_N_ELEMENTS(elements); i++) {
		const char *from = strstr(target.text, elements[i][0]) +
		    strlen(elements[i][0]);
		const char *to = strstr(from, elements[i][1]);
		struct ms_digest digest = ms_hash_of(from,
		    (size_t)(to - from));
		char *base64 = g_base64_encode(digest.bytes, MS_HASH_SIZE);
		char *want = g_strdup_printf("'sha256-%s'", base64);

		assert_in_range(to - from, 1000, 100000);
		has(&target, want);
		assert_int_equal(1, count(&target, elements[i][0]));
		g_free(want);
		g_free(base64);
	}
	free(target.text);
}

/* Infected, and not examined in full either: both is said. */
static void
test_found_partly(void **state)
{
	const struct ms_report_options options = { 0 };
	const struct ms_report_totals totals = { .messages = 1,
		.verdicts = { 1 } };
	struct target target;

	(void)state;
	begin(&target, &options, &engine);
	assert_int_equal(MS_OK, add(target.report, "a", "Name", "cut"));
	end(&target, &totals);
	has(&target, "<strong>1</strong> message in which something was found "
	    "has other parts");
	has(&target, "Reasons: truncated&nbsp;<b>1</b>.");
	lacks(&target, "Everything was examined");
	free(target.text);
}

/* No room for the rows: that is said at once. What there is of them makes a
 * page that says how many are missing. */
static void
test_no_room(void **state)
{
	const struct ms_report_options options = { .dir = "/no/such/place" };
	const struct ms_report_totals totals = { 0 };
	enum ms_status status = MS_OK;
	struct target target;
	char *want;
	int kept = -1;

	(void)state;
	begin(&target, &options, &engine);
	for (; kept < 20000 && status == MS_OK; kept++)
		status = add(target.report, "a", "Name", NULL);
	assert_int_equal(MS_E_IO, status);
	assert_int_equal(MS_OK, add(target.report, "a", "Name", NULL));
	end(&target, &totals);
	assert_int_equal(kept, count(&target, "<tr><td class="));
	want = g_strdup_printf("%d,%03d of %d,%03d</strong> rows are shown",
	    kept / 1000, kept % 1000, (kept + 2) / 1000, (kept + 2) % 1000);
	has(&target, want);
	g_free(want);
	free(target.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_quiet),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cut_bytes),
		cmocka_unit_test(test_only_found),
		cmocka_unit_test(test_many_paths),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_found_partly),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
