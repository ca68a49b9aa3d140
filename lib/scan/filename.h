#ifndef MS_FILENAME_H
#define MS_FILENAME_H

#include "base/hash.h"

/*
 * Names of our own for contents that came out of messages: the SHA-256 in
 * hexadecimal, and an extension from a table by what the bytes look like.
 * Nothing that somebody sent is ever part of a path.
 */

#define MS_FILENAME_MAX 80

/* The name for bytes with this digest and type (NULL: unknown): the same for
 * the same digest and type, whatever else is known. */
void ms_filename_of(const struct ms_digest *sha256, const char *detected_type,
    char name[MS_FILENAME_MAX]);

#endif
