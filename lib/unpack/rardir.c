#include "unpack/rardir.h"

#include <glib.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Some bytes of a header. */
struct window {
	const unsigned char *data;
	size_t size;
	bool short_of;		/* more was asked for than there is */
};

enum { BLOCK_FILE = 2, BLOCK_END = 5 };
enum { HAS_EXTRA = 1, HAS_DATA = 2 };
enum { FILE_HAS_TIME = 2, FILE_HAS_CRC = 4 };
enum { EXTRA_ENCRYPTION = 1 };

static struct window
take(struct window *from, uint64_t size)
{
	struct window piece = { from->data, (size_t)MIN(size,
	    (uint64_t)from->size), false };

	from->short_of |= size > from->size;
	from->data += piece.size;
	from->size -= piece.size;
	return piece;
}

/* A number of up to ten bytes, seven bits in each, the lowest first. */
static uint64_t
take_number(struct window *from)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 70; shift += 7) {
		struct window byte = take(from, 1);

		if (byte.size == 0)
			return 0;
		if (shift < 64)
			value |= (uint64_t)(*byte.data & 127) << shift;
		if (!(*byte.data & 128))
			return value;
	}
	from->short_of = true;
	return 0;
}

/* Is there an encryption record among those of a file? */
static bool
has_encryption(struct window extra)
{
	while (extra.size > 0 && !extra.short_of) {
		uint64_t size = take_number(&extra);
		struct window record = take(&extra, size);

		if (record.size > 0 &&
		    take_number(&record) == EXTRA_ENCRYPTION)
			return true;
	}
	return false;
}

/* The header of a file behind its type, flags and sizes, with EXTRA bytes at
 * its end. */
static void
read_file(struct window header, uint64_t extra,
    void (*sealed)(void *arg, const char *name), void *arg)
{
	struct window fields = take(&header, header.size -
	    MIN(extra, (uint64_t)header.size));
	struct window name;
	uint64_t flags;
	char *text;

	if (!has_encryption(header))
		return;
	flags = take_number(&fields);
	(void)take_number(&fields);	/* size */
	(void)take_number(&fields);	/* attributes */
	(void)take(&fields, flags & FILE_HAS_TIME ? 4 : 0);
	(void)take(&fields, flags & FILE_HAS_CRC ? 4 : 0);
	(void)take_number(&fields);	/* method */
	(void)take_number(&fields);	/* system */
	name = take(&fields, take_number(&fields));
	if (fields.short_of)
		return;
	text = g_strndup((const char *)name.data, name.size);
	sealed(arg, text);
	g_free(text);
}

void
ms_rardir_sealed(const unsigned char *data, size_t size,
    void (*sealed)(void *arg, const char *name), void *arg)
{
	struct window rest = { data, size, false };

	(void)take(&rest, 8);		/* signature */
	while (rest.size > 0 && !rest.short_of) {
		struct window header;
		uint64_t type, flags, extra, packed;

		(void)take(&rest, 4);	/* checksum */
		header = take(&rest, take_number(&rest));
		type = take_number(&header);
		flags = take_number(&header);
		extra = flags & HAS_EXTRA ? take_number(&header) : 0;
		packed = flags & HAS_DATA ? take_number(&header) : 0;
		if (header.short_of || type == BLOCK_END)
			break;
		if (type == BLOCK_FILE)
			read_file(header, extra, sealed, arg);
		(void)take(&rest, packed);
	}
}
