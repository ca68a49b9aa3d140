#include "base/bucket.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

static void
test_no_limit(void **state)
{
	struct ms_bucket bucket;

	(void)state;
	ms_bucket_init(&bucket, 0, 5);
	ms_bucket_spend(&bucket, UINT64_MAX, 5);
	assert_int_equal(ms_bucket_wait_ms(&bucket, 5), 0);
}

static void
test_steps(void **state)
{
	/* At 1000 bytes a second: a tenth of it at once, then by the clock. */
	static const struct {
		int64_t now_ms;
		uint64_t bytes;
		int64_t wait_ms;	/* after they were spent */
	} steps[] = {
		{ 0, 0, 0 },
		{ 0, 100, 0 },
		{ 0, 1, 1 },
		{ 1, 0, 0 },
		{ 1, 500, 500 },
		{ 251, 0, 250 },
		{ 501, 0, 0 },
		{ 99999, 100, 0 },	/* idle time is not saved up */
		{ 99999, 10, 10 },
		{ 99000, 0, 10 },	/* a clock that goes back gives none */
		{ 99005, 0, 5 },
		{ 99010, UINT64_MAX, 86400000 },
	};
	struct ms_bucket bucket;

	(void)state;
	ms_bucket_init(&bucket, 1000, 0);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		print_message("  %zu\n", i);
		ms_bucket_spend(&bucket, steps[i].bytes, steps[i].now_ms);
		assert_int_equal(ms_bucket_wait_ms(&bucket, steps[i].now_ms),
		    steps[i].wait_ms);
	}
}

/* Whatever the pieces, an hour's worth takes an hour. */
static void
test_average(void **state)
{
	static const struct {
		uint64_t rate, piece;
	} cases[] = {
		{ 1 << 20, 1 }, { 1 << 20, 4096 }, { 10 << 20, 100 << 20 },
		{ 7, 3 }, { (uint64_t)1 << 36, (uint64_t)1 << 33 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t spent = 0, steps = 0;
		int64_t now = 0;
		struct ms_bucket bucket;

		ms_bucket_init(&bucket, cases[i].rate, now);
		for (; now < 3600 * 1000 && steps < 1000000; steps++) {
			ms_bucket_spend(&bucket, cases[i].piece, now);
			spent += cases[i].piece;
			now += ms_bucket_wait_ms(&bucket, now);
		}
		print_message("  %zu: %f\n", i, (double)spent * 1000 /
		    (double)cases[i].rate / (double)now);
		assert_true((double)spent <= (double)cases[i].rate *
		    ((double)now / 1000 + 0.1) + (double)cases[i].piece);
		assert_true((double)spent >= (double)cases[i].rate *
		    ((double)now / 1000 - 0.1) * 0.999);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_average),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
