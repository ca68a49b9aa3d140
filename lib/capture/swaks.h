#ifndef MS_SWAKS_H
#define MS_SWAKS_H

#include "capture/form.h"

/* What swaks prints: " -> EHLO a", "<-  250 b", "<** 550 no", the same with
 * "~" inside TLS, and "=== " before its own words. */
extern const struct ms_form ms_swaks;

#endif
