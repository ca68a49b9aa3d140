#include "serve/hole.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What a program says that runs TEXT, with the recipient in $1. */
static enum ms_status
say(const char *text, const char *recipient)
{
	const char *const argv[] = { "/bin/sh", "-c", text, "sh", NULL };
	const struct ms_hole_config config = { argv, 500 };
	struct ms_error err = { "" };
	const enum ms_status status = ms_hole(&config, recipient, &err);

	assert_true((status < 0) == (*err.text != '\0'));
	return status;
}

static void
test_answers(void **state)
{
	(void)state;
	assert_int_equal(say("test \"$1\" = a@b", "a@b"), MS_OK);
	assert_int_equal(say("test \"$1\" = a@b", "c@b"), MS_END);
	assert_int_equal(say("exit 2", "a@b"), MS_E_PEER);
	assert_int_equal(say("kill -9 $$", "a@b"), MS_E_PEER);
	assert_int_equal(say("sleep 60", "a@b"), MS_E_PEER);
	/* Never asked. */
	assert_int_equal(say("exit 0", "-a@b"), MS_END);
	assert_int_equal(say("exit 0", ""), MS_END);
}

static void
test_no_program(void **state)
{
	static const char *const argv[] = { "/none/such", NULL };
	const struct ms_hole_config config = { argv, 500 };
	struct ms_error err = { "" };

	(void)state;
	assert_true(ms_hole(&config, "a@b", &err) < 0);
	assert_true(*err.text != '\0');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_no_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
