#include "action/journal.h"

#include "base/at.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first bytes of a journal, for people who look into it. */
static const char magic[64] = "mailscan journal 1; see mailscan-mailbox(1)\n";
#define VERSION_AT 17		/* of the former: "1" */
static const char record_magic[64] = "mailscan journal 1, slot\n";

struct ms_journal {
	const struct ms_lock_target *box;
	char *name;
	int fd;
};

#define PIECE 65536

/* Fields one after the other, numbers with the lowest byte first; the digest
 * of all of them is at the end of the block. */
struct cursor {
	unsigned char *at;
};

#define DIGEST_AT (MS_JOURNAL_BLOCK - MS_HASH_SIZE)

static void
put_bytes(struct cursor *c, const void *data, size_t size)
{
	memcpy(c->at, data, size);
	c->at += size;
}

static void
put_number(struct cursor *c, uint64_t n)
{
	for (unsigned i = 0; i < 8; i++)
		*c->at++ = (unsigned char)(n >> 8 * i);
}

static void
get_bytes(const unsigned char **p, void *data, size_t size)
{
	memcpy(data, *p, size);
	*p += size;
}

static uint64_t
get_number(const unsigned char **p)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < 8; i++)
		n |= (uint64_t)*(*p)++ << 8 * i;
	return n;
}

static void
seal(unsigned char block[MS_JOURNAL_BLOCK])
{
	struct ms_digest digest = ms_hash_of(block, DIGEST_AT);

	memcpy(block + DIGEST_AT, digest.bytes, MS_HASH_SIZE);
}

static bool
is_whole(const unsigned char *block, const char *what)
{
	struct ms_digest digest = ms_hash_of(block, DIGEST_AT);

	return memcmp(block, what, sizeof magic) == 0 &&
	    memcmp(block + DIGEST_AT, digest.bytes, MS_HASH_SIZE) == 0;
}

void
ms_journal_put_head(const struct ms_journal_head *head,
    unsigned char block[MS_JOURNAL_BLOCK])
{
	struct cursor c = { block };

	memset(block, 0, MS_JOURNAL_BLOCK);
	put_bytes(&c, magic, sizeof magic);
	put_number(&c, head->kind);
	put_number(&c, head->dev);
	put_number(&c, head->ino);
	put_number(&c, head->box_size);
	put_number(&c, head->offset);
	put_number(&c, head->length);
	put_number(&c, head->holes);
	put_number(&c, head->slot);
	put_bytes(&c, head->content.bytes, MS_HASH_SIZE);
	seal(block);
}

/* So large that sums of some of them are still right. */
static bool
is_sane(uint64_t n)
{
	return n <= UINT64_C(1) << 60;
}

enum ms_status
ms_journal_get_head(const unsigned char block[MS_JOURNAL_BLOCK],
    struct ms_journal_head *head, struct ms_error *err)
{
	const unsigned char *p = block + sizeof magic;
	uint64_t kind;

	/* The first bytes are written with the rest or not at all. */
	if (memcmp(block, magic, VERSION_AT) == 0 &&
	    memcmp(block, magic, sizeof magic) != 0)
		return ms_error_set(err, MS_E_UNSUPPORTED,
		    "another version of mailscan has made it");
	if (!is_whole(block, magic))
		return ms_error_set(err, MS_E_FORMAT, "it has no whole head");
	kind = get_number(&p);
	/* What is no kind is refused below. */
	head->kind = (enum ms_journal_kind)kind;
	head->dev = get_number(&p);
	head->ino = get_number(&p);
	head->box_size = get_number(&p);
	head->offset = get_number(&p);
	head->length = get_number(&p);
	head->holes = get_number(&p);
	head->slot = get_number(&p);
	get_bytes(&p, head->content.bytes, MS_HASH_SIZE);
	if (kind < MS_JOURNAL_OVERWRITE || kind > MS_JOURNAL_APPEND ||
	    !is_sane(head->box_size) || !is_sane(head->offset) ||
	    !is_sane(head->length) || head->holes > UINT32_MAX ||
	    !is_sane(head->slot))
		return ms_error_set(err, MS_E_UNSUPPORTED,
		    "its head says what cannot be");
	return MS_OK;
}

