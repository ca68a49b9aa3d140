#include "action/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "action/beneath.h"
#include "action/defang.h"
#include "base/at.h"
#include "base/clock.h"
#include "base/write.h"

/* Names that somebody else may have taken before one gives up. */
#define TRIES 100

struct ms_quarantine {
	char *path;		/* for what is told */
	int fd;
	bool zip;
	unsigned sequence;	/* of the names given by this process */
};

enum ms_status
ms_quarantine_open(const char *path, bool make, struct ms_quarantine **q,
    struct ms_error *err)
{
	enum ms_status status;
	int fd;

	status = ms_beneath_root(path, make, &fd, err);
	if (status != MS_OK) {
		ms_error_context(err, "quarantine");
		return status;
	}
	*q = g_new0(struct ms_quarantine, 1);
	(*q)->fd = fd;
	(*q)->path = g_strdup(path);
	return MS_OK;
}

void
ms_quarantine_close(struct ms_quarantine *q)
{
	if (!q)
		return;
	(void)close(q->fd);
	g_free(q->path);
	g_free(q);
}

int
ms_quarantine_fd(const struct ms_quarantine *q)
{
	return q->fd;
}

const char *
ms_quarantine_path(const struct ms_quarantine *q)
{
	return q->path;
}

enum ms_status
ms_quarantine_sync(struct ms_quarantine *q, struct ms_error *err)
{
	return syncfs(q->fd) == 0 ? MS_OK :
	    ms_error_errno(err, "quarantine %s", q->path);
}

void
ms_quarantine_defang(struct ms_quarantine *q, bool zip)
{
	q->zip = zip;
}

/* The two files of a message on their way into the directory of its day. */
enum { MESSAGE, RECORD, FILES };
struct stay {
	int day;
	char id[MS_QUARANTINE_ID_MAX];
	char name[FILES][MS_QUARANTINE_ID_MAX + 8];
	char temporary[FILES][MS_QUARANTINE_ID_MAX + 16];
	bool made[FILES];	/* the temporary one is there */
	bool named[FILES];	/* it has its name */
};

/* Give the stay its names. Who else may be at work, on other machines or in
 * other name spaces of processes, is found out by who is first. */
static void
name_it(struct stay *stay, struct ms_quarantine *q, const struct tm *tm,
    const struct ms_digest *sha256)
{
	const char *const ends[] = { q->zip ? "zip" : "eml", "json" };
	char hex[MS_HASH_HEX], name[MS_QUARANTINE_ID_MAX];

	ms_hash_hex(sha256, hex);
	(void)snprintf(name, sizeof name, "%02d%02d%02d.%ld.%u.%.16s",
	    tm->tm_hour, tm->tm_min, tm->tm_sec, (long)getpid(),
	    ++q->sequence, hex);
	(void)snprintf(stay->id, sizeof stay->id, "%04d%02d%02d/",
	    tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday);
	(void)g_strlcat(stay->id, name, sizeof stay->id);
	for (int i = 0; i < FILES; i++) {
		(void)snprintf(stay->name[i], sizeof stay->name[i], "%s.%s",
		    name, ends[i]);
		(void)snprintf(stay->temporary[i], sizeof stay->temporary[i],
		    ".%s.%s.new", name, ends[i]);
	}
}

/* MS_END: the name is taken. */
static enum ms_status
create(struct stay *stay, int which, int *fd, struct ms_error *err)
{
	*fd = ms_beneath_open(stay->day, stay->temporary[which],
	    O_RDWR | O_CREAT | O_EXCL, 0600);
	if (*fd < 0 && (errno == EEXIST || errno == ENOENT))
		return MS_END;
	if (*fd < 0)
		return ms_error_errno(err, "cannot make %s", stay->id);
	stay->made[which] = true;
	return MS_OK;
}

static enum ms_status
copy(const struct ms_quarantine_content *content, int to,
    struct ms_digest *sha256, struct ms_error *err)
{
	struct ms_hash *hash = ms_hash_new();
	unsigned char block[65536];
	enum ms_status status = MS_OK;
	size_t got;

