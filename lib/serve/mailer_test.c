#include "serve/mailer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_rate(void **state)
{
	const struct ms_mailer_config config = { .minute_max = 2 };
	struct ms_mailer_rate rate = { 0, 0 };

	(void)state;
	assert_true(ms_mailer_may(&config, &rate, 59000));
	assert_true(ms_mailer_may(&config, &rate, 59500));
	assert_false(ms_mailer_may(&config, &rate, 59999));
	assert_true(ms_mailer_may(&config, &rate, 60000));
	assert_true(ms_mailer_may(&config, &rate, 119999));
	assert_false(ms_mailer_may(&config, &rate, 119999));
	/* However late. */
	assert_true(ms_mailer_may(&config, &rate, 600000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
