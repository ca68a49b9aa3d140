#include "state/found.h"

#include "report/jsonl.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "state/store_made.h"

static struct ms_store *store;

static int
setup(void **state)
{
	static const struct ms_report_options options;
	char source[] = "where it was first";
	const struct ms_message message = { .origin.source = source };
	struct ms_outcome *outcome = ms_outcome_new(&message);
	struct sqlite3_stmt *query;
	char *line;

	(void)state;
	store = store_make();
	ms_facts_finding(&outcome->facts, "test", "Bad", "");
	outcome->verdict = ms_verdict_of(&outcome->facts);
	line = ms_jsonl_line(outcome, &options, NULL);
	query = ms_store_query(store, "INSERT INTO outcome(id, first, "
	    "verdict, same, line) VALUES(5, 2, ?, 0, ?)");
	ms_store_bind(query, 1, outcome->verdict);
	assert_int_equal(SQLITE_OK, sqlite3_bind_text(query, 2, line, -1,
	    SQLITE_STATIC));
	assert_int_equal(MS_OK, ms_store_run(store, query, NULL));
	g_free(line);
	ms_outcome_free(outcome);
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
put(int64_t entry, uint64_t n, int64_t outcome, int64_t policy)
{
	const struct ms_found_place place = { entry, n, "a:2,S", "/x.eml",
		outcome, policy };
	char source[] = "never kept";
	const struct ms_origin origin = { .source = source,
		.format = "maildir", .index = n, .offset = 100 * n,
		.length = 9, .delivered = 7 };

	assert_int_equal(MS_OK, ms_found_put(store, &place, &origin, NULL));
}

static void
tell(void *arg, struct ms_outcome *outcome, const struct ms_found_kept *kept)
{
	g_string_append_printf(arg, "%s#%d@%d %s %d/%d\n",
	    outcome->origin.source, (int)outcome->origin.index,
	    (int)outcome->origin.offset, outcome->origin.flags ?
	    outcome->origin.flags : "-", (int)kept->id, (int)kept->first);
}

static void
check(int64_t first, int64_t end, uint64_t before, const char *want)
{
	const struct ms_found_range range = { first, end, before };
	const struct ms_found_base base = { "/dir", false };
	GString *got = g_string_new(NULL);

	assert_int_equal(MS_OK, ms_found_each(store, &range, &base, tell,
	    got, NULL));
	assert_string_equal(want, got->str);
	assert_int_equal(*want ? MS_OK : MS_END, ms_found_any(store, &range,
	    0, 0, NULL));
	g_string_free(got, TRUE);
}

#define ROW(n) "/dir/a:2,S/x.eml#" #n "@" #n "00 - 5/2\n"

static void
test_each(void **state)
{
	(void)state;
	put(10, 2, 5, 0);
	put(10, 1, 5, 0);
	put(11, 3, 5, 0);
	check(10, 11, 0, ROW(1) ROW(2));
	check(10, 12, 0, ROW(1) ROW(2) ROW(3));
	check(10, 12, 200, ROW(1));
	check(11, 12, 300, "");
	check(12, 99, 0, "");
	assert_int_equal(MS_OK, ms_found_clear(store, 10, 200, NULL));
	check(10, 12, 0, ROW(1) ROW(3));
	assert_int_equal(MS_OK, ms_found_rename(store, 11, "a:2,RS", NULL));
	check(11, 12, 0, "/dir/a:2,RS/x.eml#3@300 - 5/2\n");
}

/* What is to be acted on. */
static void
test_any(void **state)
{
	const struct {
		unsigned verdicts;
		int64_t policy;
		enum ms_status status;
	} cases[] = {
		{ 0, 0, MS_OK }, { 0, 8, MS_OK },
		{ 1u << MS_VERDICT_INFECTED, 8, MS_END },
		{ 1u << MS_VERDICT_INFECTED, 9, MS_OK },
		{ 1u << MS_VERDICT_INFECTED | 1, 9, MS_OK },
		{ ~(1u << MS_VERDICT_INFECTED) & 0xff, 9, MS_END },
	};
	const struct ms_found_range range = { 10, 11, 0 };

	(void)state;
	put(10, 1, 5, 8);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(cases[i].status, ms_found_any(store, &range,
		    cases[i].verdicts, cases[i].policy, NULL));
}

/* A line that is none fails, and says of what; and so does none at all, which
 * would otherwise pass for clean. */
static void
test_damaged(void **state)
{
	const struct ms_found_range range = { 10, 11, 0 };
	const struct ms_found_base base = { "/dir", false };
	GString *got = g_string_new(NULL);
	struct ms_error err = { "" };

	(void)state;
	put(10, 1, 5, 0);
	assert_int_equal(MS_OK, ms_store_do(store, "UPDATE outcome SET "
	    "line = '{' WHERE id = ?", 5, NULL));
	assert_true(ms_found_each(store, &range, &base, tell, got, &err) < 0);
	assert_non_null(strstr(err.text, "/dir"));
	assert_int_equal(MS_OK, ms_found_clear(store, 10, 0, NULL));
	put(10, 1, 6, 0);
	assert_int_equal(MS_E_FORMAT, ms_found_each(store, &range, &base,
	    tell, got, &err));
	assert_non_null(strstr(err.text, "without an outcome"));
	assert_int_equal(MS_OK, ms_found_any(store, &range, 0, 0, NULL));
	assert_string_equal("", got->str);
	g_string_free(got, TRUE);
}

static void
test_done(void **state)
{
	char source[] = "x";
	const struct ms_message message = { .origin.source = source };
	struct ms_outcome *outcome = ms_outcome_new(&message);

	(void)state;
	assert_false(ms_found_is_done(outcome));
	ms_outcome_deed(outcome, "copy", MS_DEED_DONE, NULL);
	assert_true(ms_found_is_done(outcome));
	ms_outcome_deed(outcome, "remove", MS_DEED_PENDING, NULL);
	assert_false(ms_found_is_done(outcome));
	ms_outcome_free(outcome);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged, setup, teardown),
		cmocka_unit_test(test_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
