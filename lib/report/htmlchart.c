#include "report/htmlchart.h"

#include <inttypes.h>

#include "report/htmltext.h"

/* Pixels: from one bar to the next, and where the bar is in that. */
#define BAR_STEP 32
#define BAR_AT 19
#define BAR_HEIGHT 7

/* Pixels: of the columns, and of the labels below them. */
#define COLUMNS_TOP 18
#define COLUMNS_HEIGHT 150
#define COLUMNS_FOOT 24

/* Per cent of the width that the figures of the scale have. */
#define SCALE 7

/* A single column is no wider than if there were so many. */
#define SLOTS_MIN 12

/* So many labels fit under the columns of a narrow page. */
#define LABELS_MAX 6

/* Characters of a name beside a bar, and in a table. */
#define LABEL_MAX 44
#define NAME_MAX_SHOWN 512

static size_t
series(const struct ms_htmlchart *chart)
{
	return chart->series[1] ? 2 : 1;
}

static uint64_t
total(const struct ms_htmlchart *chart, const struct ms_htmlchart_bar *bar)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < series(chart); i++)
		sum += bar->counts[i];
	return sum;
}

static uint64_t
largest(const struct ms_htmlchart *chart, size_t bars)
{
	uint64_t max = 0;

	for (size_t i = 0; i < bars; i++)
		max = MAX(max, total(chart, &chart->bars[i]));
	return max;
}

/* "NAME: 3 found, 1 not examined", or "NAME: 3" where there is one series. */
static void
append_words(GString *out, const struct ms_htmlchart *chart,
    const struct ms_htmlchart_bar *bar, size_t max)
{
	ms_htmltext_append(out, bar->name, max);
	g_string_append(out, ": ");
	for (size_t i = 0; i < series(chart); i++) {
		if (i > 0)
			g_string_append(out, ", ");
		ms_htmltext_number(out, bar->counts[i]);
		if (series(chart) > 1)
			g_string_append_printf(out, " %s", chart->series[i]);
	}
}

/* What is in the picture, for those who do not see it: all of it where it is
 * a few bars, else where to find it. */
static void
append_description(GString *out, const struct ms_htmlchart *chart,
    size_t bars)
{
	g_string_append_printf(out, "<title id=\"%s-title\">%s</title>"
	    "<desc id=\"%s-desc\">%s", chart->id, chart->title, chart->id,
	    chart->about);
	for (size_t i = 0; i < bars && bars <= 2 * LABELS_MAX; i++) {
		g_string_append(out, i == 0 ? " " : "; ");
		append_words(out, chart, &chart->bars[i], LABEL_MAX);
	}
	g_string_append(out, bars <= 2 * LABELS_MAX ? ".</desc>\n" :
	    " All figures are in the table below.</desc>\n");
}

static void
append_begin(GString *out, const struct ms_htmlchart *chart, size_t bars,
    size_t height)
{
	g_string_append_printf(out, "<figure class=\"chart\" id=\"%s\">\n"
	    "<figcaption><h3>%s</h3><p>%s</p></figcaption>\n",
	    chart->id, chart->title, chart->about);
	if (chart->series[1]) {
		g_string_append(out, "<ul class=\"legend\">");
		for (size_t i = 0; i < series(chart); i++)
			g_string_append_printf(out, "<li class=\"%s\">%s</li>",
			    chart->classes[i], chart->series[i]);
		g_string_append(out, "</ul>\n");
	}
	g_string_append_printf(out, "<svg role=\"img\" width=\"100%%\" "
	    "height=\"%zu\" aria-labelledby=\"%s-title %s-desc\">\n", height,
	    chart->id, chart->id);
	append_description(out, chart, bars);
}

