#include "pool/roster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_turns(void **state)
{
	struct ms_roster *roster = ms_roster_new(3, 1000);

	(void)state;
	for (int i = 0; i < 7; i++)
		assert_int_equal(ms_roster_pick(roster, 0, 0), i % 3);
	assert_int_equal(ms_roster_pick(roster, 1 << 1, 0), 2);
	assert_int_equal(ms_roster_pick(roster, 1 << 0, 0), 1);
	assert_int_equal(ms_roster_pick(roster, 7, 0), -1);
	ms_roster_free(roster);
}

static void
test_failure(void **state)
{
	struct ms_roster *roster = ms_roster_new(2, 1000);

	(void)state;
	ms_roster_bad(roster, 0, 100);
	for (int i = 0; i < 4; i++)
		assert_int_equal(ms_roster_pick(roster, 0, 101), 1);
	/* Rather the one that failed than none. */
	assert_int_equal(ms_roster_pick(roster, 2, 101), 0);
	/* It gets another chance, and then a longer rest. */
	assert_int_equal(ms_roster_pick(roster, 2, 600), 0);
	ms_roster_bad(roster, 0, 600);
	ms_roster_bad(roster, 0, 601);
	assert_int_equal(ms_roster_pick(roster, 0, 1599), 1);
	assert_int_equal(ms_roster_pick(roster, 0, 1600), 0);
	ms_roster_good(roster, 0);
	assert_int_equal(ms_roster_pick(roster, 0, 1600), 1);
	assert_int_equal(ms_roster_pick(roster, 0, 1600), 0);
	ms_roster_free(roster);
}

static void
test_hope(void **state)
{
	struct ms_roster *roster = ms_roster_new(2, 1000);

	(void)state;
	assert_false(ms_roster_is_hopeless(roster, 5000));
	ms_roster_bad(roster, 0, 0);
	assert_false(ms_roster_is_hopeless(roster, 5000));
	ms_roster_bad(roster, 1, 5000);
	assert_false(ms_roster_is_hopeless(roster, 5999));
	assert_true(ms_roster_is_hopeless(roster, 6000));
	/* Then nobody is asked before it is time to. */
	ms_roster_bad(roster, 0, 6000);
	ms_roster_bad(roster, 1, 6000);
	assert_int_equal(ms_roster_pick(roster, 0, 6001), -1);
	assert_true(ms_roster_pick(roster, 0, 60000) >= 0);
	ms_roster_good(roster, 1);
	assert_false(ms_roster_is_hopeless(roster, 60000));
	ms_roster_free(roster);
}

static void
test_rest_is_bounded(void **state)
{
	struct ms_roster *roster = ms_roster_new(1, 0);
	int64_t now = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		ms_roster_bad(roster, 0, now);
		now += 30000;
		assert_int_equal(ms_roster_pick(roster, 0, now), 0);
	}
	ms_roster_free(roster);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_hope),
		cmocka_unit_test(test_rest_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
