#include "action/mailbox.h"

#include "action/append.h"
#include "action/approach.h"
#include "action/compact.h"
#include "action/journal.h"
#include "action/overwrite.h"
#include "action/slice.h"
#include "base/at.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of a From_ line that are kept. */
#define FROM_MAX 510

/* How much of a message is searched for what mail programs keep in its
 * header. */
#define HEAD_MAX 65536

struct ms_mailbox {
	struct ms_lock_target target;
	char *path;
	char *name;
	struct ms_lock *lock;	/* NULL: for reading only */
	struct stat before;	/* when it was opened */
	bool changed;
	char *recovered;
};

static enum ms_status
read_at(const struct ms_mailbox *box, uint64_t offset, void *data,
    size_t size, size_t *got, struct ms_error *err)
{
	return ms_at_read(box->target.fd, offset, data, size, got) == MS_OK ?
	    MS_OK : ms_error_errno(err, "cannot read %s", box->path);
}

/* The directory, and the name in it. */
static enum ms_status
open_directory(struct ms_mailbox *box, struct ms_error *err)
{
	char *dir = g_path_get_dirname(box->path);
	enum ms_status status = ms_approach(dir, &box->target.dir, err);

	box->name = g_path_get_basename(box->path);
	g_free(dir);
	return status;
}

static enum ms_status
check_file(const struct ms_mailbox *box, struct ms_error *err)
{
	const char *why = NULL;

	if (!S_ISREG(box->before.st_mode))
		why = "it is no regular file";
	else if (box->lock && box->before.st_nlink > 1)
		why = "it has other names (hard links), which others may lock";
	return why ? ms_error_set(err, MS_E_UNSUPPORTED, "%s: %s", box->path,
	    why) : MS_OK;
}

