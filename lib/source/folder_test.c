#include "source/folder.h"

#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char base[] = "/tmp/mailscan-folder-XXXXXX";

static struct ms_folder *
open_folder(const char *name, enum ms_source_format format)
{
	struct ms_source_config config = {
		.format = format, .spool = { .heap_max = 4096 }
	};
	struct ms_file file = ms_file_look(AT_FDCWD, name, NULL);
	int fd;

	assert_int_equal(MS_OK,
	    ms_file_open(AT_FDCWD, name, &file, &fd, NULL));
	return ms_folder_new(&config, fd, &file, name);
}

static void
check_kind(const char *name, enum ms_source_format format,
    enum ms_folder_kind want, size_t lists)
{
	struct ms_folder *folder = open_folder(name, format);

	print_message("  %s\n", name);
	assert_int_equal(want, folder->kind);
	assert_int_equal(lists, folder->count);
	ms_folder_free(folder);
}

static void
test_kinds(void **state)
{
	(void)state;
	check_kind("plain", MS_SOURCE_AUTO, MS_FOLDER_PLAIN, 1);
	check_kind("plain", MS_SOURCE_MH, MS_FOLDER_MH, 1);
	check_kind("plain", MS_SOURCE_MAILDIR, MS_FOLDER_PLAIN, 1);
	check_kind("md", MS_SOURCE_AUTO, MS_FOLDER_MAILDIR, 3);
	check_kind("half", MS_SOURCE_AUTO, MS_FOLDER_PLAIN, 1);
	check_kind("half", MS_SOURCE_MAILDIR, MS_FOLDER_MAILDIR, 3);
	check_kind("mh", MS_SOURCE_AUTO, MS_FOLDER_MH, 1);
	assert_int_equal(0, chdir("md"));
	check_kind("cur", MS_SOURCE_AUTO, MS_FOLDER_PART, 1);
	assert_int_equal(0, chdir(".."));
}

static void
test_names(void **state)
{
	struct ms_folder *md = open_folder("md", MS_SOURCE_AUTO);
	struct ms_folder *mh = open_folder("mh", MS_SOURCE_AUTO);

	(void)state;
	assert_string_equal("maildir", ms_folder_format(md, "1.a"));
	assert_null(ms_folder_format(md, ".nfs1"));
	assert_false(ms_folder_ignores(md, "tmp"));
	md->current = 2;
	assert_null(ms_folder_format(md, "1.a"));
	assert_true(ms_folder_ignores(md, "tmp"));
	assert_true(ms_folder_ignores(md, "dovecot.index"));
	assert_string_equal("mh", ms_folder_format(mh, "12"));
	assert_null(ms_folder_format(mh, "12a"));
	assert_true(ms_folder_ignores(mh, ".mh_sequences"));
	ms_folder_free(md);
	ms_folder_free(mh);
}

/* What cannot be read says so when its turn comes. */
static void
test_half(void **state)
{
	struct ms_folder *half = open_folder("half", MS_SOURCE_MAILDIR);

	(void)state;
	assert_null(half->lists[0].names);
	assert_string_equal("No such file or directory", half->lists[0].why);
	assert_non_null(half->lists[1].names);
	ms_folder_free(half);
}

static int
setup(void **state)
{
	static const char *const dirs[] = { "plain", "md", "md/cur",
		"md/new", "half", "half/cur", "mh" };

	(void)state;
	if (!mkdtemp(base) || chdir(base) != 0)
		return -1;
	for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++)
		if (mkdir(dirs[i], 0700) != 0)
			return -1;
	return close(open("mh/.mh_sequences", O_CREAT | O_WRONLY, 0600));
}

static int
teardown(void **state)
{
	static const char *const names[] = { "mh/.mh_sequences", "mh",
		"half/cur", "half", "md/new", "md/cur", "md", "plain", base };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		(void)remove(names[i]);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_half),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
