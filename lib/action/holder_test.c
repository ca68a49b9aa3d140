#include "action/holder.h"

#include <glib.h>

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_process(void **state)
{
	char *text = ms_holder_process(getpid());
	char *want = g_strdup_printf("process %ld (holder_test)",
	    (long)getpid());

	(void)state;
	assert_string_equal(want, text);
	g_free(want);
	g_free(text);
	/* No process has this number. */
	text = ms_holder_process(INT64_C(1) << 40);
	assert_string_equal("process 1099511627776", text);
	g_free(text);
}

/* A child that has locked the file FD, until it is killed. */
static pid_t
locker(const char *path)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(0, pipe(ready));
	pid = fork();
	if (pid == 0) {
		int fd = open(path, O_RDWR);

		if (flock(fd, LOCK_EX) != 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(1, read(ready[0], &byte, 1));
	assert_int_equal(0, close(ready[0]));
	assert_int_equal(0, close(ready[1]));
	return pid;
}

static void
test_find(void **state)
{
	struct stat st;
	char *text, *want;
	pid_t pid;

	(void)state;
	if (access("/proc/locks", R_OK) != 0)
		skip();
	assert_true(g_file_set_contents("box", "", 0, NULL));
	assert_int_equal(0, stat("box", &st));
	assert_null(ms_holder_find(&st, "FLOCK"));
	pid = locker("box");
	text = ms_holder_find(&st, "FLOCK");
	want = g_strdup_printf("process %ld (holder_test)", (long)pid);
	/* Some machines keep /proc/locks to themselves. */
	if (text)
		assert_string_equal(want, text);
	else
		print_message("/proc/locks does not say who has it\n");
	assert_null(ms_holder_find(&st, "POSIX"));
	assert_int_equal(0, kill(pid, SIGKILL));
	assert_int_equal(pid, waitpid(pid, NULL, 0));
	g_free(want);
	g_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
