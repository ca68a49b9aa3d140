#include "report/junit.h"

#include <inttypes.h>
#include <string.h>

#include "base/quote.h"
#include "base/spool.h"
#include "report/line.h"

/* Of the testcases of one mailbox, so much waits in memory. */
#define HEAP_MAX ((size_t)1 << 20)

#define BLOCK 65536

/* Characters of a name that are of use to people. */
#define NAME_MAX_SHOWN 200

struct junit {
	char *mailbox;		/* of the suite that is being put together;
				 * NULL: none is */
	struct ms_spool *cases;	/* of that suite */
	uint64_t messages;	/* in it, */
	uint64_t tests;		/* of them listed, */
	uint64_t failures, errors, skipped;
	int64_t elapsed_ms;
	bool begun;		/* something was written */
};

/* What became of a testcase. */
enum result { PASSED, FAILURE, ERROR, SKIPPED };
static const char *const elements[] = { NULL, "failure", "error", "skipped" };

/* Append TEXT, quoted, to the value of an attribute or between tags. Two
 * characters that XML cannot hold (XML 1.0, 2.2) become escapes, too; those
 * of Unicode's other planes it can. */
static void
append_xml(GString *out, const char *text)
{
	static const struct {
		const char *text, *instead;
	} table[] = {
		{ "&", "&amp;" }, { "<", "&lt;" }, { ">", "&gt;" },
		{ "\"", "&quot;" }, { "'", "&apos;" },
		{ "\xef\xbf\xbe", "\\xef\\xbf\\xbe" },
		{ "\xef\xbf\xbf", "\\xef\\xbf\\xbf" },
	};

	while (*text != '\0') {
		size_t i = 0;

		while (i < G_N_ELEMENTS(table) &&
		    !g_str_has_prefix(text, table[i].text))
			i++;
		if (i == G_N_ELEMENTS(table)) {
			g_string_append_c(out, *text++);
			continue;
		}
		g_string_append(out, table[i].instead);
		text += strlen(table[i].text);
	}
}

static void
append_quoted(GString *out, const char *text)
{
	GString *quoted = g_string_new(NULL);

	ms_line_quoted_max(quoted, text, 10 * NAME_MAX_SHOWN);
	append_xml(out, quoted->str);
	g_string_free(quoted, TRUE);
}

static void
append_attribute(GString *out, const char *name, const char *text)
{
	g_string_append_printf(out, " %s=\"", name);
	append_quoted(out, text);
	g_string_append_c(out, '"');
}

static void
append_count(GString *out, const char *name, uint64_t count)
{
	g_string_append_printf(out, " %s=\"%" PRIu64 "\"", name, count);
}

static void
append_time(GString *out, int64_t elapsed_ms)
{
	g_string_append_printf(out, " time=\"%" PRId64 ".%03d\"",
	    elapsed_ms / 1000, (int)(elapsed_ms % 1000));
}

/* The mbox, the folder or the directory that ORIGIN is in. */
static char *
mailbox_of(const struct ms_origin *origin)
{
	char *dir, *last, *up;

	if (g_strcmp0(origin->format, "mbox") == 0 || origin->stream > 0 ||
	    !strchr(origin->source, '/'))
		return g_strdup(origin->source);
	dir = g_path_get_dirname(origin->source);
	if (g_strcmp0(origin->format, "maildir") != 0)
		return dir;
	last = g_path_get_basename(dir);
	if (strcmp(last, "cur") == 0 || strcmp(last, "new") == 0) {
		up = g_path_get_dirname(dir);
		g_free(dir);
		dir = up;
	}
	g_free(last);
	return dir;
}

static enum ms_status
write_head(struct ms_report *report, GString *out, struct ms_error *err)
{
	struct junit *junit = report->state;

	if (!junit->begun)
		g_string_prepend(out, "<?xml version=\"1.0\" "
		    "encoding=\"UTF-8\"?>\n<testsuites name=\"mailscan\">\n");
	junit->begun = true;
	return ms_line_write(report->stream, out, err);
}

static enum ms_status
copy_cases(struct ms_report *report, struct ms_error *err)
{
	struct ms_spool *cases = ((struct junit *)report->state)->cases;
	GString *out = g_string_sized_new(BLOCK);
	enum ms_status status = MS_OK;
	uint64_t at = 0;
	size_t got;

	while (at < ms_spool_size(cases) && status == MS_OK) {
		g_string_set_size(out, BLOCK);
		status = ms_spool_read(cases, at, out->str, BLOCK, &got, err);
		if (status != MS_OK)
			break;
		g_string_truncate(out, got);
		at += got;
		status = ms_line_write(report->stream, out, err);
	}
	g_string_free(out, TRUE);
	return status;
}

