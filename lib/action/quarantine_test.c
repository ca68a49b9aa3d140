#include "action/quarantine.h"

#include "action/holding.h"
#include "action/inventory.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "action/quarantine_test.h"

/* link: -Wl,--wrap=write,--wrap=fsync,--wrap=renameat2 */
/* link: -Wl,--wrap=linkat,--wrap=unlinkat */

/* Each call that changes something on disk is one step: at the step BREAK_AT,
 * the process dies, or the call fails with BREAK_WITH. */
static int step, break_at, break_with;

static bool
breaks(void)
{
	if (++step != break_at)
		return false;
	if (break_with == 0)
		(void)raise(SIGKILL);
	errno = break_with;
	return true;
}

ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);
ssize_t
__wrap_write(int fd, const void *data, size_t size)
{
	return breaks() ? -1 : __real_write(fd, data, size);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int
__wrap_fsync(int fd)
{
	return breaks() ? -1 : __real_fsync(fd);
}

/* A file system that cannot rename and refuse to replace. */
static bool old_system;

int __real_renameat2(int a, const char *from, int b, const char *to,
    unsigned flags);
int __wrap_renameat2(int a, const char *from, int b, const char *to,
    unsigned flags);
int
__wrap_renameat2(int a, const char *from, int b, const char *to,
    unsigned flags)
{
	if (breaks())
		return -1;
	if (old_system && flags) {
		errno = EINVAL;
		return -1;
	}
	return __real_renameat2(a, from, b, to, flags);
}

int __real_linkat(int a, const char *from, int b, const char *to, int flags);
int __wrap_linkat(int a, const char *from, int b, const char *to, int flags);
int
__wrap_linkat(int a, const char *from, int b, const char *to, int flags)
{
	return breaks() ? -1 : __real_linkat(a, from, b, to, flags);
}

int __real_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags);
int
__wrap_unlinkat(int dir, const char *name, int flags)
{
	return breaks() ? -1 : __real_unlinkat(dir, name, flags);
}

static void
check_file(const char *path, const char *want)
{
	struct stat st;
	gsize size;
	char *got;

	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0600, st.st_mode & 07777);
	assert_true(g_file_get_contents(path, &got, &size, NULL));
	if (want) {
		assert_int_equal(strlen(want), size);
		assert_string_equal(want, got);
	}
	g_free(got);
}

static void
put_two(const char *name)
{
	struct ms_quarantine *q = quarantine_open(name);
	char id[MS_QUARANTINE_ID_MAX], again[MS_QUARANTINE_ID_MAX];
	struct stat st;
	char *path;

	quarantine_put_text(q, "inbox", id);
	quarantine_put_text(q, "inbox", again);
	assert_string_not_equal(id, again);
	assert_true(ms_custody_is_id(id));
	assert_int_equal(4, quarantine_files(name));
	assert_int_equal(0, stat(name, &st));
	assert_int_equal(0700, st.st_mode & 07777);
	path = quarantine_path(name, id, ".eml");
	check_file(path, QUARANTINE_TEXT);
	g_free(path);
	path = quarantine_path(name, id, ".json");
	check_file(path, NULL);
	g_free(path);
	ms_quarantine_close(q);
}

static void
test_put(void **state)
{
	(void)state;
	put_two("q");
	ms_quarantine_close(NULL);
}

static void
test_old_file_system(void **state)
{
	(void)state;
	old_system = true;
	put_two("old");
	old_system = false;
}

/* The digest is not that of the bytes, or they end too early. */
static void
test_lies(void **state)
{
	struct ms_quarantine *q = quarantine_open("lies");
	struct ms_outcome *outcome = quarantine_outcome("x", "eml", "hello", 5);
	struct ms_quarantine_content content = {
		.fd = quarantine_bytes("jello", 5), .offset = 3, .size = 5,
		.sha256 = outcome->sha256,
	};
	char id[MS_QUARANTINE_ID_MAX];
	struct ms_error err = { "" };

	(void)state;
	for (int zip = 0; zip < 2; zip++) {
		ms_quarantine_defang(q, zip);
		content.size = 5;
		assert_int_equal(MS_E_PEER, ms_quarantine_put(q, &content,
		    outcome, "test", id, &err));
		assert_non_null(strstr(err.text, "not the one"));
		content.size = 6;
		assert_int_equal(MS_E_PEER, ms_quarantine_put(q, &content,
		    outcome, "test", id, &err));
		assert_non_null(strstr(err.text, "shorter"));
		assert_int_equal(0, quarantine_files("lies"));
	}
	assert_int_equal(0, close(content.fd));
	ms_outcome_free(outcome);
	ms_quarantine_close(q);
}

