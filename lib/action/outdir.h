#ifndef MS_OUTDIR_H
#define MS_OUTDIR_H

#include "base/error.h"
#include "scan/facts.h"

#include <stdint.h>
#include <stdio.h>

/*
 * A directory of contents that came out of messages, under names of our own
 * (scan/filename.h); the same bytes are written once. What a thing was called,
 * and where it was, stands in the index beside them.
 */

struct ms_outdir;

/*
 * Open PATH, which must be empty, and is made if there is none; a symbolic
 * link is not followed.
 *
 * MS_OK       *DIR is for ms_outdir_close()
 * MS_E_USAGE  it is not empty
 * MS_E_IO     it could not be made or opened
 */
enum ms_status ms_outdir_open(const char *path, struct ms_outdir **dir,
    struct ms_error *err);
void ms_outdir_close(struct ms_outdir *dir);

#define MS_OUTDIR_INDEX "index.jsonl"

/*
 * Write the BLOB->size bytes that FD has from its start, unless they are
 * there already; the position of FD does not count and does not change.
 *
 * MS_OK      there is a file with them
 * MS_E_PEER  they are not what the digest says: there is no file
 * MS_E_IO    they cannot be written, as on a full disk: there is none, either
 */
enum ms_status ms_outdir_put(struct ms_outdir *dir,
    const struct ms_blob *blob, int fd, struct ms_error *err);

/* Make the index and open it in *STREAM, which is the caller's to close. */
enum ms_status ms_outdir_index(struct ms_outdir *dir, FILE **stream,
    struct ms_error *err);

/* Have all that was written on disk, and not only on its way there. */
enum ms_status ms_outdir_sync(struct ms_outdir *dir, struct ms_error *err);

/* What was written: files but the index, and bytes in them. */
uint64_t ms_outdir_files(const struct ms_outdir *dir);
uint64_t ms_outdir_bytes(const struct ms_outdir *dir);

#endif
