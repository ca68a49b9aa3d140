#include "source/magic.h"

#include <stdbool.h>
#include <string.h>

#include "unpack/sniff.h"

/* Of what can be an attachment, what can be an archive of mail. */
static const enum ms_magic magics[MS_SNIFF_FORMATS] = {
	[MS_SNIFF_7ZIP] = MS_MAGIC_7ZIP,
	[MS_SNIFF_TAR] = MS_MAGIC_TAR,
	[MS_SNIFF_ZIP] = MS_MAGIC_ZIP,
	[MS_SNIFF_BZIP2] = MS_MAGIC_STREAM,
	[MS_SNIFF_COMPRESS] = MS_MAGIC_STREAM,
	[MS_SNIFF_GZIP] = MS_MAGIC_STREAM,
	[MS_SNIFF_XZ] = MS_MAGIC_STREAM,
	[MS_SNIFF_ZSTD] = MS_MAGIC_STREAM,
	[MS_SNIFF_LZ4] = MS_MAGIC_STREAM,
};

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

enum ms_magic
ms_magic(const unsigned char *data, size_t size, uint64_t *at)
{
	enum ms_sniff_format format;
	enum ms_magic magic;

	*at = skip_frames(data, size);
	if (*at >= size)
		return MS_MAGIC_NONE;
	data += *at;
	size -= (size_t)*at;
	format = ms_sniff(data, size)->format;
	magic = ms_sniff_is_sure(format, data, size) ? magics[format] :
	    MS_MAGIC_NONE;
	return *at == 0 || magic == MS_MAGIC_STREAM ? magic : MS_MAGIC_NONE;
}
