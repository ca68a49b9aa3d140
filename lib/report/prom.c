#include "report/prom.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "report/line.h"

#define LAST_SUCCESS "mailscan_last_success_timestamp_seconds"

/* What is counted on the way. */
struct prom {
	uint64_t findings;
	uint64_t gaps[MS_REASONS];
};

/* What stands above the samples of a metric. */
static void
append_head(GString *out, const char *name, const char *type,
    const char *help)
{
	g_string_append_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name,
	    help, name, type);
}

static void
append_number(GString *out, const char *name, const char *type,
    uint64_t number, const char *help)
{
	append_head(out, name, type, help);
	g_string_append_printf(out, "%s %" PRIu64 "\n", name, number);
}

/* A value of a label: backslashes and double quotes are escaped once more, and
 * line feeds are not left. */
static void
append_label(GString *out, const char *name, const char *value)
{
	char *quoted = ms_quote_string(value ? value : "");

	g_string_append_printf(out, "%s=\"", name);
	for (const char *p = quoted; *p != '\0'; p++) {
		if (*p == '\\' || *p == '"')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
	g_free(quoted);
}

static void
append_messages(GString *out, const struct ms_report_totals *totals)
{
	static const char name[] = "mailscan_messages_total";

	append_head(out, name, "counter",
	    "Messages of the last run, by verdict.");
	for (int v = 0; v < MS_VERDICTS; v++)
		g_string_append_printf(out, "%s{verdict=\"%s\"} %" PRIu64
		    "\n", name, ms_verdict_name((enum ms_verdict)v),
		    totals->verdicts[v]);
	append_number(out, "mailscan_ambiguous_messages_total", "counter",
	    totals->ambiguous,
	    "Messages that readers may disagree about.");
	append_number(out, "mailscan_known_messages_total", "counter",
	    totals->known, "Messages that an earlier run has judged.");
	append_number(out, "mailscan_message_bytes_total", "counter",
	    totals->bytes, "Bytes of all messages, as found.");
}

static void
append_facts(GString *out, const struct prom *prom)
{
	static const char name[] = "mailscan_gaps_total";

	append_number(out, "mailscan_findings_total", "counter",
	    prom ? prom->findings : 0, "Findings of the last run.");
	append_head(out, name, "counter",
	    "What could not be examined, by reason.");
	for (int r = 0; r < MS_REASONS; r++)
		g_string_append_printf(out, "%s{reason=\"%s\"} %" PRIu64
		    "\n", name, ms_facts_reason_name((enum ms_reason)r),
		    prom ? prom->gaps[r] : 0);
}

static void
append_paths(GString *out, const struct ms_report_totals *totals)
{
	append_number(out, "mailscan_failed_paths_total", "counter",
	    totals->failed, "Paths that could not be read.");
	append_number(out, "mailscan_gone_paths_total", "counter",
	    totals->gone, "Paths that vanished during the run.");
	append_number(out, "mailscan_passed_over_paths_total", "counter",
	    totals->passed_over,
	    "Links that were not followed, and no regular files.");
}

static void
append_engine(GString *out, const struct ms_report_engine *engine,
    const struct ms_report_totals *totals)
{
	append_head(out, "mailscan_engine_info", "gauge",
	    "What was used to scan.");
	g_string_append(out, "mailscan_engine_info{");
	append_label(out, "engine", engine->name);
	g_string_append_c(out, ',');
	append_label(out, "version", engine->version);
	g_string_append_c(out, ',');
	append_label(out, "database", engine->database);
	g_string_append(out, "} 1\n");
	append_number(out, "mailscan_database_signatures", "gauge",
	    engine->signatures, "Signatures in the database.");
	if (engine->database_time <= 0)
		return;
	append_number(out, "mailscan_database_timestamp_seconds", "gauge",
	    (uint64_t)engine->database_time,
	    "When the newest part of the database was made.");
	if (totals->finished >= engine->database_time)
		append_number(out, "mailscan_database_age_seconds", "gauge",
		    (uint64_t)(totals->finished - engine->database_time),
		    "How old that was when the run ended.");
}

static void
append_run(GString *out, const struct ms_report_totals *totals,
    int64_t last_success)
{
	static const char duration[] = "mailscan_run_duration_seconds";

	append_head(out, duration, "gauge", "How long the run took.");
	g_string_append_printf(out, "%s %" PRId64 ".%03d\n", duration,
	    totals->elapsed_ms / 1000, (int)(totals->elapsed_ms % 1000));
	append_number(out, "mailscan_run_interrupted", "gauge",
	    totals->interrupted, "Whether the run ended before its time.");
	if (totals->finished > 0)
		append_number(out, "mailscan_last_run_timestamp_seconds",
		    "gauge", (uint64_t)totals->finished,
		    "When the run ended.");
	if (!totals->interrupted && totals->failed == 0)
		last_success = totals->finished;
	if (last_success > 0)
		append_number(out, LAST_SUCCESS, "gauge",
		    (uint64_t)last_success, "When the last run ended that "
		    "was not interrupted and read every path.");
}

static enum ms_status
prom_message(struct ms_report *report, const struct ms_outcome *outcome,
    struct ms_error *err)
{
	const struct ms_facts *facts = &outcome->facts;
	struct prom *prom = report->state;

	(void)err;
	if (!prom)
		report->state = prom = g_new0(struct prom, 1);
	prom->findings += facts->findings->len;
	for (guint i = 0; i < facts->gaps->len; i++) {
		const struct ms_gap *gap = g_ptr_array_index(facts->gaps, i);

		prom->gaps[gap->reason]++;
	}
	return MS_OK;
}

static enum ms_status
prom_notice(struct ms_report *report, enum ms_report_notice kind,
    const struct ms_origin *origin, const char *text, struct ms_error *err)
{
	(void)report, (void)kind, (void)origin, (void)text, (void)err;
	return MS_OK;
}

static enum ms_status
prom_summary(struct ms_report *report, const struct ms_report_totals *totals,
    struct ms_error *err)
{
	GString *out = g_string_sized_new(4096);
	enum ms_status status;

	append_messages(out, totals);
	append_facts(out, report->state);
	append_paths(out, totals);
	append_engine(out, &report->engine, totals);
	append_run(out, totals, report->options.last_success);
	status = ms_line_write(report->stream, out, err);
	g_string_free(out, TRUE);
	return status == MS_OK ? ms_line_flush(report->stream, err) : status;
}

static void
prom_free(struct ms_report *report)
{
	g_free(report->state);
}

const struct ms_report_ops ms_prom_ops = {
	.name = "prom",
	.whole = true,
	.message = prom_message,
	.notice = prom_notice,
	.summary = prom_summary,
	.free = prom_free,
};

int64_t
ms_prom_last_success(FILE *stream)
{
	char line[256], *end;
	int64_t when = 0;

	while (fgets(line, sizeof line, stream)) {
		if (!g_str_has_prefix(line, LAST_SUCCESS " "))
			continue;
		errno = 0;
		when = strtoll(line + strlen(LAST_SUCCESS " "), &end, 10);
		if (errno != 0 || *end != '\n' || when < 0)
			when = 0;
	}
	return when;
}
