#include "state/runs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

static struct ms_runs_config
config(unsigned char database, unsigned char options)
{
	return (struct ms_runs_config){ .engine = "test",
		.database = { { database } }, .options = { { options } } };
}

static struct ms_runs *
begin(const struct ms_runs_config *how)
{
	struct ms_runs *runs = NULL;

	assert_int_equal(MS_OK, ms_runs_begin(store, how, &runs, NULL));
	return runs;
}

/* A run that ENDs, or not; its number. */
static int64_t
past(unsigned char database, unsigned char options, bool end, bool whole)
{
	struct ms_runs_config how = config(database, options);
	struct ms_runs *runs = begin(&how);
	int64_t id = ms_runs_current(runs);

	if (end)
		assert_int_equal(MS_OK, ms_runs_end(runs, whole, NULL));
	ms_runs_free(runs);
	return id;
}

/* What stands for A and B. */
static int64_t
join(struct ms_runs *runs, int64_t a, int64_t b)
{
	assert_int_equal(MS_OK, ms_runs_join(runs, &a, b, NULL));
	return a;
}

static void
test_rescan(void **state)
{
	int64_t same = past(1, 1, true, true), other = past(2, 1, true, true);
	int64_t options = past(1, 2, true, true);
	const struct {
		enum ms_runs_rescan rescan;
		bool same, other;
	} cases[] = {
		{ MS_RUNS_DATABASE, true, false },
		{ MS_RUNS_CHANGED, true, true },
		{ MS_RUNS_ALL, false, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_runs_config how = config(1, 1);
		struct ms_runs *runs;
		int64_t mixed;

		how.rescan = cases[i].rescan;
		runs = begin(&how);
		assert_int_equal(cases[i].same, ms_runs_count(runs, same));
		assert_int_equal(cases[i].other, ms_runs_count(runs, other));
		assert_false(ms_runs_count(runs, options));
		assert_false(ms_runs_count(runs, 0));
		assert_false(ms_runs_count(runs, 999));
		assert_true(ms_runs_count(runs, ms_runs_current(runs)));
		mixed = join(runs, same, other);
		assert_int_equal(mixed, join(runs, other, same));
		assert_int_equal(cases[i].rescan == MS_RUNS_CHANGED,
		    ms_runs_count(runs, mixed));
		mixed = join(runs, mixed, options);
		assert_false(ms_runs_count(runs, mixed));
		assert_int_equal(same, join(runs, same, same));
		assert_int_equal(same, join(runs, 0, same));
		assert_int_equal(same, join(runs, same, 0));
		assert_int_equal(MS_OK, ms_runs_end(runs, true, NULL));
		ms_runs_free(runs);
	}
}

static void
test_resume(void **state)
{
	struct ms_runs_config how = config(1, 1);
	int64_t whole = past(1, 1, true, true), first, second;
	struct ms_runs *runs;

	(void)state;
	how.rescan = MS_RUNS_ALL;
	how.resume = true;
	first = past(1, 1, false, false);
	runs = begin(&how);
	assert_false(ms_runs_ended_well(runs));
	second = ms_runs_current(runs);
	assert_true(ms_runs_count(runs, first));
	assert_false(ms_runs_count(runs, whole));
	assert_true(ms_runs_whole(runs, whole));
	assert_false(ms_runs_whole(runs, first));
	/* Interrupted again, but in good order. */
	assert_int_equal(MS_OK, ms_runs_end(runs, false, NULL));
	ms_runs_free(runs);
	runs = begin(&how);
	assert_true(ms_runs_ended_well(runs));
	assert_true(ms_runs_count(runs, first));
	assert_true(ms_runs_count(runs, second));
	assert_false(ms_runs_count(runs, whole));
	assert_int_equal(MS_OK, ms_runs_end(runs, true, NULL));
	ms_runs_free(runs);
	/* There is nothing to be resumed any more. */
	runs = begin(&how);
	assert_false(ms_runs_count(runs, first));
	ms_runs_free(runs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rescan, setup, teardown),
		cmocka_unit_test_setup_teardown(test_resume, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
