#ifndef MS_CONFTEXT_H
#define MS_CONFTEXT_H

#include "base/error.h"

#include <glib.h>

#include <stddef.h>

/*
 * The text of a configuration file, made ready for libconfuse: comments are
 * blanks, so that its line numbers are right; nothing is taken from the
 * environment; a bare word may hold any character but white space, quotes and
 * = { } ( ) , # and what opens a comment; what is never closed is an error.
 *
 * Comments go from # or // to the end of the line, or from one slash and
 * asterisk to the next asterisk and slash. In "..." a backslash escapes: \n,
 * \t, \r, \xNN (two digits) and \OOO are bytes, any other character is itself.
 * In '...' it escapes a quote and itself.
 */

/*
 * Append what libconfuse is to get of the SIZE bytes at DATA to OUT, line by
 * line.
 *
 * MS_OK
 * MS_E_FORMAT  it cannot be right, as *LINE shows
 */
enum ms_status ms_conftext(const void *data, size_t size, GString *out,
    unsigned *line, struct ms_error *err);

/* What to say instead of SAID, libconfuse's words for a token that it did not
 * expect, if a list lacks a comma, or a comma its list; else SAID itself. SAID
 * is taken; for g_free(). */
char *ms_conftext_comma(char *said);

#endif
