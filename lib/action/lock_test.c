#include "action/lock.h"

#include "action/dotlock.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct ms_lock_target
target(void)
{
	struct ms_lock_target t = { .name = "box", .path = "./box" };

	assert_true(g_file_set_contents("box", "", 0, NULL));
	t.fd = open("box", O_RDWR | O_CLOEXEC);
	t.dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(t.fd >= 0 && t.dir >= 0);
	return t;
}

static void
drop(const struct ms_lock_target *t)
{
	assert_int_equal(0, close(t->fd));
	assert_int_equal(0, close(t->dir));
	(void)unlink("box.lock");
}

static struct ms_lock_config
config(const char *order)
{
	struct ms_lock_config c = ms_lock_default;
	struct ms_error err = { "" };

	assert_int_equal(MS_OK, ms_lock_parse(order, &c, &err));
	c.timeout_ms = 0;
	return c;
}

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		enum ms_status status;
		const char *error;
		size_t count;
	} cases[] = {
		{ "fcntl,flock,dotlock", MS_OK, "", 3 },
		{ "dotlock", MS_OK, "", 1 },
		{ "flock,fcntl", MS_OK, "", 2 },
		{ "", MS_E_USAGE, "no kind of lock is named: fcntl, flock, "
		    "dotlock", 0 },
		{ "fcntl,", MS_E_USAGE, "\"\" is no kind of lock: fcntl, "
		    "flock, dotlock", 1 },
		{ "flock,flock", MS_E_USAGE, "flock is there twice", 1 },
		{ "fcntl,flock,dotlock,lockf", MS_E_USAGE, "\"lockf\" is no "
		    "kind of lock: fcntl, flock, dotlock", 3 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_lock_config c = ms_lock_default;
		struct ms_error err = { "" };

		assert_int_equal(cases[i].status, ms_lock_parse(cases[i].text,
		    &c, &err));
		assert_string_equal(cases[i].error, err.text);
		assert_int_equal(cases[i].count, c.count);
	}
}

