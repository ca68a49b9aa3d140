#ifndef MS_HOPS_H
#define MS_HOPS_H

#include "serve/reach.h"

/*
 * All that a front knows of next hops: which there are, what their names mean
 * now, who failed, and which connections are its own.
 */

struct ms_hops_config {
	const char *const *targets;	/* serve/upstream.h; ended by NULL.
					 * NULL: a next hop of our own takes
					 * it all (serve/sink.h) */
	struct ms_tls *tls;	/* with which they begin; NULL: in the clear */
	const char *tls_name;	/* that their certificates must carry; NULL:
				 * the host of the target */
	int64_t connect_ms;	/* for each address */
	bool lmtp;
};

struct ms_hops;

/* CONFIG and METRICS (NULL: nobody counts) outlive it. */
struct ms_hops *ms_hops_new(struct ms_loop *loop,
    const struct ms_hops_config *config, struct ms_metrics *metrics);
/* After every reach. NULL is fine. */
void ms_hops_free(struct ms_hops *hops);

/* SOCKET, now its own, leads to a new process that looks names up
 * (serve/lookup.h). From the loop. */
void ms_hops_peer(struct ms_hops *hops, int socket);

/* As ms_reach_new(). */
struct ms_reach *ms_hops_reach(struct ms_hops *hops,
    const struct ms_endpoint *client, int fd, ms_reach_done *done, void *arg);

#endif
