#include "source/dbox.h"

#include <string.h>

/* The line about the file is short. A message's header, of which there may be
 * more in later versions: what it begins with, its type, a number no more used,
 * and its size in sixteen hexadecimal digits; the last byte is LF. */
#define LINE_MAX_BYTES 256
#define HEADER_MIN 30
#define HEADER_MAX 1024
#define TYPE_AT 2
#define SIZE_AT 13
#define SIZE_DIGITS 16

static const unsigned char before[] = { 1, 2 };
static const unsigned char behind[] = { '\n', 1, 3, '\n' };

static enum ms_status
damaged(uint64_t offset, const char *what, struct ms_error *err)
{
	return ms_error_set(err, MS_E_FORMAT,
	    "a damaged dbox file: %s at byte %llu", what,
	    (unsigned long long)offset);
}

/* The hexadecimal number at DATA; -1: there is none, or it is too large. */
static int64_t
hex(const unsigned char *data, size_t size)
{
	int64_t number = 0;

	if (size == 0 || !g_ascii_isxdigit(*data))
		return -1;
	for (size_t i = 0; i < size && g_ascii_isxdigit(data[i]); i++) {
		if (number > INT64_MAX >> 4)
			return -1;
		number = number << 4 | g_ascii_xdigit_value((char)data[i]);
	}
	return number;
}

/* The size of messages' headers, as the file's line "2 M1e C65b8c0de" says;
 * 0: it is no such line. */
static size_t
header_size(const unsigned char *line, size_t size)
{
	int64_t number = 0;

	if (size < 3 || line[0] != '2' || line[1] != ' ')
		return 0;
	for (size_t i = 2; i < size; i++) {
		size_t n = 0;

		while (i + n < size && line[i + n] != ' ')
			n++;
		if (line[i] == 'M')
			number = hex(line + i + 1, n - 1);
		i += n;
	}
	if (number < HEADER_MIN || number > HEADER_MAX)
		return 0;
	return (size_t)number;
}

bool
ms_dbox_is(const unsigned char *data, size_t size)
{
	const unsigned char *lf = memchr(data, '\n', MIN(size, LINE_MAX_BYTES));

	return lf && header_size(data, (size_t)(lf - data)) > 0;
}

enum ms_status
ms_dbox_start(struct ms_cursor *cursor, size_t *size, struct ms_error *err)
{
	const unsigned char *line;
	enum ms_status status;
	size_t n;
	bool whole;

	ms_cursor_seek(cursor, 0);
	status = ms_cursor_line(cursor, &line, &n, &whole, err);
	if (status != MS_OK && status != MS_END)
		return status;
	*size = status == MS_OK && n < LINE_MAX_BYTES &&
	    ms_cursor_at(cursor) > n ? header_size(line, n) : 0;
	return *size > 0 ? MS_OK : damaged(0, "no line about the file", err);
}

/* One line of metadata. */
static void
take_line(struct ms_entry *entry, const unsigned char *line, size_t size)
{
	if (*line == 'R')
		entry->envelope->received = hex(line + 1, size - 1);
	/* References to attachments in files of their own. */
	if (*line == 'X')
		entry->elsewhere = true;
}

static enum ms_status
read_metadata(struct ms_cursor *cursor, struct ms_entry *entry,
    struct ms_error *err)
{
	uint64_t offset = ms_cursor_at(cursor);
	const unsigned char *data;
	enum ms_status status;
	bool whole = true, rest;
	size_t size;

	status = ms_cursor_take(cursor, sizeof behind, &data, err);
	if (status == MS_END || (status == MS_OK &&
	    memcmp(data, behind, sizeof behind) != 0))
		return damaged(offset, "no end of the message", err);
	while (status == MS_OK) {
		rest = !whole;
		status = ms_cursor_line(cursor, &data, &size, &whole, err);
		if (status == MS_OK && size == 0 && !rest)
			return MS_OK;
		if (status == MS_OK && !rest)
			take_line(entry, data, size);
	}
	return status != MS_END ? status : damaged(ms_cursor_at(cursor),
	    "no end of the metadata", err);
}

enum ms_status
ms_dbox_next(struct ms_cursor *cursor, size_t size, struct ms_entry *entry,
    struct ms_error *err)
{
	uint64_t offset = ms_cursor_at(cursor), end;
	const unsigned char *data;
	enum ms_status status;
	int64_t length;

	if (offset == ms_cursor_size(cursor))
		return MS_END;
	status = ms_cursor_take(cursor, size, &data, err);
	if (status == MS_END)
		return damaged(offset, "no whole header of a message", err);
	if (status != MS_OK)
		return status;
	if (memcmp(data, before, sizeof before) != 0 ||
	    data[TYPE_AT] != 'N' || data[size - 1] != '\n')
		return damaged(offset, "no header of a message", err);
	length = hex(data + SIZE_AT, SIZE_DIGITS);
	if (length < 0)
		return damaged(offset, "a message without a size", err);
	end = ms_cursor_at(cursor) + (uint64_t)length;
	status = ms_entry_feed_file(entry, cursor, end, err);
	if (status != MS_OK)
		return status;
	return ms_cursor_at(cursor) < end ? damaged(end,
	    "no end of the message", err) : read_metadata(cursor, entry, err);
}
