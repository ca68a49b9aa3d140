#include "pool/child.h"

#include "pool/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Which descriptors are open here, one byte each, up to the 200th. */
static int
list_descriptors(void *arg, int socket)
{
	GByteArray *frame = g_byte_array_new();
	struct ms_error err;

	(void)arg;
	for (int fd = 0; fd < 200; fd++) {
		const guint8 open = fcntl(fd, F_GETFD) >= 0 ?
		    fd == socket ? 2 : 1 : 0;

		g_byte_array_append(frame, &open, 1);
	}
	return ms_frame_send(socket, frame, -1, &err) == MS_OK ? 7 : 1;
}

static int
wait_for_end(void *arg, int socket)
{
	struct pollfd one = { .fd = socket, .events = POLLIN };

	(void)arg;
	/* None of these is for a child. */
	(void)raise(SIGTERM);
	(void)raise(SIGINT);
	(void)raise(SIGHUP);
	(void)poll(&one, 1, 20000);
	return one.revents & POLLHUP ? 8 : 1;
}

static int
status_of(int pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
test_descriptors(void **state)
{
	const int here = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const int keep[] = { fcntl(here, F_DUPFD_CLOEXEC, 150),
		fcntl(here, F_DUPFD_CLOEXEC, 120) };
	const int lose = fcntl(here, F_DUPFD_CLOEXEC, 130);
	const struct ms_child child = { list_descriptors, NULL, keep, 2,
		-1 };
	unsigned char got[MS_FRAME_MAX];
	struct pollfd one = { .events = POLLIN };
	struct ms_error err;
	unsigned sockets = 0;
	size_t size;
	int pid, fd;

	(void)state;
	assert_int_equal(ms_child_start(&child, &one.fd, &pid, &err), MS_OK);
	assert_int_equal(poll(&one, 1, 20000), 1);
	assert_int_equal(ms_frame_receive(one.fd, got, sizeof got, &size,
	    &fd), MS_OK);
	assert_int_equal(size, 200);
	for (int i = 3; i < 200; i++) {
		sockets += got[i] == 2;
		assert_int_equal(got[i] == 1, i == keep[0] || i == keep[1]);
	}
	assert_int_equal(sockets, 1);
	assert_int_equal(status_of(pid), 7);
	(void)close(one.fd);
	(void)close(keep[0]);
	(void)close(keep[1]);
	(void)close(lose);
	(void)close(here);
}

static void
test_ends_with_the_socket(void **state)
{
	const struct ms_child child = { wait_for_end, NULL, NULL, 0, -1 };
	struct ms_error err;
	int socket, pid;

	(void)state;
	assert_int_equal(ms_child_start(&child, &socket, &pid, &err), MS_OK);
	(void)close(socket);
	assert_int_equal(status_of(pid), 8);
}

static void
test_does_not_block(void **state)
{
	GByteArray *frame = g_byte_array_new();
	struct ms_error err;
	unsigned sent = 0;
	int pair[2];

	(void)state;
	assert_int_equal(ms_child_pair(pair, &err), MS_OK);
	g_byte_array_set_size(frame, 1000);
	while (sent < 100000 &&
	    ms_frame_send(pair[0], frame, -1, &err) == MS_OK)
		sent++;
	assert_true(sent > 10 && sent < 100000);
	assert_int_equal(errno, EAGAIN);
	g_byte_array_unref(frame);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_ends_with_the_socket),
		cmocka_unit_test(test_does_not_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
