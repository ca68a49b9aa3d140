#ifndef MS_BUNDLE_H
#define MS_BUNDLE_H

#include "pool/frame.h"

/*
 * Several errands (pool/errand.h) in one datagram: each wakes whoever reads,
 * and what one message is answered with is there at once.
 */

/* Put FRAME, which is dropped, into *BUNDLE; NULL is one that is yet to be
 * made. False: it does not fit in, and is kept: with what is there, which is to
 * be sent first, or at all. */
bool ms_bundle_add(GByteArray **bundle, GByteArray *frame);

/*
 * The first frame in what is left of a bundle: SIZE bytes of DATA, of which
 * *AT, 0 before the first, were read.
 *
 * MS_OK      *FRAME, a loan, has *FRAME_SIZE bytes
 * MS_END     that was all
 * MS_E_PEER  it is no bundle
 */
enum ms_status ms_bundle_next(const unsigned char *data, size_t size,
    size_t *at, const unsigned char **frame, size_t *frame_size);

#endif
