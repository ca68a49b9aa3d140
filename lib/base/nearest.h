#ifndef MS_NEAREST_H
#define MS_NEAREST_H

#include <glib.h>

/* For "did you mean": the one of the NULL-ended NAMES that is most like NAME,
 * by edits of one letter each or because NAME is its beginning; a loan of
 * NAMES. NULL: none is like it. */
const char *ms_nearest(const char *name, const char *const *names);

#endif
