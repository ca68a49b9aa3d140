#ifndef MS_VISIT_H
#define MS_VISIT_H

#include "net/endpoint.h"
#include "net/tls.h"
#include "net/network.h"
#include "serve/cargo.h"
#include "serve/hops.h"
#include "serve/pace.h"
#include "serve/witness.h"

#include <stdint.h>

/*
 * One connection of a client to a service, and the one to the next hop that
 * goes with it: the machine of smtp/proxy between two talks (net/talk.h), and
 * what becomes of the messages (serve/cargo.h).
 */

struct ms_visit;

struct ms_visit_config {
	struct ms_cargo_config cargo;	/* and the loop of it all */
	struct ms_proxy_config proxy;	/* without the client's address */
	struct ms_hops *hops;
	struct ms_witness_config witness;
	/* Who may say whom mail comes from. */
	struct ms_networks trust_xclient, trust_xforward;
	struct ms_tls *tls;	/* as a server; NULL: there is none */
	struct ms_tls *upstream_tls;	/* for STARTTLS, likewise */
	const char *upstream_name;	/* that its certificate must carry, if
				 * that is looked at; NULL: its host */
	struct ms_pace_config pace;	/* that both sides have to keep */
	int64_t keepalive_ms;	/* between NOOPs to the next hop while a
				 * message comes and is scanned; 0: none */
	/* It is over, and the callee frees it. */
	void (*over)(void *arg, struct ms_visit *visit);
	void *arg;
};

/* Who comes. */
struct ms_visit_arrival {
	int fd;			/* is then the visit's */
	const struct ms_endpoint *peer;	/* copied, as is */
	const char *name;	/* which stands in the log before all that the
				 * visit has to say */
	bool secure;		/* it begins with TLS, without STARTTLS */
};

/* CONFIG outlives the visit. */
struct ms_visit *ms_visit_new(const struct ms_visit_config *config,
    const struct ms_visit_arrival *arrival);

/* At once, if it is not over. */
void ms_visit_free(struct ms_visit *visit);

/* End it as soon as no message is on its way. From the loop; OVER may be
 * called. */
void ms_visit_drain(struct ms_visit *visit);

/* End it: 421 to the client. Likewise. */
void ms_visit_stop(struct ms_visit *visit);

#endif
