#ifndef MS_PORTER_H
#define MS_PORTER_H

#include "message/envelope.h"
#include "pool/errand.h"

#include <stdbool.h>

/*
 * Whom the service does not want, asked of it over the local scan socket
 * before there is a message: who is banned only it knows, for all doors, and
 * its policy is there once. Nobody who cannot be asked about is refused here:
 * without the service nothing is let through at the end of a message. For
 * several threads.
 */

struct ms_porter;

struct ms_porter *ms_porter_new(void);
void ms_porter_free(struct ms_porter *porter);

/* Whom it makes sense to ask about, of the service at the address SERVICE
 * (unix:PATH). That is remembered for a moment, so that who connects for each
 * message loses nothing. Nobody is there: everybody. */
struct ms_porter_wants {
	bool senders, recipients;
};

struct ms_porter_wants ms_porter_wants(struct ms_porter *porter,
    const char *service);

/* The reply, "550 5.7.1 text", for g_free(), to WHOM of ENVELOPE, whose client
 * is AUTHENTICATED or not; NULL: go on. */
char *ms_porter_ask(const char *service, enum ms_errand_whom whom,
    const struct ms_envelope *envelope, bool authenticated);

#endif
