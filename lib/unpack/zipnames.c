#include "unpack/zipnames.h"

#include "base/find.h"
#include "base/little.h"
#include "unpack/zipdir.h"

#include <glib.h>

#include <string.h>

/* What stands before names: in an entry of a directory, in a header, in the
 * record at the end of a directory, and the last one again where the zip is
 * large, with what leads to it. */
#define ENTRY_SIZE 46
#define HEADER_SIZE 30
#define END_SIZE 22
#define END64_SIZE 56
#define LOCATOR_SIZE 20

/* The longest comment behind it. */
#define COMMENT_MAX 65535

/* In extra fields: Info-ZIP's Unicode Path. */
#define UNICODE_PATH 0x7075

/* Of the flags: the sizes stand behind the data. */
#define SIZES_FOLLOW 8

/* So many members that are not compressed are known. */
#define STORED_MAX 1000

/* A piece of the zip. */
struct range {
	size_t from, to;
};

struct reader {
	const unsigned char *data;
	size_t size;
	uint64_t left;		/* entries that may still be read, */
	uint64_t paths;		/* and names in extra fields */
	bool more;		/* there are more */
	ms_zipnames_visit *visit;
	void *arg;
	GArray *stored;		/* of struct range: members that are not
				 * compressed */
	GArray *begins;		/* of size_t: directories that were read */
	size_t walked;		/* the last header ends there */
};

static bool
has_magic(const struct reader *reader, uint64_t at, size_t size,
    const char *magic)
{
	return at <= reader->size && reader->size - at >= size &&
	    memcmp(reader->data + at, magic, 4) == 0;
}

/* May another entry be read? */
static bool
charge(struct reader *reader)
{
	if (reader->left == 0)
		reader->more = true;
	else
		reader->left--;
	return !reader->more;
}

/* The names in SIZE bytes of extra fields. */
static void
visit_extra(struct reader *reader, const unsigned char *extra, size_t size)
{
	while (size >= 4) {
		const size_t length = MIN((size_t)ms_little(extra + 2, 2),
		    size - 4);
		const bool is_path = ms_little(extra, 2) == UNICODE_PATH &&
		    length > 5;

		if (is_path && reader->paths-- == 0) {
			reader->paths = 0;
			reader->more = true;
			return;
		}
		/* A version and a checksum, which not everybody looks at. */
		if (is_path)
			reader->visit(reader->arg, (const char *)extra + 9,
			    length - 5);
		extra += 4 + length;
		size -= 4 + length;
	}
}

/* A name of LENGTH bytes at AT, and EXTRA bytes behind it. An EMPTY directory
 * is no file. */
static void
visit_names(struct reader *reader, size_t at, size_t length,
    size_t extra, bool empty)
{
	const unsigned char *name = reader->data + at;

	length = MIN(length, reader->size - at);
	if (empty && length > 0 && strchr("/\\", name[length - 1]))
		return;
	reader->visit(reader->arg, (const char *)name, length);
	visit_extra(reader, name + length, MIN(extra, reader->size - at -
	    length));
}

/* The header at AT, which the entry P leads to. If both say that the member is
 * not compressed, it is known where it is. */
static void
read_header(struct reader *reader, const unsigned char *p, uint64_t at)
{
	const unsigned char *header;
	const uint64_t size = ms_little(p + 20, 4);
	struct range range;

	if (!has_magic(reader, at, HEADER_SIZE, "PK\003\004"))
		return;
	header = reader->data + at;
	visit_names(reader, (size_t)at + HEADER_SIZE, ms_little(header + 26, 2),
	    ms_little(header + 28, 2), ms_little(p + 20, 8) == 0);
	if (ms_little(p + 10, 2) != 0 || ms_little(header + 8, 2) != 0 ||
	    ms_little(header + 18, 4) != size || size != ms_little(p + 24, 4) ||
	    (header[6] & SIZES_FOLLOW) || reader->stored->len >= STORED_MAX)
		return;
	range.from = (size_t)at + HEADER_SIZE + ms_little(header + 26, 2) +
	    ms_little(header + 28, 2);
	range.to = range.from + size;
	if (size > 0 && range.to <= reader->size)
		g_array_append_val(reader->stored, range);
}

