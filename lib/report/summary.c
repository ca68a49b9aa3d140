#include "report/summary.h"

#include <inttypes.h>

#include "report/line.h"

static void
append_text(GString *out, const char *name, const char *value)
{
	g_string_append_printf(out, "%s: ", name);
	ms_line_quoted(out, value ? value : "unknown");
	g_string_append_c(out, '\n');
}

static void
append_count(GString *out, const char *name, uint64_t count, bool always)
{
	if (count > 0 || always)
		g_string_append_printf(out, "%s: %" PRIu64 "\n", name, count);
}

/* A server's database need not say how much is in it. */
static void
append_size_and_age(GString *out, const struct ms_report_engine *engine)
{
	const int64_t days = engine->database_age_days;

	if (engine->signatures > 0)
		g_string_append_printf(out, " (%" PRIu64 " signatures",
		    engine->signatures);
	if (days >= 0)
		g_string_append_printf(out, "%s%" PRId64 " %s old",
		    engine->signatures > 0 ? ", " : " (", days,
		    days == 1 ? "day" : "days");
	if (engine->signatures > 0 || days >= 0)
		g_string_append_c(out, ')');
}

static void
append_engine(GString *out, const struct ms_report_engine *engine)
{
	g_string_append(out, "Engine: ");
	ms_line_quoted(out, engine->name ? engine->name : "unknown");
	if (engine->blind) {
		g_string_append(out, " (nothing was looked for)\n");
		append_text(out, "Sandbox", engine->sandbox);
		return;
	}
	if (engine->version) {
		g_string_append_c(out, ' ');
		ms_line_quoted(out, engine->version);
	}
	g_string_append(out, "\nDatabase: ");
	ms_line_quoted(out, engine->database ? engine->database : "unknown");
	append_size_and_age(out, engine);
	g_string_append_c(out, '\n');
	append_text(out, "Sandbox", engine->sandbox);
}

static void
append_verdicts(GString *out, const struct ms_report_totals *totals)
{
	for (int v = 0; v < MS_VERDICTS; v++) {
		const char *verdict = ms_verdict_name((enum ms_verdict)v);
		char *name = g_strdup(verdict);

		name[0] = g_ascii_toupper(name[0]);
		append_count(out, name, totals->verdicts[v],
		    v == MS_VERDICT_INFECTED || v == MS_VERDICT_CLEAN);
		g_free(name);
	}
}

/* "Moved: 2", or "Would be moved: 2". */
static void
append_actions(GString *out, const struct ms_report_actions *actions)
{
	const struct {
		const char *done, *would;
		uint64_t count;
	} rows[] = {
		{ "Moved", "Would be moved", actions->moved },
		{ "Copied", "Would be copied", actions->copied },
		{ "Removed", "Would be removed", actions->removed },
		{ "Flagged", "Would be flagged", actions->flagged },
		{ "To folder", "Would go to folder", actions->refiled },
		{ "Actions failed", "Actions that would fail",
		  actions->failed },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		append_count(out, actions->dry_run ? rows[i].would :
		    rows[i].done, rows[i].count, false);
}

void
ms_summary_append(GString *out, const struct ms_report_engine *engine,
    const struct ms_report_totals *totals)
{
	g_string_append(out, "\n----------- SCAN SUMMARY -----------\n");
	append_engine(out, engine);
	append_count(out, "Messages", totals->messages, true);
	append_count(out, "Known", totals->known, false);
	append_verdicts(out, totals);
	append_count(out, "Ambiguous", totals->ambiguous, false);
	append_count(out, "Not selected", totals->unselected, false);
	append_count(out, "Gone", totals->gone, false);
	append_count(out, "Passed over", totals->passed_over, false);
	append_count(out, "Unreadable", totals->failed, false);
	append_actions(out, &totals->actions);
	g_string_append(out, "Data scanned: ");
	ms_line_megabytes(out, totals->bytes);
	g_string_append_printf(out, "\nTime: %" PRId64 ".%03d sec\n",
	    totals->elapsed_ms / 1000, (int)(totals->elapsed_ms % 1000));
	if (totals->interrupted)
		g_string_append(out, "Interrupted: yes\n");
}
