/* link: -Wl,--wrap=write */
#include "base/write.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

/* What the system does with each write: so many bytes are taken at most, or
 * minus an errno. Behind the last one it takes everything. */
static const int *answers;
static size_t answer_count;

/* What was taken, and in how many calls. */
static char taken[64];
static size_t taken_size, calls;

ssize_t __wrap_write(int fd, const void *data, size_t size);

ssize_t
__wrap_write(int fd, const void *data, size_t size)
{
	int answer = calls < answer_count ? answers[calls] : 64;

	assert_int_equal(7, fd);
	calls++;
	if (answer < 0) {
		errno = -answer;
		return -1;
	}
	if (size > (size_t)answer)
		size = (size_t)answer;
	assert_true(size <= sizeof taken - taken_size);
	memcpy(taken + taken_size, data, size);
	taken_size += size;
	return (ssize_t)size;
}

static void
test_all_of_it(void **state)
{
	static const struct {
		const char *name;
		size_t count;
		int answers[4];
		enum ms_status want;
		int error;
		size_t calls, taken;
	} cases[] = {
		{ "at once", 0, { 0 }, MS_OK, 0, 1, 9 },
		{ "in pieces", 2, { 1, 5 }, MS_OK, 0, 3, 9 },
		{ "interrupted", 3, { -EINTR, 4, -EINTR }, MS_OK, 0, 4, 9 },
		{ "full", 2, { 4, -ENOSPC }, MS_E_IO, ENOSPC, 2, 4 },
		{ "closed", 1, { -EPIPE }, MS_E_IO, EPIPE, 1, 0 },
		{ "nothing taken", 1, { 0 }, MS_E_IO, ENOSPC, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum ms_status got;

		answers = cases[i].answers;
		answer_count = cases[i].count;
		calls = taken_size = 0;
		got = ms_write(7, "Nine cats", 9);
		if (got != cases[i].want || calls != cases[i].calls ||
		    (got != MS_OK && errno != cases[i].error) ||
		    taken_size != cases[i].taken ||
		    memcmp(taken, "Nine cats", taken_size) != 0)
			fail_msg("%s: %d after %zu calls, %zu bytes",
			    cases[i].name, got, calls, taken_size);
	}
}

static void
test_nothing(void **state)
{
	(void)state;
	calls = 0;
	assert_int_equal(MS_OK, ms_write(7, NULL, 0));
	assert_int_equal(0, calls);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_of_it),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
