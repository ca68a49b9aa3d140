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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_alarm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
