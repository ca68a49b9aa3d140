#ifndef MS_CIRCLE_H
#define MS_CIRCLE_H

#include "net/endpoint.h"

/*
 * Does a server that connects to next hops meet itself? Both ends of such a
 * connection are here: the address that it went out from is the one that a
 * client comes from, and where it went is where the client is, or wanted to be
 * before a rule of the network led it here. Either alone says nothing: the
 * kernel gives one port to several connections, if they go elsewhere.
 */

struct ms_circle;

struct ms_circle *ms_circle_new(void);
void ms_circle_free(struct ms_circle *circle);

enum ms_circle_way { MS_CIRCLE_CAME, MS_CIRCLE_WENT };

/* A connection between FROM and TO: a client CAME, or one WENT out to a next
 * hop. True: its other end is here as well. Either end may be told first.
 * Addresses that say nothing, as those of unix sockets, are none. */
bool ms_circle_add(struct ms_circle *circle, enum ms_circle_way way,
    const struct ms_endpoint *from, const struct ms_endpoint *to);
/* It is over, once for each that was added. */
void ms_circle_remove(struct ms_circle *circle, enum ms_circle_way way,
    const struct ms_endpoint *from, const struct ms_endpoint *to);

#endif
