#ifndef MS_ACTOR_H
#define MS_ACTOR_H

#include "replay/acted.h"
#include "replay/compare.h"

/*
 * The recorded server, played to live clients: each client that connects gets
 * the next role, around. It hears the greeting and what was answered to what
 * it says, in the order in which that was recorded; see replay/cue.h for what
 * a client gets that says something else.
 */

struct ms_actor_config {
	const char *address;	/* to listen on, see net/endpoint.h */
	struct ms_role *const *roles;	/* COUNT of them, at least one */
	size_t count;
	uint64_t runs;		/* clients to play to; 0: until a signal */
	enum ms_expect expect;	/* CODES and ENHANCED: a client has to say the
				 * same verbs; EXACT: the same lines; NONE:
				 * whatever it likes */
	double speed;		/* replies come after as long as recorded,
				 * divided by that; 0: at once */
	int64_t timeout_ms;	/* that a client may be silent; 0: 5 minutes */
	/* For roles that go on under TLS; the files as struct ms_tls_config
	 * has them. NULL: then nobody is offered TLS. */
	const char *certificate, *key;
	/* It listens at ADDRESS (the port, if 0 was asked for). May be NULL. */
	void (*ready)(void *arg, const char *address);
	/* A client has gone; ACTED is the callee's to free. */
	void (*done)(void *arg, struct ms_acted *acted);
	void *arg;
};

/*
 * Play until so many clients have gone, or SIGINT or SIGTERM comes.
 *
 * MS_OK       all were played to; or it was interrupted, then *INTERRUPTED
 * MS_E_USAGE  that is no address; no certificate for a role that is TLS from
 *             the first byte
 * MS_E_IO, MS_E_PEER, MS_E_FORMAT
 *             it may not listen there; certificate or key cannot be used
 */
enum ms_status ms_actor_run(const struct ms_actor_config *config,
    bool *interrupted, struct ms_error *err);

#endif
