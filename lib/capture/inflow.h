#ifndef MS_INFLOW_H
#define MS_INFLOW_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The bytes of a capture from front to back, decompressed if they are
 * compressed (gzip, bzip2, xz, zstd, lz4). The first ones can be looked at
 * before they are read. A failure is final: the same one is answered from
 * then on.
 */

/* As many first bytes can be looked at. */
#define MS_INFLOW_HEAD 65536

struct ms_inflow;

/* FD is a regular file, which is read from its front whatever position it has,
 * or a pipe. It stays the caller's. */
struct ms_inflow *ms_inflow_new(int fd);
void ms_inflow_free(struct ms_inflow *inflow);

/* Loan of the first MS_INFLOW_HEAD bytes, or of all if there are less, until
 * the first read. Failures as ms_inflow_read(), if there are no bytes before
 * them. */
enum ms_status ms_inflow_head(struct ms_inflow *inflow,
    const unsigned char **data, size_t *size, struct ms_error *err);

/*
 * Up to SIZE further bytes.
 *
 * MS_OK        *GOT 0 is the end
 * MS_E_IO      cannot be read
 * MS_E_FORMAT  what is compressed is damaged; all before it was read but for
 *              64 KB at most
 * MS_E_LIMIT   what is compressed is far too large for its size
 */
enum ms_status ms_inflow_read(struct ms_inflow *inflow, void *data,
    size_t size, size_t *got, struct ms_error *err);

/* Bytes read so far, decompressed. */
uint64_t ms_inflow_offset(const struct ms_inflow *inflow);

#endif