void
ms_journal_put_record(const struct ms_journal_record *record,
    unsigned char block[MS_JOURNAL_BLOCK])
{
	struct cursor c = { block };

	memset(block, 0, MS_JOURNAL_BLOCK);
	put_bytes(&c, record_magic, sizeof record_magic);
	put_number(&c, record->number);
	put_number(&c, record->to);
	put_number(&c, record->length);
	put_number(&c, record->next);
	put_number(&c, record->box_size);
	put_number(&c, record->ending);
	put_bytes(&c, record->token, sizeof record->token);
	put_bytes(&c, record->witness.bytes, MS_HASH_SIZE);
	put_bytes(&c, record->data.bytes, MS_HASH_SIZE);
	seal(block);
}

enum ms_status
ms_journal_get_record(const unsigned char block[MS_JOURNAL_BLOCK],
    struct ms_journal_record *record, struct ms_error *err)
{
	const unsigned char *p = block + sizeof record_magic;

	if (!is_whole(block, record_magic))
		return ms_error_set(err, MS_E_FORMAT, "no whole record");
	record->number = get_number(&p);
	record->to = get_number(&p);
	record->length = get_number(&p);
	record->next = get_number(&p);
	record->box_size = get_number(&p);
	record->ending = get_number(&p) != 0;
	get_bytes(&p, record->token, sizeof record->token);
	get_bytes(&p, record->witness.bytes, MS_HASH_SIZE);
	get_bytes(&p, record->data.bytes, MS_HASH_SIZE);
	if (!is_sane(record->number) || !is_sane(record->to) ||
	    !is_sane(record->length) || !is_sane(record->next) ||
	    !is_sane(record->box_size) ||
	    record->token[sizeof record->token - 1] != '\0')
		return ms_error_set(err, MS_E_FORMAT,
		    "a record says what cannot be");
	return MS_OK;
}

uint64_t
ms_journal_slot(const struct ms_journal_head *head, unsigned i)
{
	const uint64_t block = MS_JOURNAL_BLOCK;
	uint64_t holes = (head->holes * 16 + block - 1) / block * block;

	return block + holes + i * (block + head->slot);
}

static char *
name_of(const char *mailbox)
{
	return g_strdup_printf(".%s.mailscan-journal", mailbox);
}

char *
ms_journal_path(const char *mailbox)
{
	char *base = g_path_get_basename(mailbox);
	char *dir = g_path_get_dirname(mailbox);
	char *name = name_of(base);
	char *path = strcmp(dir, ".") == 0 ? g_strdup(name) :
	    g_build_filename(dir, name, NULL);

	g_free(name);
	g_free(dir);
	g_free(base);
	return path;
}

/* What errno says of the journal. */
static enum ms_status
fail(const struct ms_lock_target *box, const char *verb, struct ms_error *err)
{
	const int why = errno;
	char *path = ms_journal_path(box->path);

	errno = why;
	(void)ms_error_errno(err, "cannot %s %s", verb, path);
	g_free(path);
	return MS_E_IO;
}

static struct ms_journal *
new_journal(const struct ms_lock_target *box, int fd, char *name)
{
	struct ms_journal *journal = g_new0(struct ms_journal, 1);

	journal->box = box;
	journal->fd = fd;
	journal->name = name;
	return journal;
}

enum ms_status
ms_journal_make(const struct ms_lock_target *box, struct ms_journal **journal,
    struct ms_error *err)
{
	char *name = name_of(box->name);
	int fd = openat(box->dir, name, O_RDWR | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0) {
		g_free(name);
		return fail(box, "make", err);
	}
	*journal = new_journal(box, fd, name);
	return MS_OK;
}

static enum ms_status
distrust(const struct ms_lock_target *box, const char *why,
    struct ms_error *err)
{
	char *path = ms_journal_path(box->path);

	(void)ms_error_set(err, MS_E_PEER, "%s %s, so it is not to be trusted; "
	    "see what it is, and remove it", path, why);
	g_free(path);
	return MS_E_PEER;
}

/* May what the journal says be done? The owner of the mailbox may say what
 * becomes of it. */
static enum ms_status
check(const struct ms_lock_target *box, int fd, struct ms_error *err)
{
	struct stat st, mail;
	const char *why = NULL;

	if (fstat(fd, &st) != 0 || fstat(box->fd, &mail) != 0)
		return fail(box, "look at", err);
	if (!S_ISREG(st.st_mode))
		why = "is no regular file";
	else if (st.st_uid != geteuid() && st.st_uid != mail.st_uid)
		why = "belongs to somebody else";
	else if (st.st_nlink != 1)
		why = "has other names";
	else if ((st.st_mode & 0077) != 0)
		why = "is open to others";
	return why ? distrust(box, why, err) : MS_OK;
}

