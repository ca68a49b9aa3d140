#ifndef MS_WORKER_H
#define MS_WORKER_H

#include "pool/courier.h"
#include "pool/sandbox.h"
#include "scan/scan.h"

#include <stdbool.h>

/*
 * A worker: boxed, one message at a time. Requests come as frames, facts go
 * back as frames, each as soon as it is made.
 */

struct ms_worker_config {
	struct ms_scan_config scan;	/* its engine is loaded */
	bool parts;			/* list parts */
	struct ms_sandbox_profile sandbox;	/* dir is the worker's own */
	struct ms_courier *courier;	/* the engine's, or NULL: to be told of
					 * each message's beginning */
};

/*
 * Close the box, serve SOCKET until the other side closes it and give the
 * exit status for _exit(): 0, or 1 if the box did not close or the other
 * side broke the protocol.
 */
int ms_worker_run(int socket, const struct ms_worker_config *config);

#endif
