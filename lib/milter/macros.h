#ifndef MS_MACROS_H
#define MS_MACROS_H

#include "milter/caller.h"

/*
 * What a mail server says of a message and its client in macros, by libmilter.
 */

struct smfi_str;		/* libmilter's, of one connection */

/* Ask the server for those that are looked at here: while it negotiates, and
 * only if it takes that. */
void ms_macros_want(struct smfi_str *context);

/* Its value, on loan until the next callback; or NULL. */
const char *ms_macros_get(struct smfi_str *context, const char *name);

/* The server's name for the message, or NULL. */
const char *ms_macros_id(struct smfi_str *context);

/* As whom the client has authenticated, on loan likewise; NULL: it has not. */
const char *ms_macros_login(struct smfi_str *context);

/* Write into ENVELOPE what is known of the client and of the message. */
void ms_macros_sign(struct smfi_str *context, const struct ms_caller *caller,
    struct ms_envelope *envelope);

#endif
