#include "state/store.h"

#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char *dir;

static int
setup(void **state)
{
	(void)state;
	dir = g_strdup("/tmp/mailscan-store-XXXXXX");
	return g_mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "s", "s-wal", "s-shm", "text",
		"other", "other-wal", "other-shm", "text-wal" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		(void)unlink(names[i]);
	if (chdir("/") != 0 || rmdir(dir) != 0)
		return -1;
	g_free(dir);
	return 0;
}

static enum ms_status
try(const char *path, enum ms_store_access access, const char *said)
{
	struct ms_store *store = NULL;
	struct ms_error err = { "" };
	enum ms_status status = ms_store_open(path, access, &store, &err);

	if (said && !strstr(err.text, said))
		print_message("%s\n", err.text);
	if (said)
		assert_non_null(strstr(err.text, said));
	if (status == MS_OK)
		ms_store_close(store);
	return status;
}

static void
test_open(void **state)
{
	struct ms_store *store;
	struct stat st;

	(void)state;
	assert_int_equal(MS_E_IO, try("s", MS_STORE_WRITE, "No such file"));
	assert_int_equal(MS_E_IO, try("s", MS_STORE_READ, "s"));
	assert_int_equal(MS_OK, try("s", MS_STORE_MAKE, NULL));
	assert_int_equal(0, stat("s", &st));
	assert_int_equal(0600, st.st_mode & 0777);
	assert_int_equal(MS_OK, ms_store_open("s", MS_STORE_WRITE, &store,
	    NULL));
	assert_true(ms_store_is_own(store, &st));
	assert_int_equal(0, stat("s-wal", &st));
	assert_true(ms_store_is_own(store, &st));
	assert_int_equal(0, stat("/tmp", &st));
	assert_false(ms_store_is_own(store, &st));
	/* Others may read meanwhile. */
	assert_int_equal(MS_OK, try("s", MS_STORE_READ, NULL));
	assert_int_equal(MS_OK, ms_store_check(store, true, NULL));
	ms_store_close(store);
}

/* Another process writes: it is named. */
static void
test_two(void **state)
{
	int ready[2], done[2], status;
	struct ms_store *store;
	char byte = 0, *who;
	pid_t pid;

	(void)state;
	assert_int_equal(0, pipe(ready));
	assert_int_equal(0, pipe(done));
	pid = fork();
	if (pid == 0) {
		if (ms_store_open("s", MS_STORE_MAKE, &store, NULL) != MS_OK)
			_exit(1);
		(void)!write(ready[1], &byte, 1);
		(void)!read(done[0], &byte, 1);
		ms_store_close(store);
		_exit(0);
	}
	assert_int_equal(1, read(ready[0], &byte, 1));
	who = g_strdup_printf("process %ld is writing", (long)pid);
	assert_int_equal(MS_E_USAGE, try("s", MS_STORE_MAKE, who));
	g_free(who);
	assert_int_equal(1, write(done[1], &byte, 1));
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_int_equal(0, status);
	assert_int_equal(MS_OK, try("s", MS_STORE_MAKE, NULL));
}

