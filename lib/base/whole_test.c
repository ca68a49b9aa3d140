#include "base/whole.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char *dir;

static int
enter(void **state)
{
	(void)state;
	dir = g_dir_make_tmp("whole-XXXXXX", NULL);
	return chdir(dir);
}

/* Names in the directory, which are then removed with it. */
static unsigned
count_and_leave(void)
{
	DIR *stream = opendir(".");
	unsigned count = 0;

	for (struct dirent *entry; (entry = readdir(stream));) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		count++;
		assert_int_equal(0, unlink(entry->d_name));
	}
	closedir(stream);
	assert_int_equal(0, chdir("/"));
	assert_int_equal(0, rmdir(dir));
	g_free(dir);
	return count;
}

static void
expect(const char *path, const char *want)
{
	char *got;

	assert_true(g_file_get_contents(path, &got, NULL, NULL));
	assert_string_equal(want, got);
	g_free(got);
}

static struct ms_whole *
begin(const char *path, const char *text)
{
	struct ms_whole *whole;

	assert_int_equal(MS_OK, ms_whole_open(path, &whole, NULL));
	assert_true(fputs(text, ms_whole_stream(whole)) >= 0);
	assert_int_equal(0, fflush(ms_whole_stream(whole)));
	return whole;
}

/* Nothing, then the first, then the second: never a part of one. */
static void
test_replace(void **state)
{
	struct ms_whole *whole = begin("a", "one\n");

	(void)state;
	assert_int_not_equal(0, access("a", F_OK));
	assert_int_equal(MS_OK, ms_whole_commit(whole, NULL));
	expect("a", "one\n");
	whole = begin("a", "two\n");
	expect("a", "one\n");
	assert_int_equal(MS_OK, ms_whole_commit(whole, NULL));
	expect("a", "two\n");
	whole = begin("a", "three\n");
	ms_whole_discard(whole);
	expect("a", "two\n");
	ms_whole_discard(NULL);
	assert_int_equal(1, count_and_leave());
}

static void
test_mode_and_link(void **state)
{
	struct stat st;
	struct ms_whole *whole;

	(void)state;
	assert_true(g_file_set_contents("file", "old", -1, NULL));
	assert_int_equal(0, chmod("file", 0640));
	assert_int_equal(0, symlink("file", "link"));
	whole = begin("link", "new");
	assert_int_equal(MS_OK, ms_whole_commit(whole, NULL));
	assert_int_equal(0, lstat("link", &st));
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(0, stat("file", &st));
	assert_int_equal(0640, st.st_mode & 07777);
	expect("file", "new");
	assert_int_equal(2, count_and_leave());
}

/* Devices stay what they are. */
static void
test_device(void **state)
{
	struct ms_whole *whole = begin("/dev/null", "x");
	struct ms_error err;
	struct stat st;

	(void)state;
	assert_int_equal(MS_OK, ms_whole_commit(whole, &err));
	assert_int_equal(0, stat("/dev/null", &st));
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(MS_OK, ms_whole_open("/dev/full", &whole, &err));
	assert_true(fputs("x", ms_whole_stream(whole)) >= 0);
	assert_int_equal(MS_E_IO, ms_whole_commit(whole, &err));
	assert_non_null(strstr(err.text, "No space"));
	assert_int_equal(0, count_and_leave());
}

/* A write that failed long ago is not forgotten. */
static void
test_failed_before(void **state)
{
	struct ms_whole *whole;
	struct ms_error err;

	(void)state;
	assert_int_equal(MS_OK, ms_whole_open("/dev/full", &whole, &err));
	(void)fputs("x", ms_whole_stream(whole));
	(void)fflush(ms_whole_stream(whole));
	assert_int_equal(MS_E_IO, ms_whole_commit(whole, &err));
	assert_int_equal(0, count_and_leave());
}

static void
test_refused(void **state)
{
	struct ms_whole *whole;
	struct ms_error err;

	(void)state;
	assert_int_equal(MS_E_IO, ms_whole_open("no/such", &whole, &err));
	assert_non_null(strstr(err.text, "cannot open no/such: No such"));
	assert_int_equal(MS_E_IO, ms_whole_open(".", &whole, &err));
	assert_int_equal(MS_E_IO, ms_whole_open("", &whole, &err));
	assert_int_equal(MS_E_IO, ms_whole_open("new/", &whole, &err));
	if (getuid() != 0) {
		assert_true(g_file_set_contents("a", "old", -1, NULL));
		assert_int_equal(0, chmod("a", 0400));
		assert_int_equal(MS_E_IO, ms_whole_open("a", &whole, &err));
		expect("a", "old");
		assert_int_equal(0, unlink("a"));
	}
	assert_int_equal(0, count_and_leave());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_replace, enter),
		cmocka_unit_test_setup(test_mode_and_link, enter),
		cmocka_unit_test_setup(test_device, enter),
		cmocka_unit_test_setup(test_failed_before, enter),
		cmocka_unit_test_setup(test_refused, enter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
