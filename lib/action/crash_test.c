/* link: -Wl,--wrap=pwrite,--wrap=write,--wrap=fsync,--wrap=ftruncate */
/* link: -Wl,--wrap=linkat,--wrap=unlinkat,--wrap=openat */
/* link: -Wl,--wrap=posix_fallocate */
#include "action/mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/*
 * Every system call that changes something on disk is made the last one of
 * its process, in turn and in several ways; afterwards mail is appended, and
 * the next process has to find the old or the new mailbox and that mail,
 * nothing else. With a loss of power, what was not synced is there or not,
 * every 512 bytes by themselves. CRASH_SEEDS in the environment has that tried
 * so many times rather than twice.
 */

#define BOX "box"
#define JOURNAL ".box.mailscan-journal"
#define SECTOR 512

enum way {
	BEFORE,			/* killed before the call */
	HALF,			/* in its middle, if it writes */
	AFTER,
	POWER,			/* the machine goes off after it */
	FAILS,			/* it says no, and the process goes on */
	WAYS
};

/* What is to happen to this process. */
static struct {
	bool armed;
	unsigned left;		/* calls until then */
	enum way way;
	GRand *rand;
	/* on disk for certain, with POWER: */
	GByteArray *box, *journal;
	bool has_journal;
} fate;

ssize_t __real_pwrite(int fd, const void *data, size_t size, off_t at);
ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t at);
ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);
int __wrap_fsync(int fd);
int __real_ftruncate(int fd, off_t size);
int __wrap_ftruncate(int fd, off_t size);
int __real_linkat(int from, const char *a, int to, const char *b, int flags);
int __wrap_linkat(int from, const char *a, int to, const char *b, int flags);
int __real_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags);
int __real_openat(int dir, const char *name, int flags, ...);
int __wrap_openat(int dir, const char *name, int flags, ...);
int __real_posix_fallocate(int fd, off_t at, off_t size);
int __wrap_posix_fallocate(int fd, off_t at, off_t size);

static GByteArray *
contents(const char *path)
{
	GByteArray *bytes = g_byte_array_new();
	gsize size;
	char *text;

	if (g_file_get_contents(path, &text, &size, NULL)) {
		g_byte_array_append(bytes, (guint8 *)text, (guint)size);
		g_free(text);
	}
	return bytes;
}

static void
replace(GByteArray **bytes, const char *path)
{
	g_byte_array_unref(*bytes);
	*bytes = contents(path);
}

static bool
is(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* What PATH has after the power is back: of what it had NOW and what of it was
 * SYNCED, any mixture. */
static void
mix(const char *path, const GByteArray *synced, const GByteArray *now)
{
	guint size = g_rand_boolean(fate.rand) ? synced->len : now->len;
	GByteArray *mixed = g_byte_array_new();
	const guint8 zero[SECTOR] = { 0 };
	int fd;

	for (guint at = 0; at < size; at += SECTOR) {
		const GByteArray *from = g_rand_boolean(fate.rand) ? synced :
		    now;
		guint n = MIN(SECTOR, size - at);
		guint there = at < from->len ? MIN(n, from->len - at) : 0;

		if (there > 0)
			g_byte_array_append(mixed, from->data + at, there);
		g_byte_array_append(mixed, zero, n - there);
	}
	/* In place: it keeps its inode. */
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || __real_write(fd, mixed->data, mixed->len) !=
	    (ssize_t)mixed->len || __real_ftruncate(fd, mixed->len) != 0)
		_exit(2);
	(void)close(fd);
	g_byte_array_unref(mixed);
}

static void
lose_power(void)
{
	GByteArray *box = contents(BOX), *journal = contents(JOURNAL);
	bool has = access(JOURNAL, F_OK) == 0;

	mix(BOX, fate.box, box);
	if (has != fate.has_journal)
		has = g_rand_boolean(fate.rand);
	if (has)
		mix(JOURNAL, fate.journal, journal->len > 0 ? journal :
		    fate.journal);
	else
		(void)unlink(JOURNAL);
}

static void
die(void)
{
	if (fate.way == POWER)
		lose_power();
	(void)kill(getpid(), SIGKILL);
	for (;;)
		(void)pause();
}

