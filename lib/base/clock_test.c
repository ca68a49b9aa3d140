#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

static void
test_forward(void **state)
{
	int64_t last = ms_clock_ms(), first = last;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t now = ms_clock_ms();

		assert_true(now >= last);
		last = now;
	}
	assert_true(last - first < 60 * 1000);
}

/* The unit is right: the same clock asked in another way. */
static void
test_units(void **state)
{
	struct timespec now;
	int64_t ms, wall = ms_clock_wall();

	(void)state;
	assert_in_range(time(NULL) - wall, 0, 60);
	assert_int_equal(0, clock_gettime(CLOCK_MONOTONIC, &now));
	ms = ms_clock_ms();
	assert_in_range(ms - (now.tv_sec * 1000 + now.tv_nsec / 1000000), 0,
	    60 * 1000);
}

/* Processor time passes with work. */
static void
test_cpu(void **state)
{
	int64_t from = ms_clock_cpu_ms(), until;
	volatile unsigned work = 0;

	(void)state;
	assert_true(from >= 0);
	for (until = from; until < from + 3; until = ms_clock_cpu_ms())
		for (int i = 0; i < 10000; i++)
			work = work + 1;
	assert_true(until < from + 60 * 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