/* In another process, which then tells and waits for its end. */
static pid_t
hold(const char *kind, int *pipe_fd)
{
	int ends[2];
	pid_t pid;
	char c;

	assert_int_equal(0, pipe(ends));
	pid = fork();
	if (pid == 0) {
		int fd = open("box", O_RDWR);
		struct flock whole = { .l_type = F_WRLCK };
		int result = strcmp(kind, "fcntl") == 0 ?
		    fcntl(fd, F_SETLK, &whole) : flock(fd, LOCK_EX | LOCK_NB);

		(void)!write(ends[1], result == 0 ? "y" : "n", 1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(1, read(ends[0], &c, 1));
	assert_int_equal('y', c);
	assert_int_equal(0, close(ends[1]));
	*pipe_fd = ends[0];
	return pid;
}

/* Who has it is said, and nothing of it is kept; afterwards it is to be had
 * in every order. */
static void
test_busy(void **state)
{
	static const char *const orders[] = {
		"fcntl,flock,dotlock", "dotlock,flock,fcntl",
		"flock,dotlock,fcntl",
	};
	static const char *const kinds[] = { "fcntl", "flock" };
	struct ms_lock_target t = target();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(orders) *
	    G_N_ELEMENTS(kinds); i++) {
		const char *kind = kinds[i % G_N_ELEMENTS(kinds)];
		struct ms_lock_config c = config(orders[i / 2]);
		struct ms_error err = { "" };
		struct ms_lock *lock;
		int fd;
		pid_t pid = hold(kind, &fd);
		char *want = g_strdup_printf("./box was locked by others for "
		    "0 ms: process %ld (lock_test) has locked it with %s",
		    (long)pid, kind);

		assert_int_equal(MS_E_PEER, ms_lock_take(&t, &c, &lock,
		    &err));
		assert_string_equal(want, err.text);
		assert_int_not_equal(0, access("box.lock", F_OK));
		g_free(want);
		assert_int_equal(0, kill(pid, SIGKILL));
		assert_int_equal(pid, waitpid(pid, NULL, 0));
		assert_int_equal(0, close(fd));
		assert_int_equal(MS_OK, ms_lock_take(&t, &c, &lock, &err));
		assert_int_equal(0, access("box.lock", F_OK));
		assert_int_equal(MS_OK, ms_lock_refresh(lock, &err));
		ms_lock_give(lock);
		assert_int_not_equal(0, access("box.lock", F_OK));
	}
	drop(&t);
}

/* Two of us exclude each other, with whatever kind. */
static void
test_each_other(void **state)
{
	static const char *const orders[] = { "fcntl", "flock", "dotlock" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
		struct ms_lock_target a = target(), b = target();
		struct ms_lock_config c = config(orders[i]);
		struct ms_lock *first, *second;
		struct ms_error err = { "" };

		/* target() makes the file anew. */
		assert_int_equal(0, close(a.fd));
		a.fd = open("box", O_RDWR | O_CLOEXEC);
		assert_int_equal(MS_OK, ms_lock_take(&a, &c, &first, &err));
		assert_int_equal(MS_E_PEER, ms_lock_take(&b, &c, &second,
		    &err));
		ms_lock_give(first);
		assert_int_equal(MS_OK, ms_lock_take(&b, &c, &second, &err));
		ms_lock_give(second);
		drop(&a);
		drop(&b);
	}
}

static void
set_age(const char *path, int64_t seconds)
{
	struct timespec times[2] = { { 0, 0 }, { 0, 0 } };

	assert_int_equal(0, clock_gettime(CLOCK_REALTIME, times));
	times[0].tv_sec -= seconds;
	times[1] = times[0];
	assert_int_equal(0, utimensat(AT_FDCWD, path, times, 0));
}

/* A dot-lock of others: who made it, how old, and whether it gives way. */
enum { ALIVE = -1, DEAD = -2 };
static const struct {
	const char *name;
	const char *text;	/* %ld: the process */
	int pid;
	int64_t age, box_age;	/* in seconds */
	bool gives_way;
	const char *says;
} locks[] = {
	{ "new, empty", "", 0, 0, 0, false, "there is ./box.lock" },
	{ "old, empty", "", 0, 700, 700, true, "" },
	{ "old, empty, the mailbox changes", "", 0, 700, 100, false,
	    "there is ./box.lock" },
	{ "old, procmail's", "0", 0, 700, 700, true, "" },
	{ "alive, however old", "%ld\n", ALIVE, 7000, 7000, false,
	    "is of process" },
	{ "dead, from somewhere", "%ld\n", DEAD, 10, 0, false,
	    "is of process" },
	{ "dead, from somewhere, not new", "%ld\n", DEAD, 100, 0,
	    true, "" },
	{ "alive, here", "%ld:HOST\n", ALIVE, 7000, 7000, false,
	    "is of process" },
	{ "dead, here", "%ld:HOST\n", DEAD, 0, 0, true, "" },
	{ "elsewhere", "%ld:host.example\n", DEAD, 100, 0, false,
	    "on another machine" },
	{ "elsewhere, old", "%ld:host.example\n", ALIVE, 700, 700,
	    true, "" },
	{ "our number, not our lock", "%ld:HOST\n", 0, 0, 0, true,
	    "" },
	{ "no number", "99999999999999999999:HOST\n", 0, 10, 0, false,
	    "there is ./box.lock" },
};

static void
test_left_over(void **state)
{
	char host[256] = "";
	pid_t dead = fork();

	(void)state;
	if (dead == 0)
		_exit(0);
	assert_int_equal(dead, waitpid(dead, NULL, 0));
	assert_int_equal(0, gethostname(host, sizeof host - 1));
	for (size_t i = 0; i < G_N_ELEMENTS(locks); i++) {
		long pid = locks[i].pid == ALIVE ? getppid() :
		    locks[i].pid == DEAD ? dead : getpid();
		struct ms_lock_target t = target();
		struct ms_dotlock *lock = NULL;
		struct ms_error err = { "" };
		char *who = NULL, **parts, *text, *rest;
		enum ms_status status;

		print_message("  %s\n", locks[i].name);
		parts = g_strsplit(locks[i].text, "%ld", 2);
		text = parts[0] && parts[1] ? g_strdup_printf("%s%ld%s",
		    parts[0], pid, parts[1]) : g_strdup(locks[i].text);
		g_strfreev(parts);
		parts = g_strsplit(text, "HOST", 2);
		rest = g_strjoinv(host, parts);
		assert_true(g_file_set_contents("box.lock", rest, -1, NULL));
		g_strfreev(parts);
		g_free(rest);
		g_free(text);
		set_age("box.lock", locks[i].age);
		set_age("box", locks[i].box_age);
		status = ms_dotlock_take(&t, ms_lock_default.stale_ms, &lock,
		    &who, &err);
		assert_int_equal(locks[i].gives_way ? MS_OK : MS_END, status);
		if (locks[i].gives_way) {
			ms_dotlock_give(lock);
		} else {
			assert_non_null(strstr(who, locks[i].says));
			assert_int_equal(0, access("box.lock", F_OK));
		}
		g_free(who);
		drop(&t);
	}
}

/* What is no file is never removed, and what others have put in the place of
 * ours is not, either. */
static void
test_not_ours(void **state)
{
	struct ms_lock_target t = target();
	struct ms_lock_config c = config("dotlock");
	struct ms_error err = { "" };
	struct ms_lock *lock;

	(void)state;
	assert_int_equal(0, symlink("box", "box.lock"));
	assert_int_equal(MS_E_PEER, ms_lock_take(&t, &c, &lock, &err));
	assert_non_null(strstr(err.text, "./box.lock is no regular file"));
	assert_int_equal(0, unlink("box.lock"));
	assert_int_equal(0, mkdir("box.lock", 0700));
	assert_int_equal(MS_E_PEER, ms_lock_take(&t, &c, &lock, &err));
	assert_int_equal(0, rmdir("box.lock"));
	assert_int_equal(MS_OK, ms_lock_take(&t, &c, &lock, &err));
	assert_true(g_file_set_contents("box.lock", "", 0, NULL));
	assert_int_equal(MS_E_PEER, ms_lock_refresh(lock, &err));
	assert_string_equal("somebody has taken our ./box.lock away",
	    err.text);
	ms_lock_give(lock);
	assert_int_equal(0, access("box.lock", F_OK));
	drop(&t);
}

/* It is waited for, but not longer than was said. */
static void
test_wait(void **state)
{
	struct ms_lock_target t = target();
	struct ms_lock_config c = config("fcntl,flock,dotlock");
	struct ms_error err = { "" };
	struct ms_lock *lock;
	int ready[2], status;
	char byte;
	pid_t pid;

	(void)state;
	c.timeout_ms = 10000;
	assert_int_equal(0, pipe(ready));
	pid = fork();
	if (pid == 0) {
		struct ms_lock_target own = t;

		own.fd = open("box", O_RDWR | O_CLOEXEC);
		if (ms_lock_take(&own, &c, &lock, &err) != MS_OK ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		g_usleep(50000);
		ms_lock_give(lock);
		_exit(0);
	}
	assert_int_equal(0, close(ready[1]));
	assert_int_equal(1, read(ready[0], &byte, 1));
	assert_int_equal(0, close(ready[0]));
	assert_int_equal(MS_OK, ms_lock_take(&t, &c, &lock, &err));
	ms_lock_give(lock);
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_int_equal(0, status);
	drop(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_each_other),
		cmocka_unit_test(test_left_over),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