/* The directory at AT, whose entries count from BASE. */
static void
read_directory(struct reader *reader, uint64_t at, uint64_t base)
{
	const size_t begin = (size_t)at;

	for (guint i = 0; i < reader->begins->len; i++)
		if (g_array_index(reader->begins, size_t, i) == begin)
			return;
	g_array_append_val(reader->begins, begin);
	while (has_magic(reader, at, ENTRY_SIZE, "PK\001\002")) {
		const unsigned char *p = reader->data + at;
		const size_t length = ms_little(p + 28, 2);
		const size_t extra = ms_little(p + 30, 2);

		if (!charge(reader))
			return;
		visit_names(reader, (size_t)at + ENTRY_SIZE, length, extra,
		    ms_little(p + 20, 8) == 0);
		read_header(reader, p, base + ms_little(p + 42, 4));
		at += ENTRY_SIZE + length + extra + ms_little(p + 32, 2);
	}
}

/* Are the directory at BEGIN and its END in one member? */
static bool
is_in_member(const struct reader *reader, uint64_t begin, uint64_t end)
{
	for (guint i = 0; i < reader->stored->len; i++) {
		const struct range *range = &g_array_index(reader->stored,
		    struct range, i);

		if (begin >= range->from && end < range->to)
			return true;
	}
	return false;
}

/* The directory of SIZE bytes that is said to begin at OFFSET, and that is
 * before END: something may have been put before the whole. */
static void
try_directory(struct reader *reader, uint64_t end, uint64_t size,
    uint64_t offset)
{
	const uint64_t begin = end - size;

	if (size <= end && has_magic(reader, begin, ENTRY_SIZE,
	    "PK\001\002") && !is_in_member(reader, begin, end))
		read_directory(reader, begin, begin - offset);
	if (has_magic(reader, offset, ENTRY_SIZE, "PK\001\002") &&
	    !is_in_member(reader, MIN(offset, end), MAX(offset, end)))
		read_directory(reader, offset, 0);
}

/* The record at AT, and the one for large zips that may be before it. */
static void
read_end(struct reader *reader, size_t at)
{
	const unsigned char *p = reader->data + at;
	uint64_t large;

	try_directory(reader, at, ms_little(p + 12, 4), ms_little(p + 16, 4));
	if (at < LOCATOR_SIZE + END64_SIZE ||
	    !has_magic(reader, at - LOCATOR_SIZE, LOCATOR_SIZE, "PK\006\007"))
		return;
	large = at - LOCATOR_SIZE - END64_SIZE;
	if (!has_magic(reader, large, END64_SIZE, "PK\006\006"))
		large = ms_little(p - LOCATOR_SIZE + 8, 8);
	if (!has_magic(reader, large, END64_SIZE, "PK\006\006"))
		return;
	p = reader->data + large;
	try_directory(reader, large, ms_little(p + 40, 8),
	    ms_little(p + 48, 8));
}

/* All that may be taken for the end of the directory, from the last one on. */
static void
read_ends(struct reader *reader)
{
	const size_t far = END_SIZE + COMMENT_MAX;
	size_t at = reader->size < END_SIZE ? 0 : reader->size - END_SIZE + 1;
	const size_t from = reader->size > far ? reader->size - far : 0;

	while (at-- > from && !reader->more)
		if (has_magic(reader, at, END_SIZE, "PK\005\006"))
			read_end(reader, at);
}

/* The headers, one behind the other. */
static void
read_headers(struct reader *reader)
{
	const unsigned char *p = reader->data, *end = p + reader->size;

	while ((p = ms_find(p, (size_t)(end - p), "PK\003\004", 4)) &&
	    end - p >= HEADER_SIZE && charge(reader)) {
		const size_t length = ms_little(p + 26, 2);
		const size_t extra = ms_little(p + 28, 2);
		const bool known = !(p[6] & SIZES_FOLLOW);
		const size_t rest = (size_t)(end - p) - HEADER_SIZE;
		size_t next = length + extra;

		visit_names(reader, (size_t)(p - reader->data) + HEADER_SIZE,
		    length, extra, known && ms_little(p + 18, 8) == 0);
		if (known)
			next += ms_little(p + 18, 4);
		p += HEADER_SIZE + (next <= rest ? next : MIN(length, rest));
		reader->walked = (size_t)(p - reader->data);
	}
}

/* The directory that follows the last header, whatever stands behind it:
 * damaged zips are read so. */
static void
read_next_directory(struct reader *reader)
{
	const unsigned char *from = reader->data + reader->walked;
	const unsigned char *p = ms_find(from, reader->size - reader->walked,
	    "PK\001\002", 4);

	if (p && !reader->more)
		read_directory(reader, (uint64_t)(p - reader->data), 0);
}

