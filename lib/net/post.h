#ifndef MS_POST_H
#define MS_POST_H

#include "base/error.h"

#include <stddef.h>

/*
 * Datagrams to a unix socket that somebody else listens on, or does not for a
 * while: the system's log, its service manager. A path that begins with @ is a
 * name that is not in the file system (unix(7): abstract). Nothing waits, and
 * nothing stays open between two of them, so that it does not matter whether
 * that one was started again.
 */

/* Is there room in an address for PATH? */
enum ms_status ms_post_check(const char *path, struct ms_error *err);

/* MS_OK: *FD, the caller's. MS_E_IO: no descriptors are left. */
enum ms_status ms_post_open(int *fd, struct ms_error *err);

/* Send SIZE bytes over FD to PATH, which was checked. MS_E_IO: nobody takes
 * them now; errno says why. */
enum ms_status ms_post_send(int fd, const char *path, const void *data,
    size_t size);

#endif
