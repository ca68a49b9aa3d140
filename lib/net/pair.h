#ifndef MS_PAIR_H
#define MS_PAIR_H

#include "base/error.h"

/* Two streams of one process that are connected to each other; neither blocks
 * nor outlives exec. MS_OK: both are the caller's. MS_E_IO: no descriptors are
 * left. */
enum ms_status ms_pair_open(int fds[2], struct ms_error *err);

#endif
