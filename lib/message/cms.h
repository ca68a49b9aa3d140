#ifndef MS_CMS_H
#define MS_CMS_H

#include "message/block.h"

/*
 * S/MIME in one piece ("smime.p7m"): the Cryptographic Message Syntax (RFC
 * 5652, in BER). What is only signed lies in it in clear, and is visited;
 * signatures are not looked at. Read here and not by libcrypto, which makes
 * copies of the content in memory.
 */

/* Does DATA begin as CMS does? */
bool ms_cms_is(const unsigned char *data, size_t size);

/*
 * Visit the content that was signed, as "content". A signature of something
 * elsewhere has none, and nothing is told.
 *
 * MS_OK       it was visited or there is none, or the visitor said MS_END;
 *             told to trouble() was: MS_E_ENCRYPTED, nobody but the recipient
 *             can read it; MS_E_UNSUPPORTED, a kind that nothing here opens;
 *             MS_E_FORMAT, damage
 * MS_E_LIMIT  the budget of the message is used up
 * other       the visitor's own failure, or the spool's
 */
enum ms_status ms_cms_walk(const struct ms_block_input *input,
    const struct ms_block_visitor *visitor, void *arg, struct ms_error *err);

#endif
