#ifndef MS_SCANNER_H
#define MS_SCANNER_H

#include "pipeline/pipeline.h"
#include "serve/metrics.h"

/*
 * The process of a service that has the engine: errands (pool/errand.h) come
 * in over the sockets that its master gave it, and are answered as they are
 * done. Who shuts down the writing side of a socket will not ask any more, and
 * gets the rest of the answers. It hashes every message before it is looked
 * at, and copies it if it could still be changed. No more are taken than the
 * pipeline wants: the rest wait in the sockets.
 */

struct ms_scanner_config {
	struct ms_pipeline_config pipeline;	/* unordered, and joins
						 * nothing */
	struct ms_spool_config spool;	/* for copies of messages; its DIR is
					 * filled in */
	struct ms_metrics *metrics;	/* to count in; NULL: nowhere */
	int64_t age_max_days;	/* of the database; 0: any */
	uint64_t generation;	/* of which its answers speak */
};

/* The body of a child (pool/child.h); ARG is a struct ms_scanner_config. Says
 * READY or FAILED first (serve/control.h). DRAIN: it ends when all who asked
 * are gone. 0: it was told to end; 1: it cannot go on, and that has been
 * said. */
int ms_scanner_run(void *arg, int control);

#endif
