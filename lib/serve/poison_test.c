#include "serve/poison.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct ms_digest
digest(unsigned number)
{
	return ms_hash_of(&number, sizeof number);
}

static void
test_count(void **state)
{
	struct ms_poison *poison = ms_poison_new();
	const struct ms_digest one = digest(1), two = digest(2);

	(void)state;
	assert_int_equal(ms_poison_add(poison, &one, 2, 0), 2);
	assert_int_equal(ms_poison_add(poison, &two, 1, 1000), 1);
	assert_int_equal(ms_poison_add(poison, &one, 1, 2000), 3);
	/* None is one: something was said to have died. */
	assert_int_equal(ms_poison_add(poison, &two, 0, 3000), 2);
	/* A week later. */
	assert_int_equal(ms_poison_add(poison, &two, 1,
	    3000 + MS_POISON_MEMORY_MS), 1);
	ms_poison_free(poison);
}

/* Only if there is time for others. */
static void
test_late(void **state)
{
	struct ms_poison *poison = ms_poison_new();
	const struct ms_digest one = digest(1);

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(ms_poison_late(poison, &one, i), 0);
	for (unsigned i = 1; i < 30; i++) {
		ms_poison_well(poison);
		assert_int_equal(ms_poison_late(poison, &one, i), i);
		assert_int_equal(ms_poison_late(poison, &one, i), 0);
	}
	assert_false(ms_poison_alarm(poison, 30));
	assert_int_equal(ms_poison_add(poison, &one, 1, 30), 30);
	ms_poison_free(poison);
}

static void
test_bound(void **state)
{
	struct ms_poison *poison = ms_poison_new();
	const struct ms_digest kept = digest(1), lost = digest(0);

	(void)state;
	for (unsigned i = 0; i < MS_POISON_MESSAGES_MAX; i++) {
		const struct ms_digest next = digest(i);

		assert_int_equal(ms_poison_add(poison, &next, 1, i), 1);
	}
	assert_int_equal(ms_poison_add(poison, &kept, 1, 5000), 2);
	for (unsigned i = 0; i < 10; i++) {
		const struct ms_digest next = digest(100000 + i);

		(void)ms_poison_add(poison, &next, 1, 6000);
	}
	assert_int_equal(ms_poison_add(poison, &kept, 1, 6000), 3);
	assert_int_equal(ms_poison_add(poison, &lost, 1, 6000), 1);
	ms_poison_free(poison);
}

static void
test_alarm(void **state)
{
	struct ms_poison *poison = ms_poison_new();

	(void)state;
	assert_false(ms_poison_alarm(poison, 0));
	for (unsigned i = 0; i < MS_POISON_MINUTE_MAX; i++) {
		const struct ms_digest next = digest(i);

		(void)ms_poison_add(poison, &next, 1, i * 1000);
		assert_false(ms_poison_alarm(poison, i * 1000));
	}
	/* One more than that, at 20 s: until 60 s after the first. */
	(void)ms_poison_add(poison, &(struct ms_digest){ { 1 } }, 1, 20000);
	assert_true(ms_poison_alarm(poison, 20000));
	assert_true(ms_poison_alarm(poison, 59999));
	assert_false(ms_poison_alarm(poison, 60000));
	/* Ten remain in the minute, but for those that are over. */
	(void)ms_poison_add(poison, &(struct ms_digest){ { 2 } }, 1, 60500);
	assert_true(ms_poison_alarm(poison, 60500));
	assert_false(ms_poison_alarm(poison, 61000));
	(void)ms_poison_add(poison, &(struct ms_digest){ { 3 } }, 4000000,
	    200000);
	assert_true(ms_poison_alarm(poison, 200000));
	ms_poison_free(poison);
}

static void
on_told(void *arg, const char *text)
{
	assert_int_equal(ms_poison_learn(arg, text, 2000), MS_OK);
}

/* What one table counts, another one does as well; and nothing else. */
static void
test_tells(void **state)
{
	struct ms_poison *here = ms_poison_new(), *there = ms_poison_new();
	const struct ms_digest one = digest(1), two = digest(2);
	static const char *const odd[] = { "", "1", " 1",
		"0123456789012345678901234567890123456789012345678901234567890"
		"123", "01234567890123456789012345678901234567890123456789012"
		"34567890123 ", "0123456789012345678901234567890123456789012345"
		"678901234567890123 0x", "0123456789012345678901234567890123456"
		"789012345678901234567890123 4294967296", "01234567890123456789"
		"01234567890123456789012345678901234567890123 -1",
		"x123456789012345678901234567890123456789012345678901234567890"
		"123 1" };

	(void)state;
	assert_int_equal(ms_poison_add(here, &one, 2, 1000), 2);
	ms_poison_tell(here, on_told, there);
	(void)ms_poison_add(here, &one, 2, 1000);
	(void)ms_poison_add(here, &two, 0, 1000);
	assert_int_equal(ms_poison_add(there, &one, 1, 2000), 3);
	assert_int_equal(ms_poison_add(there, &two, 1, 2000), 2);
	ms_poison_well(here);
	(void)ms_poison_late(here, &two, 2000);
	assert_int_equal(ms_poison_add(there, &two, 1, 2000), 4);
	(void)ms_poison_add(here, &two, 100, 2000);
	assert_true(ms_poison_alarm(there, 2000));
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		if (ms_poison_learn(there, odd[i], 0) != MS_E_PEER)
			fail_msg("\"%s\" is taken", odd[i]);
	ms_poison_free(here);
	ms_poison_free(there);
}

static void
die(struct ms_poison *poison, unsigned n, int64_t now_ms)
{
	for (unsigned i = 0; i < n; i++)
		(void)ms_poison_add(poison, &(struct ms_digest){ {
		    (unsigned char)i } }, 1, now_ms);
}

/* Who sends what workers die of does not have others turned away. */
static void
test_well(void **state)
{
	struct ms_poison *poison = ms_poison_new();

	(void)state;
	for (int i = 0; i < 10; i++) {
		die(poison, MS_POISON_MINUTE_MAX, 1000);
		ms_poison_well(poison);
		assert_false(ms_poison_alarm(poison, 1000));
	}
	die(poison, MS_POISON_MINUTE_MAX + 1, 2000);
	assert_true(ms_poison_alarm(poison, 2000));
	assert_false(ms_poison_try(poison, 2000));
	assert_false(ms_poison_try(poison, 2000 + MS_POISON_TRIAL_MS - 1));
	assert_true(ms_poison_try(poison, 2000 + MS_POISON_TRIAL_MS));
	assert_false(ms_poison_try(poison, 2000 + MS_POISON_TRIAL_MS + 1));
	ms_poison_well(poison);
	assert_false(ms_poison_alarm(poison, 2000 + MS_POISON_TRIAL_MS));
	ms_poison_free(poison);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_alarm),
		cmocka_unit_test(test_well),
		cmocka_unit_test(test_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
