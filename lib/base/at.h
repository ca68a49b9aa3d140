#ifndef MS_AT_H
#define MS_AT_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Reading and writing at places in a file, however often the system has to be
 * asked; the position of the descriptor does not count and does not change.
 * Offsets beyond what a file can have are an error like others. And moving a
 * file to another place.
 */

/* Up to SIZE bytes from OFFSET into DATA; *GOT is less only at the end.
 * MS_OK, or MS_E_IO with errno set. */
enum ms_status ms_at_read(int fd, uint64_t offset, void *data, size_t size,
    size_t *got);

/* All of the SIZE bytes at DATA. MS_OK, or MS_E_IO with errno set: some of
 * them may have been written. */
enum ms_status ms_at_write(int fd, uint64_t offset, const void *data,
    size_t size);

/* Let the file FROM in the directory FROM_DIR become TO in TO_DIR, and never
 * in the place of something else. Neither directory is synced. MS_OK, or
 * MS_E_IO with errno set (EEXIST: TO is there), and then FROM is where it
 * was. */
enum ms_status ms_at_rename(int from_dir, const char *from, int to_dir,
    const char *to);

#endif