/* Write the suite that was put together, if there is one. */
static enum ms_status
write_suite(struct ms_report *report, struct ms_error *err)
{
	struct junit *junit = report->state;
	GString *out = g_string_sized_new(512);
	enum ms_status status;

	if (!junit->mailbox) {
		g_string_free(out, TRUE);
		return MS_OK;
	}
	g_string_append(out, "<testsuite");
	append_attribute(out, "name", junit->mailbox);
	append_count(out, "tests", junit->tests);
	append_count(out, "failures", junit->failures);
	append_count(out, "errors", junit->errors);
	append_count(out, "skipped", junit->skipped);
	append_time(out, junit->elapsed_ms);
	g_string_append_printf(out, ">\n<properties>\n<property "
	    "name=\"messages\" value=\"%" PRIu64 "\"/>\n</properties>\n",
	    junit->messages);
	status = write_head(report, out, err);
	if (status == MS_OK)
		status = copy_cases(report, err);
	g_string_assign(out, "</testsuite>\n");
	if (status == MS_OK)
		status = ms_line_write(report->stream, out, err);
	g_string_free(out, TRUE);
	g_free(junit->mailbox);
	ms_spool_clear(junit->cases);
	*junit = (struct junit){ .cases = junit->cases, .begun = true };
	return status;
}

/* Have a suite for MAILBOX, which is taken. */
static enum ms_status
enter(struct ms_report *report, char *mailbox, struct ms_error *err)
{
	struct ms_spool_config config = { .heap_max = HEAP_MAX,
		.dir = report->options.dir };
	struct junit *junit = report->state;
	enum ms_status status = MS_OK;

	if (!junit) {
		junit = g_new0(struct junit, 1);
		junit->cases = ms_spool_new(&config);
		report->state = junit;
	}
	if (junit->mailbox && mailbox && strcmp(junit->mailbox, mailbox) == 0)
		g_free(mailbox);
	else {
		status = write_suite(report, err);
		junit->mailbox = mailbox;
	}
	return status;
}

static enum result
result_of(enum ms_verdict verdict)
{
	switch (verdict) {
	case MS_VERDICT_INFECTED:
	case MS_VERDICT_BLOCKED:
	case MS_VERDICT_SPAM:
		return FAILURE;
	case MS_VERDICT_ERROR:
	case MS_VERDICT_INCOMPLETE:
		return ERROR;
	case MS_VERDICT_ENCRYPTED:
	case MS_VERDICT_SKIPPED:
		return SKIPPED;
	default:
		return PASSED;
	}
}

/* "<testcase name=... classname=... time=...", and not its end. */
static void
append_case(GString *out, const struct junit *junit, const char *name,
    int64_t elapsed_ms)
{
	g_string_append(out, "<testcase name=\"");
	append_xml(out, name);
	g_string_append_c(out, '"');
	append_attribute(out, "classname", junit->mailbox);
	append_time(out, elapsed_ms);
}

/* Why a testcase is not PASSED: for people who see one line of it, and, quoted
 * already, for those who see all. */
struct reason {
	enum result result;
	const char *type, *message, *body;
};

/* The end of a testcase; OUT, which has its beginning, is freed. */
static enum ms_status
end_case(struct junit *junit, GString *out, const struct reason *reason,
    struct ms_error *err)
{
	enum result result = reason->result;
	enum ms_status status;

	junit->tests++;
	junit->failures += result == FAILURE;
	junit->errors += result == ERROR;
	junit->skipped += result == SKIPPED;
	if (result == PASSED) {
		g_string_append(out, "/>\n");
	} else {
		g_string_append_printf(out, ">\n<%s", elements[result]);
		/* Of those skipped, only a message is known to readers. */
		if (result != SKIPPED)
			append_attribute(out, "type", reason->type);
		append_attribute(out, "message", reason->message);
		g_string_append_c(out, '>');
		append_xml(out, reason->body);
		g_string_append_printf(out, "</%s>\n</testcase>\n",
		    elements[result]);
	}
	status = ms_spool_write(junit->cases, out->str, out->len, err);
	g_string_free(out, TRUE);
	return status;
}

/* "#3 <id@example.org>" in a mailbox or capture, else the name of the file. */
static GString *
case_name(const struct ms_outcome *outcome)
{
	const struct ms_origin *origin = &outcome->origin;
	const char *id = outcome->facts.headers.message_id;
	char *base = g_path_get_basename(origin->source);
	GString *name = g_string_new(NULL);

	if (g_strcmp0(origin->format, "mbox") == 0 || origin->stream > 0) {
		ms_line_number(name, origin);
		if (id && *id)
			g_string_append_c(name, ' ');
		ms_line_quoted_max(name, id, NAME_MAX_SHOWN);
	} else {
		ms_line_quoted_max(name, base, NAME_MAX_SHOWN);
	}
	g_free(base);
	return name;
}

