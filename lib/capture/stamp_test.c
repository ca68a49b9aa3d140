#include "capture/stamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <glib.h>

static void
test_both(void **state)
{
	static const struct {
		int64_t time_us;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000000Z" },
		{ 1, "1970-01-01T00:00:00.000001Z" },
		{ 951782400000000, "2000-02-29T00:00:00.000000Z" },
		{ 1795244400123456, "2026-11-21T07:00:00.123456Z" },
		{ 253402300799999999, "9999-12-31T23:59:59.999999Z" },
		{ 253402300800000000, "@253402300800000000" },
		{ -1, "@-1" },
		{ INT64_MAX, "@9223372036854775807" },
		{ INT64_MIN, "@-9223372036854775808" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char text[MS_STAMP_SIZE];
		int64_t back;
		size_t used;

		ms_stamp_format(cases[i].time_us, text);
		assert_string_equal(cases[i].text, text);
		assert_true(ms_stamp_parse(text, strlen(text), &back, &used));
		assert_true(back == cases[i].time_us);
		assert_int_equal(strlen(text), used);
	}
}

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t want;		/* -1: none */
		size_t used;
	} cases[] = {
		{ "2026-11-21T07:00:00Z x", 1795244400000000, 20 },
		{ "2026-11-21T09:00:00+02:00", 1795244400000000, 25 },
		{ "2026-11-21T09:00:00.5+0200", 1795244400500000, 26 },
		{ "2026-11-21 05:30:00,000001-01:30", 1795244400000001, 32 },
		{ "2026-11-21T07:00:00.1234567891Z", 1795244400123456, 31 },
		{ "2026-11-21T07:00:00", -1, 0 },
		{ "2026-13-21T07:00:00Z", -1, 0 },
		{ "2026-11-00T07:00:00Z", -1, 0 },
		{ "2026-11-21T24:00:00Z", -1, 0 },
		{ "1969-12-31T23:59:59Z", -1, 0 },
		{ "2026-1-21T07:00:00Z", -1, 0 },
		{ "@", -1, 0 }, { "@-", -1, 0 }, { "@x", -1, 0 },
		{ "@9223372036854775808", -1, 0 },
		{ "@-9223372036854775809", -1, 0 },
		{ "@99999999999999999999", -1, 0 },
		{ "@17x", 17, 3 },
		{ "", -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		int64_t got = -1;
		size_t used;
		bool found = ms_stamp_parse(cases[i].text,
		    strlen(cases[i].text), &got, &used);

		print_message("  %s\n", cases[i].text);
		assert_int_equal(cases[i].want != -1, found);
		if (found) {
			assert_true(got == cases[i].want);
			assert_int_equal(cases[i].used, used);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
