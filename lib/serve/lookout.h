#ifndef MS_LOOKOUT_H
#define MS_LOOKOUT_H

#include "serve/inquiry.h"
#include "serve/metrics.h"

#include <stddef.h>

/*
 * What others on the machine may see and use of a front besides SMTP: its
 * metrics and its health over HTTP (net/httpd.h), and the local scan socket
 * (serve/scansock.h).
 */

struct ms_lookout;

struct ms_lookout_config {
	const int *monitors;	/* sockets that listen for HTTP */
	size_t monitor_count;
	const int *doors;	/* those of local scan sockets */
	size_t door_count;
	struct ms_metrics *metrics;
};

/* All that is handed in outlives the lookout. */
struct ms_lookout *ms_lookout_new(struct ms_loop *loop,
    struct ms_inquiry *inquiry, const struct ms_lookout_config *config);
void ms_lookout_free(struct ms_lookout *lookout);

/* The front takes no new clients: it is not healthy any more, and local ones
 * go. */
void ms_lookout_drain(struct ms_lookout *lookout);

#endif
