#include "pool/launch.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int
file_of(const char *text)
{
	const int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	return fd;
}

/* The status of a child that becomes a shell which runs SCRIPT. */
static int
run(const char *script)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	const struct ms_launch launch = { argv, file_of("one"),
		file_of("two"), NULL };
	struct ms_error err;
	int status = 0;
	const pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)ms_launch(&launch, &err);
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(launch.input);
	(void)close(launch.second);
	return status;
}

static void
test_becomes(void **state)
{
	(void)state;
	assert_int_equal(WEXITSTATUS(run("exit 7")), 7);
	assert_int_equal(run("read x; read y <&1; test \"$x$y\" = onetwo"),
	    0);
	assert_true(WIFSIGNALED(run("kill -9 $$")));
}

static void
test_refused(void **state)
{
	static const struct {
		const char *path;
		enum ms_status status;
	} rows[] = {
		{ "sh", MS_E_USAGE },
		{ "", MS_E_USAGE },
		{ NULL, MS_E_USAGE },
		{ "/proc/self/exe", MS_E_USAGE },
		{ "/bin/../bin/sh", MS_E_USAGE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *const argv[] = { rows[i].path, NULL };
		const struct ms_launch launch = { argv, -1, -1, "/bin/sh" };
		struct ms_error err;

		assert_int_equal(ms_launch(&launch, &err), rows[i].status);
	}
	/* In a child, whose descriptors change. */
	if (fork() == 0) {
		const char *const argv[] = { "/nonexistent", NULL };
		const struct ms_launch launch = { argv, file_of(""), -1,
			NULL };
		struct ms_error err;

		_exit(ms_launch(&launch, &err) == MS_E_IO ? 5 : 6);
	} else {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(WEXITSTATUS(status), 5);
	}
}

/* The status of a child that becomes what lies at PATH from the root, with a
 * SCRIPT; 99 if it does not. */
static int
run_beside(const char *path, const char *script)
{
	const char *words[] = { NULL, "-c", script, NULL };
	const pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0) {
		char *beside = g_strconcat("../../../../../../../../../../"
		    "../../../../../../../../../../..", path, NULL);
		struct ms_error err = { "" };
		const bool good = ms_launch_beside(beside, words, &err) ==
		    MS_E_IO && strstr(err.text, path) && !words[0];

		_exit(good ? 99 : 98);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void
test_beside(void **state)
{
	(void)state;
	/* It is called by the path of this program. */
	assert_int_equal(run_beside("/bin/sh", "case $0 in "
	    "/*/launch_test) exit 7; esac"), 7);
	assert_int_equal(run_beside("/nonexistent", "exit 7"), 99);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_becomes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