/* A line for each fact, quoted; *FIRST is the first one's name. */
static GString *
describe(const struct ms_outcome *outcome, const char **first)
{
	const struct ms_facts *facts = &outcome->facts;
	GString *out = g_string_new(NULL);

	*first = ms_verdict_name(outcome->verdict);
	for (guint i = facts->gaps->len; i-- > 0;) {
		const struct ms_gap *gap = g_ptr_array_index(facts->gaps, i);

		*first = ms_facts_reason_name(gap->reason);
	}
	for (guint i = 0; i < facts->findings->len; i++) {
		const struct ms_finding *finding =
		    g_ptr_array_index(facts->findings, i);

		if (i == 0)
			*first = finding->name;
		ms_line_quoted(out, finding->part);
		g_string_append(out, *finding->part ? ": " : "");
		ms_line_quoted(out, finding->name);
		g_string_append(out, " FOUND\n");
	}
	for (guint i = 0; i < facts->gaps->len; i++) {
		const struct ms_gap *gap = g_ptr_array_index(facts->gaps, i);

		ms_line_quoted(out, gap->part);
		g_string_append_printf(out, "%s%s", *gap->part ? ": " : "",
		    ms_facts_reason_name(gap->reason));
		if (gap->detail && *gap->detail) {
			g_string_append(out, ": ");
			ms_line_quoted(out, gap->detail);
		}
		g_string_append_c(out, '\n');
	}
	return out;
}

static enum ms_status
junit_message(struct ms_report *report, const struct ms_outcome *outcome,
    struct ms_error *err)
{
	enum ms_status status = enter(report, mailbox_of(&outcome->origin),
	    err);
	struct junit *junit = report->state;
	GString *name, *body, *out;
	const char *first;

	junit->messages++;
	junit->elapsed_ms += outcome->elapsed_ms;
	if (status != MS_OK || !ms_report_wants(report, outcome))
		return status;
	name = case_name(outcome);
	body = describe(outcome, &first);
	out = g_string_sized_new(512);
	append_case(out, junit, name->str, outcome->elapsed_ms);
	status = end_case(junit, out, &(struct reason){
	    result_of(outcome->verdict), ms_verdict_name(outcome->verdict),
	    first, body->str }, err);
	g_string_free(body, TRUE);
	g_string_free(name, TRUE);
	return status;
}

/* A path that could not be read is a testcase that went wrong. */
static enum ms_status
junit_notice(struct ms_report *report, enum ms_report_notice kind,
    const struct ms_origin *origin, const char *text, struct ms_error *err)
{
	enum ms_status status;
	GString *name, *out;
	char *base, *why;

	if (kind != MS_REPORT_FAILED)
		return MS_OK;
	status = enter(report, mailbox_of(origin), err);
	if (status != MS_OK)
		return status;
	base = g_path_get_basename(origin->source);
	why = ms_quote_string(text ? text : "cannot be read");
	name = g_string_new(NULL);
	ms_line_quoted_max(name, base, NAME_MAX_SHOWN);
	out = g_string_sized_new(512);
	append_case(out, report->state, name->str, 0);
	status = end_case(report->state, out, &(struct reason){ ERROR,
	    "failed", text ? text : "cannot be read", why }, err);
	g_string_free(name, TRUE);
	g_free(why);
	g_free(base);
	return status;
}

static enum ms_status
junit_summary(struct ms_report *report,
    const struct ms_report_totals *totals, struct ms_error *err)
{
	enum ms_status status = enter(report, totals->interrupted ?
	    g_strdup("mailscan") : NULL, err);
	GString *out = g_string_new(NULL);

	if (status == MS_OK && totals->interrupted) {
		append_case(out, report->state, "the run", 0);
		status = end_case(report->state, out, &(struct reason){
		    ERROR, "interrupted", "interrupted",
		    "It ended before its time." }, err);
		out = g_string_new(NULL);
	}
	if (status == MS_OK)
		status = write_suite(report, err);
	g_string_append(out, "</testsuites>\n");
	if (status == MS_OK)
		status = write_head(report, out, err);
	g_string_free(out, TRUE);
	return status == MS_OK ? ms_line_flush(report->stream, err) : status;
}

static void
junit_free(struct ms_report *report)
{
	struct junit *junit = report->state;

	if (!junit)
		return;
	g_free(junit->mailbox);
	ms_spool_free(junit->cases);
	g_free(junit);
}

const struct ms_report_ops ms_junit_ops = {
	.name = "junit",
	.whole = true,
	.message = junit_message,
	.notice = junit_notice,
	.summary = junit_summary,
	.free = junit_free,
};
