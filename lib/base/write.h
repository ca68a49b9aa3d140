#ifndef MS_WRITE_H
#define MS_WRITE_H

#include "base/error.h"

#include <stddef.h>

/* Write all of the SIZE bytes at DATA to the descriptor FD, however often the
 * system has to be asked. MS_OK, or MS_E_IO with errno set: some of them may
 * have been written. */
enum ms_status ms_write(int fd, const void *data, size_t size);

#endif
