#ifndef MS_HOLDER_H
#define MS_HOLDER_H

#include <stdint.h>
#include <sys/stat.h>

/*
 * Who has a lock, for people: as far as /proc says it, and at that moment.
 * The texts are the caller's to free (g_free), and not quoted.
 */

/* "process 4711 (dovecot)". */
char *ms_holder_process(int64_t pid);

/* The process that has a lock on the file of ST, other than this one; KIND is
 * "FLOCK" or "POSIX". NULL: unknown, as with other machines. */
char *ms_holder_find(const struct stat *st, const char *kind);

#endif
