#include "capture/textlines.h"

#include <glib.h>
#include <string.h>

#define ROOM (2 * MS_TEXTLINES_PIECE)

struct ms_textlines {
	ms_textlines_read *read;
	void *arg;
	unsigned char *buffer;	/* ROOM bytes */
	size_t start, end;	/* what of it is to come */
	bool ended;		/* the file has no more */
	bool inside;		/* the last piece was not the last of its
				 * line */
	uint64_t number;
};

struct ms_textlines *
ms_textlines_new(ms_textlines_read *read, void *arg)
{
	struct ms_textlines *lines = g_new0(struct ms_textlines, 1);

	lines->read = read;
	lines->arg = arg;
	lines->buffer = g_malloc(ROOM);
	return lines;
}

void
ms_textlines_free(struct ms_textlines *lines)
{
	if (!lines)
		return;
	g_free(lines->buffer);
	g_free(lines);
}

/* Have a piece and two bytes more in the buffer, or all that there are. */
static enum ms_status
fill(struct ms_textlines *lines, struct ms_error *err)
{
	enum ms_status status;
	size_t got;

	if (lines->ended || lines->end - lines->start >= MS_TEXTLINES_PIECE + 2)
		return MS_OK;
	memmove(lines->buffer, lines->buffer + lines->start,
	    lines->end - lines->start);
	lines->end -= lines->start;
	lines->start = 0;
	while (lines->end < MS_TEXTLINES_PIECE + 2 && !lines->ended) {
		status = lines->read(lines->arg, lines->buffer + lines->end,
		    ROOM - lines->end, &got, err);
		if (status != MS_OK)
			return status;
		if (got == 0)
			lines->ended = true;
		lines->end += got;
	}
	return MS_OK;
}

enum ms_status
ms_textlines_head(struct ms_textlines *lines, const unsigned char **data,
    size_t *size, struct ms_error *err)
{
	enum ms_status status = fill(lines, err);

	*data = lines->buffer + lines->start;
	*size = MIN(lines->end - lines->start, MS_TEXTLINES_PIECE);
	return status;
}

/* The SIZE bytes at LINES->start are a piece; TAKE bytes are done with. */
static void
give(struct ms_textlines *lines, struct ms_piece *piece, size_t size,
    size_t take)
{
	piece->data = lines->buffer + lines->start;
	piece->size = size;
	piece->first = !lines->inside;
	if (piece->first)
		lines->number++;
	piece->number = lines->number;
	lines->inside = !piece->last;
	lines->start += take;
}

enum ms_status
ms_textlines_next(struct ms_textlines *lines, struct ms_piece *piece,
    struct ms_error *err)
{
	const unsigned char *from, *lf;
	size_t there, size;
	enum ms_status status;

	/* Whole lines in the buffer are not moved about in it. */
	from = lines->buffer + lines->start;
	there = lines->end - lines->start;
	lf = memchr(from, '\n', MIN(there, MS_TEXTLINES_PIECE + 2));
	if (!lf) {
		if ((status = fill(lines, err)) != MS_OK)
			return status;
		from = lines->buffer + lines->start;
		there = lines->end - lines->start;
		if (there == 0 && !lines->inside)
			return MS_END;
		lf = memchr(from, '\n', MIN(there, MS_TEXTLINES_PIECE + 2));
	}
	*piece = (struct ms_piece){ .ending = MS_TEXTLINES_NONE };
	if (lf) {
		size = (size_t)(lf - from);
		piece->last = true;
		piece->ending = MS_TEXTLINES_LF;
		if (size > 0 && from[size - 1] == '\r') {
			piece->ending = MS_TEXTLINES_CRLF;
			size--;
		}
		give(lines, piece, size, (size_t)(lf - from) + 1);
		return MS_OK;
	}
	if (there <= MS_TEXTLINES_PIECE) {
		piece->last = true;
		give(lines, piece, there, there);
		return MS_OK;
	}
	/* A carriage return waits for what comes after it. */
	for (size = MS_TEXTLINES_PIECE; size > 0 && from[size - 1] == '\r';)
		size--;
	if (size == 0)
		size = MS_TEXTLINES_PIECE - 1;
	give(lines, piece, size, size);
	return MS_OK;
}

bool
ms_textlines_cut(const unsigned char **at, size_t *left,
    struct ms_piece *line)
{
	const unsigned char *lf = *left ? memchr(*at, '\n', *left) : NULL;
	size_t size = lf ? (size_t)(lf - *at) : *left;

	if (*left == 0)
		return false;
	*line = (struct ms_piece){
		.data = *at, .size = size, .first = true, .last = true,
		.ending = lf ? MS_TEXTLINES_LF : MS_TEXTLINES_NONE,
	};
	*at += size + (lf ? 1 : 0);
	*left -= size + (lf ? 1 : 0);
	if (lf && size > 0 && lf[-1] == '\r') {
		line->size--;
		line->ending = MS_TEXTLINES_CRLF;
	}
	return true;
}

bool
ms_textlines_starts(const struct ms_piece *line, const char *text)
{
	size_t size = strlen(text);

	return line->size >= size && memcmp(line->data, text, size) == 0;
}

bool
ms_textlines_is_blank(const struct ms_piece *line)
{
	for (size_t i = 0; i < line->size; i++)
		if (line->data[i] != ' ' && line->data[i] != '\t')
			return false;
	return true;
}

void
ms_textlines_drop(struct ms_piece *line, size_t size)
{
	line->data += size;
	line->size -= size;
}