/* Is it this call? */
static bool
struck(void)
{
	if (!fate.armed || --fate.left > 0)
		return false;
	fate.armed = false;
	return true;
}

static bool
fails(bool hit)
{
	if (hit && fate.way == BEFORE)
		die();
	return hit && fate.way == FAILS;
}

ssize_t
__wrap_pwrite(int fd, const void *data, size_t size, off_t at)
{
	bool hit = struck();
	ssize_t n;

	if (fails(hit)) {
		errno = ENOSPC;
		return -1;
	}
	n = __real_pwrite(fd, data, hit && fate.way == HALF ? size / 2 : size,
	    at);
	if (hit)
		die();
	return n;
}

ssize_t
__wrap_write(int fd, const void *data, size_t size)
{
	bool hit = struck();
	ssize_t n;

	if (fails(hit)) {
		errno = ENOSPC;
		return -1;
	}
	n = __real_write(fd, data, hit && fate.way == HALF ? size / 2 : size);
	if (hit)
		die();
	return n;
}

int
__wrap_fsync(int fd)
{
	bool hit = struck();

	if (fails(hit)) {
		errno = EIO;
		return -1;
	}
	if (fate.way == POWER && is(fd, BOX))
		replace(&fate.box, BOX);
	else if (fate.way == POWER && is(fd, JOURNAL))
		replace(&fate.journal, JOURNAL);
	else if (fate.way == POWER && is(fd, "."))
		fate.has_journal = access(JOURNAL, F_OK) == 0;
	if (hit)
		die();
	return 0;
}

int
__wrap_ftruncate(int fd, off_t size)
{
	bool hit = struck();
	int result;

	if (fails(hit)) {
		errno = EIO;
		return -1;
	}
	result = __real_ftruncate(fd, size);
	if (hit)
		die();
	return result;
}

int
__wrap_linkat(int from, const char *a, int to, const char *b, int flags)
{
	bool hit = struck();
	int result;

	if (fails(hit)) {
		errno = ENOSPC;
		return -1;
	}
	result = __real_linkat(from, a, to, b, flags);
	if (hit)
		die();
	return result;
}

int
__wrap_unlinkat(int dir, const char *name, int flags)
{
	bool hit = struck();
	int result;

	if (fails(hit)) {
		errno = EIO;
		return -1;
	}
	result = __real_unlinkat(dir, name, flags);
	if (hit)
		die();
	return result;
}

int
__wrap_openat(int dir, const char *name, int flags, ...)
{
	bool creates = (flags & O_CREAT) != 0;
	bool hit = creates && struck();
	int fd;

	if (fails(hit)) {
		errno = ENOSPC;
		return -1;
	}
	fd = __real_openat(dir, name, flags, 0600);
	if (hit)
		die();
	return fd;
}

int
__wrap_posix_fallocate(int fd, off_t at, off_t size)
{
	bool hit = struck();
	int result;

	if (fails(hit))
		return ENOSPC;
	result = __real_posix_fallocate(fd, at, size);
	if (hit)
		die();
	return result;
}

/* A mailbox, what becomes of it, and the mailbox then. */
enum act { STUB, EXPUNGE, APPEND };
struct deed {
	const char *name;
	enum act act;
	GString *old;
	GString *new;
	GArray *slices;		/* to be removed */
};

static const char *const lines[] = { "X-Gone: yes", "", "It is gone.", NULL };

/* The first of the messages that are named, once more; its From_ line has 35
 * bytes. */
static enum ms_status
append_one(const struct deed *deed, struct ms_mailbox *box)
{
	const struct ms_mailbox_slice *slice = (void *)deed->slices->data;
	const struct ms_mailbox_message message = {
		.from_line = "From c@example.org Tue Mar  3 2026",
		.fd = open("message", O_RDONLY | O_CLOEXEC),
		.offset = slice->offset + 35, .size = slice->size,
	};
	enum ms_status status = ms_mailbox_append(box, &message, NULL);

	(void)close(message.fd);
	return status;
}

