#ifndef MS_UU_H
#define MS_UU_H

#include "message/block.h"

/*
 * uuencoded blocks in text, as uuencode(1p) writes them and mail programs
 * before MIME sent them: "begin MODE NAME", lines, "end"; or in base64,
 * "begin-base64 MODE NAME", lines, "====". A block that never ends is given
 * as far as it goes.
 *
 * The text need not be what the standard asks for, but what some decoder
 * takes: a mode of 3 or 4 octal digits is always one; with any other mode
 * or without a name the line after it has to look encoded, so that prose that
 * begins with "begin" stays prose.
 */

/*
 * Visit the blocks in order.
 *
 * MS_OK       all were visited, or the visitor said MS_END
 * MS_E_LIMIT  the budget of the message is used up; blocks before it were
 *             visited
 * other       the visitor's own failure, or the spool's
 */
enum ms_status ms_uu_walk(const struct ms_block_input *input,
    const struct ms_block_visitor *visitor, void *arg, struct ms_error *err);

#endif
