#include "source/cursor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct ms_cursor {
	int fd;
	uint64_t size;
	uint64_t at;
	uint64_t start;		/* of what is in block */
	size_t filled;
	unsigned char block[MS_CURSOR_PIECE];
};

struct ms_cursor *
ms_cursor_new(int fd, uint64_t size)
{
	struct ms_cursor *cursor = g_new(struct ms_cursor, 1);

	cursor->fd = fd;
	cursor->size = size;
	cursor->at = cursor->start = cursor->filled = 0;
	return cursor;
}

void
ms_cursor_free(struct ms_cursor *cursor)
{
	g_free(cursor);
}

uint64_t
ms_cursor_size(const struct ms_cursor *cursor)
{
	return cursor->size;
}

uint64_t
ms_cursor_at(const struct ms_cursor *cursor)
{
	return cursor->at;
}

void
ms_cursor_seek(struct ms_cursor *cursor, uint64_t offset)
{
	cursor->at = MIN(offset, cursor->size);
}

/* The bytes from the cursor on that are in the block. */
static size_t
at_hand(const struct ms_cursor *cursor)
{
	uint64_t end = cursor->start + cursor->filled;

	if (cursor->at < cursor->start || cursor->at >= end)
		return 0;
	return (size_t)(end - cursor->at);
}

/* Have the block begin at the cursor, and hold as much as it can. */
static enum ms_status
fill(struct ms_cursor *cursor, struct ms_error *err)
{
	size_t kept = at_hand(cursor);
	size_t want = (size_t)MIN(sizeof cursor->block,
	    cursor->size - cursor->at);

	memmove(cursor->block, cursor->block + (kept > 0 ?
	    cursor->at - cursor->start : 0), kept);
	cursor->start = cursor->at;
	cursor->filled = kept;
	while (cursor->filled < want) {
		ssize_t n = pread(cursor->fd, cursor->block + cursor->filled,
		    want - cursor->filled,
		    (off_t)(cursor->start + cursor->filled));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ms_error_errno(err, "cannot be read at byte "
			    "%llu", (unsigned long long)cursor->start);
		if (n == 0)
			return ms_error_set(err, MS_E_FORMAT, "shortened "
			    "while it was read: ends at byte %llu of %llu; "
			    "scan it again", (unsigned long long)
			    cursor->start + cursor->filled,
			    (unsigned long long)cursor->size);
		cursor->filled += (size_t)n;
	}
	return MS_OK;
}

enum ms_status
ms_cursor_piece(struct ms_cursor *cursor, uint64_t want,
    const unsigned char **data, size_t *size, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	*size = 0;
	if (at_hand(cursor) == 0)
		status = fill(cursor, err);
	if (status != MS_OK)
		return status;
	*data = cursor->block + (cursor->at - cursor->start);
	*size = (size_t)MIN(want, at_hand(cursor));
	cursor->at += *size;
	return MS_OK;
}

enum ms_status
ms_cursor_take(struct ms_cursor *cursor, size_t want,
    const unsigned char **data, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (want > sizeof cursor->block || want > cursor->size - cursor->at)
		return MS_END;
	*data = cursor->block;
	if (want == 0)
		return MS_OK;
	if (at_hand(cursor) < want)
		status = fill(cursor, err);
	if (status != MS_OK)
		return status;
	*data += cursor->at - cursor->start;
	cursor->at += want;
	return MS_OK;
}

enum ms_status
ms_cursor_line(struct ms_cursor *cursor, const unsigned char **data,
    size_t *size, bool *whole, struct ms_error *err)
{
	size_t n = at_hand(cursor);
	const unsigned char *p = cursor->block +
	    (n > 0 ? cursor->at - cursor->start : 0);
	const unsigned char *lf = memchr(p, '\n', n);
	enum ms_status status;

	if (cursor->at == cursor->size)
		return MS_END;
	if (!lf) {
		status = fill(cursor, err);
		if (status != MS_OK)
			return status;
		p = cursor->block;
		n = cursor->filled;
		lf = memchr(p, '\n', n);
	}
	*data = p;
	*size = lf ? (size_t)(lf - p) : n;
	*whole = lf || cursor->at + n == cursor->size;
	cursor->at += *size + (lf ? 1 : 0);
	return MS_OK;
}
