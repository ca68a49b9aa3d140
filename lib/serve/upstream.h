#ifndef MS_UPSTREAM_H
#define MS_UPSTREAM_H

#include "net/endpoint.h"

/*
 * Where a server hands mail on to: addresses in the order in which they are
 * tried. Names are looked up once.
 */

struct ms_upstream {
	GArray *endpoints;	/* of struct ms_endpoint, in order */
};

/* TEXTS end with NULL. MS_OK: UPSTREAM is for ms_upstream_clear(). Failures:
 * as ms_endpoint_resolve(). */
enum ms_status ms_upstream_resolve(const char *const *texts,
    struct ms_upstream *upstream, struct ms_error *err);
void ms_upstream_clear(struct ms_upstream *upstream);

/* Is one of the COUNT addresses where the socket FD listens? */
bool ms_upstream_is_self(const struct ms_endpoint *list, size_t count, int fd);

#endif
