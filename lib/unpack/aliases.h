#ifndef MS_ALIASES_H
#define MS_ALIASES_H

#include "unpack/unpack.h"

/*
 * Names in an archive that libarchive shows nobody: it takes one of several
 * that a member has, and other programs take others.
 */

struct ms_aliases;

/* Those in the archive of INPUT, a zip or tar, for ms_aliases_free(). MORE:
 * there are more than the budget allows. */
struct ms_aliases *ms_aliases_new(const struct ms_unpack_input *input,
    bool *more);
/* NULL is no error. */
void ms_aliases_free(struct ms_aliases *aliases);

/* NAME has been shown. */
void ms_aliases_drop(struct ms_aliases *aliases, const char *name);

/* Call NAME with each of those that are left. MS_E_LIMIT: not with all, there
 * was no time. */
enum ms_status ms_aliases_tell(const struct ms_aliases *aliases,
    struct ms_budget *budget, void (*name)(void *arg, const char *name),
    void *arg, struct ms_error *err);

#endif
