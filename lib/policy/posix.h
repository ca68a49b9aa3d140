#ifndef MS_POSIX_H
#define MS_POSIX_H

#include "base/error.h"

#include <glib.h>

#include <stdbool.h>

/*
 * Lists of POSIX regular expressions (regex(7)), as the lists of older programs
 * have them: the same in upper and lower case.
 */

/* For g_ptr_array_unref(). */
GPtrArray *ms_posix_new(void);

/* Add TEXT, an EXTENDED expression or a basic one. MS_OK; MS_E_FORMAT: it is
 * none, and ERR has it. */
enum ms_status ms_posix_add(GPtrArray *list, const char *text, bool extended,
    struct ms_error *err);

/* Is one of them found in TEXT? */
bool ms_posix_finds(const GPtrArray *list, const char *text);

#endif
