#include "source/file.h"

#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_types(void **state)
{
	static const struct {
		const char *name;
		enum ms_file_type want;
		bool link, opens;
		const char *what;
	} cases[] = {
		{ "file", MS_FILE_REGULAR, false, true, "a file" },
		{ "dir", MS_FILE_DIRECTORY, false, true, "a directory" },
		{ "fifo", MS_FILE_OTHER, false, false, "a FIFO" },
		{ "link", MS_FILE_REGULAR, true, true, "a file" },
		{ "dirlink", MS_FILE_DIRECTORY, true, true, "a directory" },
		{ "nowhere", MS_FILE_DANGLING, true, false, NULL },
		{ "none", MS_FILE_GONE, false, false, NULL },
		{ "file/x", MS_FILE_FAILED, false, false, NULL },
	};
	char path[] = "/tmp/mailscan-file-XXXXXX";
	struct ms_error err;
	int dir, fd;

	(void)state;
	assert_non_null(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY);
	(void)close(openat(dir, "file", O_CREAT | O_WRONLY, 0600));
	assert_int_equal(0, mkdirat(dir, "dir", 0700));
	assert_int_equal(0, mkfifoat(dir, "fifo", 0600));
	assert_int_equal(0, symlinkat("file", dir, "link"));
	assert_int_equal(0, symlinkat("dir", dir, "dirlink"));
	assert_int_equal(0, symlinkat("void", dir, "nowhere"));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_file file = ms_file_look(dir, cases[i].name, &err);

		print_message("  %s\n", cases[i].name);
		assert_int_equal(cases[i].want, file.type);
		assert_int_equal(cases[i].link, file.link);
		if (cases[i].what)
			assert_string_equal(cases[i].what,
			    ms_file_what(&file));
		if (!cases[i].opens)
			continue;
		assert_int_equal(MS_OK, ms_file_open(dir, cases[i].name,
		    &file, &fd, &err));
		assert_int_equal(O_RDONLY, fcntl(fd, F_GETFL) & O_ACCMODE);
		(void)close(fd);
	}
	for (size_t i = 0; i < 6; i++)
		(void)unlinkat(dir, cases[i].name, strcmp(cases[i].name,
		    "dir") == 0 ? AT_REMOVEDIR : 0);
	(void)close(dir);
	assert_int_equal(0, rmdir(path));
}

/* Something else is there by the time that it is opened. */
static void
test_swapped(void **state)
{
	char path[] = "/tmp/mailscan-file-XXXXXX";
	struct ms_file file;
	struct ms_error err;
	int dir, fd = -1;

	(void)state;
	assert_non_null(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY);
	(void)close(openat(dir, "a", O_CREAT | O_WRONLY, 0600));
	(void)close(openat(dir, "b", O_CREAT | O_WRONLY, 0600));
	file = ms_file_look(dir, "a", &err);
	assert_int_equal(0, renameat(dir, "b", dir, "a"));
	assert_int_equal(MS_E_IO, ms_file_open(dir, "a", &file, &fd, &err));
	assert_int_equal(-1, fd);
	assert_int_equal(0, unlinkat(dir, "a", 0));
	assert_int_equal(MS_END, ms_file_open(dir, "a", &file, &fd, &err));
	assert_int_equal(0, symlinkat("/etc/passwd", dir, "a"));
	assert_int_equal(MS_E_IO, ms_file_open(dir, "a", &file, &fd, &err));
	assert_int_equal(0, unlinkat(dir, "a", 0));
	assert_int_equal(0, mkfifoat(dir, "a", 0600));
	assert_int_equal(MS_E_IO, ms_file_open(dir, "a", &file, &fd, &err));
	assert_int_equal(0, unlinkat(dir, "a", 0));
	(void)close(dir);
	(void)rmdir(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_swapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
