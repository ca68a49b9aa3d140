#ifndef MS_SCANNER_H
#define MS_SCANNER_H

#include "pipeline/pipeline.h"

/*
 * The process of a service that has the engine: errands (pool/errand.h) come
 * in over the socket that its master gave it last, and are answered as they
 * are done. It hashes and copies every message before it is looked at. No more
 * are taken than the pipeline wants: the rest wait in the socket.
 */

struct ms_scanner_config {
	struct ms_pipeline_config pipeline;	/* unordered, and joins
						 * nothing */
	struct ms_spool_config spool;	/* for copies of messages; its DIR is
					 * filled in */
	int64_t age_max_days;	/* of the database; 0: any */
};

/* The body of a child (pool/child.h); ARG is a struct ms_scanner_config. Says
 * READY or FAILED first (serve/control.h). 0: it was told to end; 1: it cannot
 * go on, and that has been said. */
int ms_scanner_run(void *arg, int control);

#endif
