#include "net/post.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static int
listen_at(const char *path)
{
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	(void)snprintf(un.sun_path, sizeof un.sun_path, "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
	return fd;
}

/* Nobody there, somebody, somebody else, somebody who does not read. */
static void
test_post(void **state)
{
	char dir[64], path[80], text[16];
	struct ms_error err;
	int fd, there, sent = 0;

	(void)state;
	(void)g_strlcpy(dir, "/tmp/mailscan-post-XXXXXX",
	    sizeof dir);
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/log", dir);
	assert_int_equal(ms_post_check(path, &err), MS_OK);
	assert_int_equal(ms_post_open(&fd, &err), MS_OK);
	assert_int_equal(ms_post_send(fd, path, "one", 3), MS_E_IO);
	assert_int_equal(errno, ENOENT);
	for (int i = 0; i < 2; i++) {
		there = listen_at(path);
		assert_int_equal(ms_post_send(fd, path, "two", 3), MS_OK);
		assert_int_equal(recv(there, text, sizeof text, 0), 3);
		assert_memory_equal(text, "two", 3);
		if (i == 1)
			while (sent < 100000 && ms_post_send(fd, path, "x",
			    1) == MS_OK)
				sent++;
		(void)close(there);
		assert_int_equal(ms_post_send(fd, path, "three", 5),
		    MS_E_IO);
		assert_int_equal(errno, ECONNREFUSED);
		(void)unlink(path);
	}
	assert_in_range(sent, 1, 99999);
	(void)close(fd);
	(void)rmdir(dir);
}

static void
test_check(void **state)
{
	char much[200];

	(void)state;
	memset(much, 'x', sizeof much);
	much[0] = '/';
	much[sizeof much - 1] = '\0';
	assert_int_equal(ms_post_check(much, NULL), MS_E_USAGE);
	much[107] = '\0';
	assert_int_equal(ms_post_check(much, NULL), MS_OK);
	assert_int_equal(ms_post_check("log", NULL), MS_E_USAGE);
	assert_int_equal(ms_post_check("", NULL), MS_E_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_post),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
