#ifndef MS_BINHEX_H
#define MS_BINHEX_H

#include "message/block.h"

/*
 * BinHex 4.0 in text (RFC 1741): "(This file must be converted with BinHex
 * 4.0)", then lines between colons, which are run-length encoded and hold a
 * header, a data fork and a resource fork. Checksums are not compared.
 */

/*
 * Visit the forks that are not empty, the data fork of a file under its
 * name, the resource fork under its name with ".rsrc" behind it.
 *
 * MS_OK       all were visited, or the visitor said MS_END; forks that are
 *             longer than what is here were told to trouble() as MS_E_FORMAT
 * MS_E_LIMIT  the budget of the message is used up; what came before was
 *             visited
 * other       the visitor's own failure, or the spool's
 */
enum ms_status ms_binhex_walk(const struct ms_block_input *input,
    const struct ms_block_visitor *visitor, void *arg, struct ms_error *err);

#endif
