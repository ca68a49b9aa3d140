#ifndef MS_STANDING_H
#define MS_STANDING_H

#include "smtp/session.h"

/*
 * What replies make of a session (RFC 5321, 4.1.4): sender, recipients, name
 * of the client. For smtp/session, but for ms_standing_said() and
 * ms_standing_is_known().
 */

void ms_standing_init(struct ms_session_state *state);
void ms_standing_clear(struct ms_session_state *state);

/* The transaction is over, or never was. */
void ms_standing_reset(struct ms_session_state *state);

/* Likewise, and who the client says it is (a new TLS or XCLIENT). */
void ms_standing_forget(struct ms_session_state *state);

/* REQUEST was answered with CODE and TEXT (or NULL). RCPT gives the index in
 * RECIPIENTS, of which there are MOST at most, everything else -1. */
int ms_standing_answer(struct ms_session_state *state,
    const struct ms_request *request, int code, const char *text,
    unsigned most);

/* What a server says to REQUEST because of what was before it: code 0 if
 * there is nothing. */
struct ms_refusal ms_standing_order(const struct ms_session_state *state,
    const struct ms_request *request, const struct ms_session_config *config);

/* What XFORWARD, or else XCLIENT, has said of NAME ("ADDR"); NULL: nothing.
 * Valid as long as the state. */
const char *ms_standing_said(const struct ms_session_state *state,
    const char *name);

/* Has the client authenticated, here or, as XFORWARD or XCLIENT says (LOGIN),
 * to whom it came first? */
bool ms_standing_is_known(const struct ms_session_state *state);

/* See ms_session_protocol(). */
const char *ms_standing_protocol(const struct ms_session_state *state);

#endif
