#include "report/htmltally.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
add(struct ms_htmltally *tally, const char *name, unsigned found,
    unsigned open)
{
	while (found-- > 0)
		ms_htmltally_add(tally, name, MS_HTMLTALLY_FOUND);
	while (open-- > 0)
		ms_htmltally_add(tally, name, MS_HTMLTALLY_OPEN);
}

static void
expect(const struct ms_htmltally_item *item, const char *name,
    uint64_t found, uint64_t open)
{
	if (name)
		assert_string_equal(name, item->name);
	else
		assert_null(item->name);
	assert_int_equal(found, item->counts[MS_HTMLTALLY_FOUND]);
	assert_int_equal(open, item->counts[MS_HTMLTALLY_OPEN]);
}

static void
test_top(void **state)
{
	struct ms_htmltally *tally = ms_htmltally_new();
	struct ms_htmltally_item items[4];

	(void)state;
	assert_int_equal(0, ms_htmltally_top(tally, 3, items));
	add(tally, "b", 2, 0);
	add(tally, "a", 2, 0);
	add(tally, "c", 2, 1);
	assert_int_equal(3, ms_htmltally_top(tally, 3, items));
	expect(&items[0], "c", 2, 1);
	expect(&items[1], "a", 2, 0);
	expect(&items[2], "b", 2, 0);
	add(tally, "d", 0, 9);
	add(tally, "e", 1, 0);
	assert_int_equal(4, ms_htmltally_top(tally, 3, items));
	expect(&items[3], NULL, 1, 9);
	assert_int_equal(1, ms_htmltally_top(tally, 0, items));
	expect(&items[0], NULL, 7, 10);
	assert_int_equal(5, ms_htmltally_names(tally));
	assert_false(ms_htmltally_is_full(tally));
	ms_htmltally_free(tally);
	ms_htmltally_free(NULL);
}

/* Names without end are counted, but not kept. */
static void
test_full(void **state)
{
	struct ms_htmltally *tally = ms_htmltally_new();
	struct ms_htmltally_item items[2];
	char name[16];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < MS_HTMLTALLY_NAMES_MAX + 7; i++) {
			g_snprintf(name, sizeof name, "%d", i);
			add(tally, name, 1, 1);
		}
	}
	assert_true(ms_htmltally_is_full(tally));
	assert_int_equal(MS_HTMLTALLY_NAMES_MAX, ms_htmltally_names(tally));
	assert_int_equal(2, ms_htmltally_top(tally, 1, items));
	expect(&items[0], "0", 2, 2);
	expect(&items[1], NULL, 2 * (MS_HTMLTALLY_NAMES_MAX + 6),
	    2 * (MS_HTMLTALLY_NAMES_MAX + 6));
	ms_htmltally_free(tally);
}

static void
test_long_names(void **state)
{
	struct ms_htmltally *tally = ms_htmltally_new();
	char *name = g_strnfill(65536, 'x');

	(void)state;
	add(tally, name, 1, 0);
	name[65535] = 'y';
	add(tally, name, 1, 0);
	assert_int_equal(1, ms_htmltally_names(tally));
	name[1] = 'y';
	add(tally, name, 1, 0);
	assert_int_equal(2, ms_htmltally_names(tally));
	g_free(name);
	ms_htmltally_free(tally);
}

static void
test_months(void **state)
{
	static const struct {
		int year, month;
	} dates[] = {
		{ 1969, 12 }, { 1970, 1 }, { 2026, 3 }, { 2026, 5 },
		{ 2026, 5 }, { 2099, 12 }, { 2100, 1 }, { 0, 0 }, { 9999, 1 },
		{ 1, 1 },
	};
	const size_t may_2026 = (2026 - 1970) * 12 + 4;
	struct ms_htmltally_months *months = g_new0(
	    struct ms_htmltally_months, 1);
	size_t first;

	(void)state;
	assert_int_equal(0, ms_htmltally_span(months, 700, 12, &first));
	for (size_t i = 0; i < G_N_ELEMENTS(dates); i++)
		ms_htmltally_month(months, dates[i].year, dates[i].month,
		    MS_HTMLTALLY_FOUND);
	assert_int_equal(4, months->odd[MS_HTMLTALLY_FOUND]);
	assert_int_equal(1, months->none[MS_HTMLTALLY_FOUND]);
	assert_int_equal(2, months->counts[may_2026][MS_HTMLTALLY_FOUND]);
	assert_int_equal(1, months->counts[0][MS_HTMLTALLY_FOUND]);

	/* From March to May, whenever the report is written. */
	assert_int_equal(3, ms_htmltally_span(months, may_2026, 12, &first));
	assert_int_equal(may_2026 - 2, first);
	assert_int_equal(3, ms_htmltally_span(months, may_2026 + 99, 12,
	    &first));
	assert_int_equal(may_2026 - 2, first);
	assert_int_equal(1, ms_htmltally_span(months, may_2026 + 99, 1,
	    &first));
	assert_int_equal(may_2026, first);
	/* May is the future in April. */
	assert_int_equal(1, ms_htmltally_span(months, may_2026 - 1, 12,
	    &first));
	assert_int_equal(1, ms_htmltally_span(months, SIZE_MAX - 1, 12,
	    &first));
	assert_int_equal(MS_HTMLTALLY_MONTHS - 1, first);

	assert_int_equal(1, ms_htmltally_before(months,
	    may_2026 - 2).counts[MS_HTMLTALLY_FOUND]);
	assert_int_equal(1, ms_htmltally_after(months,
	    may_2026 + 1).counts[MS_HTMLTALLY_FOUND]);
	g_free(months);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_months),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
