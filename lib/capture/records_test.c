#include "capture/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

/* Where the first record that is none begins; -1: all are. In pieces of so
 * many bytes. */
static int
walk(const char *bytes, size_t size, size_t step)
{
	struct ms_records records = { 0 };

	for (size_t at = 0; at < size; at += step)
		if (!ms_records_feed(&records, bytes + at,
		    MIN(step, size - at)))
			return (int)records.start;
	return -1;
}

#define WALK(text) { text, sizeof text - 1

static void
test_heads(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		int want;
	} cases[] = {
		{ "", 0, -1 },
		WALK("\x16\x03\x01\0\2ab"), -1 },
		WALK("\x16\x03\x01\0\2ab\x17\3\3\0\1x\x15\3\3\0\0\x14"), -1 },
		WALK("\x16\x03\x01\0\2abMAIL"), 7 },
		WALK("\x16\x03\x01\0\0\x18\3\3\0\1x\x19\3"), 11 },
		WALK("\x13\x03\x01\0\2ab"), 0 },
		WALK("\x16\x02\x01\0\2ab"), 0 },
		WALK("\x16\x03\x05\0\2ab"), 0 },
		WALK("\x17\x03\x03\x48\0"), -1 },
		WALK("\x17\x03\x03\x48\1"), 0 },
		WALK("\x17\x03\x03\xff"), -1 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		for (size_t step = 1; step <= 9; step++)
			assert_int_equal(cases[i].want, walk(cases[i].bytes,
			    cases[i].size, step));
}

/* What is missing within a record is some of its bytes; more than that, or who
 * knows how much, and nobody knows where the next head is. */
static void
test_gaps(void **state)
{
	static const struct {
		uint64_t gap;
		bool want;
	} cases[] = { { 1, true }, { 2, false }, { 3, true }, { 0, true },
		{ 9, true } };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_records records = { 0 };

		assert_true(ms_records_feed(&records, "\x16\3\1\0\4ab", 7));
		ms_records_skip(&records, cases[i].gap);
		assert_int_equal(cases[i].gap != 1 && cases[i].gap != 2,
		    records.lost);
		assert_int_equal(cases[i].want,
		    ms_records_feed(&records, "x", 1));
	}
}

/* Within a head all is lost. */
static void
test_gap_in_head(void **state)
{
	struct ms_records records = { 0 };

	(void)state;
	assert_true(ms_records_feed(&records, "\x16\3", 2));
	ms_records_skip(&records, 1);
	assert_true(ms_records_feed(&records, "\xff\xff\xff\xff", 4));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_gap_in_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
