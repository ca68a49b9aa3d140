#include "report/htmlchart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static unsigned
count(const GString *out, const char *what)
{
	unsigned n = 0;

	for (const char *p = out->str; (p = strstr(p, what)); p++)
		n++;
	return n;
}

static void
has(const GString *out, const char *what)
{
	if (!strstr(out->str, what))
		print_message("%s\nis not in\n%s\n", what, out->str);
	assert_non_null(strstr(out->str, what));
}

static void
test_bars(void **state)
{
	static const struct ms_htmlchart_bar bars[] = {
		{ "<b>", NULL, { 30, 10 } },
		{ "two", NULL, { 0, 20 } },
		{ "none", NULL, { 0, 0 } },
		{ "a/rather/long/path/that/ends/with/what/matters.mbox",
		    NULL, { 1, 0 } },
	};
	struct ms_htmlchart chart = {
		.id = "x", .title = "T", .about = "A.", .column = "C",
		.series = { "s", "t" }, .classes = { "one", "other" },
		.tails = true, .note = "n & m",
		.bars = bars, .count = G_N_ELEMENTS(bars),
	};
	GString *out = g_string_new("");

	(void)state;
	ms_htmlchart_bars(out, &chart, 0);
	has(out, "<svg role=\"img\"");
	has(out, "aria-labelledby=\"x-title x-desc\"");
	has(out, "<title id=\"x-title\">T</title><desc id=\"x-desc\">A. "
	    "&lt;b&gt;: 30 s, 10 t; two: 0 s, 20 t; none: 0 s, 0 t; ");
	has(out, "<title>&lt;b&gt;: 30 s, 10 t</title>");
	has(out, "<rect x=\"0.00%\" width=\"75.00%\"");
	has(out, "<rect x=\"75.00%\" width=\"25.00%\"");
	has(out, "<rect x=\"0.00%\" width=\"50.00%\"");
	has(out, "<rect x=\"0.00%\" width=\"2.50%\"");
	has(out, "ends/with/what/matters.mbox</text>");
	has(out, "class=\"count\">40</text>");
	has(out, "<th scope=\"row\">two</th><td>0</td><td>20</td>");
	has(out, "<p class=\"note\">n &amp; m</p>");
	assert_int_equal(4, count(out, "class=\"track\""));
	assert_int_equal(2, count(out, "class=\"other\"/>"));
	assert_int_equal(0, count(out, "<b>"));
	g_string_free(out, TRUE);
}

/* The share of a whole, a class for each bar, and nothing at all. */
static void
test_share(void **state)
{
	static const struct ms_htmlchart_bar bars[] = {
		{ "infected", "bad", { 1 } },
		{ "clean", "good", { 999999 } },
	};
	static const struct ms_htmlchart_bar nothing[] = {
		{ "clean", "good", { 0 } },
	};
	struct ms_htmlchart chart = {
		.id = "x", .title = "T", .about = "A.", .column = "C",
		.series = { "messages" }, .bars = bars, .count = 2,
	};
	GString *out = g_string_new("");

	(void)state;
	ms_htmlchart_bars(out, &chart, 1000000);
	has(out, "infected: 1; clean: 999,999.</desc>");
	has(out, "999,999 <tspan>99.99%</tspan>");
	/* One in a million can still be seen. */
	has(out, "<rect x=\"0.00%\" width=\"0.39%\"");
	has(out, "class=\"bad\"/>");
	assert_int_equal(0, count(out, "legend"));
	g_string_truncate(out, 0);
	chart.bars = nothing;
	chart.count = 1;
	ms_htmlchart_bars(out, &chart, 0);
	assert_int_equal(0, count(out, "class=\"good\""));
	g_string_free(out, TRUE);
}

static void
test_columns(void **state)
{
	static const struct ms_htmlchart_bar bars[] = {
		{ "2026-01", NULL, { 21, 0 } },
		{ "2026-02", NULL, { 0, 0 } },
		{ "2026-03", NULL, { 10, 20 } },
		{ "earlier", NULL, { 5000, 0 } },
	};
	struct ms_htmlchart chart = {
		.id = "x", .title = "T", .about = "A.", .column = "Month",
		.series = { "s", "t" }, .classes = { "one", "other" },
		.bars = bars, .count = 4,
	};
	GString *out = g_string_new("");

	(void)state;
	ms_htmlchart_columns(out, &chart, 3);
	/* The scale goes to 30: 150 pixels, and the sum has no column. */
	has(out, "y=\"14\">30</text>");
	has(out, "y=\"89\">15</text>");
	has(out, "y=\"63\" height=\"105\" class=\"one\"");
	has(out, "y=\"118\" height=\"50\" class=\"one\"");
	has(out, "y=\"18\" height=\"100\" class=\"other\"");
	has(out, ">2026-01</text>");
	assert_int_equal(3, count(out, "<rect"));
	assert_int_equal(3, count(out, "<g>"));
	has(out, "<th scope=\"row\">earlier</th><td>5,000</td><td>0</td>");
	g_string_free(out, TRUE);
}

/* Figures that nobody will ever see must not break anything either. */
static void
test_extremes(void **state)
{
	static const uint64_t counts[] = { 0, 1, 7, 10, 11, UINT64_MAX / 2,
		UINT64_MAX };
	struct ms_htmlchart_bar bar = { .name = "n" };
	struct ms_htmlchart chart = {
		.id = "x", .title = "T", .about = "A.", .column = "C",
		.series = { "s" }, .classes = { "one" }, .bars = &bar,
		.count = 1,
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
		GString *out = g_string_new("");

		bar.counts[0] = counts[i];
		ms_htmlchart_bars(out, &chart, counts[i]);
		ms_htmlchart_columns(out, &chart, 1);
		ms_htmlchart_columns(out, &chart, 0);
		has(out, "</figure>");
		g_string_free(out, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
