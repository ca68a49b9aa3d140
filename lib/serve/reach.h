#ifndef MS_REACH_H
#define MS_REACH_H

#include "net/loop.h"
#include "net/talk.h"
#include "serve/circle.h"
#include "serve/metrics.h"
#include "serve/upstream.h"

#include <stdint.h>

/*
 * To find a next hop that wants a client's mail: one address after the other
 * is connected to until one greets with 2xx. One that says anything else, or
 * nothing in time, is passed over as long as there is another.
 */

struct ms_reach;

struct ms_reach_config {
	struct ms_loop *loop;
	struct ms_upstream *upstream;	/* NULL: there is none, but one of our
					 * own (serve/sink.h) */
	struct ms_circle *circle;
	struct ms_tls *tls;	/* with which they begin; NULL: in the clear */
	const char *tls_name;	/* whose certificate is to be seen; NULL: that
				 * of the target's host */
	int64_t connect_ms;	/* for each address */
	bool lmtp;		/* spoken by a next hop of our own */
	struct ms_metrics *metrics;	/* NULL: nobody counts */
};

struct ms_reached {
	/* What it has said so far can be peeked at. The callee's; NULL: there
	 * is nobody. */
	struct ms_talk *talk;
	const struct ms_hop *hop;	/* who that is; the reach's. NULL: our
					 * own */
	bool loop;		/* if there is nobody: because it would be
				 * ourselves */
	const char *why;	/* likewise: not quoted, on loan */
};

/* Once, from the loop. The reach may be freed then. */
typedef void ms_reach_done(void *arg, const struct ms_reached *reached);

/* For CLIENT, whose connection is FD. It is known as here until the reach is
 * freed. CONFIG outlives the reach. */
struct ms_reach *ms_reach_new(const struct ms_reach_config *config,
    const struct ms_endpoint *client, int fd, ms_reach_done *done, void *arg);
/* At the end of the connection that was found, which is known until then as
 * one of our own; or before there is one. NULL is fine. */
void ms_reach_free(struct ms_reach *reach);

#endif
