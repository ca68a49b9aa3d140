#include "state/marks.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state/store_made.h"

static struct ms_store *store;
static struct ms_marks *marks;

static void
begin(void)
{
	assert_int_equal(MS_OK, ms_store_do(store, "BEGIN", 0, NULL));
	assert_int_equal(MS_OK, ms_marks_new(store, &marks, NULL));
}

static void
end(void)
{
	ms_marks_free(marks);
	marks = NULL;
	assert_int_equal(MS_OK, ms_store_do(store, "COMMIT", 0, NULL));
}

static int
setup(void **state)
{
	(void)state;
	store = store_make();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ms_store_close(store);
	return 0;
}

/* The mark of number I: with all in a few chains of places, or in none. */
static void
mark_of(uint32_t i, bool crowded, unsigned char mark[MS_SECRET_MARK])
{
	uint32_t spread = crowded ? i % 7 : i * 2654435761u;

	memset(mark, 0, MS_SECRET_MARK);
	memcpy(mark, &spread, sizeof spread);
	memcpy(mark + 8, &i, sizeof i);
}

static void
put(uint32_t i, bool crowded, int64_t run, int64_t outcome)
{
	const struct ms_marks_row row = { run, outcome };
	unsigned char mark[MS_SECRET_MARK];

	mark_of(i, crowded, mark);
	assert_int_equal(MS_OK, ms_marks_put(marks, mark, &row, NULL));
}

/* RUN 0: there is to be none. */
static void
check(uint32_t i, bool crowded, int64_t run, int64_t outcome)
{
	unsigned char mark[MS_SECRET_MARK];
	struct ms_marks_row row;

	mark_of(i, crowded, mark);
	assert_int_equal(run == 0 ? MS_END : MS_OK,
	    ms_marks_get(marks, mark, &row, NULL));
	assert_int_equal(run, row.run);
	assert_int_equal(outcome, row.outcome);
}

/* How many rows are yet to be sorted in. */
static int64_t
recent(void)
{
	return store_number(store, "SELECT count(*) FROM recent");
}

static void
test_rows(void **state)
{
	(void)state;
	begin();
	check(1, false, 0, 0);
	put(1, false, 3, 0);
	check(1, false, 3, 0);
	put(1, false, 4, 9);
	check(1, false, 4, 9);
	check(2, false, 0, 0);
	assert_int_equal(MS_OK, ms_marks_settle(marks, NULL));
	check(1, false, 4, 9);
	check(2, false, 0, 0);
	put(1, false, 5, 0);
	check(1, false, 5, 0);
	assert_int_equal(MS_OK, ms_marks_settle(marks, NULL));
	check(1, false, 5, 0);
	assert_int_equal(0, recent());
	end();
}

/* What a killed run has left is found by the next one: the latest row of a
 * mark. */
static void
test_left(void **state)
{
	(void)state;
	begin();
	put(1, false, 1, 0);
	assert_int_equal(MS_OK, ms_marks_settle(marks, NULL));
	put(2, false, 1, 0);
	put(1, false, 2, 7);
	put(1, false, 3, 8);
	end();
	assert_int_equal(3, recent());
	begin();
	assert_int_equal(0, recent());
	check(1, false, 3, 8);
	check(2, false, 1, 0);
	end();
}

/* More than memory is to hold, asked for before and in between. */
static void
test_many(void **state)
{
	const uint32_t n = 150000;

	(void)state;
	begin();
	for (uint32_t i = 0; i < n; i++)
		check(i, false, 0, 0);
	for (uint32_t i = 0; i < n; i++) {
		put(i, false, 1 + i % 5, i % 3);
		check(i / 2, false, 1 + i / 2 % 5, i / 2 % 3);
	}
	for (uint32_t i = 0; i < n; i++)
		check(i, false, 1 + i % 5, i % 3);
	check(n, false, 0, 0);
	end();
}

static void
test_crowded(void **state)
{
	(void)state;
	begin();
	for (uint32_t i = 0; i < 500; i++) {
		check(i, true, 0, 0);
		put(i, true, i + 1, 0);
	}
	for (uint32_t i = 0; i < 500; i++)
		check(i, true, i + 1, 0);
	assert_int_equal(MS_OK, ms_marks_settle(marks, NULL));
	for (uint32_t i = 0; i < 500; i++)
		check(i, true, i + 1, 0);
	check(500, true, 0, 0);
	end();
}

/* Write a mark and another row, over and over, and say so after each commit;
 * never returns. */
static void
write_on(const char *path, int fd)
{
	if (ms_store_open(path, MS_STORE_WRITE, &store, NULL) != MS_OK)
		_exit(1);
	for (uint32_t i = 0;; i++) {
		unsigned char mark[MS_SECRET_MARK];
		const struct ms_marks_row row = { i + 1, 0 };

		if (i % 8 == 0 && (ms_store_do(store, "BEGIN IMMEDIATE", 0,
		    NULL) != MS_OK || (!marks && ms_marks_new(store, &marks,
		    NULL) != MS_OK)))
			_exit(1);
		mark_of(i, false, mark);
		if (ms_marks_put(marks, mark, &row, NULL) != MS_OK ||
		    ms_store_do(store, "INSERT OR REPLACE INTO entry(id) "
		    "VALUES(?)", i, NULL) != MS_OK)
			_exit(1);
		if (i % 8 != 7)
			continue;
		if ((i % 56 == 55 && ms_marks_settle(marks, NULL) != MS_OK) ||
		    ms_store_do(store, "COMMIT", 0, NULL) != MS_OK ||
		    write(fd, "", 1) != 1)
			_exit(1);
	}
}

/* A kill leaves what was committed, and no half of anything. */
static void
test_killed(void **state)
{
	char path[] = "/tmp/mailscan-marks-XXXXXX";
	const char *const suffixes[] = { "", "-wal", "-shm" };
	int fd = g_mkstemp(path), pipes[2], status;
	int64_t rows, before = 0;
	char byte;

	(void)state;
	(void)close(fd);
	ms_store_close(store);
	assert_int_equal(MS_OK, ms_store_open(path, MS_STORE_MAKE, &store,
	    NULL));
	for (int turn = 0; turn < 12; turn++) {
		pid_t pid;

		ms_store_close(store);
		assert_int_equal(0, pipe(pipes));
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			write_on(path, pipes[1]);
		(void)close(pipes[1]);
		for (int i = 0; i < turn * 5 + 1; i++)
			assert_int_equal(1, read(pipes[0], &byte, 1));
		assert_int_equal(0, kill(pid, SIGKILL));
		assert_int_equal(pid, waitpid(pid, &status, 0));
		assert_int_equal(SIGKILL, WTERMSIG(status));
		(void)close(pipes[0]);
		assert_int_equal(MS_OK, ms_store_open(path, MS_STORE_WRITE,
		    &store, NULL));
		assert_int_equal(MS_OK, ms_store_check(store, true, NULL));
		rows = store_number(store, "SELECT count(*) FROM entry");
		assert_true(rows >= (turn * 5 + 1) * 8 && rows % 8 == 0);
		assert_true(rows >= before);
		before = rows;
		begin();
		for (uint32_t i = 0; i < rows; i++)
			check(i, false, i + 1, 0);
		check((uint32_t)rows, false, 0, 0);
		end();
	}
	for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		char *name = g_strconcat(path, suffixes[i], NULL);

		(void)unlink(name);
		g_free(name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_left, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_crowded, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
