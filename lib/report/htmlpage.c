#include "report/htmlpage.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "report/htmlcharts.h"
#include "report/htmltext.h"
/* html_css and html_js: html.css and html.js, by the Makefile. */
#include "report/html_css.h"
#include "report/html_js.h"

/* A plain envelope, so that the page can be told from others in a row of
 * tabs. */
static const char icon[] = "data:image/svg+xml,%3Csvg xmlns='http://www.w3."
    "org/2000/svg' viewBox='0 0 16 16'%3E%3Crect y='2.5' width='16' height="
    "'11' rx='1.5' fill='%23325a8c'/%3E%3Cpath d='M1.5 4.5 8 9l6.5-4.5' fill="
    "'none' stroke='%23fff' stroke-width='1.4'/%3E%3C/svg%3E";

/* Signatures that are older are worth a word. */
#define OLD_DAYS 7

#define PATH_SHOWN 1024
#define WORDS_SHOWN 400

static void
append_digest(GString *out, const char *text)
{
	const struct ms_digest digest = ms_hash_of(text, strlen(text));
	char *base64 = g_base64_encode(digest.bytes, sizeof digest.bytes);

	g_string_append_printf(out, "'sha256-%s'", base64);
	g_free(base64);
}

static uint64_t
found(const struct ms_report_totals *totals)
{
	return totals->verdicts[MS_VERDICT_INFECTED] +
	    totals->verdicts[MS_VERDICT_BLOCKED] +
	    totals->verdicts[MS_VERDICT_SPAM];
}

static uint64_t
not_examined(const struct ms_report_totals *totals)
{
	return totals->verdicts[MS_VERDICT_ERROR] +
	    totals->verdicts[MS_VERDICT_INCOMPLETE] +
	    totals->verdicts[MS_VERDICT_ENCRYPTED];
}

static void
append_when(GString *out, int64_t seconds)
{
	GDateTime *when = g_date_time_new_from_unix_utc(seconds);
	char *text, *machine;

	if (seconds <= 0 || !when) {
		g_string_append(out, "at an unknown time");
	} else {
		text = g_date_time_format(when, "%Y-%m-%d %H:%M UTC");
		machine = g_date_time_format(when, "%Y-%m-%dT%H:%M:%SZ");
		g_string_append_printf(out, "<time datetime=\"%s\">%s</time>",
		    machine, text);
		g_free(machine);
		g_free(text);
	}
	if (when)
		g_date_time_unref(when);
}

static void
append_head(GString *out, const struct ms_htmlpage *page)
{
	const struct ms_report_totals *totals = page->totals;

	g_string_append(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<meta http-equiv=\""
	    "Content-Security-Policy\" content=\"default-src 'none'; "
	    "img-src data:; style-src ");
	append_digest(out, html_css);
	g_string_append(out, "; script-src ");
	append_digest(out, html_js);
	g_string_append(out, "; base-uri 'none'; form-action 'none'; "
	    "require-trusted-types-for 'script'; trusted-types 'none'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n<meta name=\"color-scheme\" "
	    "content=\"light dark\">\n<meta name=\"referrer\" "
	    "content=\"no-referrer\">\n<meta name=\"robots\" "
	    "content=\"noindex\">\n<meta name=\"generator\" "
	    "content=\"mailscan " MS_VERSION "\">\n<title>");
	ms_htmltext_number(out, found(totals));
	g_string_append(out, " found, ");
	ms_htmltext_number(out, not_examined(totals));
	g_string_append(out, " not examined in full - mailscan</title>\n"
	    "<link rel=\"icon\" href=\"");
	g_string_append(out, icon);
	g_string_append(out, "\">\n<style>");
	g_string_append(out, html_css);
	g_string_append(out, "</style>\n<script>");
	g_string_append(out, html_js);
	g_string_append(out, "</script>\n</head>\n");
}

/* "2 infected, 1 blocked" */
static void
append_found(GString *out, const struct ms_report_totals *totals)
{
	bool first = true;

	for (int v = MS_VERDICT_INFECTED; v <= MS_VERDICT_SPAM; v++) {
		if (totals->verdicts[v] == 0)
			continue;
		g_string_append(out, first ? "<strong>" : ", <strong>");
		ms_htmltext_number(out, totals->verdicts[v]);
		g_string_append_printf(out, " %s</strong>",
		    ms_verdict_name((enum ms_verdict)v));
		first = false;
	}
}

