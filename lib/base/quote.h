#ifndef MS_QUOTE_H
#define MS_QUOTE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Text from outside on its way to a terminal, a log or a report. What comes
 * out is one line of valid UTF-8 in which nothing moves a cursor, changes a
 * colour or the writing direction: control characters (C0, DEL, C1, line and
 * paragraph separators, bidirectional and zero-width format characters) and
 * bytes that are not UTF-8 are written as \xNN, one escape per byte, and a
 * backslash is doubled, so that nothing is lost and nothing is ambiguous.
 */

/* Append the quoted SIZE bytes at DATA to OUT. */
void ms_quote_append(GString *out, const void *data, size_t size);

/* The same for a string, as a new string that the caller frees (g_free).
 * NULL gives NULL. */
char *ms_quote_string(const char *text);

/*
 * The other way: append to OUT the bytes that the SIZE bytes at TEXT were
 * quoted from. What needs no escape, but was quoted by nobody, stands for
 * itself. False: a backslash begins none of our escapes; what OUT then got is
 * of no use.
 */
bool ms_quote_undo(GString *out, const void *text, size_t size);

#endif
