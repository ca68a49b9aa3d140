#include "source/magic.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

static const struct row {
	const char *bytes;
	size_t size, at;
	enum ms_magic magic;
} rows[] = {
	{ "\x1f\x8b\x08", 3, 0, MS_MAGIC_STREAM },
	{ "BZh", 3, 0, MS_MAGIC_STREAM },
	{ "\xfd" "7zXZ\0", 6, 0, MS_MAGIC_STREAM },
	{ "\x28\xb5\x2f\xfd", 4, 0, MS_MAGIC_STREAM },
	{ "\x04\x22\x4d\x18", 4, 0, MS_MAGIC_STREAM },
	{ "\x1f\x9d", 2, 0, MS_MAGIC_STREAM },
	{ "PK\x03\x04", 4, 0, MS_MAGIC_ZIP },
	{ "PK\x05\x06", 4, 0, MS_MAGIC_ZIP },
	{ "PK\x07\x08", 4, 0, MS_MAGIC_ZIP },
	{ "7z\xbc\xaf\x27\x1c", 6, 0, MS_MAGIC_7ZIP },
	{ "ustar", 5, 257, MS_MAGIC_TAR },
};

/* The sum in a tar header, to tell one from a text that says "ustar". */
static bool
is_tar(const unsigned char *data, size_t size)
{
	unsigned long sum = 0, stated = 0;

	if (size < 512)
		return false;
	for (size_t i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : data[i];
	for (size_t i = 148; i < 156; i++)
		if (data[i] >= '0' && data[i] <= '7')
			stated = stated * 8 + (data[i] - '0');
	return sum == stated;
}

/* "BZh" is also how a text may begin. */
static bool
is_bzip2(const unsigned char *data, size_t size)
{
	return size >= 10 && data[3] >= '1' && data[3] <= '9' &&
	    (memcmp(data + 4, "1AY&SY", 6) == 0 ||
	    memcmp(data + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

/* The size of the frame without content that DATA begins with (zstd and lz4
 * have them alike: RFC 8878 3.1.2), or 0. */
static uint64_t
skippable(const unsigned char *data, size_t size)
{
	uint64_t n = 0;

	if (size < 8 || (data[0] & 0xf0) != 0x50 ||
	    memcmp(data + 1, "\x2a\x4d\x18", 3) != 0)
		return 0;
	for (size_t i = 0; i < 4; i++)
		n |= (uint64_t)data[4 + i] << (8 * i);
	return n + 8;
}

/* Where such frames at the start of DATA end: SIZE or beyond, if there is
 * nothing else. */
static uint64_t
skip_frames(const unsigned char *data, size_t size)
{
	uint64_t at = 0, n;

	while (at < size && (n = skippable(data + at, size - (size_t)at)) > 0)
		at += n;
	return at;
}

static const struct row *
find_row(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct row *row = &rows[i];

		if (size < row->at + row->size ||
		    memcmp(data + row->at, row->bytes, row->size) != 0)
			continue;
		if ((row->at > 0 && !is_tar(data, size)) ||
		    (data[0] == 'B' && !is_bzip2(data, size)))
			continue;
		return row;
	}
	return NULL;
}

enum ms_magic
ms_magic(const unsigned char *data, size_t size, uint64_t *at)
{
	const struct row *row;

	*at = skip_frames(data, size);
	if (*at >= size)
		return MS_MAGIC_NONE;
	row = find_row(data + *at, size - (size_t)*at);
	return row && (*at == 0 || row->magic == MS_MAGIC_STREAM) ?
	    row->magic : MS_MAGIC_NONE;
}
