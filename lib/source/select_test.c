#include "source/select.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
test_paths(void **state)
{
	static const char *const include[] = { "*.eml", "/var/*", NULL };
	static const char *const exclude[] = { "spam*", "*/old/*", NULL };
	static const char *const none[] = { NULL };
	struct ms_source_config config = { 0 };

	(void)state;
	assert_true(ms_select_file(&config, "a/b"));
	config.include = config.exclude = none;
	assert_true(ms_select_file(&config, "a/b"));
	config.include = include;
	config.exclude = exclude;
	assert_true(ms_select_file(&config, "a/b.eml"));
	assert_true(ms_select_file(&config, "/var/x/y"));
	assert_false(ms_select_file(&config, "a/b.txt"));
	assert_false(ms_select_file(&config, "a/spam.eml"));
	assert_false(ms_select_file(&config, "a/old/b.eml"));
	assert_true(ms_select_directory(&config, "a"));
	assert_false(ms_select_directory(&config, "a/spam"));
}

static void
test_times(void **state)
{
	struct ms_source_config config = {
		.since = INT64_MIN, .until = INT64_MAX
	};

	(void)state;
	assert_false(ms_select_has_time(&config));
	assert_true(ms_select_time(&config, 0));
	config.since = 10;
	config.until = 20;
	assert_true(ms_select_has_time(&config));
	assert_false(ms_select_time(&config, 9));
	assert_true(ms_select_time(&config, 10));
	assert_true(ms_select_time(&config, 19));
	assert_false(ms_select_time(&config, 20));
	assert_true(ms_select_time(&config, -1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
