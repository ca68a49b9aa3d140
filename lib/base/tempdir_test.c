#include "base/tempdir.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void
fill(const char *path)
{
	assert_true(g_file_set_contents(path, "x", 1, NULL));
}

/* A process number that nobody has: that of a child waited for. */
static pid_t
dead_pid(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	assert_true(pid > 0);
	assert_int_equal(pid, waitpid(pid, NULL, 0));
	return pid;
}

static void
test_make_remove(void **state)
{
	struct ms_error err = { "" };
	struct stat st;
	char *path, *other, *prefix, *sub;

	(void)state;
	assert_int_equal(MS_OK, ms_tempdir_make(".", &path, &err));
	prefix = g_strdup_printf("./mailscan-%ld-", (long)getpid());
	assert_true(g_str_has_prefix(path, prefix));
	assert_int_equal(0, lstat(path, &st));
	assert_int_equal(S_IFDIR | 0700, st.st_mode);
	assert_int_equal(MS_OK, ms_tempdir_make(".", &other, &err));
	assert_string_not_equal(path, other);
	assert_true(exists(path));
	sub = g_build_filename(path, "a", "b", "c", NULL);
	assert_int_equal(0, g_mkdir_with_parents(sub, 0700));
	ms_tempdir_remove(path);
	assert_false(exists(path));
	assert_true(exists(other));
	ms_tempdir_remove(other);
	ms_tempdir_remove(other);
	g_free(sub);
	g_free(prefix);
	g_free(path);
	g_free(other);
}

static void
test_no_parent(void **state)
{
	struct ms_error err = { "" };
	char *path = NULL;

	(void)state;
	assert_int_equal(MS_E_IO,
	    ms_tempdir_make("./not/there", &path, &err));
	assert_null(path);
	assert_non_null(strstr(err.text, "./not/there"));
	assert_non_null(strstr(err.text, "--tempdir"));
	assert_non_null(strstr(err.text, g_strerror(ENOENT)));
}

/* Links go, what they lead to stays. */
static void
test_symlink(void **state)
{
	struct ms_error err = { "" };
	char *path, *link, *file_link;

	(void)state;
	assert_int_equal(0, mkdir("outside", 0700));
	fill("outside/precious");
	assert_int_equal(MS_OK, ms_tempdir_make(".", &path, &err));
	link = g_build_filename(path, "link", NULL);
	file_link = g_build_filename(path, "file", NULL);
	assert_int_equal(0, symlink("../outside", link));
	assert_int_equal(0, symlink("../outside/precious", file_link));
	ms_tempdir_remove(path);
	assert_false(exists(path));
	assert_true(exists("outside/precious"));
	assert_int_equal(0, symlink("outside", "top"));
	ms_tempdir_remove("top");
	assert_true(exists("outside/precious"));
	g_free(file_link);
	g_free(link);
	g_free(path);
}

/* Names beside ours, and whether they may go. */
static void
test_sweep(void **state)
{
	long dead = (long)dead_pid(), me = (long)getpid();
	const struct {
		const char *name;
		char *path;
		bool stays;
	} cases[] = {
		{ "dead", g_strdup_printf("mailscan-%ld-abcdef", dead),
		  false },
		{ "mine", g_strdup_printf("mailscan-%ld-abcdef", me), true },
		{ "parent's", g_strdup_printf("mailscan-%ld-abcdef",
		    (long)getppid()), true },
		{ "init's", g_strdup("mailscan-1-abcdef"), true },
		{ "other program's", g_strdup_printf("mailscam-%ld-abcdef",
		    dead), true },
		{ "no number", g_strdup("mailscan-x-abcdef"), true },
		{ "zero", g_strdup("mailscan-0-abcdef"), true },
		{ "minus", g_strdup_printf("mailscan--%ld-abcdef", dead),
		  true },
		{ "no second hyphen", g_strdup_printf("mailscan-%ld", dead),
		  true },
		{ "huge", g_strdup("mailscan-99999999999999999999-a"), true },
		{ "over 31 bits", g_strdup("mailscan-4294967297-a"), true },
	};
	struct ms_error err = { "" };
	char *ours, *inside, *file, *link;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		assert_int_equal(0, mkdir(cases[i].path, 0700));
		inside = g_build_filename(cases[i].path, "file", NULL);
		fill(inside);
		g_free(inside);
	}
	file = g_strdup_printf("mailscan-%ld-file", dead);
	fill(file);
	assert_int_equal(0, mkdir("elsewhere", 0700));
	fill("elsewhere/precious");
	link = g_strdup_printf("mailscan-%ld-link", dead);
	assert_int_equal(0, symlink("elsewhere", link));
	assert_int_equal(MS_OK, ms_tempdir_make(".", &ours, &err));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s\n", cases[i].name);
		assert_int_equal(cases[i].stays, exists(cases[i].path));
		ms_tempdir_remove(cases[i].path);
		g_free(cases[i].path);
	}
	assert_true(exists(file));
	assert_true(exists("elsewhere/precious"));
	ms_tempdir_remove(ours);
	g_free(ours);
	g_free(file);
	g_free(link);
}

static void
test_memory(void **state)
{
	const char *dir = ms_tempdir_memory(1);

	(void)state;
	if (dir)
		assert_int_equal(0, access(dir, W_OK));
	assert_null(ms_tempdir_memory(UINT64_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make_remove),
		cmocka_unit_test(test_no_parent),
		cmocka_unit_test(test_symlink),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
