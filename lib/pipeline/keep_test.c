#include "pipeline/keep.h"

#include "pool/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

static void
put(struct ms_shelf *shelf, struct ms_shelf_item *item, GByteArray *frame)
{
	(void)ms_shelf_put(shelf, item, frame->data, frame->len);
	g_byte_array_unref(frame);
}

static void
test_wants(void **state)
{
	struct ms_shelf *shelf = ms_shelf_new(".", 1 << 20);
	struct ms_shelf_item *items[4];
	static const struct {
		bool found, gaps, want[4];
	} rows[] = {
		{ false, false, { false, false, false, false } },
		{ true, false, { false, true, false, false } },
		{ false, true, { false, false, true, true } },
		{ true, true, { false, true, true, true } },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
		static const struct ms_headers none;

		items[i] = ms_shelf_add(shelf);
		put(shelf, items[i], ms_frame_headers(&none));
	}
	put(shelf, items[1], ms_frame_finding(MS_FINDING_MALWARE,
	    "e", "n", "1"));
	put(shelf, items[2], ms_frame_gap(MS_REASON_ENCRYPTED, "", ""));
	put(shelf, items[3], ms_frame_ambiguity("a", "", ""));
	for (size_t row = 0; row < G_N_ELEMENTS(rows); row++) {
		struct ms_keep keep;

		ms_keep_init(&keep, rows[row].found, rows[row].gaps);
		for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
			assert_int_equal(rows[row].want[i],
			    ms_keep_wants(&keep, items[i], false));
			assert_int_equal(row > 0,
			    ms_keep_wants(&keep, items[i], true));
		}
	}
	for (size_t i = 0; i < G_N_ELEMENTS(items); i++)
		ms_shelf_drop(shelf, items[i]);
	ms_shelf_free(shelf);
}

/* Full by number or by bytes, and never because of pieces. */
static void
test_room(void **state)
{
	struct ms_keep keep;

	(void)state;
	ms_keep_init(&keep, true, false);
	assert_true(keep.max >= 16);
	for (unsigned i = 0; i < keep.max; i++) {
		assert_false(ms_keep_is_full(&keep));
		assert_true(ms_keep_take(&keep, 10, true));
		assert_true(ms_keep_take(&keep, 10, false));
	}
	assert_true(ms_keep_is_full(&keep));
	assert_false(ms_keep_take(&keep, 10, true));
	ms_keep_give(&keep, 10, false);
	assert_false(ms_keep_is_full(&keep));
	assert_true(ms_keep_take(&keep, MS_KEEP_BYTES, false));
	ms_keep_give(&keep, 10, false);
	assert_true(ms_keep_is_full(&keep));
	ms_keep_give(&keep, MS_KEEP_BYTES, false);
	assert_false(ms_keep_is_full(&keep));
	ms_keep_give(&keep, 10, true);
	assert_false(ms_keep_take(&keep, MS_KEEP_BYTES, true));
	assert_true(ms_keep_take(&keep, 10, true));
}

/* The system is asked for descriptors, for no more than it gives, and not if
 * nothing is to be kept. */
static void
test_descriptors(void **state)
{
	struct rlimit old, limit;
	struct ms_keep keep;

	(void)state;
	assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &old));
	limit = (struct rlimit){ 100, MIN(old.rlim_max, 400) };
	assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &limit));
	ms_keep_init(&keep, false, false);
	assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &limit));
	assert_int_equal(100, limit.rlim_cur);
	ms_keep_init(&keep, false, true);
	assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &limit));
	assert_int_equal(limit.rlim_max, limit.rlim_cur);
	assert_int_equal(limit.rlim_cur / 4, keep.max);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wants),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
