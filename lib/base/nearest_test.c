#include "base/nearest.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static void
test_nearest(void **state)
{
	static const char *const names[] = { "max-size", "max-files", "log",
		"recursive", NULL };
	static const char *const none[] = { NULL };
	static const struct {
		const char *name;
		const char *want;	/* NULL: none is like it */
	} cases[] = {
		{ "max-sise", "max-size" },
		{ "maxsize", "max-size" },
		{ "max-file", "max-files" },
		{ "max", "max-size" },		/* the first that it begins */
		{ "recurse", "recursive" },
		{ "lgo", "log" },
		{ "ma", NULL },
		{ "", NULL },
		{ "xyzzyplugh", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = ms_nearest(cases[i].name, names);

		print_message("  %s\n", cases[i].name);
		if (cases[i].want)
			assert_string_equal(got, cases[i].want);
		else
			assert_null(got);
	}
	assert_null(ms_nearest("log", none));
}

static void
test_long_names(void **state)
{
	char name[4096];
	const char *names[] = { "log", name, NULL };

	(void)state;
	memset(name, 'l', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	/* The same, but too long to be measured: its own beginning. */
	assert_ptr_equal(ms_nearest(name, names), name);
	names[1] = NULL;
	assert_null(ms_nearest(name, names));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