static void
append_table(GString *out, const struct ms_htmlchart *chart)
{
	g_string_append_printf(out, "<details><summary>Figures</summary>\n"
	    "<table class=\"figures\"><caption>%s</caption>\n<thead><tr>"
	    "<th scope=\"col\">%s</th>", chart->title, chart->column);
	for (size_t i = 0; i < series(chart); i++)
		g_string_append_printf(out, "<th scope=\"col\">%s</th>",
		    chart->series[i]);
	g_string_append(out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < chart->count; i++) {
		g_string_append(out, "<tr><th scope=\"row\">");
		ms_htmltext_append(out, chart->bars[i].name, NAME_MAX_SHOWN);
		g_string_append(out, "</th>");
		for (size_t k = 0; k < series(chart); k++) {
			g_string_append(out, "<td>");
			ms_htmltext_number(out, chart->bars[i].counts[k]);
			g_string_append(out, "</td>");
		}
		g_string_append(out, "</tr>\n");
	}
	g_string_append(out, "</tbody></table></details>\n");
}

static void
append_end(GString *out, const struct ms_htmlchart *chart)
{
	g_string_append(out, "</svg>\n");
	if (chart->note) {
		g_string_append(out, "<p class=\"note\">");
		ms_htmltext_append(out, chart->note, SIZE_MAX);
		g_string_append(out, "</p>\n");
	}
	append_table(out, chart);
	g_string_append(out, "</figure>\n");
}

static const char *
class_of(const struct ms_htmlchart *chart, const struct ms_htmlchart_bar *bar,
    size_t i)
{
	return i == 0 && bar->class ? bar->class : chart->classes[i];
}

/* The parts of BAR from left to right; the smallest can still be seen. */
static void
append_bar(GString *out, const struct ms_htmlchart *chart,
    const struct ms_htmlchart_bar *bar, size_t y, uint64_t max)
{
	uint64_t at = 0;

	g_string_append_printf(out, "<rect class=\"track\" width=\"100%%\" "
	    "y=\"%zu\" height=\"%d\"/>", y, BAR_HEIGHT);
	for (size_t i = 0; i < series(chart); i++) {
		uint64_t count = bar->counts[i];

		if (count == 0)
			continue;
		g_string_append(out, "<rect x=\"");
		ms_htmltext_percent(out, at, max);
		g_string_append(out, "\" width=\"");
		ms_htmltext_percent(out, MAX(count, max / 250), max);
		g_string_append_printf(out, "\" y=\"%zu\" height=\"%d\" "
		    "class=\"%s\"/>", y, BAR_HEIGHT, class_of(chart, bar, i));
		at += count;
	}
}

void
ms_htmlchart_bars(GString *out, const struct ms_htmlchart *chart,
    uint64_t whole)
{
	uint64_t max = largest(chart, chart->count);

	append_begin(out, chart, chart->count, chart->count * BAR_STEP);
	for (size_t i = 0; i < chart->count; i++) {
		const struct ms_htmlchart_bar *bar = &chart->bars[i];
		size_t y = i * BAR_STEP;

		g_string_append(out, "<g><title>");
		append_words(out, chart, bar, NAME_MAX_SHOWN);
		/* A drawing of its own cuts off what is too long for it. */
		g_string_append_printf(out, "</title><svg y=\"%zu\" "
		    "width=\"%d%%\" height=\"%d\"><text y=\"14\">", y,
		    whole > 0 ? 60 : 84, BAR_AT);
		if (chart->tails)
			ms_htmltext_tail(out, bar->name, LABEL_MAX);
		else
			ms_htmltext_append(out, bar->name, LABEL_MAX);
		g_string_append_printf(out, "</text></svg><text x=\"100%%\" "
		    "y=\"%zu\" class=\"count\">", y + 14);
		ms_htmltext_number(out, total(chart, bar));
		if (whole > 0) {
			g_string_append(out, " <tspan>");
			ms_htmltext_percent(out, total(chart, bar), whole);
			g_string_append(out, "</tspan>");
		}
		g_string_append(out, "</text>");
		append_bar(out, chart, bar, y + BAR_AT, max);
		g_string_append(out, "</g>\n");
	}
	append_end(out, chart);
}

/* A round figure that is not less than COUNT: 1 to 6, 8 or 10 times a power
 * of ten. */
