#ifndef MS_DIGESTS_H
#define MS_DIGESTS_H

#include "base/error.h"

#include <glib.h>

/*
 * A file of digests, as sha256sum(1) prints it: 64 hexadecimal digits at the
 * beginning of each line; empty lines, and those that begin with #, are none.
 */

/*
 * MS_OK        *DIGESTS is a set of struct ms_digest *, for
 *              g_hash_table_unref()
 * MS_E_IO      the file at PATH cannot be read
 * MS_E_FORMAT  ERR has the line that is wrong
 */
enum ms_status ms_digests(const char *path, GHashTable **digests,
    struct ms_error *err);

#endif
