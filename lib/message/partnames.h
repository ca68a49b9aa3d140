#ifndef MS_PARTNAMES_H
#define MS_PARTNAMES_H

#include <glib.h>

/*
 * What a MIME part may be called. Mail programs disagree about which of
 * several names holds (name or filename, the first or the last), how one is
 * put together from pieces (RFC 2231, 3), what is decoded in it (RFC 2231, 4;
 * RFC 2047) and where it ends, so whoever asks whether a name is bad has to
 * look at all of them.
 */

/*
 * Append to NAMES, which frees with g_free(), every name that VALUE, what
 * stands behind the colon of a Content-Type or Content-Disposition field, may
 * give: in UTF-8 as far as that could be had, and with whatever stands around
 * it. The work is linear in the length of VALUE.
 */
void ms_partnames(const char *value, GPtrArray *names);

#endif
