#ifndef MS_HTMLCHART_H
#define MS_HTMLCHART_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Charts as SVG that stands in an HTML page: a figure with a title and a
 * description for those who do not see it, and all its figures in a table.
 * Places along the width are in per cent, so that a chart fits its column
 * and its letters keep their size; colours are classes of the page's style.
 */

#define MS_HTMLCHART_SERIES_MAX 2

/* One bar: its parts stand behind each other, as many as the chart has
 * series. */
struct ms_htmlchart_bar {
	const char *name;	/* from outside, or ours; never NULL */
	const char *class;	/* of the first part; NULL: the series' */
	uint64_t counts[MS_HTMLCHART_SERIES_MAX];
};

struct ms_htmlchart {
	const char *id;		/* unique in the page; plain ASCII */
	const char *title;	/* ours, as the next four: no markup */
	const char *about;	/* what the bars are, one sentence */
	const char *column;	/* head of the names in the table */
	const char *series[MS_HTMLCHART_SERIES_MAX];	/* NULL: not used */
	const char *classes[MS_HTMLCHART_SERIES_MAX];
	bool tails;		/* a long name ends with what matters */
	const char *note;	/* what is left out; NULL: nothing */
	const struct ms_htmlchart_bar *bars;
	size_t count;
};

/* Append CHART with a bar for each name, one below the other, and its share
 * of WHOLE in per cent beside its count unless WHOLE is 0. */
void ms_htmlchart_bars(GString *out, const struct ms_htmlchart *chart,
    uint64_t whole);

/* Append CHART as a time-line: a column for each bar, from left to right.
 * BARS are the first of the chart's; what is behind them stands only in the
 * table. */
void ms_htmlchart_columns(GString *out, const struct ms_htmlchart *chart,
    size_t bars);

#endif
