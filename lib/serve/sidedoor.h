#ifndef MS_SIDEDOOR_H
#define MS_SIDEDOOR_H

#include "serve/case.h"

#include <stddef.h>

/*
 * What others on the machine may see and use of a front besides SMTP: its
 * metrics and its health over HTTP (net/httpd.h), and the local scan socket
 * (serve/scansock.h).
 */

struct ms_sidedoor;

struct ms_sidedoor_config {
	const int *monitors;	/* sockets that listen for HTTP */
	size_t monitor_count;
	const int *doors;	/* those of local scan sockets */
	size_t door_count;
	struct ms_metrics *metrics;
};

/* All that is handed in outlives the sidedoor. CASES: what becomes of messages
 * of local programs. */
struct ms_sidedoor *ms_sidedoor_new(const struct ms_case_config *cases,
    const struct ms_sidedoor_config *config);
void ms_sidedoor_free(struct ms_sidedoor *sidedoor);

/* The front takes no new clients, and as for local ones see
 * ms_scansock_retire(). Either another front says how things are now, or, if
 * this is the END, this one does: that it is not healthy any more. */
void ms_sidedoor_retire(struct ms_sidedoor *sidedoor, bool end,
    ms_loop_callback *gone, void *arg);

/* Is no local client there? NULL: so it is. */
bool ms_sidedoor_is_empty(const struct ms_sidedoor *sidedoor);

/* Local clients are not waited for any longer. NULL is fine. */
void ms_sidedoor_cut(struct ms_sidedoor *sidedoor);

#endif
