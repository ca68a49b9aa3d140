#ifndef MS_DECLARED_H
#define MS_DECLARED_H

#include <stdbool.h>

/* What the fields of a MIME part say of it (RFC 2045, RFC 2183). */
struct _GMimeObject;		/* GMime's GMimeObject */

/* Its type in lower case, "text/plain" if it has none; for g_free(). */
char *ms_declared_type(struct _GMimeObject *object);

/* A parameter of the type; NULL: there is none. A loan. */
const char *ms_declared_parameter(struct _GMimeObject *object,
    const char *name);

/* Is it to be shown and not to be saved, if it has no name of a file? What
 * names or describes it otherwise counts as such, too. */
bool ms_declared_inline(struct _GMimeObject *object);

#endif
