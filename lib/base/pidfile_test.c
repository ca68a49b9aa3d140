#include "base/pidfile.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/pidfile-test-XXXXXX";

static void
test_one_at_a_time(void **state)
{
	char own[32], text[32] = "";
	struct ms_error err;
	int fd, second;

	(void)state;
	assert_int_equal(ms_pidfile_open("pid", &fd, &err), MS_OK);
	assert_int_equal(ms_pidfile_write(fd, &err), MS_OK);
	(void)snprintf(own, sizeof own, "%d\n", (int)getpid());
	assert_int_equal(pread(fd, text, sizeof text - 1, 0), strlen(own));
	assert_string_equal(text, own);
	assert_int_equal(ms_pidfile_open("pid", &second, &err), MS_E_USAGE);
	own[strlen(own) - 1] = '\0';
	assert_non_null(strstr(err.text, own));
	assert_int_equal(second, -1);
	ms_pidfile_remove("pid", fd);
	assert_int_equal(access("pid", F_OK), -1);
	/* What a process left that was killed is in nobody's way. */
	assert_int_equal(ms_pidfile_open("pid", &fd, &err), MS_OK);
	assert_int_equal(pwrite(fd, "1234567890\n", 11, 0), 11);
	(void)close(fd);
	assert_int_equal(ms_pidfile_open("pid", &fd, &err), MS_OK);
	assert_int_equal(ms_pidfile_write(fd, &err), MS_OK);
	assert_int_equal(lseek(fd, 0, SEEK_END), strlen(own) + 1);
	ms_pidfile_remove("pid", fd);
}

static void
test_no_file(void **state)
{
	struct ms_error err;
	int fd;

	(void)state;
	assert_int_equal(ms_pidfile_open("./not/there", &fd, &err), MS_E_IO);
	assert_non_null(strstr(err.text, "there is no directory ./not: make "
	    "it, for the user of the service (install -d -o USER ./not;"));
	assert_int_equal(symlink("not/there", "dangling"), 0);
	assert_int_equal(ms_pidfile_open("dangling", &fd, &err), MS_E_IO);
	assert_null(strstr(err.text, "directory"));
	assert_int_equal(unlink("dangling"), 0);
	assert_int_equal(symlink("elsewhere", "link"), 0);
	assert_int_equal(ms_pidfile_open("link", &fd, &err), MS_E_IO);
	assert_int_equal(access("elsewhere", F_OK), -1);
	assert_int_equal(unlink("link"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_no_file),
	};
	int status;

	if (!mkdtemp(dir) || chdir(dir) != 0)
		return 1;
	status = cmocka_run_group_tests(tests, NULL, NULL);
	(void)!chdir("/");
	(void)rmdir(dir);
	return status;
}
