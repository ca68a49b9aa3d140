#ifndef MS_RIGHTS_H
#define MS_RIGHTS_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

/* Whose rights a process has: root gives his up for good. */

/*
 * The numbers of USER and GROUP, names or numbers; either may be NULL: without
 * GROUP it is that of USER, and of nobody -1.
 *
 * MS_OK
 * MS_E_USAGE  there is no such user or group
 */
enum ms_status ms_rights_find(const char *user, const char *group, uid_t *uid,
    gid_t *gid, struct ms_error *err);

/*
 * Have the rights of USER, a name or number, with its groups, or, if GROUP is
 * not NULL, with that one in place of its own; and no other.
 *
 * MS_OK       so it is; it is so already, if we are that user
 * MS_E_USAGE  there is no such user or group, or we are neither root nor that
 *             one
 * MS_E_IO     the system refused: rights may have been given up in part
 */
enum ms_status ms_rights_take(const char *user, const char *group,
    struct ms_error *err);

/* The same for root only, with the directory DIR as the root of all files from
 * then on. */
enum ms_status ms_rights_confine(const char *dir, const char *user,
    const char *group, struct ms_error *err);

/* Are they those of root? */
bool ms_rights_are_all(void);

/* The name of the user UID, or the number if there is none, for g_free(). */
char *ms_rights_name(uid_t uid);

/*
 * What keeps this process from using PATH in the way MODE, as access(2) has it:
 * PATH itself, or the first of the directories above it that cannot be entered;
 * for g_free(). NULL: nothing does, or something else than the rights.
 */
char *ms_rights_barrier(const char *path, int mode);

#endif
