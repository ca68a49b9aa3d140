#ifndef MS_SINK_H
#define MS_SINK_H

#include "net/loop.h"

/*
 * A next hop of our own, for tests and demonstrations: it speaks SMTP and
 * LMTP, takes whatever it is given, and keeps nothing of it.
 */

/* *FD, the caller's, is connected to one, which lives in LOOP as long as that
 * is open. MS_OK or MS_E_IO: no descriptors are left. */
enum ms_status ms_sink_connect(struct ms_loop *loop, bool lmtp, int *fd,
    struct ms_error *err);

#endif
