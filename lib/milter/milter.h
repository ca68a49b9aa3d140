#ifndef MS_MILTER_H
#define MS_MILTER_H

#include "base/error.h"
#include "base/spool.h"
#include "policy/decide.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A filter of mail servers, by libmilter: each message that one brings is
 * spooled, the service at the local scan socket is asked what is to be done
 * with it, and that is carried out. libmilter has variables of its own, so
 * there is one filter in a process; it has the process's threads and its
 * SIGTERM, SIGINT and SIGHUP.
 */

/* The version of libmilter, for g_free(); NULL: this program was built without
 * it. */
char *ms_milter_version(void);

/* What may change while it runs. Strings are copied. */
struct ms_milter_terms {
	const char *service;	/* address of the scan socket: unix:PATH */
	unsigned at_once;	/* messages that it is asked about; 0: any */
	int64_t wait_ms;	/* others wait so long for their turn */
	bool anyway;		/* and have it then */
	int64_t answer_ms;	/* so long for the answer, from then on */
	enum ms_action on_error;	/* without one: DEFER, REJECT, PASS */
	struct ms_spool_config spool;
};

/* From now on, for messages that begin. */
void ms_milter_set(const struct ms_milter_terms *terms);

struct ms_milter_config {
	const char *listen;	/* milter/socketname.h */
	unsigned mode;		/* of a unix socket */
	const char *group;	/* that it belongs to; NULL: as it is */
	unsigned silence_s;	/* a server may be silent so long */
};

/*
 * Listen. A unix socket that is in the way and that nobody listens on is
 * removed.
 *
 * MS_OK
 * MS_E_USAGE        there is no such group, or that is no address
 * MS_E_IO           the socket may not be had
 * MS_E_UNSUPPORTED  there is no libmilter in this program
 */
enum ms_status ms_milter_open(const struct ms_milter_config *config,
    struct ms_error *err);

/* Serve, after ms_milter_set(), until the process is told to end: for a thread
 * that does nothing else. MS_E_IO: libmilter could not begin. */
enum ms_status ms_milter_run(struct ms_error *err);

/* From now on messages that begin are deferred. Wait until no other is open any
 * more, or until DEADLINE_MS by ms_clock_ms(). How many are? */
unsigned ms_milter_drain(int64_t deadline_ms);

#endif
