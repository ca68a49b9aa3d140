#ifndef MS_TNEF_H
#define MS_TNEF_H

#include "message/block.h"

/*
 * winmail.dat: what is in a TNEF stream (MS-OXTNEF). Attachments, OLE objects
 * and embedded messages (which are TNEF again) are visited under their long
 * names, the body as "body.txt", "body.html" and "body.rtf", which is
 * decompressed (MS-OXRTFCP).
 *
 * Read here and not by libytnef, which stops at the first wrong checksum or
 * empty attribute, where Outlook and an attacker go on, reads behind the end
 * of compressed bodies, allocates what a length asks for, and prints.
 */

/*
 * Visit the body and the attachments.
 *
 * MS_OK       all were visited, or the visitor said MS_END; damage was told
 *             to trouble() as MS_E_FORMAT
 * MS_E_LIMIT  the budget of the message is used up; what came before was
 *             visited
 * other       the visitor's own failure, or the spool's
 */
enum ms_status ms_tnef_walk(const struct ms_block_input *input,
    const struct ms_block_visitor *visitor, void *arg, struct ms_error *err);

#endif
