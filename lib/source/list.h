#ifndef MS_LIST_H
#define MS_LIST_H

#include "base/error.h"

#include <stdbool.h>

/*
 * A file that lists paths, read as they are needed: one a line, or, for names
 * of any kind, one before every NUL.
 */

struct ms_list;

/* FILE "-" is standard input. MS_E_IO: it cannot be opened. */
enum ms_status ms_list_open(const char *file, bool nul,
    struct ms_list **list, struct ms_error *err);
void ms_list_free(struct ms_list *list);

/*
 * The next path, a loan until the next call; empty lines are passed over.
 *
 * MS_OK, MS_END
 * MS_E_FORMAT  this is no path (ERR names file and line); go on with the next
 * MS_E_IO      the list cannot be read any further
 */
enum ms_status ms_list_next(struct ms_list *list, const char **path,
    struct ms_error *err);

/* As in ms_list_open(). */
const char *ms_list_name(const struct ms_list *list);

#endif
