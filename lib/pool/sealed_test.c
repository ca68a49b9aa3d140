#include "pool/sealed.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_made(void **state)
{
	char text[8];
	int fd = -1;

	(void)state;
	assert_int_equal(MS_OK, ms_sealed_make("bytes", 5, &fd, NULL));
	assert_int_equal(MS_OK, ms_sealed_check(fd, 5));
	assert_int_equal(MS_E_PEER, ms_sealed_check(fd, 4));
	assert_int_equal(MS_E_PEER, ms_sealed_check(fd, 6));
	assert_int_equal(5, pread(fd, text, sizeof text, 0));
	assert_memory_equal("bytes", text, 5);
	assert_int_equal(-1, pwrite(fd, "x", 1, 0));
	assert_int_equal(-1, ftruncate(fd, 0));
	assert_int_equal(-1, ftruncate(fd, 9));
	assert_int_equal(0, close(fd));
}

static void
test_nothing(void **state)
{
	int fd = -1;

	(void)state;
	assert_int_equal(MS_OK, ms_sealed_make("", 0, &fd, NULL));
	assert_int_equal(MS_OK, ms_sealed_check(fd, 0));
	assert_int_equal(0, close(fd));
}

/* Each seal is asked for, and nothing but a memfd has them. */
static void
test_others(void **state)
{
	static const int seals[] = { F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW,
		F_SEAL_WRITE };
	int pair[2];

	(void)state;
	for (int without = 0; without < 4; without++) {
		int fd = memfd_create("t", MFD_CLOEXEC | MFD_ALLOW_SEALING);

		assert_int_equal(1, write(fd, "x", 1));
		for (int i = 0; i < 4; i++)
			if (i != without && seals[i] != F_SEAL_SEAL)
				assert_int_equal(0, fcntl(fd, F_ADD_SEALS,
				    seals[i]));
		if (seals[without] != F_SEAL_SEAL)
			assert_int_equal(0, fcntl(fd, F_ADD_SEALS,
			    F_SEAL_SEAL));
		assert_int_equal(MS_E_PEER, ms_sealed_check(fd, 1));
		assert_int_equal(0, close(fd));
	}
	assert_int_equal(0, pipe2(pair, O_CLOEXEC));
	assert_int_equal(MS_E_PEER, ms_sealed_check(pair[0], 0));
	assert_int_equal(MS_E_PEER, ms_sealed_check(-1, 0));
	assert_int_equal(0, close(pair[0]));
	assert_int_equal(0, close(pair[1]));
}

static void
test_no_descriptor(void **state)
{
	struct rlimit old, none = { 3, 3 };
	struct ms_error err = { "" };
	int fd = -1;

	(void)state;
	assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &old));
	none.rlim_max = old.rlim_max;
	assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
	assert_int_equal(MS_E_IO, ms_sealed_make("x", 1, &fd, &err));
	assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &old));
	assert_int_equal(-1, fd);
	assert_non_null(strstr(err.text, "cannot hand a content over: "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
