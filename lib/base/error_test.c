#include "base/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_set(void **state)
{
	static const enum ms_status statuses[] = {
		MS_OK, MS_END, MS_E_IO, MS_E_FORMAT, MS_E_LIMIT,
		MS_E_ENCRYPTED, MS_E_UNSUPPORTED, MS_E_ENGINE, MS_E_USAGE,
		MS_E_PEER,
	};
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++) {
		print_message("  status %d\n", statuses[i]);
		memset(&err, 'x', sizeof err);
		assert_int_equal(statuses[i], ms_error_set(&err, statuses[i],
		    "%s %d", "part", 7));
		assert_string_equal("part 7", err.text);
		assert_int_equal(statuses[i],
		    ms_error_set(NULL, statuses[i], "nobody asked"));
	}
}

/* The errno that counts is the one at the time of the call. */
static void
test_errno(void **state)
{
	static const struct {
		int number;
		const char *want;
	} cases[] = {
		{ ENOENT, "a/b: No such file or directory" },
		{ ENOSPC, "a/b: No space left on device" },
		{ EACCES, "a/b: Permission denied" },
	};
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s\n", cases[i].want);
		errno = cases[i].number;
		assert_int_equal(MS_E_IO, ms_error_errno(&err, "%s", "a/b"));
		assert_string_equal(cases[i].want, err.text);
		assert_int_equal(MS_E_IO, ms_error_errno(NULL, "x"));
	}
}

static void
test_context(void **state)
{
	struct ms_error err;

	(void)state;
	(void)ms_error_set(&err, MS_E_IO, "inner");
	ms_error_context(&err, "middle %d", 2);
	ms_error_context(&err, "outer");
	assert_string_equal("outer: middle 2: inner", err.text);
	ms_error_context(NULL, "nobody asked");
}

/* What is too long is cut, and always ends. */
static void
test_cut(void **state)
{
	static const size_t sizes[] = { 1000, 1020, 1021, 1022, 1023, 1024,
		1025, 5000 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		char *longer = g_strnfill(sizes[i], 'l');
		struct ms_error err;

		print_message("  %zu\n", sizes[i]);
		(void)ms_error_set(&err, MS_E_IO, "%s", longer);
		assert_int_equal(MIN(sizes[i], sizeof err.text - 1),
		    strlen(err.text));
		ms_error_context(&err, "front");
		assert_int_equal(MIN(sizes[i] + 7, sizeof err.text - 1),
		    strlen(err.text));
		assert_memory_equal("front: lll", err.text, 10);
		errno = EIO;
		(void)ms_error_errno(&err, "%s", longer);
		assert_true(strlen(err.text) < sizeof err.text);
		(void)ms_error_set(&err, MS_E_IO, "kept");
		ms_error_context(&err, "%s", longer);
		assert_true(strlen(err.text) < sizeof err.text);
		assert_memory_equal("llll", err.text, 4);
		g_free(longer);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_context),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
