#include "source/cyrus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "source/queue_test.h"

#define HEADER "\241\002\213\015Cyrus mailbox header"

static bool
is(void)
{
	int dir = open(".", O_RDONLY | O_DIRECTORY);
	bool found = ms_cyrus_is(dir);

	(void)close(dir);
	return found;
}

static void
test_is(void **state)
{
	(void)state;
	assert_false(is());
	queue_put("cyrus.header", "");
	assert_false(is());
	queue_put("cyrus.header", "\241\002\213\015Cyrus mailbox");
	assert_false(is());
	queue_put("cyrus.header", HEADER "\n\"The best\"\n");
	assert_true(is());
	assert_int_equal(0, rename("cyrus.header", "other"));
	assert_int_equal(0, symlink("other", "cyrus.header"));
	assert_false(is());
}

static void
test_names(void **state)
{
	static const struct {
		const char *name;
		bool want;
	} cases[] = {
		{ "1.", true }, { "123.", true }, { ".", false },
		{ "1", false }, { "1.x", false }, { "", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(cases[i].want,
		    ms_cyrus_is_message(cases[i].name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_is, queue_setup,
		    queue_teardown),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
