#ifndef MS_UPSTREAM_H
#define MS_UPSTREAM_H

#include "net/endpoint.h"

#include <glib.h>
#include <stdint.h>

/*
 * Where a server hands mail on to. What an administrator writes, a target, is
 * an address (net/endpoint.h); "client:PORT", a port of the machine that the
 * client is; or "original-dst", where the client wanted to be before the kernel
 * led it to us. An address that does not answer is tried after all others for
 * a while, which doubles. Reads no clock, opens nothing, looks nothing up.
 */

/* For so long an address that failed is put behind the others: at first, and
 * at most. */
#define MS_UPSTREAM_FIRST_MS 1000
#define MS_UPSTREAM_MOST_MS 60000

/* Is TEXT a target? MS_OK or MS_E_USAGE. */
enum ms_status ms_upstream_check(const char *text, struct ms_error *err);

/* Those of TARGETS (ended by NULL) that hold names somebody must look up, for
 * g_strfreev(). */
char **ms_upstream_names(const char *const *targets);

/* Is one of TARGETS, which are in numbers, where a socket at OWN listens? */
bool ms_upstream_is_self(const char *const *targets,
    const struct ms_endpoint *own);

struct ms_upstream;

/* TARGETS were checked. Names are not known yet. */
struct ms_upstream *ms_upstream_new(const char *const *targets);
void ms_upstream_free(struct ms_upstream *upstream);

/* The target NAME is the addresses of LIST (struct ms_endpoint) from now on.
 * True: that is news. */
bool ms_upstream_learn(struct ms_upstream *upstream, const char *name,
    const GArray *list);

struct ms_hop {
	struct ms_endpoint endpoint;
	const char *host;	/* as the target has it: a name, or numbers;
				 * NULL: there is none. The upstream's. */
};

/*
 * Whom to try for the client CLIENT, whose connection is FD, in that order:
 * *HOPS (of struct ms_hop) is for g_array_unref().
 *
 * MS_OK       at least one
 * MS_E_USAGE  the client is led to where it is already
 * MS_E_PEER   none is known, now
 */
enum ms_status ms_upstream_choose(struct ms_upstream *upstream,
    const struct ms_endpoint *client, int fd, int64_t now_ms, GArray **hops,
    struct ms_error *err);

/* It could not be connected to, or did not want us. True: that is news. */
bool ms_upstream_failed(struct ms_upstream *upstream,
    const struct ms_endpoint *endpoint, int64_t now_ms);
/* It greeted us. True: it had failed before. */
bool ms_upstream_works(struct ms_upstream *upstream,
    const struct ms_endpoint *endpoint);

#endif