static void
test_wrong(void **state)
{
	struct ms_store *store;
	enum ms_status status;
	int fd;

	(void)state;
	assert_true(g_file_set_contents("text", "no database at all, but as "
	    "long as a header of one has to be, which is a hundred bytes of "
	    "it, or some more\n", -1, NULL));
	assert_int_equal(MS_E_FORMAT, try("text", MS_STORE_MAKE, "damaged"));
	assert_int_equal(MS_OK, ms_store_open("s", MS_STORE_MAKE, &store,
	    NULL));
	assert_int_equal(MS_OK, ms_store_do(store, "PRAGMA user_version=3", 0,
	    NULL));
	ms_store_close(store);
	assert_int_equal(MS_E_USAGE, try("s", MS_STORE_MAKE, "newer"));
	assert_int_equal(MS_OK, ms_store_open("other", MS_STORE_MAKE, &store,
	    NULL));
	assert_int_equal(MS_OK, ms_store_do(store, "PRAGMA application_id=1",
	    0, NULL));
	ms_store_close(store);
	assert_int_equal(MS_E_USAGE, try("other", MS_STORE_MAKE,
	    "no state of mailscan"));
	/* Damaged inside: the check says so. */
	fd = open("s", O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(1, pwrite(fd, "\2", 1, 63));
	for (off_t at = 4096; at < 40960; at += 512)
		assert_int_equal(8, pwrite(fd, "damaged!", 8, at));
	(void)close(fd);
	status = ms_store_open("s", MS_STORE_READ, &store, NULL);
	if (status == MS_OK) {
		status = ms_store_check(store, true, NULL);
		ms_store_close(store);
	}
	assert_int_not_equal(MS_OK, status);
}

/* What the first schema lacked is there for readers, and made for writers. */
static void
test_old(void **state)
{
	const enum ms_store_access ways[] = { MS_STORE_READ, MS_STORE_WRITE,
		MS_STORE_READ };
	struct ms_store *store;
	int64_t number;

	(void)state;
	assert_int_equal(MS_OK, ms_store_open("s", MS_STORE_MAKE, &store,
	    NULL));
	assert_int_equal(MS_OK, ms_store_do(store, "DROP TABLE recent", 0,
	    NULL));
	assert_int_equal(MS_OK, ms_store_do(store, "PRAGMA user_version=1", 0,
	    NULL));
	ms_store_close(store);
	for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
		assert_int_equal(MS_OK, ms_store_open("s", ways[i], &store,
		    NULL));
		assert_int_equal(MS_OK, ms_store_ask(store,
		    "SELECT count(*) FROM recent", &number, NULL));
		assert_int_equal(0, number);
		assert_int_equal(MS_OK, ms_store_ask(store,
		    "PRAGMA user_version", &number, NULL));
		assert_int_equal(i == 0 ? 1 : MS_STORE_SCHEMA, number);
		assert_int_equal(MS_OK, ms_store_ask(store, "SELECT count(*) "
		    "FROM sqlite_master WHERE name = 'recent'", &number,
		    NULL));
		assert_int_equal(i != 0, number);
		ms_store_close(store);
	}
}

/* Full: what was committed before stays. */
static void
test_full(void **state)
{
	enum ms_status status = MS_OK;
	struct ms_store *store;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_OK, ms_store_open("s", MS_STORE_MAKE, &store,
	    NULL));
	(void)ms_store_do(store, "PRAGMA max_page_count=20", 0, NULL);
	for (int i = 0; i < 1000 && status == MS_OK; i++)
		status = ms_store_do(store, "INSERT INTO outcome(line) "
		    "VALUES(hex(randomblob(1000 + ?)))", 0, &err);
	assert_int_equal(MS_E_IO, status);
	assert_non_null(strstr(err.text, "no space left"));
	assert_int_equal(MS_OK, ms_store_check(store, true, NULL));
	ms_store_close(store);
}

/* Who can write to it says what is clean. */
static void
test_owner(void **state)
{
	(void)state;
	assert_int_equal(MS_OK, try("s", MS_STORE_MAKE, NULL));
	assert_int_equal(0, symlink("s", "other"));
	assert_int_equal(MS_OK, try("other", MS_STORE_MAKE, NULL));
	assert_int_equal(0, chmod("s", 0620));
	assert_int_equal(MS_E_USAGE, try("s", MS_STORE_MAKE,
	    "s: others may write to it (mode 0620)"));
	assert_int_equal(MS_E_USAGE, try("other", MS_STORE_WRITE,
	    "others may write"));
	assert_int_equal(MS_OK, try("s", MS_STORE_READ, NULL));
	assert_int_equal(0, chmod("s", 0644));
	/* SQLite would take it for what was written last. */
	assert_true(g_file_set_contents("s-wal", "planted", -1, NULL));
	assert_int_equal(0, chmod("s-wal", 0666));
	assert_int_equal(MS_E_USAGE, try("s", MS_STORE_MAKE,
	    "s-wal: others may write"));
	assert_int_equal(0, unlink("s-wal"));
	if (geteuid() != 0)
		return;
	assert_int_equal(0, lchown("other", 54321, 54321));
	assert_int_equal(MS_E_USAGE, try("other", MS_STORE_MAKE,
	    "other: belongs to user 54321"));
	assert_int_equal(0, chown("s", 54321, 54321));
	assert_int_equal(MS_E_USAGE, try("s", MS_STORE_MAKE,
	    "s: belongs to user 54321"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owner, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
