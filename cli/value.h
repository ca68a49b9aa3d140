#ifndef VALUE_H
#define VALUE_H

#include "option.h"

/*
 * The values of options, between text and the fields that hold them.
 */

/* Store VALUE in the field of ROW in the struct at INTO; a list gets one more.
 * A string is stored as it is and has to live on. False: the row does not allow
 * it. */
bool value_store(const struct opt *row, const char *value, void *into);

/* Would value_store() take it? */
bool value_fits(const struct opt *row, const char *value);

/* What the row wants, to follow "is not" or "wants"; for g_free(). */
char *value_wanted(const struct opt *row);

/* Write the value in the struct at FROM to OUT, which is empty, as a
 * configuration file has it: 100M, "two words", { "a", "b" }. False: it has
 * none that could be set. */
bool value_print(const struct opt *row, const void *from, GString *out);

/* Do the structs at A and B hold the same value? */
bool value_equal(const struct opt *row, const void *a, const void *b);

/* The address of the socket that TEXT names, a path with or without "unix:" in
 * front; for g_free(). */
char *value_socket(const char *text);

#endif
