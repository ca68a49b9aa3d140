#ifndef MS_SCANSOCK_H
#define MS_SCANSOCK_H

#include "serve/dispatch.h"
#include "serve/inquiry.h"
#include "serve/metrics.h"

/*
 * The local scan socket of a service: programs on this machine that may open
 * it hand over messages, and get what the scanner finds, as errands have it
 * (pool/errand.h), over a SOCK_SEQPACKET socket. So others use the engine that
 * is loaded here, and its quarantine: an ENVELOPE before a SCAN can ask for
 * that. Nothing of what they send is read here but the frames; no more than a
 * few of them are let in, each with a few messages at a time.
 */

struct ms_scansock;

struct ms_scansock_config {
	struct ms_inquiry *inquiry;
	struct ms_dispatch *store;	/* of the quarantine; or NULL */
	struct ms_metrics *metrics;	/* or NULL */
};

/* Accept from FD, which stays the caller's, as all that is in CONFIG does. */
struct ms_scansock *ms_scansock_new(struct ms_loop *loop, int fd,
    const struct ms_scansock_config *config);
/* What was asked is not answered any more. */
void ms_scansock_free(struct ms_scansock *sock);

/* Can what is in FD be read at any time, so that nobody has to wait for it: a
 * file of SIZE bytes at least, of this machine? NULL: yes; else why not. */
const char *ms_scansock_objection(int fd, uint64_t size);

#endif
