#ifndef MS_CIRCLE_H
#define MS_CIRCLE_H

#include "net/endpoint.h"

/*
 * Does a server that connects to next hops meet itself? Both ends of such a
 * connection are here: the address that it went out from is the one that a
 * client comes from. That holds whatever rule of the network has led it back,
 * unless that rewrites where it comes from.
 */

struct ms_circle;

struct ms_circle *ms_circle_new(void);
void ms_circle_free(struct ms_circle *circle);

enum ms_circle_way { MS_CIRCLE_CAME, MS_CIRCLE_WENT };

/* A connection: a client CAME from ENDPOINT, or one WENT out from there to a
 * next hop. True: its other end is here as well. Either end may be told
 * first. Addresses that say nothing, as those of unix sockets, are none. */
bool ms_circle_add(struct ms_circle *circle, enum ms_circle_way way,
    const struct ms_endpoint *endpoint);
/* It is over, once for each that was added. */
void ms_circle_remove(struct ms_circle *circle, enum ms_circle_way way,
    const struct ms_endpoint *endpoint);

#endif