/* What is not ours alone is refused, with what to do about it. */
static void
test_refused(void **state)
{
	static const struct {
		const char *path, *says;
		enum ms_status status;
	} cases[] = {
		{ "link", "symbolic link", MS_E_USAGE },
		{ "link/", "symbolic link", MS_E_USAGE },
		{ "file", "no directory", MS_E_USAGE },
		{ "open", "chmod 700", MS_E_USAGE },
		{ "group", "chmod 700", MS_E_USAGE },
		{ "other", "run it as that user", MS_E_USAGE },
		{ "no/where", "cannot make no/where", MS_E_IO },
	};
	struct ms_quarantine *q;
	struct ms_error err;

	(void)state;
	assert_int_equal(0, mkdir("real", 0700));
	assert_int_equal(0, symlink("real", "link"));
	assert_true(g_file_set_contents("file", "", 0, NULL));
	assert_int_equal(0, mkdir("open", 0700));
	assert_int_equal(0, chmod("open", 0704));
	assert_int_equal(0, mkdir("group", 0700));
	assert_int_equal(0, chmod("group", 0720));
	assert_int_equal(0, mkdir("other", 0700));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		if (strcmp(cases[i].path, "other") == 0 &&
		    chown("other", 12345, (gid_t)-1) != 0)
			continue;	/* only root can try that */
		assert_int_equal(cases[i].status,
		    ms_quarantine_open(cases[i].path, true, &q, &err));
		assert_non_null(strstr(err.text, cases[i].says));
	}
	assert_int_equal(MS_E_IO, ms_quarantine_open("none", false, &q, &err));
	assert_int_equal(-1, access("none", F_OK));
}

/* The directory of today is put in the way as something else. */
static void
test_day_in_the_way(void **state)
{
	struct ms_quarantine *q = quarantine_open("way");
	char id[MS_QUARANTINE_ID_MAX];
	char *day;

	(void)state;
	quarantine_put_text(q, "inbox", id);
	day = g_strdup_printf("way/%.8s", id);
	assert_int_equal(0, rename(day, "way/aside"));
	assert_int_equal(0, mkdir("victim", 0700));
	assert_int_equal(0, symlink("../victim", day));
	assert_int_equal(MS_E_USAGE, quarantine_put(q, "x", "eml", "x", 1,
	    id));
	assert_int_equal(0, unlink(day));
	assert_int_equal(0, mkdir(day, 0755));
	assert_int_equal(MS_E_USAGE, quarantine_put(q, "x", "eml", "x", 1,
	    id));
	assert_int_equal(0, quarantine_files("victim"));
	assert_int_equal(2, quarantine_files("way"));
	g_free(day);
	ms_quarantine_close(q);
}

/* The directory is opened once: what is put in its place does not count. */
static void
test_moved(void **state)
{
	struct ms_quarantine *q = quarantine_open("before");
	char id[MS_QUARANTINE_ID_MAX];

	(void)state;
	assert_int_equal(0, rename("before", "after"));
	assert_int_equal(0, symlink("victim2", "before"));
	assert_int_equal(0, mkdir("victim2", 0700));
	quarantine_put_text(q, "inbox", id);
	assert_int_equal(0, quarantine_files("victim2"));
	assert_int_equal(2, quarantine_files("after"));
	ms_quarantine_close(q);
}

static void
test_full_disk(void **state)
{
	char *text = g_strnfill(1 << 20, 'x');
	char id[MS_QUARANTINE_ID_MAX];
	struct ms_quarantine *q;
	unsigned files;

	(void)state;
	/* Nothing that a zip makes smaller. */
	for (uint32_t i = 0, x = 1; i < 1 << 20; i++) {
		x = x * 1664525 + 1013904223;
		text[i] = (char)(x >> 24);
	}
	assert_int_equal(0, mkdir("small", 0700));
	if (mount("none", "small", "tmpfs", 0, "size=64k,mode=700") != 0) {
		print_message("  nobody may mount here\n");
		g_free(text);
		skip();
	}
	q = quarantine_open("small");
	quarantine_put_text(q, "inbox", id);
	files = quarantine_files("small");
	for (int zip = 0; zip < 2; zip++) {
		ms_quarantine_defang(q, zip);
		assert_int_equal(MS_E_IO, quarantine_put(q, "x", "eml", text,
		    1 << 20, id));
		assert_int_equal(files, quarantine_files("small"));
	}
	/* Fill it up, with records that do not fit at last. */
	ms_quarantine_defang(q, false);
	while (quarantine_put(q, "x", "eml", text, 1000, id) == MS_OK)
		files += 2;
	assert_int_equal(files, quarantine_files("small"));
	ms_quarantine_close(q);
	assert_int_equal(0, umount("small"));
	g_free(text);
}

