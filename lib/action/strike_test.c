/* link: -Wl,--wrap=openat,--wrap=syscall,--wrap=mkdir,--wrap=mkdirat */
/* link: -Wl,--wrap=write,--wrap=fsync,--wrap=fchown */
/* link: -Wl,--wrap=linkat,--wrap=unlinkat,--wrap=renameat2 */
#include "action/maildrop.h"

#include "action/holding.h"
#include "action/inventory.h"
#include "action/newfile.h"

#include <errno.h>
#include <ftw.h>
#include <linux/openat2.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "action/quarantine_test.h"

/*
 * What is done with a message in a Maildir, in a process of which every system
 * call that changes something on disk, creating files and directories among
 * them, is the last one in turn, or fails: the message is never gone, never
 * there in part, and never twice in the Maildir.
 */

#define TEXT QUARANTINE_TEXT
#define NAME "m/cur/1.a.host:2,S"

enum way { BEFORE, HALF, AFTER, FAILS, WAYS };

static struct {
	unsigned left;		/* calls until then; 0: not any more */
	enum way way;
} fate;

static void
die(void)
{
	(void)raise(SIGKILL);
}

/* Is it this call? */
static bool
struck(void)
{
	bool hit = fate.left > 0 && --fate.left == 0;

	if (hit && fate.way == BEFORE)
		die();
	return hit;
}

/* The body of a wrapper: REAL, unless it is struck. */
#define STRIKE(type, real, why) do { \
	bool hit = struck(); \
	type answer; \
	if (hit && fate.way == FAILS) { \
		errno = why; \
		return -1; \
	} \
	answer = real; \
	if (hit) \
		die(); \
	return answer; \
} while (0)

int __real_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, mode_t mode);
int
__wrap_openat(int dir, const char *name, int flags, mode_t mode)
{
	if (!(flags & O_CREAT))
		return __real_openat(dir, name, flags, mode);
	STRIKE(int, __real_openat(dir, name, flags, mode), ENOSPC);
}

/* For openat2(), which the C library has no function for. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d);
long
__wrap_syscall(long number, long a, long b, long c, long d)
{
	if (number != SYS_openat2 ||
	    !(((const struct open_how *)c)->flags & O_CREAT))
		return __real_syscall(number, a, b, c, d);
	STRIKE(long, __real_syscall(number, a, b, c, d), ENOSPC);
}

int __real_mkdir(const char *name, mode_t mode);
int __wrap_mkdir(const char *name, mode_t mode);
int
__wrap_mkdir(const char *name, mode_t mode)
{
	STRIKE(int, __real_mkdir(name, mode), ENOSPC);
}

int __real_mkdirat(int dir, const char *name, mode_t mode);
int __wrap_mkdirat(int dir, const char *name, mode_t mode);
int
__wrap_mkdirat(int dir, const char *name, mode_t mode)
{
	STRIKE(int, __real_mkdirat(dir, name, mode), ENOSPC);
}

ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);
ssize_t
__wrap_write(int fd, const void *data, size_t size)
{
	bool half = fate.left == 1 && fate.way == HALF;

	STRIKE(ssize_t, __real_write(fd, data, half ? size / 2 : size),
	    ENOSPC);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int
__wrap_fsync(int fd)
{
	STRIKE(int, __real_fsync(fd), EIO);
}

int __real_fchown(int fd, uid_t uid, gid_t gid);
int __wrap_fchown(int fd, uid_t uid, gid_t gid);
int
__wrap_fchown(int fd, uid_t uid, gid_t gid)
{
	STRIKE(int, __real_fchown(fd, uid, gid), EPERM);
}

int __real_linkat(int from, const char *a, int to, const char *b, int flags);
int __wrap_linkat(int from, const char *a, int to, const char *b, int flags);
int
__wrap_linkat(int from, const char *a, int to, const char *b, int flags)
{
	STRIKE(int, __real_linkat(from, a, to, b, flags), ENOSPC);
}

int __real_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags);
int
__wrap_unlinkat(int dir, const char *name, int flags)
{
	STRIKE(int, __real_unlinkat(dir, name, flags), EIO);
}

int __real_renameat2(int from, const char *a, int to, const char *b,
    unsigned flags);
int __wrap_renameat2(int from, const char *a, int to, const char *b,
    unsigned flags);
int
__wrap_renameat2(int from, const char *a, int to, const char *b,
    unsigned flags)
{
	STRIKE(int, __real_renameat2(from, a, to, b, flags), ENOSPC);
}

static int
remove_one(const char *path, const struct stat *st, int kind,
    struct FTW *where)
{
	(void)st, (void)kind, (void)where;
	return remove(path);
}

static void
begin(void)
{
	static const char *const dirs[] = { "m", "m/tmp", "m/new", "m/cur" };

	(void)nftw("m", remove_one, 16, FTW_DEPTH | FTW_PHYS);
	(void)nftw("q", remove_one, 16, FTW_DEPTH | FTW_PHYS);
	for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++)
		assert_int_equal(0, mkdir(dirs[i], 0700));
	assert_true(g_file_set_contents(NAME, TEXT, -1, NULL));
}

static enum ms_status
message_of(struct ms_maildrop_message *message)
{
	struct stat st;

	if (stat(NAME, &st) != 0)
		return MS_END;
	*message = (struct ms_maildrop_message){ NAME, st.st_dev, st.st_ino,
		strlen(TEXT), ms_hash_of(TEXT, strlen(TEXT)), false };
	return MS_OK;
}

static enum ms_status
move(void)
{
	struct ms_maildrop_message message;
	struct ms_quarantine *q;
	char id[MS_QUARANTINE_ID_MAX];
	enum ms_status status = message_of(&message);

	if (status == MS_OK)
		status = ms_quarantine_open("q", true, &q, NULL);
	if (status != MS_OK)
		return status;
	status = quarantine_put(q, NAME, "maildir", TEXT, strlen(TEXT), id);
	if (status == MS_OK)
		status = ms_maildrop_remove(&message, NULL);
	ms_quarantine_close(q);
	return status;
}

static enum ms_status
flag(void)
{
	struct ms_maildrop_message message;
	enum ms_status status = message_of(&message);

	return status == MS_OK ? ms_maildrop_flag(&message, 'F', NULL, NULL) :
	    status;
}

static enum ms_status
to_folder(void)
{
	struct ms_maildrop_message message;
	enum ms_status status = message_of(&message);

	return status == MS_OK ? ms_maildrop_to_folder(&message, "Junk", NULL,
	    NULL) : status;
}

static enum ms_status
deliver(void)
{
	const struct ms_newfile content = { open(NAME, O_RDONLY | O_CLOEXEC),
		strlen(TEXT) };

	return ms_newfile_deliver("m", "2.b.host", NULL, &content, NULL);
}

/* Files in the directories of the Maildir in which messages are; each is the
 * message, or it is not whole. */
