#ifndef MS_APPROACH_H
#define MS_APPROACH_H

#include "base/error.h"

/*
 * The way to a directory in which something is to be changed. Who scans the
 * mail of others goes through directories of theirs, where they may put a
 * symbolic link in the place of what was there a moment ago: with the
 * superuser's rights, a message of their own would be written to wherever they
 * like. So links on the way are followed only if they are the superuser's or
 * our own.
 */

/*
 * Open the directory PATH for reading.
 *
 * MS_OK             *FD is the caller's to close; else it is -1
 * MS_END            it is not there
 * MS_E_UNSUPPORTED  a link of somebody else is on the way: the text says
 *                   which one
 * MS_E_IO           otherwise
 */
enum ms_status ms_approach(const char *path, int *fd, struct ms_error *err);

#endif
