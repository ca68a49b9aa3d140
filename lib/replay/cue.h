#ifndef MS_CUE_H
#define MS_CUE_H

#include "replay/acted.h"
#include "replay/compare.h"

/*
 * What the recorded server says to a client that is there: where in its role
 * it is, and what comes next. Nothing here waits, reads or writes.
 *
 * A client that says what was recorded next gets the recorded reply. Else the
 * verb decides how far ahead is looked for it: hello, MAIL, STARTTLS, AUTH and
 * QUIT are found anywhere; RCPT, DATA and BDAT in the same transaction; all
 * others if nothing but the likes of them is between. What was passed over is
 * a surprise. What is not found is one, too, and gets the last reply to its
 * verb (hello, RCPT), or one that leaves things as they are, or 503.
 */

struct ms_cue;

/* CAN_SECURE: TLS can be offered. Else, or if what was said under TLS is not
 * known, STARTTLS is kept secret, and what was recorded before it as well.
 * ROLE and ACTED, which gets the surprises, outlive the cue. */
struct ms_cue *ms_cue_new(const struct ms_role *role, bool can_secure,
    enum ms_expect expect, struct ms_acted *acted);
void ms_cue_free(struct ms_cue *cue);

/* A reply that is to be given. */
struct ms_cue_reply {
	int code;		/* 0: none, the server closes */
	char *text;		/* as in struct ms_reply, for g_free() */
	int64_t delay_us;	/* as recorded */
	bool secures;		/* TLS begins behind it */
};

void ms_cue_greet(struct ms_cue *cue, struct ms_cue_reply *reply);

/*
 * The client has said something of KIND (COMMAND, CONTENT or RESPONSE) and
 * VERB ("": none, or one that nobody knows); LINE is its SIZE bytes without
 * the end of the line, of which a command is known. Replies are for
 * ms_cue_reply().
 */
void ms_cue_said(struct ms_cue *cue, enum ms_step_kind kind, const char *verb,
    const char *line, size_t size);

/* The reply number I to what was said last: LMTP wants several. */
void ms_cue_reply(struct ms_cue *cue, size_t i, struct ms_cue_reply *reply);

/* Is nothing known that the server answered behind that? */
bool ms_cue_is_last(const struct ms_cue *cue);

/* The client has gone: what it did not say is a surprise. */
void ms_cue_end(struct ms_cue *cue);

/* REPLY as lines for the wire. */
char *ms_cue_lines(const struct ms_cue_reply *reply);

#endif
