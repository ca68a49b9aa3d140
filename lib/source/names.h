#ifndef MS_NAMES_H
#define MS_NAMES_H

#include "base/error.h"
#include "base/spool.h"

#include <stdbool.h>

/*
 * The names in a directory, taken down at one moment and then handed out in
 * order. A directory with a million entries takes no more memory than one
 * with ten thousand; beyond that order holds piece by piece only.
 */

struct ms_names;

/* Take down the names in DIR, a descriptor that stays the caller's. MS_E_IO:
 * it cannot be read, or there is no room. SPOOL as in ms_spool_new(). */
enum ms_status ms_names_read(int dir, const struct ms_spool_config *spool,
    struct ms_names **names, struct ms_error *err);
void ms_names_free(struct ms_names *names);

/* The next name, a loan until the next call. MS_OK, MS_END, MS_E_IO. */
enum ms_status ms_names_next(struct ms_names *names, const char **name,
    struct ms_error *err);

/* Was NAME in the directory? If that cannot be read any more: no. */
bool ms_names_has(const struct ms_names *names, const char *name);

#endif