/* What people want to know first. */
static void
append_lead(GString *out, const struct ms_htmlpage *page)
{
	const struct ms_report_totals *totals = page->totals;

	g_string_append(out, "<h1 class=\"");
	if (page->engine->blind) {
		g_string_append(out, "open\">Nothing was looked for in ");
	} else if (found(totals) > 0) {
		g_string_append(out, "found\">");
		append_found(out, totals);
		g_string_append(out, " among ");
	} else {
		g_string_append_printf(out, "%s\">Nothing found in ",
		    not_examined(totals) + totals->failed > 0 ? "open" :
		    "calm");
	}
	ms_htmltext_counted(out, totals->messages, "message", "messages");
	g_string_append(out, "</h1>\n");
}

static void
append_header(GString *out, const struct ms_htmlpage *page)
{
	g_string_append(out, "<body>\n<a class=\"skip\" href=\"#findings\">"
	    "To the findings</a>\n<header>\n<div class=\"top\">"
	    "<p class=\"name\">mailscan <span>report, ");
	append_when(out, page->totals->finished);
	g_string_append(out, "</span></p>\n<nav aria-label=\"Sections\">"
	    "<a href=\"#findings\">Findings and gaps</a>");
	if (page->unread->count > 0)
		g_string_append(out, " <a href=\"#unread\">Paths not read"
		    "</a>");
	g_string_append(out, "</nav></div>\n");
	append_lead(out, page);
	g_string_append(out, "</header>\n<main>\n");
}

/* One line of the box that says what is missing. */
static void
append_missing(GString *out, uint64_t count, const char *one,
    const char *many)
{
	if (count == 0)
		return;
	g_string_append(out, "<li><strong>");
	ms_htmltext_number(out, count);
	g_string_append_printf(out, "</strong> %s</li>\n",
	    count == 1 ? one : many);
}

static void
append_reasons(GString *out, const struct ms_htmlpage *page)
{
	bool first = true;

	for (int r = 0; r < MS_REASONS; r++) {
		if (page->reasons[r] == 0)
			continue;
		g_string_append(out, first ? "<p class=\"reasons\">Reasons: "
		    : ", ");
		g_string_append_printf(out, "%s&nbsp;<b>",
		    ms_facts_reason_name((enum ms_reason)r));
		ms_htmltext_number(out, page->reasons[r]);
		g_string_append(out, "</b>");
		first = false;
	}
	if (!first)
		g_string_append(out, ".</p>\n");
}

static bool
is_old(const struct ms_report_engine *engine)
{
	return !engine->blind && engine->database_age_days >= OLD_DAYS;
}

static void
append_missing_list(GString *out, const struct ms_htmlpage *page)
{
	const struct ms_report_totals *totals = page->totals;
	const uint64_t *verdicts = totals->verdicts;

	g_string_append(out, "<ul>\n");
	if (totals->interrupted)
		g_string_append(out, "<li><strong>The run was interrupted"
		    "</strong>: what came after is not in this report"
		    "</li>\n");
	if (page->engine->blind)
		g_string_append(out, "<li><strong>No engine was used"
		    "</strong>: no message is known to be clean</li>\n");
	append_missing(out, verdicts[MS_VERDICT_ERROR],
	    "message could not be scanned (error)",
	    "messages could not be scanned (error)");
	append_missing(out, verdicts[MS_VERDICT_INCOMPLETE],
	    "message was examined only in part (incomplete)",
	    "messages were examined only in part (incomplete)");
	append_missing(out, verdicts[MS_VERDICT_ENCRYPTED],
	    "message has content that is encrypted",
	    "messages have content that is encrypted");
	append_missing(out, page->found_partly,
	    "message in which something was found has other parts that were "
	    "not examined",
	    "messages in which something was found have other parts that "
	    "were not examined");
	append_missing(out, totals->failed,
	    "path <a href=\"#unread\">could not be read</a>",
	    "paths <a href=\"#unread\">could not be read</a>");
	append_missing(out, totals->actions.failed,
	    "message with which something was to be done, and was not",
	    "messages with which something was to be done, and was not");
	append_missing(out, page->undone->count,
	    "mailbox in which <a href=\"#undone\">an action failed</a>",
	    "mailboxes in which <a href=\"#undone\">an action failed</a>");
	if (is_old(page->engine))
		g_string_append_printf(out, "<li>The signatures are <strong>%"
		    PRId64 " days old</strong></li>\n",
		    page->engine->database_age_days);
	g_string_append(out, "</ul>\n");
}

