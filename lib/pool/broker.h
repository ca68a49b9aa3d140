#ifndef MS_BROKER_H
#define MS_BROKER_H

#include "base/error.h"
#include "engine/engine.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The process that talks to clamd for those who scan, and have no sockets to
 * do so. It parses nothing but clamd's answers. Several servers are asked in
 * turn; if one fails, another one is asked, and if none answers, as while
 * clamd starts again, it tries on until the message's deadline.
 */

struct ms_broker_config {
	/* Addresses (net/endpoint.h) with NULL behind them, MS_ROSTER_MAX at
	 * most; "/PATH" is a unix socket, too. */
	const char *const *servers;
	int64_t patience_ms;	/* how long it is waited for servers that are
				 * all down, and at most half a minute of it
				 * for the first answer */
};

struct ms_broker;

/*
 * Start it, and wait until a server has answered.
 *
 * MS_OK        *BROKER is ready; CONFIG is copied, what it points to must
 *              outlive the broker
 * MS_E_ENGINE  no server answers: ERR says which and what to do
 * MS_E_USAGE   one of them is no address
 * MS_E_IO      no processes or sockets to be had
 */
enum ms_status ms_broker_open(const struct ms_broker_config *config,
    struct ms_broker **broker, struct ms_error *err);

/* Ends its process, and waits for it. */
void ms_broker_close(struct ms_broker *broker);

/* Put what the servers say of themselves into DELEGATE: loans for the life of
 * the broker. */
void ms_broker_describe(const struct ms_broker *broker,
    struct ms_engine_delegate *delegate);

/* Is PID, which has ended, its process? Those who ask have nobody then. */
bool ms_broker_was(const struct ms_broker *broker, int pid);

/* A socket for one who asks (pool/courier.h), who owns *SOCKET. If the
 * broker's process has died, there is another one. */
enum ms_status ms_broker_connect(struct ms_broker *broker, int *socket,
    struct ms_error *err);

#endif
