#ifndef MS_MAILDIR_H
#define MS_MAILDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Maildir as qmail, Courier and Dovecot write it: names of messages are
 * "UNIQUE" or "UNIQUE:2,FLAGS" (";2," where ':' may not be in names).
 */

/* The flags as found, for the caller to free (g_free); NULL: has none. */
char *ms_maildir_flags(const char *name);

/* The size of the part of NAME that never changes. */
size_t ms_maildir_unique(const char *name);

/* Seconds since 1970 that a name begins with; -1: it does not. */
int64_t ms_maildir_delivered(const char *name);

/* A file that mail programs keep beside the mail, not to be read? */
bool ms_maildir_is_control(const char *name);

/* Does the directory hold cur and new? */
bool ms_maildir_is(int dir);

/*
 * What the message NAME is called now in the directory, whose flags or place
 * may have been changed since NAME was read: for the caller to free; NULL: it
 * is not there.
 */
char *ms_maildir_find(int dir, const char *name);

#endif
