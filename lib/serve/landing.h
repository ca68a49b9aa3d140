#ifndef MS_LANDING_H
#define MS_LANDING_H

#include "net/endpoint.h"
#include "net/loop.h"

#include <stdint.h>

/*
 * A connection of a balancer before it is the client's: its preamble
 * (net/preamble.h) is read, and not a byte of what follows.
 */

struct ms_landing;

/* The connection FD is the callee's. CLIENT is whose it is, the balancer's
 * own if it says so; NULL: there was no preamble, or not in time, and this is
 * WHY (not quoted, on loan). The landing is over, and may be freed. */
typedef void ms_landing_done(void *arg, struct ms_landing *landing, int fd,
    const struct ms_endpoint *client, const char *why);

/* FD, from PEER, is the landing's until DONE is called, from the loop. MS
 * milliseconds for the preamble. */
struct ms_landing *ms_landing_new(struct ms_loop *loop, int fd,
    const struct ms_endpoint *peer, int64_t ms, ms_landing_done *done,
    void *arg);
/* Closes FD if DONE was not called. NULL is fine. */
void ms_landing_free(struct ms_landing *landing);

#endif
