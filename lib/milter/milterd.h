#ifndef MS_MILTERD_H
#define MS_MILTERD_H

#include "milter/milter.h"
#include "serve/service.h"

/*
 * The processes of a filter: the first one has the signals, the file with its
 * number and the service manager, and reads nothing from outside but its
 * configuration; the other one, which it starts and which starts nothing, is
 * libmilter's, in the box of who talks to others (pool/sandbox.h). When either
 * ends, so does the other one.
 */

struct ms_milterd_config {
	struct ms_service_config service;
	struct ms_milter_config milter;
	struct ms_milter_terms terms;
	const char *chroot;	/* of the second one, once its socket is there;
				 * NULL: none */
	int64_t grace_ms;	/* for messages that are open at the end */
};

struct ms_milterd_events {
	/* SIGHUP came: other terms, which are copied, in *TERMS, but for where
	 * messages are spooled. Called in the first process. Else ERR says
	 * what is wrong, and the old ones stay. */
	enum ms_status (*reload)(void *arg, struct ms_milter_terms *terms,
	    struct ms_error *err);
};

/* Serve until SIGTERM or SIGINT. MS_OK: that came. Else ERR says why there is
 * no filter, or not any more. */
enum ms_status ms_milterd_run(const struct ms_milterd_config *config,
    const struct ms_milterd_events *events, void *arg, struct ms_error *err);

#endif
