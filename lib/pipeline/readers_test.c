#include "pipeline/readers.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Until the other side is gone, whatever it had to say. */
static void
read_to_end(int fd)
{
	char data[100];

	while (read(fd, data, sizeof data) > 0)
		continue;
	assert_int_equal(0, close(fd));
}

/* Each that starts ends the one before, whatever it is at, and none is left
 * at the end. */
static void
test_one_at_a_time(void **state)
{
	struct ms_readers *readers = ms_readers_new(".");
	int pipes[2], stream, last = -1;

	(void)state;
	/* Nothing ever comes from it. */
	assert_int_equal(0, pipe2(pipes, O_CLOEXEC));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(MS_OK, ms_readers_source(readers,
		    MS_SOURCE_READ_ARCHIVE, pipes[0], &stream, NULL));
		if (last >= 0)
			read_to_end(last);
		last = stream;
	}
	ms_readers_free(readers);
	read_to_end(last);
	assert_int_equal(-1, waitpid(-1, NULL, WNOHANG));
	assert_int_equal(ECHILD, errno);
	assert_int_equal(0, close(pipes[0]));
	assert_int_equal(0, close(pipes[1]));
	ms_readers_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
