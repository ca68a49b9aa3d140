#include "action/dotlock.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* What was left over, and who has it, is in lock_test. */

#define STALE_MS 600000

static struct ms_lock_target target;

static int
setup(void **state)
{
	(void)state;
	if (mkdir("d", 0700) != 0 ||
	    !g_file_set_contents("d/box", "", 0, NULL))
		return -1;
	target = (struct ms_lock_target){ .name = "box", .path = "d/box",
		.fd = open("d/box", O_RDWR | O_CLOEXEC),
		.dir = open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	return target.fd >= 0 && target.dir >= 0 ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	(void)close(target.fd);
	(void)close(target.dir);
	(void)unlink("d/box.lock");
	(void)unlink("d/box");
	return access("d", F_OK) == 0 ? rmdir("d") : 0;
}

static struct ms_dotlock *
take(void)
{
	struct ms_dotlock *lock = NULL;
	char *who;

	assert_int_equal(MS_OK, ms_dotlock_take(&target, STALE_MS, &lock,
	    &who, NULL));
	assert_null(who);
	return lock;
}

/* What it says, and that nothing else is left in the directory. */
static void
test_take(void **state)
{
	struct ms_dotlock *lock = take();
	char host[256] = "", *got, *want;
	struct stat st;

	(void)state;
	assert_int_equal(0, gethostname(host, sizeof host - 1));
	want = g_strdup_printf("%ld:%s\n", (long)getpid(), host);
	assert_true(g_file_get_contents("d/box.lock", &got, NULL, NULL));
	assert_string_equal(want, got);
	g_free(want);
	g_free(got);
	assert_int_equal(0, lstat("d/box.lock", &st));
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(1, st.st_nlink);
	assert_int_equal(MS_OK, ms_dotlock_refresh(lock, NULL));
	ms_dotlock_give(lock);
	assert_int_not_equal(0, access("d/box.lock", F_OK));
	ms_dotlock_give(NULL);
}

/* A second one in the same process is not called left over. */
static void
test_second(void **state)
{
	struct ms_dotlock *lock = take(), *other = NULL;
	char *who, *want = g_strdup_printf("d/box.lock is of process %ld",
	    (long)getpid());

	(void)state;
	assert_int_equal(MS_END, ms_dotlock_take(&target, STALE_MS, &other,
	    &who, NULL));
	assert_true(g_str_has_prefix(who, want));
	assert_null(other);
	g_free(who);
	g_free(want);
	assert_int_equal(MS_OK, ms_dotlock_refresh(lock, NULL));
	ms_dotlock_give(lock);
	ms_dotlock_give(take());
}

/* One that others have put in its place is theirs. */
static void
test_taken_away(void **state)
{
	struct ms_dotlock *lock = take();
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(0, unlink("d/box.lock"));
	assert_int_equal(MS_E_PEER, ms_dotlock_refresh(lock, &err));
	assert_string_equal("somebody has taken our d/box.lock away",
	    err.text);
	assert_true(g_file_set_contents("d/box.lock", "1\n", -1, NULL));
	assert_int_equal(MS_E_PEER, ms_dotlock_refresh(lock, &err));
	ms_dotlock_give(lock);
	assert_int_equal(0, access("d/box.lock", F_OK));
}

/* A directory in which nothing can be made, even by root: it is gone. */
static void
test_no_directory(void **state)
{
	struct ms_dotlock *lock = NULL;
	struct ms_error err = { "" };
	char *who;

	(void)state;
	assert_int_equal(0, unlink("d/box"));
	assert_int_equal(0, rmdir("d"));
	assert_int_equal(MS_E_IO, ms_dotlock_take(&target, STALE_MS, &lock,
	    &who, &err));
	assert_non_null(strstr(err.text, "cannot make d/box.lock"));
	assert_null(lock);
	assert_null(who);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_take, setup, teardown),
		cmocka_unit_test_setup_teardown(test_second, setup, teardown),
		cmocka_unit_test_setup_teardown(test_taken_away, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_no_directory, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
