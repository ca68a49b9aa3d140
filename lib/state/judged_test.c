#include "state/judged.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "state/store_made.h"

static struct ms_store *store;
static struct ms_secret *secret;
static struct ms_runs *runs;
static struct ms_judged *judged;
static char source[] = "mail";

/* The next run, under DATABASE. */
static void
begin(unsigned char database)
{
	const struct ms_runs_config config = { .engine = "test",
		.database = { { database } }, .options = { { 1 } } };

	ms_judged_free(judged);
	ms_runs_free(runs);
	assert_int_equal(MS_OK, ms_runs_begin(store, &config, &runs, NULL));
	assert_int_equal(MS_OK, ms_judged_new(store, secret, runs, &judged,
	    NULL));
}

static int
setup(void **state)
{
	static const unsigned char key[MS_SECRET_SIZE] = "key";

	(void)state;
	store = store_make();
	secret = ms_secret_new(key);
	judged = NULL;
	runs = NULL;
	begin(1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ms_judged_free(judged);
	ms_runs_free(runs);
	ms_secret_free(secret);
	ms_store_close(store);
	return 0;
}

static struct ms_message
message(unsigned char which, const char *format)
{
	return (struct ms_message){ .origin = { .source = source,
		.format = format }, .sha256 = { { which } }, .size = 10 };
}

/* Judge it; NAME: what is found, or NULL. The run that first found it. */
static int64_t
put(unsigned char which, const char *name, bool final,
    struct ms_marks_row *row)
{
	const struct ms_message mail = message(which, NULL);
	struct ms_outcome *outcome = ms_outcome_new(&mail);
	int64_t first = 0;

	if (name)
		ms_facts_finding(&outcome->facts, "test", name, "");
	outcome->verdict = ms_verdict_of(&outcome->facts);
	assert_int_equal(MS_OK, ms_judged_put(judged, outcome, final, row,
	    &first, NULL));
	ms_outcome_free(outcome);
	return first;
}

static enum ms_status
find(unsigned char which, const char *format, struct ms_marks_row *row)
{
	const struct ms_message mail = message(which, format);

	return ms_judged_find(judged, &mail, row, NULL);
}

static int64_t
lines(void)
{
	return store_number(store, "SELECT count(*) FROM outcome");
}

static void
test_find(void **state)
{
	struct ms_marks_row row;

	(void)state;
	assert_int_equal(MS_END, find(1, NULL, &row));
	(void)put(1, NULL, true, &row);
	(void)put(2, NULL, false, &row);
	assert_int_equal(MS_OK, find(1, NULL, &row));
	assert_int_equal(ms_runs_current(runs), row.run);
	assert_int_equal(0, row.outcome);
	/* Mail of any kind is the same mail; a raw file is not. */
	assert_int_equal(MS_OK, find(1, "maildir", &row));
	assert_int_equal(MS_END, find(1, "raw", &row));
	assert_int_equal(MS_END, find(2, NULL, &row));
	begin(1);
	assert_int_equal(MS_OK, find(1, NULL, &row));
	begin(2);
	assert_int_equal(MS_END, find(1, NULL, &row));
}

static void
test_outcome(void **state)
{
	int64_t run = ms_runs_current(runs), first;
	struct ms_readback_item item = { 0 };
	struct ms_marks_row row, again;

	(void)state;
	assert_int_equal(run, put(1, "Bad", true, &row));
	assert_int_equal(MS_OK, ms_judged_load(judged, row.outcome, &item,
	    &first, NULL));
	assert_int_equal(run, first);
	assert_string_equal("Bad", ((const struct ms_finding *)
	    item.outcome->facts.findings->pdata[0])->name);
	ms_readback_item_clear(&item);
	begin(2);
	/* The same is no news, and another is; but what was kept before
	 * stays, for the lists of other files may name it. */
	assert_int_equal(run, put(1, "Bad", true, &again));
	assert_int_equal(row.outcome, again.outcome);
	assert_int_equal(ms_runs_current(runs), put(1, "Worse", true,
	    &again));
	assert_int_not_equal(row.outcome, again.outcome);
	assert_int_equal(2, lines());
	(void)put(1, NULL, true, &again);
	assert_int_equal(0, again.outcome);
	assert_int_equal(2, lines());
	assert_int_equal(MS_OK, ms_judged_load(judged, row.outcome, &item,
	    &first, NULL));
	assert_string_equal("Bad", ((const struct ms_finding *)
	    item.outcome->facts.findings->pdata[0])->name);
	ms_readback_item_clear(&item);
	assert_int_equal(MS_END, ms_judged_load(judged, 99, &item, &first,
	    NULL));
	ms_readback_item_clear(&item);
}

static void
test_told(void **state)
{
	struct ms_readback_item item = { 0 };
	struct ms_marks_row row;
	int64_t first;

	(void)state;
	(void)put(1, "Bad", true, &row);
	begin(1);
	assert_int_equal(MS_OK, ms_judged_told(judged, row.outcome, NULL));
	assert_int_equal(MS_OK, ms_judged_load(judged, row.outcome, &item,
	    &first, NULL));
	assert_int_equal(ms_runs_current(runs), first);
	ms_readback_item_clear(&item);
}

static void
test_may_differ(void **state)
{
	const struct {
		enum ms_reason reason;
		bool may;
	} cases[] = {
		{ MS_REASON_WORKER_DIED, true },
		{ MS_REASON_ENGINE_FAILED, true },
		{ MS_REASON_LIMIT_TIME, true },
		{ MS_REASON_LIMIT_MEMORY, true },
		{ MS_REASON_ENCRYPTED, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_message mail = message(1, NULL);
		struct ms_outcome *outcome = ms_outcome_new(&mail);

		assert_false(ms_judged_may_differ(outcome));
		ms_facts_gap(&outcome->facts, cases[i].reason, "", "x");
		assert_int_equal(cases[i].may,
		    ms_judged_may_differ(outcome));
		ms_outcome_free(outcome);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_find, setup, teardown),
		cmocka_unit_test_setup_teardown(test_outcome, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_told, setup, teardown),
		cmocka_unit_test(test_may_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
