#include "state/upkeep.h"

#include "state/marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "state/store_made.h"

/* More than this is in state_test: whole runs. */

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
test_empty(void **state)
{
	struct ms_upkeep_info info;
	struct ms_upkeep_pruned pruned;

	(void)state;
	assert_int_equal(MS_OK, ms_upkeep_info(store, &info, NULL));
	assert_int_equal(0, info.folders + info.files + info.messages +
	    info.found + info.digests + info.runs);
	assert_true(info.bytes > 0 && info.began == -1 && info.ended == -1);
	assert_null(info.engine);
	ms_upkeep_info_clear(&info);
	assert_int_equal(MS_OK, ms_upkeep_prune(store, INT64_MAX, &pruned,
	    NULL));
	assert_int_equal(0, pruned.folders + pruned.digests);
}

static void
put(struct ms_marks *marks, char which, int64_t run)
{
	unsigned char mark[MS_SECRET_MARK] = { (unsigned char)which };
	const struct ms_marks_row row = { run, 0 };

	assert_int_equal(MS_OK, ms_marks_put(marks, mark, &row, NULL));
}

/* What a killed run left unsorted is counted, and judged again by age. */
static void
test_recent(void **state)
{
	struct ms_upkeep_pruned pruned;
	struct ms_upkeep_info info;
	struct ms_marks *marks;

	(void)state;
	assert_int_equal(MS_OK, ms_store_do(store, "INSERT INTO run(id, "
	    "began) VALUES(1, 100), (2, 200)", 0, NULL));
	assert_int_equal(MS_OK, ms_marks_new(store, &marks, NULL));
	put(marks, 'a', 1);
	put(marks, 'b', 1);
	assert_int_equal(MS_OK, ms_marks_settle(marks, NULL));
	put(marks, 'b', 2);
	put(marks, 'c', 1);
	put(marks, 'c', 2);
	put(marks, 'd', 1);
	ms_marks_free(marks);
	assert_int_equal(MS_OK, ms_upkeep_info(store, &info, NULL));
	assert_int_equal(4, info.digests);
	assert_int_equal(2, info.runs);
	assert_int_equal(200, info.began);
	ms_upkeep_info_clear(&info);
	assert_int_equal(MS_OK, ms_upkeep_prune(store, 150, &pruned, NULL));
	assert_int_equal(2, pruned.digests);
	assert_int_equal(2, store_number(store,
	    "SELECT count(*) FROM message"));
	assert_int_equal(0, store_number(store,
	    "SELECT count(*) FROM recent"));
}

/* A table is missing. */
static void
test_damaged(void **state)
{
	struct ms_upkeep_info info;
	struct ms_error err;

	(void)state;
	assert_int_equal(MS_OK, ms_store_do(store, "INSERT INTO run(id, "
	    "began, engine) VALUES(1, 100, 'test')", 0, NULL));
	assert_int_equal(MS_OK, ms_store_do(store, "DROP TABLE entry", 0,
	    NULL));
	assert_true(ms_upkeep_info(store, &info, &err) < 0);
	assert_null(info.engine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_recent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
