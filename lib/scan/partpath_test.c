#include "scan/partpath.h"

#include <glib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
same(char *got, const char *want)
{
	assert_string_equal(got, want);
	g_free(got);
}

static void
test_paths(void **state)
{
	(void)state;
	same(ms_partpath("", "2.1"), "2.1");
	same(ms_partpath("2.1", "a.zip"), "2.1/a.zip");
	same(ms_partpath("2.1", ""), "2.1/");
	same(ms_partpath("", ""), "");
}

/* What a stream holds is called as it is, without the suffix. */
static void
test_members(void **state)
{
	(void)state;
	same(ms_partpath_member("1/a.tar.gz", "data"), "1/a.tar.gz/a.tar");
	same(ms_partpath_member("a.gz", "data"), "a.gz/a");
	same(ms_partpath_member("1/a", "data"), "1/a/data");
	same(ms_partpath_member("1/.gz", "data"), "1/.gz/data");
	same(ms_partpath_member("1.5/a", "data"), "1.5/a/data");
	same(ms_partpath_member("1/a.zip", "b.exe"), "1/a.zip/b.exe");
	same(ms_partpath_member("", "data"), "data");
}

/* Names of any length make paths of a bounded one, whichever is long. */
static void
test_long(void **state)
{
	char *name = g_strnfill(100000, 'x');
	char *stored = g_strconcat("1/", name, ".gz", NULL);
	char *path;

	(void)state;
	path = ms_partpath("", name);
	assert_int_equal(strlen(path), MS_PARTPATH_MAX);
	g_free(path);
	path = ms_partpath(name, "b");
	assert_int_equal(strlen(path), MS_PARTPATH_MAX);
	g_free(path);
	path = ms_partpath("1", name);
	assert_int_equal(strlen(path), MS_PARTPATH_MAX);
	assert_true(g_str_has_prefix(path, "1/xxx"));
	g_free(path);
	path = ms_partpath_member(stored, "data");
	assert_int_equal(strlen(path), MS_PARTPATH_MAX);
	g_free(path);
	g_free(stored);
	g_free(name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
