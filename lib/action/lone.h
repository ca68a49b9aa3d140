#ifndef MS_LONE_H
#define MS_LONE_H

#include "base/error.h"

#include <stdint.h>

/*
 * Is the file FD of SIZE bytes, which was taken for one message, nothing but
 * that? A mailbox whose first line was damaged looks like a message; to remove
 * it because something is in it would cost all that is in it.
 *
 * MS_OK             nothing says otherwise
 * MS_E_UNSUPPORTED  lines in it begin messages, with address and date, as in
 *                   an mbox
 * MS_E_IO           it cannot be read
 */
enum ms_status ms_lone_check(int fd, uint64_t size, struct ms_error *err);

#endif
