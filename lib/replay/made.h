#ifndef MS_MADE_H
#define MS_MADE_H

#include "message/message.h"
#include "replay/role.h"

/*
 * A role that sends a message: EHLO, MAIL, RCPT, DATA, the message with lines
 * that end with CR LF (smtp/dots.h), QUIT, one after the other. Every reply is
 * supposed to be a good one.
 */

struct ms_made {
	const char *helo;
	const char *sender;	/* "": the null one; NULL: the message's */
	const char *const *recipients;	/* NULL-ended; NULL: the message's */
	struct ms_spool_config spool;
};

/*
 * MESSAGE is a loan. Where neither MADE nor the message's envelope has sender
 * or recipients, its header has (see replay/heads.h); no sender at all is the
 * null one.
 *
 * MS_OK        *ROLE is the caller's
 * MS_E_FORMAT  the message is not whole, or has no recipient
 * MS_E_USAGE   an address that MADE has is none
 * MS_E_IO      the message could not be read, or its copy not stored
 */
enum ms_status ms_made(const struct ms_made *made,
    const struct ms_message *message, struct ms_role **role,
    struct ms_error *err);

#endif
