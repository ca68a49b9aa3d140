#include "pool/detach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The exit status of a process that detaches; the new one begins if BEGINS,
 * and writes to OUT what it is. */
static int
detach(bool begins, int out)
{
	const pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct ms_error err;
		int fd;

		switch (ms_detach_begin(&fd, &err)) {
		case MS_OK:
			break;
		case MS_END:
			_exit(10);
		default:
			_exit(20);
		}
		if (!begins)
			_exit(3);
		ms_detach_end(fd, false);
		(void)!write(out, getsid(0) == getpid() && !isatty(2) ?
		    "good" : "evil", 4);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
test_begins(void **state)
{
	char text[5] = "";
	int ends[2];

	(void)state;
	/* The new one's parent is gone when it ends. */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(detach(true, ends[1]), 10);
	assert_int_equal(read(ends[0], text, 4), 4);
	assert_string_equal(text, "good");
	assert_true(wait(NULL) > 0);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void
test_does_not_begin(void **state)
{
	(void)state;
	assert_int_equal(detach(false, -1), 20);
	assert_true(wait(NULL) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_begins),
		cmocka_unit_test(test_does_not_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