/* Never left out: that everything was examined is news, too. */
static void
append_examined(GString *out, const struct ms_htmlpage *page)
{
	const struct ms_report_totals *totals = page->totals;

	if (not_examined(totals) + page->found_partly + totals->failed +
	    totals->actions.failed + page->undone->count == 0 &&
	    !totals->interrupted && !page->engine->blind &&
	    !is_old(page->engine)) {
		g_string_append(out, "<p class=\"examined\">Everything was "
		    "examined in full.</p>\n");
		return;
	}
	g_string_append(out, "<section class=\"missing\" aria-labelledby=\""
	    "missing\">\n<h2 id=\"missing\">Not examined</h2>\n");
	append_missing_list(out, page);
	append_reasons(out, page);
	g_string_append(out, "</section>\n");
}

static void
append_pair(GString *out, const char *name, GString *value)
{
	g_string_append_printf(out, "<div><dt>%s</dt><dd>%s</dd></div>\n",
	    name, value->str);
	g_string_truncate(value, 0);
}

static void
append_count(GString *out, const char *name, uint64_t count, GString *value)
{
	if (count == 0)
		return;
	ms_htmltext_number(value, count);
	append_pair(out, name, value);
}

static void
append_engine(GString *out, const struct ms_report_engine *engine,
    GString *value)
{
	ms_htmltext_append(value, engine->name ? engine->name : "unknown",
	    WORDS_SHOWN);
	g_string_append_c(value, ' ');
	ms_htmltext_append(value, engine->version, WORDS_SHOWN);
	append_pair(out, "Engine", value);
	if (!engine->blind) {
		ms_htmltext_append(value, engine->database ?
		    engine->database : "unknown", WORDS_SHOWN);
		g_string_append(value, "<small>");
		ms_htmltext_counted(value, engine->signatures, "signature",
		    "signatures");
		if (engine->database_age_days == 0) {
			g_string_append(value, ", less than a day old");
		} else if (engine->database_age_days > 0) {
			g_string_append(value, ", ");
			ms_htmltext_counted(value,
			    (uint64_t)engine->database_age_days, "day old",
			    "days old");
		}
		g_string_append(value, "</small>");
		append_pair(out, "Database", value);
	}
	ms_htmltext_append(value, engine->sandbox ? engine->sandbox :
	    "unknown", WORDS_SHOWN);
	append_pair(out, "Sandbox", value);
}

/* What was done with how many messages. */
static void
append_actions(GString *out, const struct ms_report_actions *actions,
    GString *value)
{
	const struct {
		const char *name;
		uint64_t count;
	} rows[] = {
		{ "moved", actions->moved },
		{ "copied", actions->copied },
		{ "removed", actions->removed },
		{ "flagged", actions->flagged },
		{ "to a folder", actions->refiled },
		{ "failed", actions->failed },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (rows[i].count == 0)
			continue;
		if (value->len > 0)
			g_string_append(value, ", ");
		ms_htmltext_number(value, rows[i].count);
		g_string_append_printf(value, " %s", rows[i].name);
	}
	if (value->len == 0)
		g_string_append(value, "none");
	if (actions->dry_run)
		g_string_append(value, "<small>a dry run: nothing was changed"
		    "</small>");
	append_pair(out, "Actions", value);
}

static void
append_facts(GString *out, const struct ms_htmlpage *page)
{
	const struct ms_report_totals *totals = page->totals;
	GString *value = g_string_new(NULL);

	g_string_append(out, "<section aria-labelledby=\"run\">\n<h2 id=\"run"
	    "\">The run</h2>\n<dl class=\"facts\">\n");
	ms_htmltext_number(value, totals->messages);
	append_pair(out, "Messages", value);
	ms_htmltext_size(value, totals->bytes);
	append_pair(out, "Mail", value);
	ms_htmltext_duration(value, totals->elapsed_ms);
	append_pair(out, "Duration", value);
	append_engine(out, page->engine, value);
	append_actions(out, &totals->actions, value);
	append_count(out, "Known already", totals->known, value);
	append_count(out, "Ambiguous", totals->ambiguous, value);
	append_count(out, "Not selected", totals->unselected, value);
	append_count(out, "Gone meanwhile", totals->gone, value);
	append_count(out, "Passed over", totals->passed_over, value);
	append_count(out, "Without mail", page->empty, value);
	g_string_append(out, "</dl>\n</section>\n");
	g_string_free(value, TRUE);
}

