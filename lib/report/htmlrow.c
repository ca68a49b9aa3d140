#include "report/htmlrow.h"

#include <inttypes.h>
#include <string.h>

#include "report/htmltext.h"
#include "report/line.h"

/* Characters that are shown of each. */
#define PATH_SHOWN 1024
#define PART_SHOWN 512
#define NAME_SHOWN 300
#define DATE_SHOWN 40

enum ms_verdict
ms_htmlrow_verdict(enum ms_reason reason)
{
	switch (reason) {
	case MS_REASON_LIMIT_TIME:
	case MS_REASON_WORKER_DIED:
	case MS_REASON_ENGINE_FAILED:
		return MS_VERDICT_ERROR;
	case MS_REASON_ENCRYPTED:
		return MS_VERDICT_ENCRYPTED;
	default:
		return MS_VERDICT_INCOMPLETE;
	}
}

GDateTime *
ms_htmlrow_date(const char *date)
{
	return date ? g_date_time_new_from_iso8601(date, NULL) : NULL;
}

static bool
is_maildir_part(const char *name)
{
	return strcmp(name, "cur") == 0 || strcmp(name, "new") == 0 ||
	    strcmp(name, "tmp") == 0;
}

char *
ms_htmlrow_mailbox(const struct ms_origin *origin)
{
	char *dir, *name, *above;

	if (origin->many || strcmp(origin->source, "-") == 0)
		return g_strdup(origin->source);
	dir = g_path_get_dirname(origin->source);
	name = g_path_get_basename(dir);
	if (is_maildir_part(name)) {
		above = g_path_get_dirname(dir);
		g_free(dir);
		dir = above;
	}
	g_free(name);
	return dir;
}

/* A line of its own in a cell. */
static void
append_small(GString *out, const char *text, size_t max)
{
	if (!text || !*text)
		return;
	g_string_append(out, "<small>");
	ms_htmltext_append(out, text, max);
	g_string_append(out, "</small>");
}

static void
append_what(GString *out, const struct ms_htmlrow *row)
{
	enum ms_verdict verdict = row->outcome->verdict;
	const char *name;

	if (row->gap)
		verdict = ms_htmlrow_verdict(row->gap->reason);
	name = ms_verdict_name(verdict);
	g_string_append_printf(out, "<tr><td class=\"%s\">%s<td>", name,
	    name);
	if (row->finding)
		ms_htmltext_breakable(out, row->finding->name, '.',
		    NAME_SHOWN);
	if (row->gap) {
		g_string_append(out, ms_facts_reason_name(row->gap->reason));
		append_small(out, row->gap->detail, NAME_SHOWN);
	}
	g_string_append(out, "<td>");
	if (row->finding)
		ms_htmltext_breakable(out, row->finding->part, '/',
		    PART_SHOWN);
	if (row->gap)
		ms_htmltext_breakable(out, row->gap->part, '/', PART_SHOWN);
}

static void
append_date(GString *out, const char *date)
{
	GDateTime *local = ms_htmlrow_date(date), *utc;

	if (!local) {
		ms_htmltext_append(out, date, DATE_SHOWN);
		return;
	}
	/* NULL: beyond the years that there are. */
	utc = g_date_time_to_utc(local);
	if (utc)
		g_string_append_printf(out, "%04d-%02d-%02d %02d:%02d",
		    g_date_time_get_year(utc), g_date_time_get_month(utc),
		    g_date_time_get_day_of_month(utc),
		    g_date_time_get_hour(utc), g_date_time_get_minute(utc));
	else
		ms_htmltext_append(out, date, DATE_SHOWN);
	if (utc)
		g_date_time_unref(utc);
	g_date_time_unref(local);
}

static void
append_message(GString *out, const struct ms_outcome *outcome)
{
	const struct ms_headers *headers = &outcome->facts.headers;
	const struct ms_origin *origin = &outcome->origin;

	g_string_append(out, "<td>");
	ms_htmltext_append(out, headers->subject, NAME_SHOWN);
	append_small(out, headers->from, NAME_SHOWN);
	append_small(out, headers->message_id, NAME_SHOWN);
	g_string_append(out, "<td>");
	append_date(out, headers->date);
	g_string_append(out, "<td>");
	ms_htmltext_breakable(out, origin->source, '/', PATH_SHOWN);
	if (origin->many) {
		g_string_append(out, " <b>");
		ms_line_number(out, origin);
		g_string_append(out, "</b>");
	}
}

/* What was done: "quarantine", "remove (pending)", "would remove". */
static void
append_deed(GString *out, const struct ms_deed *deed)
{
	static const char *const forms[][2] = {
		[MS_DEED_DONE] = { "", "" },
		[MS_DEED_PENDING] = { "", " (pending)" },
		[MS_DEED_WOULD] = { "would ", "" },
		[MS_DEED_FAILED] = { "<em>", " failed</em>" },
	};

	g_string_append(out, "<p>");
	g_string_append(out, forms[deed->state][0]);
	ms_htmltext_append(out, deed->action, NAME_SHOWN);
	g_string_append(out, forms[deed->state][1]);
	append_small(out, deed->detail, NAME_SHOWN);
}

void
ms_htmlrow_append(GString *out, const struct ms_htmlrow *row)
{
	const GPtrArray *deeds = row->outcome->deeds;

	append_what(out, row);
	append_message(out, row->outcome);
	g_string_append(out, "<td>");
	for (guint i = 0; i < deeds->len; i++)
		append_deed(out, deeds->pdata[i]);
	g_string_append_c(out, '\n');
}