static enum ms_status
carry_out(const struct deed *deed)
{
	struct ms_mailbox *box;
	enum ms_status status = ms_mailbox_open(BOX, 0, 0, &ms_lock_default,
	    &box, NULL);

	if (status != MS_OK)
		return status;
	if (deed->act == APPEND)
		status = append_one(deed, box);
	else if (deed->act == STUB)
		status = ms_mailbox_stub(box, (void *)deed->slices->data,
		    "gone", lines, NULL);
	else
		status = ms_mailbox_expunge(box, (void *)deed->slices->data,
		    deed->slices->len, NULL);
	ms_mailbox_close(box);
	return status;
}

/* MESSAGES of sizes around SIZE; something is done with those in WHICH. */
static struct deed
make_deed(const char *name, enum act act, unsigned messages, unsigned size,
    unsigned which)
{
	struct deed deed = { name, act, g_string_new(NULL),
		g_string_new(NULL), g_array_new(FALSE, FALSE,
		sizeof(struct ms_mailbox_slice)) };
	GRand *rand = g_rand_new_with_seed(messages + size);

	for (unsigned i = 0; i < messages; i++) {
		const char *from = "From a@example.org Mon Mar  2 2026\n";
		GString *text = g_string_new(NULL);
		struct ms_mailbox_slice slice;

		g_string_append_printf(text, "Subject: %u\n\n", i);
		while (text->len < size)
			g_string_append_printf(text, "%08x\n",
			    g_rand_int(rand));
		slice.offset = deed.old->len;
		slice.size = text->len;
		slice.sha256 = ms_hash_of(text->str, text->len);
		g_string_append_printf(deed.old, "%s%s\n", from, text->str);
		slice.length = deed.old->len - slice.offset;
		if (which & 1u << i)
			g_array_append_val(deed.slices, slice);
		else if (act == EXPUNGE)
			g_string_append_printf(deed.new, "%s%s\n", from,
			    text->str);
		g_string_free(text, TRUE);
	}
	g_rand_free(rand);
	/* What a run that nothing happens to makes of it. */
	assert_true(g_file_set_contents(BOX, deed.old->str,
	    (gssize)deed.old->len, NULL));
	assert_true(g_file_set_contents("message", deed.old->str,
	    (gssize)deed.old->len, NULL));
	assert_int_equal(MS_OK, carry_out(&deed));
	if (act != EXPUNGE) {
		GByteArray *bytes = contents(BOX);

		g_string_append_len(deed.new, (char *)bytes->data, bytes->len);
		g_byte_array_unref(bytes);
	}
	return deed;
}

static void
free_deed(struct deed *deed)
{
	g_string_free(deed->old, TRUE);
	g_string_free(deed->new, TRUE);
	g_array_unref(deed->slices);
}

static void
arm(unsigned call, enum way way, unsigned seed)
{
	fate.armed = true;
	fate.left = call;
	fate.way = way;
	if (way != POWER)
		return;
	fate.rand = g_rand_new_with_seed(seed * 1000 + call);
	fate.box = contents(BOX);
	fate.journal = contents(JOURNAL);
	fate.has_journal = access(JOURNAL, F_OK) == 0;
}

/* Run DEED (NULL: a recovery) in a process to which that happens. Was it there
 * to its end? */
static bool
run(const struct deed *deed, unsigned call, enum way way, unsigned seed)
{
	pid_t pid = fork();
	int how;

	if (pid == 0) {
		enum ms_status status;
		char *what;

		arm(call, way, seed);
		status = deed ? carry_out(deed) : ms_mailbox_recover(BOX,
		    &ms_lock_default, &what, NULL);
		if (!fate.armed)
			_exit(way == FAILS ? 0 : 2);
		_exit(status == MS_OK ? 1 : 2);
	}
	assert_int_equal(pid, waitpid(pid, &how, 0));
	if (WIFEXITED(how) && WEXITSTATUS(how) == 2)
		fail_msg("call %u, way %d: it did not work", call, (int)way);
	return WIFEXITED(how) && WEXITSTATUS(how) == 1;
}

static void
append(GString *all, unsigned number)
{
	int fd = open(BOX, O_WRONLY | O_APPEND);
	char *text = g_strdup_printf("From b@example.org\nSubject: new %u\n\n"
	    "text\n\n", number);

	assert_int_equal(strlen(text), __real_write(fd, text, strlen(text)));
	assert_int_equal(0, close(fd));
	g_string_append(all, text);
	g_free(text);
}