static unsigned
count_mail(void)
{
	static const char *const dirs[] = { "m/new", "m/cur", "m/.Junk/new",
		"m/.Junk/cur" };
	unsigned n = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++) {
		GDir *dir = g_dir_open(dirs[i], 0, NULL);
		const char *name;

		while (dir && (name = g_dir_read_name(dir))) {
			char *path = g_build_filename(dirs[i], name, NULL);
			char *text;

			assert_true(g_file_get_contents(path, &text, NULL,
			    NULL));
			assert_string_equal(TEXT, text);
			g_free(text);
			g_free(path);
			n++;
		}
		if (dir)
			g_dir_close(dir);
	}
	return n;
}

struct stored {
	struct ms_quarantine *q;
	unsigned whole;
};

static enum ms_status
look(void *arg, const struct ms_inventory_name *name, struct ms_error *err)
{
	struct stored *stored = arg;
	struct ms_holding *holding;

	assert_false(name->foreign);
	/* The record is last, so that without one it does not count. */
	assert_true(name->message || !name->record);
	if (!name->record)
		return MS_OK;
	assert_int_equal(MS_OK, ms_holding_open(stored->q, name->id, false,
	    &holding, err));
	assert_int_equal(MS_OK, ms_holding_verify(holding, err));
	ms_holding_close(holding);
	stored->whole++;
	return MS_OK;
}

static unsigned
count_stored(void)
{
	struct stored stored = { 0 };
	struct ms_error err = { "" };

	if (ms_quarantine_open("q", false, &stored.q, &err) != MS_OK)
		return 0;
	assert_int_equal(MS_OK, ms_inventory_each(stored.q, 0, 99999999, look,
	    &stored, &err));
	ms_quarantine_close(stored.q);
	return stored.whole;
}

/* What is done, and how many messages are in Maildir and quarantine then. */
static const struct deed {
	const char *name;
	enum ms_status (*act)(void);
	unsigned mail_min, mail_max;	/* whatever has happened */
	unsigned mail, stored;		/* in the end */
} deeds[] = {
	{ "move", move, 0, 1, 0, 1 },
	{ "flag", flag, 1, 1, 1, 0 },
	{ "to folder", to_folder, 1, 1, 1, 0 },
	{ "deliver", deliver, 1, 2, 2, 0 },
};

/* Was DEED there to its end without being struck? */
static bool
run(const struct deed *deed, unsigned call, enum way way)
{
	pid_t pid = fork();
	int how;

	if (pid == 0) {
		enum ms_status status;

		fate.way = way;
		fate.left = call;
		status = deed->act();
		_exit(fate.left == 0 ? 0 : status == MS_OK ? 1 : 2);
	}
	assert_int_equal(pid, waitpid(pid, &how, 0));
	assert_false(WIFEXITED(how) && WEXITSTATUS(how) == 2);
	return WIFEXITED(how) && WEXITSTATUS(how) == 1;
}

static void
strike(const struct deed *deed, enum way way)
{
	bool over = false;
	unsigned call;

	for (call = 1; !over; call++) {
		unsigned mail, stored;

		begin();
		over = run(deed, call, way);
		mail = count_mail();
		stored = count_stored();
		if (mail < deed->mail_min || mail > deed->mail_max ||
		    mail + stored == 0)
			fail_msg("%s, call %u, way %d: %u and %u", deed->name,
			    call, (int)way, mail, stored);
		if (over) {
			assert_int_equal(deed->mail, mail);
			assert_int_equal(deed->stored, stored);
		}
	}
	print_message("  %s, way %d: %u calls\n", deed->name, (int)way,
	    call - 2);
	assert_true(call > 3);
}

static void
test_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(deeds); i++)
		for (enum way way = BEFORE; way < WAYS; way++)
			strike(&deeds[i], way);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
