#include "report/htmlcharts.h"

#include <inttypes.h>

#include "report/htmlchart.h"

/* Names and mailboxes that have a bar of their own. */
#define TOP 10

/* Months in the time-line. */
#define SPAN 36

static void
append_verdicts(GString *out, const struct ms_report_totals *totals)
{
	struct ms_htmlchart_bar bars[MS_VERDICTS];
	struct ms_htmlchart chart = {
		.id = "verdicts",
		.title = "Verdicts",
		.about = "Messages by verdict, the worst first.",
		.column = "Verdict",
		.series = { "messages" },
		.bars = bars,
	};

	for (int v = 0; v < MS_VERDICTS; v++) {
		const char *name = ms_verdict_name((enum ms_verdict)v);

		if (totals->verdicts[v] > 0 || v == MS_VERDICT_INFECTED ||
		    v == MS_VERDICT_CLEAN)
			bars[chart.count++] = (struct ms_htmlchart_bar){
				name, name, { totals->verdicts[v] } };
	}
	ms_htmlchart_bars(out, &chart, totals->messages);
}

/* The names of TALLY with the most; nothing if there is none. */
static void
append_top(GString *out, const struct ms_htmlchart *about,
    const struct ms_htmltally *tally)
{
	struct ms_htmltally_item items[TOP + 1];
	struct ms_htmlchart_bar bars[TOP + 1];
	struct ms_htmlchart chart = *about;
	char *note = NULL;

	chart.count = ms_htmltally_top(tally, TOP, items);
	chart.bars = bars;
	for (size_t i = 0; i < chart.count; i++)
		bars[i] = (struct ms_htmlchart_bar){
			items[i].name ? items[i].name : "all others", NULL,
			{ items[i].counts[0], items[i].counts[1] } };
	if (ms_htmltally_is_full(tally))
		note = g_strdup_printf("The first %d different ones were told "
		    "apart; those that came later are among the others.",
		    MS_HTMLTALLY_NAMES_MAX);
	chart.note = note;
	if (chart.count > 0)
		ms_htmlchart_bars(out, &chart, 0);
	g_free(note);
}

static void
append_names(GString *out, const struct ms_htmltally *names)
{
	static const struct ms_htmlchart chart = {
		.id = "names",
		.title = "Findings by name",
		.about = "The names that were found most often.",
		.column = "Name",
		.series = { "findings" },
		.classes = { "found" },
	};

	append_top(out, &chart, names);
}

static void
append_mailboxes(GString *out, const struct ms_htmltally *mailboxes)
{
	static const struct ms_htmlchart chart = {
		.id = "mailboxes",
		.title = "By mailbox",
		.about = "Mailboxes and folders with the most messages in "
		    "which something was found, or not examined.",
		.column = "Mailbox",
		.tails = true,
		.series = { "found", "not examined" },
		.classes = { "found", "open" },
	};

	append_top(out, &chart, mailboxes);
}

/* The chart's bars: up to SPAN months, and sums that stand only in the
 * table. */
struct line {
	struct ms_htmlchart_bar bars[SPAN + 4];
	char names[SPAN][16];
	size_t months;
	size_t count;
};

static void
add_sum(struct line *line, const char *name, const uint64_t *counts)
{
	if (counts[0] + counts[1] > 0)
		line->bars[line->count++] = (struct ms_htmlchart_bar){ name,
			NULL, { counts[0], counts[1] } };
}

/* Mail from the future has a date that its sender made up. */
static size_t
last_month(int64_t finished)
{
	GDateTime *now = finished > 0 ?
	    g_date_time_new_from_unix_utc(finished) : NULL;
	int month = MS_HTMLTALLY_MONTHS - 1;

	if (now) {
		month = (g_date_time_get_year(now) - MS_HTMLTALLY_YEAR) * 12 +
		    g_date_time_get_month(now) - 1;
		g_date_time_unref(now);
	}
	return (size_t)CLAMP(month, 0, MS_HTMLTALLY_MONTHS - 1);
}

static void
fill_line(struct line *line, const struct ms_htmltally_months *months,
    int64_t finished)
{
	size_t first;
	struct ms_htmltally_item sum;

	line->months = ms_htmltally_span(months, last_month(finished), SPAN,
	    &first);
	for (size_t i = 0; i < line->months; i++) {
		const uint64_t *counts = months->counts[first + i];

		g_snprintf(line->names[i], sizeof line->names[i],
		    "%04zu-%02zu", MS_HTMLTALLY_YEAR + (first + i) / 12,
		    (first + i) % 12 + 1);
		line->bars[i] = (struct ms_htmlchart_bar){ line->names[i],
			NULL, { counts[0], counts[1] } };
	}
	line->count = line->months;
	sum = ms_htmltally_before(months, first);
	add_sum(line, "earlier", sum.counts);
	sum = ms_htmltally_after(months, first + line->months);
	add_sum(line, "later than the report", sum.counts);
	add_sum(line, "before 1970 or after 2099", months->odd);
	add_sum(line, "without a date", months->none);
}

/* What the time-line leaves out; NULL: nothing. */
static char *
left_out(const struct line *line)
{
	GString *note = g_string_new(NULL);

	for (size_t i = line->months; i < line->count; i++)
		g_string_append_printf(note, "%s%" PRIu64 " %s",
		    note->len > 0 ? ", " : "Not in the picture: ",
		    line->bars[i].counts[0] + line->bars[i].counts[1],
		    line->bars[i].name);
	if (note->len > 0)
		g_string_append_c(note, '.');
	return g_string_free(note, note->len == 0);
}

static void
append_months(GString *out, const struct ms_htmltally_months *months,
    int64_t finished)
{
	struct line line = { .count = 0 };
	struct ms_htmlchart chart = {
		.id = "months",
		.title = "By month",
		.about = "Messages in which something was found, or not "
		    "examined, by the month of their Date (UTC).",
		.column = "Month",
		.series = { "found", "not examined" },
		.classes = { "found", "open" },
		.bars = line.bars,
	};
	char *note;

	fill_line(&line, months, finished);
	note = left_out(&line);
	chart.note = note;
	chart.count = line.count;
	if (line.count > 0)
		ms_htmlchart_columns(out, &chart, line.months);
	g_free(note);
}

void
ms_htmlcharts_append(GString *out, const struct ms_htmlpage *page)
{
	g_string_append(out, "<section class=\"charts\" aria-label=\"Charts\""
	    ">\n");
	append_verdicts(out, page->totals);
	append_months(out, page->months, page->totals->finished);
	append_names(out, page->names);
	append_mailboxes(out, page->mailboxes);
	g_string_append(out, "</section>\n");
}
