#include "state/rows.h"

#include "base/clock.h"
#include "state/entries.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "state/store_made.h"

static struct ms_store *store;

static int
setup(void **state)
{
	(void)state;
	store = store_make();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ms_store_close(store);
	return 0;
}

static void
test_racy(void **state)
{
	struct stat st = { .st_mtim = { ms_clock_wall(), 0 } };

	(void)state;
	assert_true(ms_rows_is_racy(&st));
	st.st_mtim.tv_sec += 3600;
	assert_true(ms_rows_is_racy(&st));
	st.st_mtim.tv_sec -= 3610;
	assert_false(ms_rows_is_racy(&st));
}

static void
put(const char *path, int64_t id, int64_t seen)
{
	const struct ms_rows_folder row = { id, 5, 6, 7 };
	const struct ms_rows_entry entry = { .id = ms_entries_id(id, 1) };

	assert_int_equal(MS_OK, ms_rows_put_folder(store, path, &row, seen,
	    NULL));
	assert_int_equal(MS_OK, ms_rows_put_entry(store, &entry, NULL));
}

static void
check(const char *path, int64_t id)
{
	struct ms_rows_folder row;

	assert_int_equal(id == 0 ? MS_END : MS_OK, ms_rows_get_folder(store,
	    path, &row, NULL));
	assert_int_equal(id, row.id);
	assert_int_equal(id == 0 ? 0 : 7, row.messages);
}

static void
test_folder(void **state)
{
	int64_t last = -1;

	(void)state;
	assert_int_equal(MS_OK, ms_rows_last_folder(store, &last, NULL));
	assert_int_equal(0, last);
	check("/a", 0);
	put("/a", 1, 1);
	put("/a\xff", 9, 1);
	check("/a", 1);
	check("/a\xff", 9);
	check("/A", 0);
	put("/a", 2, 1);
	check("/a", 2);
	assert_int_equal(MS_OK, ms_rows_last_folder(store, &last, NULL));
	assert_int_equal(9, last);
}

/* Only what is below, and was not looked at, is forgotten. */
static void
test_below(void **state)
{
	(void)state;
	put("/a", 1, 1);
	put("/a/b", 2, 1);
	put("/a/b/c", 3, 2);
	put("/a/\xff", 4, 1);
	put("/a.b", 5, 1);
	put("/a0", 6, 1);
	assert_int_equal(MS_OK, ms_rows_forget_below(store, "/a", 2, NULL));
	check("/a", 1);
	check("/a/b", 0);
	check("/a/b/c", 3);
	check("/a/\xff", 0);
	check("/a.b", 5);
	check("/a0", 6);
	assert_int_equal(4, store_number(store,
	    "SELECT count(*) FROM entry"));
	assert_int_equal(MS_OK, ms_rows_forget_below(store, "/", 2, NULL));
	check("/a", 0);
	check("/a/b/c", 3);
}

static void
test_entry(void **state)
{
	const struct ms_rows_entry entry = { 3, 1, 2, 1, 12, true };
	struct ms_memory_end end = { 100, 4, { "x" } }, got;
	uint64_t messages = 1;

	(void)state;
	assert_int_equal(MS_OK, ms_rows_get_messages(store, 3, &messages,
	    NULL));
	assert_int_equal(0, messages);
	assert_int_equal(MS_OK, ms_rows_put_entry(store, &entry, NULL));
	assert_int_equal(MS_OK, ms_rows_get_messages(store, 3, &messages,
	    NULL));
	assert_int_equal(12, messages);
	assert_int_equal(MS_OK, ms_rows_get_tail(store, 3, &got, NULL));
	assert_int_equal(0, got.offset);
	assert_int_equal(MS_OK, ms_rows_put_tail(store, 3, &end, NULL));
	assert_int_equal(MS_OK, ms_rows_get_tail(store, 3, &got, NULL));
	assert_int_equal(100, got.offset);
	assert_int_equal(4, got.index);
	assert_true(ms_hash_equal(&end.before, &got.before));
	end.offset = 0;
	assert_int_equal(MS_OK, ms_rows_put_tail(store, 3, &end, NULL));
	assert_int_equal(MS_OK, ms_rows_get_tail(store, 3, &got, NULL));
	assert_int_equal(0, got.offset);
}

/* A digest of another size is none. */
static void
test_bad_tail(void **state)
{
	struct ms_memory_end got;

	(void)state;
	assert_int_equal(MS_OK, ms_store_do(store, "INSERT INTO tail(entry, "
	    "offset, number, before) VALUES(1, 5, 5, x'0102')", 0, NULL));
	assert_int_equal(MS_OK, ms_rows_get_tail(store, 1, &got, NULL));
	assert_int_equal(0, got.offset);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_racy),
		cmocka_unit_test_setup_teardown(test_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_below, setup, teardown),
		cmocka_unit_test_setup_teardown(test_entry, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_tail, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
