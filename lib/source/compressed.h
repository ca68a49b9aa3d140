#ifndef MS_COMPRESSED_H
#define MS_COMPRESSED_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Compressed mailboxes and archives of mail, in two halves. The half that
 * meets hostile bytes, here, runs in a boxed process of its own: it
 * decompresses and sends records (record.h) down a pipe. The other half is
 * members.h.
 */

/* gzip, bzip2, xz, zstd, lz4, compress, zip, tar or 7z, by magic? */
bool ms_compressed_is(const unsigned char *data, size_t size);

/* The boxed half: read the archive at IN to its end, write records to OUT.
 * What goes wrong is a record, too. */
void ms_compressed_run(int in, int out);

#endif
