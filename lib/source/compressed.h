#ifndef MS_COMPRESSED_H
#define MS_COMPRESSED_H

#include "source/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Compressed mailboxes and archives of mail, in two halves. The half that
 * meets hostile bytes runs in a boxed process of its own: it decompresses
 * and sends records down a pipe. The other half checks the records and makes
 * plain bytes of them again, for the same splitters that plain files get.
 */

/* gzip, bzip2, xz, zstd, lz4, compress, zip, tar or 7z, by magic? */
bool ms_compressed_is(const unsigned char *data, size_t size);

/* The boxed half: read the archive at IN to its end, write records to OUT.
 * What goes wrong is a record, too. */
void ms_compressed_run(int in, int out);

/* The other half. STREAM is a pipe from ms_compressed_run(); it stays the
 * caller's to close. */
struct ms_compressed;
struct ms_compressed *ms_compressed_new(int stream);
void ms_compressed_free(struct ms_compressed *compressed);

/*
 * The next member.
 *
 * MS_OK        NAME (a loan until the next call; "" for a bare compressed
 *              file) and MTIME (-1: unknown) are set
 * MS_END       no more members
 * MS_E_FORMAT  damaged, truncated or encrypted from here on: ERR says which
 * MS_E_PEER    the reader died or sent nonsense
 */
enum ms_status ms_compressed_next(struct ms_compressed *compressed,
    const char **name, int64_t *mtime, struct ms_error *err);

/* Up to SIZE bytes of the current member; *GOT 0 is its end. Failures as
 * above. */
enum ms_status ms_compressed_read(struct ms_compressed *compressed,
    void *data, size_t size, size_t *got, struct ms_error *err);

#endif
