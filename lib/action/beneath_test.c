#include "action/beneath.h"

#include <glib.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rights.h"

/* Names that are more than one name lead nowhere either. */
static void
test_names(void **state)
{
	static const char *const names[] = { "", "..", "a/b", "/etc/passwd",
		"../x" };
	int dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		assert_int_equal(-1, ms_beneath_open(dir, names[i], O_RDONLY,
		    0));
		assert_int_equal(EINVAL, errno);
	}
	assert_int_equal(0, symlink("/etc/passwd", "passwd"));
	assert_int_equal(-1, ms_beneath_open(dir, "passwd", O_RDONLY, 0));
	assert_int_equal(ELOOP, errno);
	assert_int_equal(0, close(dir));
}

/* A directory is made for us alone, and taken if it is that. */
static void
test_root(void **state)
{
	struct ms_error err = { "" };
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(MS_E_IO, ms_beneath_root("q", false, &fd, &err));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(MS_OK, ms_beneath_root("q", true, &fd,
		    &err));
		assert_int_equal(0, fstat(fd, &st));
		assert_int_equal(0700, st.st_mode & 07777);
		assert_int_equal(0, close(fd));
	}
	assert_int_equal(0, symlink("q", "link"));
	assert_int_equal(MS_E_USAGE, ms_beneath_root("link/", true, &fd,
	    &err));
	assert_string_equal("link is a symbolic link: name the directory "
	    "itself", err.text);
	assert_true(g_file_set_contents("file", "", 0, NULL));
	assert_int_equal(MS_E_USAGE, ms_beneath_root("file", true, &fd,
	    &err));
	assert_int_equal(0, chmod("q", 0710));
	assert_int_equal(MS_E_USAGE, ms_beneath_root("q", true, &fd, &err));
	assert_non_null(strstr(err.text, "chmod 700"));
	assert_int_equal(MS_E_IO, ms_beneath_root("none/q", true, &fd,
	    &err));
}

/* 0: nobody is told whose they are. */
static int
be_told(void)
{
	static const struct {
		const char *path, *text;
	} cases[] = {
		{ "roots", "roots belongs to user root, not to user nobody "
		  "who runs this: give it to that one (chown -R nobody "
		  "roots), or take another directory" },
		{ "open", "open belongs to user root, not to user nobody who "
		  "runs this: give it to that one (chown -R nobody open), or "
		  "take another directory" },
		{ "open/none", "nobody cannot make open/none: Permission "
		  "denied: make it for that user (install -d -o nobody -m "
		  "0700 open/none)" },
	};
	struct ms_error err;
	int fd;

	if (ms_rights_take("nobody", NULL, &err) != MS_OK)
		return 100;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		if (ms_beneath_root(cases[i].path, true, &fd, &err) ==
		    MS_OK || strcmp(err.text, cases[i].text) != 0)
			return (int)i + 1;
	return 0;
}

static void
test_rights(void **state)
{
	char dir[] = "/tmp/beneath_test.XXXXXX", *before;
	const struct passwd *daemon = getpwnam("daemon");
	struct ms_error err;
	int status, fd;
	pid_t pid;

	(void)state;
	if (!ms_rights_are_all() || !daemon)
		return;
	before = g_get_current_dir();
	assert_non_null(mkdtemp(dir));
	assert_int_equal(0, chmod(dir, 0755));
	assert_int_equal(0, chdir(dir));
	assert_int_equal(0, mkdir("roots", 0700));
	assert_int_equal(0, mkdir("open", 0755));
	assert_int_equal(0, mkdir("daemons", 0700));
	assert_int_equal(0, chown("daemons", daemon->pw_uid, 0));
	pid = fork();
	if (pid == 0)
		_exit(be_told());
	assert_true(pid > 0);
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_int_equal(0, status);
	/* Root is not to take what is theirs. */
	assert_int_equal(MS_E_USAGE, ms_beneath_root("daemons", true, &fd,
	    &err));
	assert_string_equal("daemons belongs to user daemon, not to user root "
	    "who runs this: run it as that user (runuser -u daemon), or take "
	    "another directory", err.text);
	assert_int_equal(0, rmdir("daemons"));
	assert_int_equal(0, rmdir("open"));
	assert_int_equal(0, rmdir("roots"));
	assert_int_equal(0, chdir(before));
	assert_int_equal(0, rmdir(dir));
	g_free(before);
}

static void
test_inside(void **state)
{
	struct ms_error err = { "" };
	int root, day, fd;

	(void)state;
	assert_int_equal(MS_OK, ms_beneath_root("r", true, &root, &err));
	assert_int_equal(MS_END, ms_beneath_directory(root, "d", false, &day,
	    &err));
	assert_int_equal(MS_OK, ms_beneath_directory(root, "d", true, &day,
	    &err));
	assert_int_equal(MS_END, ms_beneath_read(day, "f", &fd, &err));
	assert_int_equal(0, mkfifoat(day, "fifo", 0600));
	assert_int_equal(MS_E_IO, ms_beneath_read(day, "fifo", &fd, &err));
	assert_int_equal(0, symlinkat("/etc/passwd", day, "link"));
	assert_int_equal(MS_E_IO, ms_beneath_read(day, "link", &fd, &err));
	assert_true(g_file_set_contents("r/d/f", "x", 1, NULL));
	assert_int_equal(MS_OK, ms_beneath_read(day, "f", &fd, &err));
	assert_int_equal(0, close(fd));
	assert_int_equal(0, close(day));
	assert_int_equal(0, close(root));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_rights),
		cmocka_unit_test(test_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
