#ifndef MS_CONFFILE_H
#define MS_CONFFILE_H

#include "base/error.h"

#include <glib.h>

#include <sys/stat.h>

/*
 * The bytes of configuration files, for conf.c.
 */

/*
 * Open the file PATH, if it may be read as one: who may write a configuration
 * decides what is scanned and what is run. Pipes and /dev/null are what the
 * caller made of them.
 *
 * MS_OK       *FD is for the caller to close, *ST is about it
 * MS_END      it is not there
 * MS_E_IO     it cannot be read, or is a directory; if the rights are missing,
 *             ERR says whose, and the remedy
 * MS_E_USAGE  anybody may write it: ERR has the remedy
 */
enum ms_status ms_conffile_open(const char *path, int *fd, struct stat *st,
    struct ms_error *err);

/* Append all of what FD has to DATA. MS_OK; MS_E_IO; MS_E_LIMIT: it is more
 * than MS_CONF_BYTES_MAX. */
enum ms_status ms_conffile_read(int fd, const char *path, GByteArray *data,
    struct ms_error *err);

#endif