static enum ms_status
open_file(struct ms_mailbox *box, bool write, struct ms_error *err)
{
	int flags = (write ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC;
	int *fd = &box->target.fd;

	*fd = openat(box->target.dir, box->name, flags | O_NOATIME);
	/* Only a file's owner may leave its access time alone. */
	if (*fd < 0 && errno == EPERM)
		*fd = openat(box->target.dir, box->name, flags);
	if (*fd < 0 && errno == ELOOP)
		return ms_error_set(err, MS_E_UNSUPPORTED,
		    "%s is a symbolic link; name the mailbox itself",
		    box->path);
	if (*fd < 0 && errno == ENOENT)
		return ms_error_set(err, MS_END, "there is no %s", box->path);
	if (*fd < 0 || fstat(*fd, &box->before) != 0)
		return ms_error_errno(err, "cannot open %s", box->path);
	return MS_OK;
}

/* Is the file that we have, and have locked, the one that has the name? */
static enum ms_status
check_name(struct ms_mailbox *box, struct ms_error *err)
{
	struct stat st;

	if (fstat(box->target.fd, &box->before) != 0)
		return ms_error_errno(err, "%s", box->path);
	if (fstatat(box->target.dir, box->name, &st, AT_SYMLINK_NOFOLLOW)
	    != 0 || st.st_dev != box->before.st_dev ||
	    st.st_ino != box->before.st_ino)
		return ms_error_set(err, MS_E_PEER,
		    "%s was replaced by others", box->path);
	return check_file(box, err);
}

static enum ms_status
carry_out(struct ms_mailbox *box, struct ms_journal *journal,
    const struct ms_journal_head *head, struct ms_error *err)
{
	if (head->ino != box->before.st_ino)
		return ms_error_set(err, MS_E_FORMAT,
		    "it is of a mailbox that was here before");
	/* New mail is new: the times stay as writing leaves them. */
	if (head->kind == MS_JOURNAL_APPEND)
		return ms_append_recover(&box->target, journal, head,
		    &box->recovered, err);
	box->changed = true;
	if (head->kind == MS_JOURNAL_OVERWRITE)
		return ms_overwrite_recover(&box->target, journal, head,
		    &box->recovered, err);
	return ms_compact_recover(&box->target, box->lock, journal, head,
	    &box->recovered, err);
}

static enum ms_status
leave_alone(const struct ms_mailbox *box, struct ms_error *err)
{
	char *path = ms_journal_path(box->path);

	ms_error_context(err, "%s: the journal %s does not fit it, and all was "
	    "left as it is", box->path, path);
	g_free(path);
	return MS_E_PEER;
}

static enum ms_status
recover(struct ms_mailbox *box, struct ms_error *err)
{
	unsigned char block[MS_JOURNAL_BLOCK];
	struct ms_journal_head head;
	struct ms_journal *journal;
	enum ms_status status;

	status = ms_journal_open(&box->target, true, &journal, err);
	if (status != MS_OK)
		return status == MS_END ? MS_OK : status;
	status = ms_journal_read(journal, 0, block, sizeof block, err);
	if (status == MS_OK)
		status = ms_journal_get_head(block, &head, err);
	if (status == MS_E_FORMAT) {
		box->recovered = g_strdup("it was about to be changed, and "
		    "was not");
		status = ms_journal_remove(journal, err);
	} else if (status == MS_OK) {
		status = carry_out(box, journal, &head, err);
		if (status == MS_E_FORMAT)
			status = leave_alone(box, err);
	} else if (status == MS_E_UNSUPPORTED) {
		status = leave_alone(box, err);
	}
	ms_journal_close(journal);
	return status;
}

/* For those who only read: is the mailbox between two states? */
static enum ms_status
refuse_pending(const struct ms_mailbox *box, struct ms_error *err)
{
	struct ms_journal *journal;
	enum ms_status status = ms_journal_open(&box->target, false, &journal,
	    err);

	if (status == MS_END)
		return MS_OK;
	if (status != MS_OK)
		return status;
	ms_journal_close(journal);
	return ms_error_set(err, MS_E_PEER, "%s: a journal is pending; "
	    "mailscan mailbox recover goes on", box->path);
}

static enum ms_status
lock_and_recover(struct ms_mailbox *box, const struct ms_lock_config *locking,
    struct ms_error *err)
{
	enum ms_status status;

	if (!locking)
		return refuse_pending(box, err);
	status = ms_lock_take(&box->target, locking, &box->lock, err);
	if (status == MS_OK)
		status = check_name(box, err);
	if (status == MS_OK)
		status = recover(box, err);
	return status;
}

/* BOX, all zeros, becomes the mailbox at PATH, not locked; it is for
 * ms_mailbox_close() in any case. */
static enum ms_status
open_path(struct ms_mailbox *box, const char *path, bool write,
    struct ms_error *err)
{
	enum ms_status status;

	box->path = g_strdup(path);
	box->target.path = box->path;
	box->target.fd = box->target.dir = -1;
	status = open_directory(box, err);
	box->target.name = box->name;
	if (status == MS_OK)
		status = open_file(box, write, err);
	return status == MS_OK ? check_file(box, err) : status;
}

enum ms_status
ms_mailbox_open(const char *path, uint64_t dev, uint64_t ino,
    const struct ms_lock_config *locking, struct ms_mailbox **result,
    struct ms_error *err)
{
	struct ms_mailbox *box = g_new0(struct ms_mailbox, 1);
	enum ms_status status = open_path(box, path, locking != NULL, err);

	if (status == MS_OK && ino != 0 && (box->before.st_ino != ino ||
	    box->before.st_dev != dev))
		status = ms_error_set(err, MS_E_PEER,
		    "%s was replaced by others", path);
	if (status == MS_OK)
		status = lock_and_recover(box, locking, err);
	if (status != MS_OK)
		ms_mailbox_close(box);
	else
		*result = box;
	return status;
}

/* A mailbox that was read after it was last written to has no new mail, and
 * keeps having none; the time of its change is what others know it by. */
static void
mend_times(const struct ms_mailbox *box)
{
	const struct timespec *read = &box->before.st_atim;
	const struct timespec *written = &box->before.st_mtim;
	struct timespec times[2];
	struct stat st;

	if (fstat(box->target.fd, &st) != 0)
		return;
	times[0] = read->tv_sec > written->tv_sec ||
	    (read->tv_sec == written->tv_sec &&
	    read->tv_nsec >= written->tv_nsec) ? st.st_mtim : *read;
	times[1] = (struct timespec){ .tv_nsec = UTIME_OMIT };
	/* Only its owner may; mail is safe either way. */
	(void)futimens(box->target.fd, times);
}

void
ms_mailbox_close(struct ms_mailbox *box)
{
	if (!box)
		return;
	if (box->changed)
		mend_times(box);
	ms_lock_give(box->lock);
	if (box->target.fd >= 0)
		(void)close(box->target.fd);
	if (box->target.dir >= 0)
		(void)close(box->target.dir);
	g_free(box->recovered);
	g_free(box->name);
	g_free(box->path);
	g_free(box);
}

const char *
ms_mailbox_recovered(const struct ms_mailbox *box)
{
	return box->recovered;
}

int
ms_mailbox_fd(const struct ms_mailbox *box)
{
	return box->target.fd;
}

enum ms_status
ms_mailbox_find(struct ms_mailbox *box, const struct ms_mailbox_slice *slice,
    struct ms_mailbox_place *place, struct ms_error *err)
{
	char line[FROM_MAX + 1] = "";
	struct ms_slice found;
	enum ms_status status;
	size_t got = 0;

	status = ms_slice_find(&box->target, slice, &found, err);
	if (status != MS_OK || !place)
		return status;
	*place = (struct ms_mailbox_place){ .offset = found.message };
	if (found.from == found.message)
		return MS_OK;
	status = read_at(box, found.from, line, (size_t)MIN(FROM_MAX,
	    found.message - found.from), &got, err);
	if (status != MS_OK)
		return status;
	line[got] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	place->from_line = g_strdup(line);
	return MS_OK;
}

static enum ms_status
check_writable(const struct ms_mailbox *box, struct ms_error *err)
{
	return box->lock ? MS_OK : ms_error_set(err, MS_E_USAGE,
	    "%s is open for reading only", box->path);
}

enum ms_status
ms_mailbox_stub(struct ms_mailbox *box, const struct ms_mailbox_slice *slice,
    const char *subject, const char *const *lines, struct ms_error *err)
{
	struct ms_notice_config config = {
		.size = slice->size, .subject = subject, .lines = lines
	};
	enum ms_status status = check_writable(box, err);
	struct ms_notice *notice;
	unsigned char *old;
	struct ms_slice found;

	if (status == MS_OK)
		status = ms_slice_find(&box->target, slice, &found, err);
	if (status != MS_OK || slice->size == 0)
		return status;
	old = g_malloc(HEAD_MAX);
	status = read_at(box, found.message, old, (size_t)MIN(HEAD_MAX,
	    slice->size), &config.old_size, err);
	if (status == MS_OK) {
		config.old = old;
		config.crlf = found.crlf;
		config.empty_end = found.end == found.next;
		notice = ms_notice_new(&config);
		box->changed = true;
		status = ms_overwrite(&box->target, found.message,
		    slice->size, notice, err);
		ms_notice_free(notice);
	}
	g_free(old);
	return status;
}

static int
compare(const void *a, const void *b)
{
	const struct ms_compact_hole *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Sort the COUNT holes and make one of those that touch. */
static enum ms_status
join(struct ms_compact_hole *holes, size_t *count, struct ms_error *err)
{
	size_t n = 0;

	qsort(holes, *count, sizeof *holes, compare);
	for (size_t i = 0; i < *count; i++) {
		uint64_t end = n > 0 ? holes[n - 1].offset +
		    holes[n - 1].length : 0;

		if (holes[i].length == 0)
			continue;
		if (n > 0 && holes[i].offset < end)
			return ms_error_set(err, MS_E_USAGE, "the messages to "
			    "be removed are not apart from each other");
		if (n > 0 && holes[i].offset == end)
			holes[n - 1].length += holes[i].length;
		else
			holes[n++] = holes[i];
	}
	*count = n;
	return MS_OK;
}

enum ms_status
ms_mailbox_expunge(struct ms_mailbox *box,
    const struct ms_mailbox_slice *slices, size_t count, struct ms_error *err)
{
	struct ms_compact_hole *holes;
	struct ms_slice found;
	enum ms_status status = check_writable(box, err);

	if (status != MS_OK || count == 0)
		return status;
	holes = g_new(struct ms_compact_hole, count);
	for (size_t i = 0; i < count && status == MS_OK; i++) {
		status = ms_slice_find(&box->target, slices + i, &found, err);
		holes[i].offset = slices[i].offset;
		holes[i].length = slices[i].length;
	}
	if (status == MS_OK)
		status = join(holes, &count, err);
	if (status == MS_OK) {
		box->changed = true;
		status = ms_compact(&box->target, box->lock, holes, count,
		    err);
	}
	g_free(holes);
	return status;
}

enum ms_status
ms_mailbox_append(struct ms_mailbox *box,
    const struct ms_mailbox_message *message, struct ms_error *err)
{
	enum ms_status status = check_writable(box, err);

	if (status != MS_OK)
		return status;
	/* New mail is new: the times stay as writing leaves them. */
	return ms_append(&box->target, message, err);
}

enum ms_status
ms_mailbox_recover(const char *path, const struct ms_lock_config *locking,
    char **what, struct ms_error *err)
{
	struct ms_mailbox *box;
	enum ms_status status = ms_mailbox_open(path, 0, 0, locking, &box,
	    err);

	*what = NULL;
	if (status != MS_OK)
		return status;
	*what = g_strdup(box->recovered);
	ms_mailbox_close(box);
	return MS_OK;
}

/* What a journal is about, for people. */
static char *
describe(const struct ms_journal_head *head)
{
	if (head->kind == MS_JOURNAL_APPEND)
		return g_strdup_printf("a message is to be appended at byte %"
		    PRIu64, head->offset);
	if (head->kind == MS_JOURNAL_OVERWRITE)
		return g_strdup_printf("the message at byte %" PRIu64
		    " is to be overwritten by a notice", head->offset);
	return g_strdup_printf("messages in %" PRIu64 " places are to be "
	    "removed", head->holes);
}

static enum ms_status
look(const struct ms_mailbox *box, const struct ms_journal *journal,
    char **what, struct ms_error *err)
{
	unsigned char block[MS_JOURNAL_BLOCK];
	struct ms_journal_head head;
	enum ms_status status = ms_journal_read(journal, 0, block,
	    sizeof block, err);

	if (status == MS_OK)
		status = ms_journal_get_head(block, &head, err);
	if (status == MS_E_FORMAT) {
		*what = g_strdup("it was about to be changed, and was not");
		return MS_OK;
	}
	if (status == MS_E_UNSUPPORTED)
		return leave_alone(box, err);
	if (status != MS_OK)
		return status;
	if (head.ino != box->before.st_ino) {
		(void)ms_error_set(err, MS_E_PEER,
		    "it is of a mailbox that was here before");
		return leave_alone(box, err);
	}
	*what = describe(&head);
	return MS_OK;
}

enum ms_status
ms_mailbox_pending(const char *path, char **what, struct ms_error *err)
{
	struct ms_mailbox *box = g_new0(struct ms_mailbox, 1);
	struct ms_journal *journal;
	enum ms_status status = open_path(box, path, false, err);

	*what = NULL;
	if (status == MS_END)
		status = MS_E_IO;
	if (status == MS_OK)
		status = ms_journal_open(&box->target, false, &journal, err);
	if (status == MS_OK) {
		status = look(box, journal, what, err);
		ms_journal_close(journal);
	}
	ms_mailbox_close(box);
	return status;
}
