#ifndef MS_MASTER_H
#define MS_MASTER_H

#include "net/listen.h"
#include "serve/front.h"
#include "serve/lookup.h"
#include "serve/runner.h"
#include "serve/scanner.h"
#include "serve/service.h"
#include "serve/vault.h"

/*
 * The first process of a service: opens what is to be listened on, starts the
 * others (serve/staff.h), starts them again when they die, when the
 * configuration or the database changes, and ends them. Reads no byte from
 * outside.
 */

struct ms_master_config {
	const char *const *listen;	/* addresses, ended by NULL */
	const char *const *listen_secured;	/* likewise, where clients
				 * begin with TLS; or NULL */
	bool beyond;		/* they need not be this machine's own */
	const char *const *monitors;	/* for monitors; or NULL */
	const char *const *scan_sockets;	/* likewise, for local scans */
	unsigned scan_mode;	/* of those; 0: as of monitors */
	struct ms_listen_owner scan_owner;	/* of those */
	bool transparent;	/* what is listened on: net/listen.h */
	struct ms_lookup_config lookup;	/* no NAMES: not wanted */
	struct ms_front_config front;	/* but for its listeners */
	struct ms_scanner_config scanner;
	struct ms_vault_config store;	/* if the front has one */
	struct ms_runner_config runner;	/* likewise */
	struct ms_service_config service;	/* of the first one */
	int64_t database_ms;	/* between two looks at the database, whether
				 * it has changed; 0: it is not looked at */
};

/* What the master asks whoever runs it. */
struct ms_master_events {
	/* The configuration as it is now, which stays until it is given to
	 * release(). *SCANNER: it is other for the scanner. NULL: there is
	 * none, and ERR says why. */
	const struct ms_master_config *(*reload)(void *arg, bool *scanner,
	    struct ms_error *err);
	/* CONFIG, the first one or one of reload(), is not used any more. */
	void (*release)(void *arg, const struct ms_master_config *config);
};

/*
 * Serve until SIGTERM or SIGINT: then no clients are accepted, and messages
 * that are on their way may end; the second one ends that, too. On SIGHUP, new
 * processes with a new configuration take over; if they cannot, all stays as
 * it was. CONFIG is released in any case. These signals stay blocked when it
 * returns: whoever has ended needs no other one.
 *
 * MS_OK        ended as it should
 * MS_E_USAGE   an address is none, or not only this machine's
 * MS_E_ENGINE  the scanner cannot begin: ERR says why
 * other        no sockets, no processes
 */
enum ms_status ms_master_run(const struct ms_master_config *config,
    const struct ms_master_events *events, void *arg, struct ms_error *err);

#endif