static uint64_t
scale_of(uint64_t count)
{
	static const unsigned steps[] = { 1, 2, 3, 4, 5, 6, 8 };
	uint64_t power = 1;

	while (power <= UINT64_MAX / 100 && power * 10 < count)
		power *= 10;
	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
		if (count <= steps[i] * power)
			return steps[i] * power;
	return 10 * power;
}

static void
append_line(GString *out, int y, uint64_t count)
{
	g_string_append_printf(out, "<line class=\"grid\" x2=\"100%%\" "
	    "y1=\"%d\" y2=\"%d\"/><text class=\"axis\" y=\"%d\">", y, y,
	    y - 4);
	ms_htmltext_number(out, count);
	g_string_append(out, "</text>\n");
}

/* Where column I of SLOTS begins: eighths of a slot, behind the scale. */
static void
append_left(GString *out, size_t i, size_t slots)
{
	g_string_append(out, " x=\"");
	ms_htmltext_percent(out, SCALE * 8 * slots +
	    (100 - SCALE) * (8 * i + 1), 100 * 8 * slots);
	g_string_append_c(out, '"');
}

/* The parts of the Ith bar from the ground up. */
static void
append_column(GString *out, const struct ms_htmlchart *chart, size_t i,
    size_t slots, uint64_t scale)
{
	const struct ms_htmlchart_bar *bar = &chart->bars[i];
	uint64_t ground = COLUMNS_TOP + COLUMNS_HEIGHT;

	g_string_append(out, "<g><title>");
	append_words(out, chart, bar, LABEL_MAX);
	g_string_append(out, "</title>");
	for (size_t k = 0; k < series(chart); k++) {
		uint64_t height = scale > UINT64_MAX / COLUMNS_HEIGHT ? 0 :
		    bar->counts[k] * COLUMNS_HEIGHT / scale;

		if (bar->counts[k] == 0)
			continue;
		height = MIN(MAX(height, 2), ground - COLUMNS_TOP);
		ground -= height;
		g_string_append(out, "<rect");
		append_left(out, i, slots);
		g_string_append(out, " width=\"");
		ms_htmltext_percent(out, (100 - SCALE) * 6, 100 * 8 * slots);
		g_string_append_printf(out, "\" y=\"%" PRIu64 "\" height=\"%"
		    PRIu64 "\" class=\"%s\"/>", ground, height,
		    class_of(chart, bar, k));
	}
	g_string_append(out, "</g>\n");
}

void
ms_htmlchart_columns(GString *out, const struct ms_htmlchart *chart,
    size_t bars)
{
	uint64_t scale = scale_of(largest(chart, bars));
	size_t slots = MAX(bars, SLOTS_MIN);
	size_t step = (slots + LABELS_MAX - 1) / LABELS_MAX;

	append_begin(out, chart, bars, COLUMNS_TOP + COLUMNS_HEIGHT +
	    COLUMNS_FOOT);
	append_line(out, COLUMNS_TOP, scale);
	if (scale % 2 == 0)
		append_line(out, COLUMNS_TOP + COLUMNS_HEIGHT / 2, scale / 2);
	for (size_t i = 0; i < bars; i++)
		append_column(out, chart, i, slots, scale);
	g_string_append_printf(out, "<line class=\"ground\" x2=\"100%%\" "
	    "y1=\"%d\" y2=\"%d\"/>\n", COLUMNS_TOP + COLUMNS_HEIGHT,
	    COLUMNS_TOP + COLUMNS_HEIGHT);
	for (size_t i = 0; i < bars; i += step) {
		g_string_append(out, "<text class=\"axis\"");
		append_left(out, i, slots);
		g_string_append_printf(out, " y=\"%d\">", COLUMNS_TOP +
		    COLUMNS_HEIGHT + 17);
		ms_htmltext_append(out, chart->bars[i].name, LABEL_MAX);
		g_string_append(out, "</text>\n");
	}
	append_end(out, chart);
}
