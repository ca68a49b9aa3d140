#ifndef MS_SERVICE_H
#define MS_SERVICE_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What the first process of a service is to the system: whose rights it has,
 * the file with its number, and what it tells its service manager by
 * sd_notify(3)'s protocol, which is spoken here without that library.
 */

struct ms_service_config {
	const char *user, *group;	/* NULL: as it is */
	const char *pidfile;	/* NULL: none */
	const char *manager;	/* its socket, NOTIFY_SOCKET; NULL: none */
	int64_t watchdog_ms;	/* it wants a sign of life as often; 0: none */
	bool detached;
	int detach;		/* then: for ms_detach_end() */
	bool loud;		/* then: the log is on standard error */
	int *terminal;		/* closed, and -1, when it has begun; or NULL */
};

struct ms_service;

/*
 * Take the file, then the rights of the user: what needs those of root has been
 * done. Without a user, root is warned of himself.
 *
 * MS_OK   *SERVICE is for ms_service_free(); what CONFIG points to outlives it
 * other   as ms_pidfile_open(), ms_rights_take(), ms_post_check()
 */
enum ms_status ms_service_new(const struct ms_service_config *config,
    struct ms_service **service, struct ms_error *err);
/* The file goes, too. */
void ms_service_free(struct ms_service *service);

/* How it stands. It begins to serve only once. */
void ms_service_ready(struct ms_service *service, const char *status);
void ms_service_reloading(struct ms_service *service);
void ms_service_stopping(struct ms_service *service);

/* When ms_service_do() has to give a sign of life, by ms_clock_ms(); -1: never.
 */
int64_t ms_service_due(const struct ms_service *service);
void ms_service_do(struct ms_service *service);

/* Signals that a first process hears from now on at *FD, a signalfd(2) that
 * does not block, for the caller to close: TERM and INT, HUP, USR1, and CHLD.
 * MS_E_IO: no descriptors are left. */
enum ms_status ms_service_signals(int *fd, struct ms_error *err);

#endif