/* Whichever call fails, nothing is left, or all is there. */
static void
fail_at_each(const char *name, bool zip, int why)
{
	struct ms_quarantine *q = quarantine_open(name);
	char id[MS_QUARANTINE_ID_MAX];
	int failures = 0;

	ms_quarantine_defang(q, zip);
	quarantine_put_text(q, "inbox", id);
	for (break_at = 1, break_with = why; ; break_at++) {
		enum ms_status status;
		unsigned files = quarantine_files(name);

		step = 0;
		status = quarantine_put(q, "x", "eml", "hello", 5, id);
		if (status == MS_OK) {
			assert_int_equal(files + 2, quarantine_files(name));
			if (step < break_at)
				break;
		} else {
			assert_int_equal(files, quarantine_files(name));
			failures++;
		}
	}
	break_at = 0;
	assert_true(failures >= 6);
	ms_quarantine_close(q);
}

static void
test_failures(void **state)
{
	(void)state;
	fail_at_each("broken", false, EIO);
	fail_at_each("brokenzip", true, ENOSPC);
}

/* What a killed store leaves behind: never a record without its message, and
 * no message that is not whole. */
struct sight {
	struct ms_quarantine *q;
	unsigned messages, records, leftovers;
};

static enum ms_status
look(void *arg, const struct ms_inventory_name *name, struct ms_error *err)
{
	struct sight *sight = arg;
	struct ms_holding *holding;
	int fd;
	uint64_t size;

	assert_false(name->foreign);
	sight->messages += name->message;
	sight->records += name->record;
	sight->leftovers += name->leftover;
	if (name->leftover)
		return ms_inventory_sweep(sight->q, name->id, err);
	assert_true(name->message);
	assert_int_equal(MS_OK, ms_holding_open(sight->q, name->id, false,
	    &holding, err));
	assert_int_equal(MS_OK, ms_holding_message(holding, false, &fd, &size,
	    err));
	assert_int_equal(strlen(QUARANTINE_TEXT), size);
	assert_int_equal(0, close(fd));
	if (name->record)
		assert_int_equal(MS_OK, ms_holding_verify(holding, err));
	else
		assert_int_equal(MS_E_FORMAT, ms_holding_verify(holding,
		    err));
	ms_holding_close(holding);
	return MS_OK;
}

static void
kill_at_each(const char *name, bool zip)
{
	struct sight sight = { .q = quarantine_open(name) };
	char id[MS_QUARANTINE_ID_MAX];
	unsigned orphans = 0, leftovers = 0;
	bool done = false;

	ms_quarantine_defang(sight.q, zip);
	for (int at = 1; !done; at++) {
		unsigned before = sight.records;
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			step = 0;
			break_with = 0;
			break_at = at;
			quarantine_put_text(sight.q, "inbox", id);
			_exit(step < at ? 9 : 0);
		}
		assert_int_equal(pid, waitpid(pid, &status, 0));
		done = WIFEXITED(status) && WEXITSTATUS(status) == 9;
		sight.messages = sight.records = sight.leftovers = 0;
		assert_int_equal(MS_OK, ms_inventory_each(sight.q, 0,
		    99999999, look, &sight, NULL));
		assert_true(sight.records >= before);
		orphans = MAX(orphans, sight.messages - sight.records);
		leftovers += sight.leftovers;
		sight.leftovers = 0;
	}
	/* All three kinds of what can be left were seen. */
	assert_true(orphans > 0);
	assert_true(leftovers > 0);
	assert_true(sight.records > 0);
	ms_quarantine_close(sight.q);
}

static void
test_killed(void **state)
{
	(void)state;
	kill_at_each("killed", false);
	kill_at_each("killedzip", true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_old_file_system),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_day_in_the_way),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
