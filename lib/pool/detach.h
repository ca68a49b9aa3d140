#ifndef MS_DETACH_H
#define MS_DETACH_H

#include "base/error.h"

#include <stdbool.h>

/* Going on in the background. */

/*
 * Make a process that goes on in a session of its own, while this one waits
 * until that one says whether it has begun, or dies.
 *
 * MS_OK      this is the new one; *FD is for ms_detach_end()
 * MS_END     this is the old one, and the new one has begun
 * MS_E_PEER  this is the old one, and the new one has not begun; it has said
 *            why
 * MS_E_IO    there is no new one
 */
enum ms_status ms_detach_begin(int *fd, struct ms_error *err);

/* The new one has begun: from now on nothing ties it to a terminal, standard
 * error only if LOUD. */
void ms_detach_end(int fd, bool loud);

#endif
