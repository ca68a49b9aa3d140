#ifndef MS_SEALED_H
#define MS_SEALED_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Bytes from one process to another as a memfd that nobody can change,
 * shorten or lengthen any more: whoever receives it need not trust whoever
 * made it while reading.
 */

/* A sealed memfd with SIZE bytes at DATA in *FD, for the caller to close.
 * MS_E_IO: no descriptor or no memory for it. */
enum ms_status ms_sealed_make(const void *data, size_t size, int *fd,
    struct ms_error *err);

/* Is FD, which another process sent, a memfd under all seals, and of SIZE
 * bytes? MS_OK or MS_E_PEER. */
enum ms_status ms_sealed_check(int fd, uint64_t size);

#endif
