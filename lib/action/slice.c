#include "action/slice.h"

#include "base/at.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define PIECE 65536

static enum ms_status
changed(const struct ms_lock_target *box,
    const struct ms_mailbox_slice *slice, struct ms_error *err)
{
	return ms_error_set(err, MS_E_PEER, "%s: others have changed the "
	    "message at byte %" PRIu64, box->path, slice->offset);
}

static enum ms_status
read_at(const struct ms_lock_target *box, uint64_t offset, void *data,
    size_t size, size_t *got, struct ms_error *err)
{
	return ms_at_read(box->fd, offset, data, size, got) == MS_OK ?
	    MS_OK : ms_error_errno(err, "cannot read %s", box->path);
}

/* The end of the line at AT, after its line end; END if it has none before. */
static enum ms_status
line_end(const struct ms_lock_target *box, uint64_t at, uint64_t end,
    uint64_t *next, struct ms_error *err)
{
	char block[512];
	enum ms_status status = MS_OK;
	size_t got = 1;

	for (*next = end; at < end && got > 0 && status == MS_OK; at += got) {
		const char *nl;

		status = read_at(box, at, block, (size_t)MIN(sizeof block,
		    end - at), &got, err);
		nl = memchr(block, '\n', got);
		if (nl) {
			*next = at + (uint64_t)(nl - block) + 1;
			break;
		}
	}
	return status;
}

/* Past the empty lines at *AT. */
static enum ms_status
skip_empty(const struct ms_lock_target *box, uint64_t *at, uint64_t end,
    struct ms_error *err)
{
	char block[4096];
	size_t got, i;

	do {
		enum ms_status status = read_at(box, *at, block,
		    (size_t)MIN(sizeof block, end - *at), &got, err);

		if (status != MS_OK)
			return status;
		for (i = 0; i < got; i++)
			if (block[i] != '\n' && (block[i] != '\r' ||
			    i + 1 == got || block[i + 1] != '\n'))
				break;
		*at += i;
		/* A '\r' that was the last byte is looked at again. */
	} while (i > 0);
	return MS_OK;
}

/* Is there nothing behind the message but a line end, and then the next one
 * or the end of the mailbox? A message that was not there to its end when it
 * was read is longer now. */
static enum ms_status
is_apart(const struct ms_lock_target *box, const struct ms_slice *found,
    bool *is, struct ms_error *err)
{
	const uint64_t size = found->next - found->end;
	char b[2 + 5];
	const char *next = b + size;
	enum ms_status status;
	size_t got;

	*is = false;
	if (size > 2)
		return MS_OK;
	status = read_at(box, found->end, b, (size_t)size + 5, &got, err);
	if (status != MS_OK || got < size ||
	    (size == 1 && b[0] != '\n') ||
	    (size == 2 && memcmp(b, "\r\n", 2) != 0))
		return status;
	*is = got == size || (got == size + 5 &&
	    memcmp(next, "From ", 5) == 0);
	return MS_OK;
}

static enum ms_status
is_digest(const struct ms_lock_target *box, const struct ms_slice *found,
    const struct ms_digest *digest, bool *is, struct ms_error *err)
{
	struct ms_hash *hash = ms_hash_new();
	unsigned char *piece = g_malloc(PIECE);
	enum ms_status status = MS_OK;
	struct ms_digest now;
	size_t got = 1;

	for (uint64_t at = found->message; at < found->end &&
	    status == MS_OK && got > 0; at += got) {
		status = read_at(box, at, piece, (size_t)MIN(PIECE,
		    found->end - at), &got, err);
		ms_hash_feed(hash, piece, got);
	}
	now = ms_hash_end(hash);
	*is = ms_hash_equal(&now, digest);
	ms_hash_free(hash);
	g_free(piece);
	return status;
}

/* Where the From_ line of the slice is, and where it ends. */
static enum ms_status
find_from(const struct ms_lock_target *box,
    const struct ms_mailbox_slice *slice, struct ms_slice *found,
    struct ms_error *err)
{
	char b[5];
	enum ms_status status = MS_OK;
	size_t got;

	found->from = slice->offset;
	found->next = slice->offset + slice->length;
	/* Only the first slice may have empty lines before it. */
	if (slice->offset == 0)
		status = skip_empty(box, &found->from, found->next, err);
	if (status == MS_OK)
		status = read_at(box, found->from, b, sizeof b, &got, err);
	if (status != MS_OK)
		return status;
	found->message = found->from;
	if (got == sizeof b && memcmp(b, "From ", sizeof b) == 0)
		status = line_end(box, found->from, found->next,
		    &found->message, err);
	else if (slice->offset > 0)
		return changed(box, slice, err);
	return status;
}

/* Is the message what ends TAIL bytes before the slice does? MS_END: no. */
static enum ms_status
try_tail(const struct ms_lock_target *box,
    const struct ms_mailbox_slice *slice, uint64_t tail,
    struct ms_slice *found, struct ms_error *err)
{
	const bool has_from = found->from < found->message;
	const uint64_t room = found->next - slice->offset;
	struct ms_slice try = *found;
	enum ms_status status;
	bool is = false;

	if (slice->size + tail > room)
		return MS_END;
	try.end = found->next - tail;
	try.message = try.end - slice->size;
	/* Without a From_ line, empty lines may be part of the message. */
	if (has_from ? try.message != found->message :
	    try.message > found->message)
		return MS_END;
	if (!has_from)
		try.from = try.message;
	status = is_apart(box, &try, &is, err);
	if (status == MS_OK && is)
		status = is_digest(box, &try, &slice->sha256, &is, err);
	if (status == MS_OK && !is)
		return MS_END;
	*found = try;
	return status;
}

enum ms_status
ms_slice_find(const struct ms_lock_target *box,
    const struct ms_mailbox_slice *slice, struct ms_slice *found,
    struct ms_error *err)
{
	enum ms_status status;
	struct stat st;
	char b[2] = { 0, 0 };
	size_t got = 0;

	if (fstat(box->fd, &st) != 0)
		return ms_error_errno(err, "%s", box->path);
	if (slice->length > (uint64_t)st.st_size ||
	    slice->offset > (uint64_t)st.st_size - slice->length ||
	    slice->size > slice->length)
		return changed(box, slice, err);
	status = find_from(box, slice, found, err);
	if (status != MS_OK)
		return status;
	status = MS_END;
	for (uint64_t tail = 0; tail <= 2 && status == MS_END; tail++)
		status = try_tail(box, slice, tail, found, err);
	if (status == MS_END)
		return changed(box, slice, err);
	if (status == MS_OK && found->message > found->from + 1)
		status = read_at(box, found->message - 2, b, 2, &got, err);
	found->crlf = got == 2 && b[0] == '\r' && b[1] == '\n';
	return status;
}
