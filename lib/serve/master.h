#ifndef MS_MASTER_H
#define MS_MASTER_H

#include "serve/front.h"
#include "serve/lookup.h"
#include "serve/runner.h"
#include "serve/scanner.h"
#include "serve/vault.h"

/*
 * The first process of a service: opens what is to be listened on, starts the
 * scanner and the front, starts them again when they die, and ends them. Reads
 * no byte from outside.
 */

struct ms_master_config {
	const char *const *listen;	/* addresses, ended by NULL */
	const char *const *listen_secured;	/* likewise, where clients
				 * begin with TLS; or NULL */
	bool beyond;		/* they need not be this machine's own */
	bool transparent;	/* what is listened on: net/listen.h */
	struct ms_lookup_config lookup;	/* no NAMES: not wanted */
	struct ms_front_config front;	/* but for its listeners */
	struct ms_scanner_config scanner;
	struct ms_vault_config store;	/* if the front has one */
	struct ms_runner_config runner;	/* likewise */
};

/*
 * Serve until SIGTERM or SIGINT: then no clients are accepted, and messages
 * that are on their way may end; the second one ends that, too. SIGHUP is
 * noted, and does nothing.
 *
 * MS_OK        ended as it should
 * MS_E_USAGE   an address is none, or not only this machine's
 * MS_E_ENGINE  the scanner cannot begin: ERR says why
 * other        no sockets, no processes
 */
enum ms_status ms_master_run(const struct ms_master_config *config,
    struct ms_error *err);

#endif
