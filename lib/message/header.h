#ifndef MS_HEADER_H
#define MS_HEADER_H

#include <glib.h>

#include <stddef.h>

/*
 * The fields of a header (RFC 5322, 2.2) whose names are in NAMES, which ends
 * with NULL, as they are written and in their order, and nothing else: for a
 * parser that would make something of each of them. The header is SIZE bytes
 * at DATA, without the empty line at its end. NULL: there is something else
 * than fields in it, and what a parser makes of that is for the parser to
 * say. Else for g_byte_array_unref().
 */
GByteArray *ms_header_pick(const unsigned char *data, size_t size,
    const char *const *names);

#endif
