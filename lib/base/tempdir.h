#ifndef MS_TEMPDIR_H
#define MS_TEMPDIR_H

#include "base/error.h"

#include <stdint.h>

/* Private directories for temporary files. */

/*
 * Make PARENT/mailscan-PID-XXXXXX, mode 0700, and remove those that dead
 * processes of the same user left there.
 *
 * MS_OK    *PATH is the caller's to ms_tempdir_remove() and g_free()
 * MS_E_IO  PARENT is missing, full or not writable
 */
enum ms_status ms_tempdir_make(const char *parent, char **path,
    struct ms_error *err);

/* Remove PATH (NULL: nothing) and all below it; symbolic links are not
 * followed. What cannot be removed stays. */
void ms_tempdir_remove(const char *path);

/* An empty file in DIR that has no name, for reading and writing; -1: errno
 * says why not. File systems without O_TMPFILE give it a name that lives for a
 * moment. */
int ms_tempdir_file(const char *dir);

/* The directory for files that live in memory (tmpfs), if there is one and
 * both it and the machine have room for NEED bytes more; else NULL. Static. */
const char *ms_tempdir_memory(uint64_t need);

#endif
