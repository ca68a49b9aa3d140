#ifndef MS_ADDRESSED_H
#define MS_ADDRESSED_H

#include "capture/dialogue.h"
#include "message/envelope.h"
#include "smtp/session.h"

/* What the session does not know. */
struct ms_addressed_more {
	const char *helo;	/* who the client said it was before; or NULL */
	const char *reply;	/* to the content; NULL: unknown */
	GPtrArray *replies;	/* to the content in LMTP, of those who did not
				 * get it, by their place in the session's
				 * recipients; for others NULL */
};

/* What is known of the transaction that SESSION is in, heard in DIALOGUE, for
 * the caller to free. */
struct ms_envelope *ms_addressed(const struct ms_dialogue *dialogue,
    const struct ms_session *session, const struct ms_addressed_more *more);

#endif