	for (uint64_t at = 0; at < content->size && status == MS_OK;
	    at += got) {
		if (ms_at_read(content->fd, content->offset + at, block,
		    (size_t)MIN(sizeof block, content->size - at), &got) !=
		    MS_OK)
			status = ms_error_errno(err, "cannot read the message");
		else if (got == 0)
			status = ms_error_set(err, MS_E_PEER,
			    "the message became shorter");
		else if (ms_write(to, block, got) != MS_OK)
			status = ms_error_errno(err, "cannot write");
		else
			ms_hash_feed(hash, block, got);
	}
	*sha256 = ms_hash_end(hash);
	ms_hash_free(hash);
	return status;
}

static enum ms_status
feed(void *arg, const void *data, size_t size, struct ms_error *err)
{
	(void)err;
	ms_hash_feed(arg, data, size);
	return MS_OK;
}

/* Give all bytes of FD, from its start, to TAKE, of which there are MAX. */
static enum ms_status
read_plain(int fd, uint64_t max, ms_defang_take *take, void *arg,
    struct ms_error *err)
{
	unsigned char block[65536];
	enum ms_status status = MS_OK;
	uint64_t at = 0;

	while (status == MS_OK) {
		ssize_t n = pread(fd, block, sizeof block, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ms_error_errno(err, "cannot read");
		if (n == 0)
			break;
		if ((uint64_t)n > max - at)
			return ms_error_set(err, MS_E_FORMAT,
			    "there is more in it than the message");
		at += (uint64_t)n;
		status = take(arg, block, (size_t)n, err);
	}
	return status;
}

/* Is what lies in FD the message, as far as the disk can be made to say so? */
static enum ms_status
check_stored(int fd, bool zip, uint64_t size, const struct ms_digest *sha256,
    struct ms_error *err)
{
	struct ms_hash *hash = ms_hash_new();
	struct ms_digest digest;
	enum ms_status status;

