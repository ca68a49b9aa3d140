#include "state/entries.h"

#include "state/rows.h"

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
put(int64_t folder, uint32_t number, int64_t name, uint64_t messages)
{
	const struct ms_memory_end end = { .offset = 1 };
	const struct ms_rows_entry entry = { ms_entries_id(folder, number),
		name, name / 2 + 1, 3, messages, number % 2 == 0 };

	assert_int_equal(MS_OK, ms_rows_put_entry(store, &entry, NULL));
	assert_int_equal(MS_OK, ms_rows_put_tail(store, entry.id, &end,
	    NULL));
}

static struct ms_entries *
load(int64_t folder)
{
	struct ms_entries *entries = NULL;

	assert_int_equal(MS_OK, ms_entries_load(store, folder, &entries,
	    NULL));
	return entries;
}

static void
test_find(void **state)
{
	static const int64_t names[] = { 50, 10, INT64_MAX, 0, 30 };
	struct ms_entries *entries = load(7);

	(void)state;
	assert_null(ms_entries_find(entries, 0));
	assert_int_equal(1, ms_entries_next(entries));
	ms_entries_free(entries);
	for (uint32_t i = 0; i < G_N_ELEMENTS(names); i++) {
		put(7, i + 1, names[i], i);
		put(6, i + 100, names[i] / 2 + 1, 1);
		put(8, i + 100, names[i] / 2 + 1, 1);
	}
	entries = load(7);
	for (uint32_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const struct ms_entries_one *one = ms_entries_find(entries,
		    names[i]);

		assert_non_null(one);
		assert_int_equal(i + 1, one->number);
		assert_true(one->print == names[i] / 2 + 1);
		assert_int_equal(3, one->run);
		assert_int_equal(i % 2 == 1, one->found);
		assert_int_equal(i != 1, one->many);
		assert_false(one->seen);
	}
	assert_null(ms_entries_find(entries, 31));
	assert_null(ms_entries_find(entries, -1));
	assert_int_equal(6, ms_entries_next(entries));
	assert_int_equal(7, ms_entries_next(entries));
	ms_entries_free(entries);
}

static void
test_forget(void **state)
{
	struct ms_entries *entries;

	(void)state;
	for (uint32_t i = 1; i <= 9; i++) {
		put(1, i, i, 1);
		put(2, i, i, 1);
	}
	entries = load(1);
	for (uint32_t i = 1; i <= 9; i += 2)
		ms_entries_find(entries, i)->seen = true;
	assert_int_equal(MS_OK, ms_entries_forget(entries, NULL));
	ms_entries_free(entries);
	entries = load(1);
	for (uint32_t i = 1; i <= 9; i++)
		assert_int_equal(i % 2 == 1, ms_entries_find(entries, i) !=
		    NULL);
	ms_entries_free(entries);
	assert_int_equal(14, store_number(store, "SELECT count(*) FROM tail"));
	assert_int_equal(MS_OK, ms_entries_drop(store, 2, NULL));
	assert_int_equal(5, store_number(store, "SELECT count(*) FROM entry"));
	assert_int_equal(5, store_number(store,
	    "SELECT count(*) FROM tail"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_find, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forget, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
