/* link: -Wl,--wrap=pread,--wrap=pwrite,--wrap=renameat2 */
#include "base/at.h"

#include <glib.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* The system takes and gives so many bytes at most in each call, and is
 * interrupted before every second one; 0: it does as it likes. */
static size_t most;
static unsigned calls;
static int no_rename;		/* the errno of a file system without it */

ssize_t __real_pread(int fd, void *data, size_t size, off_t at);
ssize_t __wrap_pread(int fd, void *data, size_t size, off_t at);
ssize_t __real_pwrite(int fd, const void *data, size_t size, off_t at);
ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t at);
int __real_renameat2(int from, const char *a, int to, const char *b,
    unsigned flags);
int __wrap_renameat2(int from, const char *a, int to, const char *b,
    unsigned flags);

static bool
is_interrupted(void)
{
	errno = EINTR;
	return most > 0 && ++calls % 2;
}

ssize_t
__wrap_pread(int fd, void *data, size_t size, off_t at)
{
	return is_interrupted() ? -1 : __real_pread(fd, data,
	    most > 0 ? MIN(size, most) : size, at);
}

ssize_t
__wrap_pwrite(int fd, const void *data, size_t size, off_t at)
{
	return is_interrupted() ? -1 : __real_pwrite(fd, data,
	    most > 0 ? MIN(size, most) : size, at);
}

int
__wrap_renameat2(int from, const char *a, int to, const char *b,
    unsigned flags)
{
	errno = no_rename;
	return no_rename != 0 ? -1 : __real_renameat2(from, a, to, b, flags);
}

static void
test_pieces(void **state)
{
	int fd = open("pieces", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char data[16] = "";
	size_t got;

	(void)state;
	most = 3;
	assert_int_equal(MS_OK, ms_at_write(fd, 2, "hello, you", 10));
	assert_int_equal(MS_OK, ms_at_read(fd, 0, data, sizeof data, &got));
	assert_int_equal(12, got);
	assert_memory_equal("\0\0hello, you", data, 12);
	assert_int_equal(MS_OK, ms_at_read(fd, 12, data, 1, &got));
	assert_int_equal(0, got);
	assert_int_equal(0, lseek(fd, 0, SEEK_CUR));
	most = 0;
	assert_int_equal(0, close(fd));
}

static void
test_wrong(void **state)
{
	char data[2];
	size_t got = 7;

	(void)state;
	errno = 0;
	assert_int_equal(MS_E_IO, ms_at_read(-1, 0, data, 1, &got));
	assert_int_equal(EBADF, errno);
	assert_int_equal(0, got);
	assert_int_equal(MS_E_IO, ms_at_read(0, INT64_MAX, data, 2, &got));
	assert_int_equal(EOVERFLOW, errno);
	errno = 0;
	assert_int_equal(MS_E_IO, ms_at_write(0, UINT64_MAX, data, 1));
	assert_int_equal(EOVERFLOW, errno);
}

/* With a file system that can do it, and with those that cannot. */
static void
test_rename(void **state)
{
	static const int kinds[] = { 0, EINVAL, ENOSYS };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		char *text;

		no_rename = kinds[i];
		assert_true(g_file_set_contents("from", "new", -1, NULL));
		assert_true(g_file_set_contents("taken", "old", -1, NULL));
		assert_int_equal(MS_E_IO, ms_at_rename(AT_FDCWD, "from",
		    AT_FDCWD, "taken"));
		assert_int_equal(EEXIST, errno);
		assert_int_equal(MS_E_IO, ms_at_rename(AT_FDCWD, "none",
		    AT_FDCWD, "to"));
		assert_int_equal(ENOENT, errno);
		assert_int_equal(MS_OK, ms_at_rename(AT_FDCWD, "from",
		    AT_FDCWD, "to"));
		assert_int_equal(-1, access("from", F_OK));
		assert_true(g_file_get_contents("to", &text, NULL, NULL));
		assert_string_equal("new", text);
		g_free(text);
		assert_true(g_file_get_contents("taken", &text, NULL, NULL));
		assert_string_equal("old", text);
		g_free(text);
		assert_int_equal(0, unlink("to"));
	}
	/* What says no for another reason is believed. */
	no_rename = EACCES;
	assert_true(g_file_set_contents("from", "new", -1, NULL));
	assert_int_equal(MS_E_IO, ms_at_rename(AT_FDCWD, "from", AT_FDCWD,
	    "to"));
	assert_int_equal(EACCES, errno);
	assert_int_equal(0, access("from", F_OK));
	no_rename = 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_rename),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
