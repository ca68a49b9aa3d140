#ifndef MS_OWED_H
#define MS_OWED_H

#include "smtp/session.h"

/*
 * What wants a reply of the server, and in LMTP more than one: RFC 2033, 4.2.
 * For smtp/session.
 */

struct ms_owed {
	enum ms_asked asked;
	uint64_t offset;
	struct ms_request request;	/* of COMMAND, and of BDAT's end */
	struct ms_refusal problem;
	bool unseen;		/* the reply is there before the end is */
	unsigned got;		/* replies so far; over 1 only in LMTP */
	unsigned next;		/* recipient to look at for the next one */
};

struct ms_owed *ms_owed_new(enum ms_asked asked, uint64_t offset);
void ms_owed_free(struct ms_owed *pending);

/* How many replies it gets in all, as far as STATE tells by now. */
unsigned ms_owed_replies(const struct ms_owed *pending,
    const struct ms_session_state *state);

/* A reply to the end of a message, which tells ANSWERED what it is for.
 * True: it was the last one. */
bool ms_owed_answer(struct ms_owed *pending,
    const struct ms_session_state *state, struct ms_answered *answered);

#endif
