#include "action/grip.h"

#include "base/at.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Formats whose messages are changed. A raw file is what nobody took for
 * mail: it may well be a mailbox whose beginning is damaged. */
static const char *const changeable[] = { "eml", "maildir", "mbox", "mh" };

static bool
is_mbox(const struct ms_origin *origin)
{
	return g_strcmp0(origin->format, "mbox") == 0;
}

const char *
ms_grip_fixed(const struct ms_outcome *outcome, bool maildir)
{
	const struct ms_origin *origin = &outcome->origin;
	bool known = false;

	if (origin->ino == 0)
		return strcmp(origin->source, "-") == 0 ?
		    "not modified: standard input" :
		    "not modified: archives, captures, compressed mailboxes, "
		    "queues and stores never are";
	if (maildir && g_strcmp0(origin->format, "maildir") != 0)
		return "not modified: it is in no Maildir";
	for (size_t i = 0; i < G_N_ELEMENTS(changeable); i++)
		known |= g_strcmp0(origin->format, changeable[i]) == 0;
	if (!known)
		return "not modified: not known to be mail that one may "
		    "change";
	if (is_mbox(origin) && origin->index == 0)
		return "not modified: it is before the first message";
	return NULL;
}

/* The file that PATH leads to, if it is a symbolic link; the caller makes
 * sure that it is the right one. */
static char *
resolve(const char *path)
{
	struct stat st;
	char *real, *copy;

	if (lstat(path, &st) != 0 || !S_ISLNK(st.st_mode))
		return g_strdup(path);
	real = realpath(path, NULL);
	copy = g_strdup(real ? real : path);
	free(real);
	return copy;
}

static enum ms_status
take_mailbox(const struct ms_outcome *outcome,
    const struct ms_lock_config *locking, struct ms_grip *grip,
    struct ms_error *err)
{
	const struct ms_origin *origin = &outcome->origin;
	struct ms_mailbox_place place = { 0 };
	enum ms_status status;

	grip->path = resolve(origin->source);
	grip->slice = (struct ms_mailbox_slice){ origin->offset,
		origin->length, outcome->size, outcome->sha256 };
	status = ms_mailbox_open(grip->path, origin->dev, origin->ino,
	    locking, &grip->box, err);
	grip->refused = status != MS_OK;
	if (status == MS_OK)
		status = ms_mailbox_find(grip->box, &grip->slice, &place,
		    err);
	if (status != MS_OK)
		return status;
	grip->from_line = place.from_line;
	grip->content.fd = ms_mailbox_fd(grip->box);
	grip->content.offset = place.offset;
	grip->content.from_line = grip->from_line;
	grip->content.quoted = true;
	return MS_OK;
}

/* Open the file for reading, through whatever links. */
static enum ms_status
open_any(const struct ms_outcome *outcome, int *fd, struct ms_error *err)
{
	const struct ms_origin *origin = &outcome->origin;
	struct stat st;

	*fd = open(origin->source,
	    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*fd < 0)
		return ms_error_errno(err, "cannot open it");
	if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_dev == origin->dev && st.st_ino == origin->ino &&
	    (uint64_t)st.st_size == outcome->size)
		return MS_OK;
	return ms_error_set(err, MS_E_PEER, "it is another file now");
}

static enum ms_status
take_file(const struct ms_outcome *outcome, bool change,
    struct ms_grip *grip, struct ms_error *err)
{
	const struct ms_origin *origin = &outcome->origin;
	enum ms_status status;

	grip->file = (struct ms_maildrop_message){ origin->source,
		origin->dev, origin->ino, outcome->size, outcome->sha256,
		!change };
	status = ms_maildrop_check(&grip->file, &grip->path, &grip->fd, err);
	if (status == MS_E_UNSUPPORTED && !change) {
		grip->path = g_strdup(origin->source);
		status = open_any(outcome, &grip->fd, err);
	}
	grip->file.path = grip->path;
	grip->content.fd = grip->fd;
	return status;
}

/* The digest of the SIZE bytes of FD. */
static enum ms_status
digest(int fd, uint64_t size, struct ms_digest *sha256, struct ms_error *err)
{
	struct ms_hash *hash = ms_hash_new();
	unsigned char block[65536];
	enum ms_status status = MS_OK;
	size_t got;

	for (uint64_t at = 0; at < size && status == MS_OK; at += got) {
		if (ms_at_read(fd, at, block, (size_t)MIN(sizeof block,
		    size - at), &got) != MS_OK)
			status = ms_error_errno(err, "temporary storage");
		else if (got == 0)
			status = ms_error_set(err, MS_E_IO,
			    "temporary storage: it became shorter");
		ms_hash_feed(hash, block, got);
	}
	*sha256 = ms_hash_end(hash);
	ms_hash_free(hash);
	return status;
}

/* What was scanned is all there is. */
static enum ms_status
take_body(const struct ms_outcome *outcome, struct ms_grip *grip,
    struct ms_error *err)
{
	const struct ms_body *body = outcome->body;

	if (!body)
		return ms_error_set(err, MS_E_LIMIT,
		    "its bytes were not kept");
	if (outcome->omitted > 0)
		return ms_error_set(err, MS_E_LIMIT,
		    "only the first %llu of its bytes were kept (see "
		    "--max-filesize)", (unsigned long long)body->size);
	grip->content.fd = body->fd;
	grip->content.size = body->size;
	return digest(body->fd, body->size, &grip->content.sha256, err);
}

enum ms_status
ms_grip_take(const struct ms_outcome *outcome, bool change,
    const struct ms_lock_config *locking, struct ms_grip *grip,
    struct ms_error *err)
{
	const struct ms_origin *origin = &outcome->origin;
	enum ms_status status;

	*grip = (struct ms_grip){ .fd = -1, .content = { .fd = -1,
		.size = outcome->size, .sha256 = outcome->sha256 } };
	if (origin->ino == 0)
		status = take_body(outcome, grip, err);
	else if (is_mbox(origin))
		status = take_mailbox(outcome, change ? locking : NULL, grip,
		    err);
	else
		status = take_file(outcome, change, grip, err);
	if (status != MS_OK)
		ms_grip_give(grip);
	return status;
}

void
ms_grip_give(struct ms_grip *grip)
{
	const bool refused = grip->refused;

	ms_mailbox_close(grip->box);
	if (grip->fd >= 0)
		(void)close(grip->fd);
	g_free(grip->path);
	g_free(grip->from_line);
	*grip = (struct ms_grip){ .fd = -1, .content = { .fd = -1 },
		.refused = refused };
}