static bool
is_now(const GString *begin, const GString *rest)
{
	GByteArray *now = contents(BOX);
	GString *want = g_string_new_len(begin->str, (gssize)begin->len);
	bool same;

	g_string_append_len(want, rest->str, (gssize)rest->len);
	same = now->len == want->len && (now->len == 0 ||
	    memcmp(now->data, want->str, now->len) == 0);
	g_string_free(want, TRUE);
	g_byte_array_unref(now);
	return same;
}

static void
check(const struct deed *deed, const GString *appended, const char *text)
{
	struct ms_error err = { "" };
	char *what = NULL;

	if (ms_mailbox_recover(BOX, &ms_lock_default, &what, &err) != MS_OK)
		fail_msg("%s, %s: %s", deed->name, text, err.text);
	if (!is_now(deed->old, appended) && !is_now(deed->new, appended))
		fail_msg("%s, %s: neither old nor new (%s)", deed->name, text,
		    what ? what : "nothing recovered");
	g_free(what);
	if (access(JOURNAL, F_OK) == 0 || access(BOX ".lock", F_OK) == 0)
		fail_msg("%s, %s: something is left", deed->name, text);
}

/* All calls of DEED, one after the other; returns how many there are. */
static unsigned
strike(const struct deed *deed, enum way way, unsigned seed)
{
	for (unsigned call = 1;; call++) {
		GString *appended = g_string_new(NULL);
		char *text = g_strdup_printf("call %u, way %d, seed %u", call,
		    (int)way, seed);
		/* Recovering is struck, too, each time somewhere else. */
		unsigned again = (call * 7 + seed) % 23;
		bool over;
		int fd;

		(void)unlink(BOX);
		fd = open(BOX, O_WRONLY | O_CREAT | O_EXCL, 0600);
		assert_int_equal(deed->old->len, __real_write(fd,
		    deed->old->str, deed->old->len));
		assert_int_equal(0, close(fd));
		over = run(deed, call, way, seed);
		if (call % 2)
			append(appended, 1);
		if (again > 3 && !over) {
			(void)run(NULL, again, way, seed + 1);
			if (call % 3)
				append(appended, 2);
		}
		check(deed, appended, text);
		g_free(text);
		g_string_free(appended, TRUE);
		if (over)
			return call - 1;
		assert_true(call < 10000);
	}
}

static unsigned
seeds(void)
{
	const char *text = getenv("CRASH_SEEDS");

	return text ? (unsigned)g_ascii_strtoull(text, NULL, 10) : 2;
}

static void
strike_all(struct deed deed)
{
	for (enum way way = BEFORE; way < WAYS; way++)
		for (unsigned seed = 0; seed < (way == POWER ? seeds() : 1);
		    seed++)
			print_message("  %s, way %d: %u calls\n", deed.name,
			    (int)way, strike(&deed, way, seed));
	free_deed(&deed);
}

static void
test_stub(void **state)
{
	(void)state;
	strike_all(make_deed("stub", STUB, 3, 3000, 2));
	strike_all(make_deed("large stub", STUB, 3, 100000, 2));
	strike_all(make_deed("last stub", STUB, 2, 1000, 2));
}

static void
test_expunge(void **state)
{
	(void)state;
	strike_all(make_deed("the first", EXPUNGE, 3, 3000, 1));
	strike_all(make_deed("the last", EXPUNGE, 3, 3000, 4));
	strike_all(make_deed("all", EXPUNGE, 3, 3000, 7));
	/* Holes smaller and larger than what is moved at a time. */
	strike_all(make_deed("small holes", EXPUNGE, 20, 9000, 0x2482));
	strike_all(make_deed("large holes", EXPUNGE, 4, 80000, 5));
}

/* What is in the mailbox then is all of the message, or nothing of it. */
static void
test_append(void **state)
{
	(void)state;
	strike_all(make_deed("appending", APPEND, 2, 3000, 1));
	strike_all(make_deed("appending much", APPEND, 2, 300000, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stub),
		cmocka_unit_test(test_expunge),
		cmocka_unit_test(test_append),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
