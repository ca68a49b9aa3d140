#ifndef MS_YENC_H
#define MS_YENC_H

#include "message/block.h"

/*
 * yEnc blocks in text (yEnc draft 1.3, www.yenc.org): "=ybegin line=128
 * size=123 name=a.exe", the bytes, "=yend". A file that was posted in several
 * pieces ("=ybegin part=1 total=3 ...", "=ypart begin=1 end=100") is visited
 * piece by piece, and then as a whole where all pieces are here, in whatever
 * order. Checksums and sizes are not compared: what a reader gets is the
 * bytes, whether they are right or not.
 */

/*
 * Visit the blocks in order, then the files made of pieces.
 *
 * MS_OK       all were visited, or the visitor said MS_END; pieces that are
 *             not here were told to trouble() as MS_E_UNSUPPORTED
 * MS_E_LIMIT  the budget of the message is used up; blocks before it were
 *             visited
 * other       the visitor's own failure, or the spool's
 */
enum ms_status ms_yenc_walk(const struct ms_block_input *input,
    const struct ms_block_visitor *visitor, void *arg, struct ms_error *err);

#endif
