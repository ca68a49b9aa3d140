#ifndef MS_SOPHIE_H
#define MS_SOPHIE_H

#include "base/error.h"

#include <stddef.h>

/*
 * What Sophie and Trophie answer to the path of a file and a line end: "1:NAME"
 * or "1" if there is something in it, "0" if not, "-1" or "-2" and perhaps a
 * text if they could not look.
 */

#define MS_SOPHIE_MAX 4096	/* bytes of one answer */

/*
 * Read the whole answer, SIZE bytes at DATA.
 *
 * MS_OK      something was found: *NAME is for g_free(), not quoted
 * MS_END     nothing was
 * MS_E_PEER  they failed, or that is no answer of theirs; ERR says what
 */
enum ms_status ms_sophie_read(const void *data, size_t size, char **name,
    struct ms_error *err);

#endif