	/* What is read from memory shows little. It is only a hint. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	status = zip ? ms_defang_read(fd, size, feed, hash, err) :
	    read_plain(fd, size, feed, hash, err);
	digest = ms_hash_end(hash);
	ms_hash_free(hash);
	if (status == MS_OK && !ms_hash_equal(&digest, sha256))
		status = MS_E_FORMAT;
	return status == MS_OK ? MS_OK : ms_error_set(err, MS_E_IO,
	    "what was stored reads back as something else");
}

static enum ms_status
write_message(struct stay *stay, const struct ms_quarantine *q,
    const struct ms_quarantine_content *content, struct ms_error *err)
{
	struct ms_digest sha256;
	enum ms_status status;
	int fd;

	status = create(stay, MESSAGE, &fd, err);
	if (status != MS_OK)
		return status;
	status = q->zip ? ms_defang_write(content->fd, content->offset,
	    content->size, fd, &sha256, err) :
	    copy(content, fd, &sha256, err);
	if (status == MS_OK && !ms_hash_equal(&sha256, &content->sha256))
		status = ms_error_set(err, MS_E_PEER,
		    "the message is not the one that was looked at");
	if (status == MS_OK && fsync(fd) != 0)
		status = ms_error_errno(err, "cannot write");
	if (status == MS_OK)
		status = check_stored(fd, q->zip, content->size, &sha256, err);
	if (close(fd) != 0 && status == MS_OK)
		status = ms_error_errno(err, "cannot write");
	return status;
}

static enum ms_status
write_record(struct stay *stay, const char *text, size_t size,
    struct ms_error *err)
{
	enum ms_status status;
	int fd;

	status = create(stay, RECORD, &fd, err);
	if (status != MS_OK)
		return status;
	if (ms_write(fd, text, size) != MS_OK || fsync(fd) != 0)
		status = ms_error_errno(err, "cannot write");
	if (close(fd) != 0 && status == MS_OK)
		status = ms_error_errno(err, "cannot write");
	return status;
}

/* Let a file have its name, unless there is one of that name: MS_END. */
static enum ms_status
commit(struct stay *stay, int which, struct ms_error *err)
{
	const char *from = stay->temporary[which], *to = stay->name[which];

	if (ms_at_rename(stay->day, from, stay->day, to) == MS_OK) {
		stay->made[which] = false;
		stay->named[which] = true;
		return MS_OK;
	}
	return errno == EEXIST ? MS_END :
	    ms_error_errno(err, "cannot rename");
}

/* Remove what is temporary; and if it FAILED, everything. */
static void
tidy(struct stay *stay, bool failed)
{
	for (int i = FILES - 1; i >= 0; i--) {
		if (stay->made[i])
			(void)unlinkat(stay->day, stay->temporary[i], 0);
		if (failed && stay->named[i])
			(void)unlinkat(stay->day, stay->name[i], 0);
		stay->made[i] = stay->named[i] = false;
	}
}

/* What a message is stored with. */
struct deposit {
	const struct ms_quarantine_content *content;
	const struct ms_outcome *outcome;
	const char *by;
	int64_t now;
};

/* MS_END: the name was taken. */
static enum ms_status
store(struct ms_quarantine *q, struct stay *stay,
    const struct deposit *deposit, struct ms_error *err)
{
	const struct ms_quarantine_content *content = deposit->content;
	const struct ms_custody_entry entry = {
		.id = stay->id,
		.stored = deposit->now,
		.by = deposit->by,
		.size = content->size,
		.sha256 = content->sha256,
		.zip = q->zip,
		.quoted = content->quoted,
		.from_line = content->from_line,
	};
	enum ms_status status;
	size_t size;
	char *text = ms_custody_text(&entry, deposit->outcome, &size, err);

	if (!text)
		return MS_E_IO;
	status = write_message(stay, q, content, err);
	if (status == MS_OK)
		status = write_record(stay, text, size, err);
	if (status == MS_OK)
		status = commit(stay, MESSAGE, err);
	if (status == MS_OK)
		status = commit(stay, RECORD, err);
	if (status == MS_OK && fsync(stay->day) != 0)
		status = ms_error_errno(err, "cannot write");
	tidy(stay, status != MS_OK);
	g_free(text);
	return status;
}

/* One try; MS_END: somebody was faster. */
static enum ms_status
try_store(struct ms_quarantine *q, const struct deposit *deposit,
    char id[MS_QUARANTINE_ID_MAX], struct ms_error *err)
{
	time_t now = (time_t)deposit->now;
	struct stay stay = { .day = -1 };
	enum ms_status status;
	char day[16];
	struct tm tm;

	if (!gmtime_r(&now, &tm))
		return ms_error_set(err, MS_E_IO, "the clock is wrong");
	name_it(&stay, q, &tm, &deposit->content->sha256);
	(void)snprintf(day, sizeof day, "%.8s", stay.id);
	status = ms_beneath_directory(q->fd, day, true, &stay.day, err);
	if (status != MS_OK)
		return status;
	status = store(q, &stay, deposit, err);
	(void)close(stay.day);
	if (status == MS_OK)
		(void)g_strlcpy(id, stay.id, MS_QUARANTINE_ID_MAX);
	return status;
}

enum ms_status
ms_quarantine_put(struct ms_quarantine *q,
    const struct ms_quarantine_content *content,
    const struct ms_outcome *outcome, const char *by,
    char id[MS_QUARANTINE_ID_MAX], struct ms_error *err)
{
	const struct deposit deposit = {
		.content = content,
		.outcome = outcome,
		.by = by,
		.now = ms_clock_wall(),
	};
	enum ms_status status = MS_END;

	for (int i = 0; i < TRIES && status == MS_END; i++)
		status = try_store(q, &deposit, id, err);
	if (status == MS_END)
		status = ms_error_set(err, MS_E_IO, "all names are taken");
	if (status != MS_OK)
		ms_error_context(err, "quarantine %s", q->path);
	return status;
}
