#ifndef MS_MAGIC_H
#define MS_MAGIC_H

#include <stddef.h>
#include <stdint.h>

/*
 * What can be read as an archive of mail, by its first bytes.
 */

#define MS_MAGIC_HEAD 512	/* bytes that are enough to tell */

enum ms_magic {
	MS_MAGIC_NONE,
	MS_MAGIC_STREAM,	/* gzip, bzip2, xz, zstd, lz4, compress */
	MS_MAGIC_TAR,
	MS_MAGIC_ZIP,
	MS_MAGIC_7ZIP
};

/* *AT is where it begins: streams may have frames without content in front, as
 * zstd and lz4 have. These may end beyond SIZE; then what follows is not
 * known, and the result MS_MAGIC_NONE. */
enum ms_magic ms_magic(const unsigned char *data, size_t size, uint64_t *at);

#endif