/* Where the only record at the end is; 0: there is none, or more than one. */
static size_t
find_end(const struct reader *reader)
{
	const size_t far = END_SIZE + COMMENT_MAX;
	const size_t from = reader->size > far ? reader->size - far : 0;
	const unsigned char *tail = reader->data + from;
	const unsigned char *end = ms_find(tail, reader->size - from,
	    "PK\005\006", 4);
	const size_t rest = end ? (size_t)(tail + (reader->size - from) -
	    end) : 0;

	if (rest < END_SIZE || ms_find(end + 4, rest - 4, "PK\005\006", 4))
		return 0;
	return (size_t)(end - reader->data);
}

/* The only directory, which is in front of the record that says where it is;
 * an empty one: there is none of which everybody would say so. */
static struct range
find_directory(const struct reader *reader)
{
	const size_t end = find_end(reader);
	const unsigned char *record = reader->data + end;
	const struct range none = { 0, 0 };
	struct range all;
	uint64_t size;

	if (end == 0)
		return none;
	size = ms_little(record + 12, 4);
	all = (struct range){ ms_little(record + 16, 4), end };
	if (end > LOCATOR_SIZE + END64_SIZE &&
	    has_magic(reader, end - LOCATOR_SIZE, 4, "PK\006\007")) {
		all.to -= LOCATOR_SIZE + END64_SIZE;
		record = reader->data + all.to;
		if (!has_magic(reader, all.to, 4, "PK\006\006") ||
		    ms_little(record + 40, 8) != size ||
		    ms_little(record + 48, 8) != all.from)
			return none;
	}
	return size <= all.to && all.to - size == all.from ? all : none;
}

/* Has the member of the entry P, whose header is at AT, one name? */
static bool
has_one_name(const struct reader *reader, const unsigned char *p, uint64_t at)
{
	const unsigned char *header;
	const size_t length = ms_little(p + 28, 2);
	size_t extra;

	if (!has_magic(reader, at, HEADER_SIZE + length, "PK\003\004"))
		return false;
	header = reader->data + at;
	extra = ms_little(header + 28, 2);
	return ms_little(header + 26, 2) == length &&
	    memcmp(header + HEADER_SIZE, p + ENTRY_SIZE, length) == 0 &&
	    !memchr(p + ENTRY_SIZE, '\0', length) &&
	    has_magic(reader, at, HEADER_SIZE + length + extra,
	    "PK\003\004") &&
	    !memmem(header + HEADER_SIZE + length, extra, "up", 2) &&
	    !memmem(p + ENTRY_SIZE + length, ms_little(p + 30, 2), "up", 2);
}

/* Is this a zip as there are most: with one directory, in it all headers in
 * their order, and with one name for each member? */
static bool
is_plain(const struct reader *reader)
{
	const struct range all = find_directory(reader);
	uint64_t count = 0, next = 0;

	for (size_t at = all.from; at < all.to; count++) {
		const unsigned char *p = reader->data + at;
		uint64_t size = ENTRY_SIZE;

		if (!has_magic(reader, at, ENTRY_SIZE, "PK\001\002"))
			return false;
		size += ms_little(p + 28, 2) + ms_little(p + 30, 2) +
		    ms_little(p + 32, 2);
		if (size > all.to - at || ms_little(p + 42, 4) < next ||
		    !has_one_name(reader, p, ms_little(p + 42, 4)))
			return false;
		next = ms_little(p + 42, 4) + 1;
		at += size;
	}
	return all.to > 0 &&
	    ms_zipdir_headers(reader->data, reader->size) == count;
}

bool
ms_zipnames(const unsigned char *data, size_t size, uint64_t max,
    ms_zipnames_visit *visit, void *arg)
{
	struct reader reader = { .data = data, .size = size,
		/* Each member has an entry and a header. */
		.left = max > UINT64_MAX / 3 ? max : 2 * max,
		/* A header may be read twice. */
		.paths = max > UINT64_MAX / 3 ? max : 3 * max,
		.visit = visit, .arg = arg };

	if (is_plain(&reader))
		return true;
	reader.stored = g_array_new(FALSE, FALSE, sizeof(struct range));
	reader.begins = g_array_new(FALSE, FALSE, sizeof(size_t));
	read_headers(&reader);
	read_ends(&reader);
	read_next_directory(&reader);
	g_array_unref(reader.begins);
	g_array_unref(reader.stored);
	return !reader.more;
}
