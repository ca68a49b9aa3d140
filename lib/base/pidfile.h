#ifndef MS_PIDFILE_H
#define MS_PIDFILE_H

#include "base/error.h"

/* The file that says which process a service is, and that is locked as long as
 * that runs. */

/*
 * MS_OK       *FD, locked, is for ms_pidfile_write() and ms_pidfile_remove()
 * MS_E_USAGE  another process has it: ERR says which
 * MS_E_IO     it cannot be made
 */
enum ms_status ms_pidfile_open(const char *path, int *fd, struct ms_error *err);

/* Write the number of this process. */
enum ms_status ms_pidfile_write(int fd, struct ms_error *err);

/* Remove the file at PATH, or, without the rights for that, what is in it. */
void ms_pidfile_remove(const char *path, int fd);

#endif
