#include "pool/launch.h"

#include <setjmp.h>
#include <stdarg.h>
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
		file_of("two") };
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
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *const argv[] = { rows[i].path, NULL };
		const struct ms_launch launch = { argv, -1, -1 };
		struct ms_error err;

		assert_int_equal(ms_launch(&launch, &err), rows[i].status);
	}
	/* In a child, whose descriptors change. */
	if (fork() == 0) {
		const char *const argv[] = { "/nonexistent", NULL };
		const struct ms_launch launch = { argv, file_of(""), -1 };
		struct ms_error err;

		_exit(ms_launch(&launch, &err) == MS_E_IO ? 5 : 6);
	} else {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(WEXITSTATUS(status), 5);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_becomes),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
