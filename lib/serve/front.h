#ifndef MS_FRONT_H
#define MS_FRONT_H

#include "net/network.h"
#include "serve/sidedoor.h"
#include "serve/visit.h"

/*
 * The process of a service that talks to clients and next hops: listeners and
 * visits (serve/visit.h) in one loop, within limits. Sockets to listen on are
 * made by its master; where the scanner is, that tells it.
 */

struct ms_front_config {
	const int *listeners;
	size_t listener_count;
	size_t secured;		/* the last ones of them, where clients begin
				 * with TLS */
	const struct ms_network *allowed;	/* clients; NULL: all */
	size_t allowed_count;
	struct ms_networks balancers;	/* who say whose connections they bring
				 * (net/preamble.h), and may come, too */
	struct ms_hops_config hops;
	unsigned connections_max;
	unsigned per_client_max;	/* 0: no limit of its own */
	int64_t grace_ms;	/* for visits, when it is to end */
	struct ms_sidedoor_config sidedoor;
	const char *record;	/* directory for transcripts; NULL: none */
	uint64_t record_limit;	/* most bytes in it */
	bool store;		/* there is one */
	bool runner;		/* likewise */
	int64_t hole_ms;	/* how long it may take to say whether the
				 * recipients of a message are black holes; 0:
				 * it is not asked */
	bool runner_body;	/* it wants messages, too */
	struct ms_poison *poison;	/* as the master knew it when the front
					 * began, which changes its own copy */
	struct ms_bans *bans;	/* likewise */
	int64_t ban_ms;		/* how long each holds; 0: nobody is banned */
	uint64_t memory_max;	/* of messages, in memfds, all together */
	struct ms_inquiry_config inquiry;
	struct ms_visit_config visit;	/* but for the cargo's loop and purse,
					 * all that is asked, and over */
};

/* The body of a child (pool/child.h); ARG is a struct ms_front_config. READY
 * comes when it listens. RETIRE: clients are not accepted any more, and it ends
 * when the last one has gone. DRAIN: those that are there may end their
 * message, no more. 0: it was told to end; 1: it cannot go
 * on. */
int ms_front_run(void *arg, int control);

#endif