enum ms_status
ms_journal_open(const struct ms_lock_target *box, bool write,
    struct ms_journal **journal, struct ms_error *err)
{
	char *name = name_of(box->name);
	int fd = openat(box->dir, name, (write ? O_RDWR : O_RDONLY) |
	    O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const int why = errno;
	enum ms_status status;

	if (fd >= 0) {
		status = check(box, fd, err);
		if (status == MS_OK) {
			*journal = new_journal(box, fd, name);
			return MS_OK;
		}
		(void)close(fd);
	} else {
		errno = why;
		status = why == ENOENT ? MS_END : why == ELOOP ?
		    distrust(box, "is a symbolic link", err) :
		    fail(box, "open", err);
	}
	g_free(name);
	return status;
}

void
ms_journal_close(struct ms_journal *journal)
{
	if (!journal)
		return;
	(void)close(journal->fd);
	g_free(journal->name);
	g_free(journal);
}

uint64_t
ms_journal_size(const struct ms_journal *journal)
{
	struct stat st;

	return fstat(journal->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

enum ms_status
ms_journal_read(const struct ms_journal *journal, uint64_t offset, void *data,
    size_t size, struct ms_error *err)
{
	size_t got;

	if (ms_at_read(journal->fd, offset, data, size, &got) != MS_OK)
		return fail(journal->box, "read", err);
	return got == size ? MS_OK : ms_error_set(err, MS_E_FORMAT,
	    "it ends too early");
}

enum ms_status
ms_journal_write(struct ms_journal *journal, uint64_t offset,
    const void *data, size_t size, struct ms_error *err)
{
	return ms_at_write(journal->fd, offset, data, size) == MS_OK ? MS_OK :
	    fail(journal->box, "write to", err);
}

enum ms_status
ms_journal_reserve(struct ms_journal *journal, uint64_t size,
    struct ms_error *err)
{
	int why;

	/* A mailbox does not have so many bytes that this could not hold. */
	do {
		why = posix_fallocate(journal->fd, 0, (off_t)size);
	} while (why == EINTR);
	errno = why;
	return why == 0 ? MS_OK : fail(journal->box, "make room for", err);
}

enum ms_status
ms_journal_check(const struct ms_journal *journal, uint64_t size,
    const struct ms_digest *digest, struct ms_error *err)
{
	unsigned char *piece = g_malloc(PIECE);
	struct ms_hash *hash = ms_hash_new();
	enum ms_status status = MS_OK;
	struct ms_digest now;

	for (uint64_t at = 0; at < size && status == MS_OK; at += PIECE) {
		size_t n = (size_t)MIN(PIECE, size - at);

		status = ms_journal_read(journal, MS_JOURNAL_BLOCK + at,
		    piece, n, err);
		if (status == MS_OK)
			ms_hash_feed(hash, piece, n);
	}
	now = ms_hash_end(hash);
	ms_hash_free(hash);
	g_free(piece);
	if (status == MS_OK && !ms_hash_equal(&now, digest))
		status = ms_error_set(err, MS_E_FORMAT, "it is not whole");
	return status;
}

enum ms_status
ms_journal_play(const struct ms_journal *journal, uint64_t from,
    uint64_t size, uint64_t to, struct ms_error *err)
{
	const struct ms_lock_target *box = journal->box;
	unsigned char *piece = g_malloc(PIECE);
	enum ms_status status = MS_OK;

	for (uint64_t at = 0; at < size && status == MS_OK; at += PIECE) {
		size_t n = (size_t)MIN(PIECE, size - at);

		status = ms_journal_read(journal, from + at, piece, n, err);
		if (status == MS_OK && ms_at_write(box->fd, to + at, piece,
		    n) != MS_OK)
			status = ms_error_errno(err, "cannot write to %s",
			    box->path);
	}
	g_free(piece);
	if (status == MS_OK && fsync(box->fd) != 0)
		status = ms_error_errno(err, "cannot write to %s", box->path);
	return status;
}

enum ms_status
ms_journal_sync(struct ms_journal *journal, bool name, struct ms_error *err)
{
	if (fsync(journal->fd) != 0 ||
	    (name && fsync(journal->box->dir) != 0))
		return fail(journal->box, "write to", err);
	return MS_OK;
}

enum ms_status
ms_journal_remove(struct ms_journal *journal, struct ms_error *err)
{
	if (unlinkat(journal->box->dir, journal->name, 0) != 0 ||
	    fsync(journal->box->dir) != 0)
		return fail(journal->box, "remove", err);
	return MS_OK;
}