/* How much of it the table has. */
static void
append_extent(GString *out, const struct ms_htmlpage *page)
{
	if (page->rows_shown == page->rows)
		return;
	g_string_append(out, "<p class=\"cut\"><strong>");
	ms_htmltext_number(out, page->rows_shown);
	g_string_append(out, " of ");
	ms_htmltext_number(out, page->rows);
	g_string_append(out, "</strong> rows are shown, findings first. The "
	    "figures above are of all; <code>--report jsonl:FILE</code> lists "
	    "every one.</p>\n");
}

void
ms_htmlpage_begin(GString *out, const struct ms_htmlpage *page)
{
	static const char *const columns[] = { "Result", "Finding or reason",
		"Part", "Message", "Date (UTC)", "Mailbox", "Action" };

	append_head(out, page);
	append_header(out, page);
	append_examined(out, page);
	append_facts(out, page);
	ms_htmlcharts_append(out, page);
	g_string_append(out, "<section aria-labelledby=\"findings\">\n"
	    "<h2 id=\"findings\" tabindex=\"-1\">Findings and gaps</h2>\n");
	if (page->rows == 0) {
		g_string_append(out, "<p>There are none.</p>\n");
		return;
	}
	append_extent(out, page);
	g_string_append_printf(out, "<div id=\"controls\"></div>\n"
	    "<table id=\"rows\"%s>\n<caption>One row for each finding, and "
	    "for each thing that could not be examined</caption>\n<thead><tr>",
	    page->touched ? "" : " class=\"untouched\"");
	for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
		g_string_append_printf(out, "<th scope=\"col\">%s</th>",
		    columns[i]);
	g_string_append(out, "</tr></thead>\n<tbody>\n");
}

void
ms_htmlpage_path(struct ms_htmlpage_paths *paths, const char *path,
    const char *what, const char *why)
{
	GString *out = paths->items;

	if (paths->count++ >= MS_HTMLPAGE_PATHS_MAX)
		return;
	g_string_append(out, "<li><code>");
	ms_htmltext_append(out, path, PATH_SHOWN);
	g_string_append(out, "</code> <span>");
	ms_htmltext_append(out, what, WORDS_SHOWN);
	if (what && why)
		g_string_append(out, ": ");
	ms_htmltext_append(out, why, WORDS_SHOWN);
	g_string_append(out, "</span></li>\n");
}

static void
append_paths(GString *out, const char *id, const char *title,
    const struct ms_htmlpage_paths *paths)
{
	if (paths->count == 0)
		return;
	g_string_append_printf(out, "<section aria-labelledby=\"%s\">\n"
	    "<h2 id=\"%s\" tabindex=\"-1\">%s</h2>\n"
	    "<ul class=\"paths\">\n", id, id, title);
	g_string_append_len(out, paths->items->str,
	    (gssize)paths->items->len);
	g_string_append(out, "</ul>\n");
	if (paths->count > MS_HTMLPAGE_PATHS_MAX) {
		g_string_append(out, "<p class=\"note\">and ");
		ms_htmltext_number(out, paths->count -
		    MS_HTMLPAGE_PATHS_MAX);
		g_string_append(out, " more</p>\n");
	}
	g_string_append(out, "</section>\n");
}

void
ms_htmlpage_end(GString *out, const struct ms_htmlpage *page)
{
	if (page->rows > 0)
		g_string_append(out, "</tbody>\n</table>\n"
		    "<div id=\"more\"></div>\n");
	g_string_append(out, "</section>\n");
	append_paths(out, "undone", "Actions that failed", page->undone);
	append_paths(out, "unread", "Paths that could not be read",
	    page->unread);
	g_string_append(out, "</main>\n<footer>mailscan " MS_VERSION ". This "
	    "page is whole as it is: it fetches nothing. Names in it are "
	    "those that the mail gives; what would not be harmless to show "
	    "is written as <code>\\xNN</code>.</footer>\n</body>\n</html>\n");
}
