#ifndef MS_WORDS_H
#define MS_WORDS_H

#include <glib.h>

/*
 * Encoded words (RFC 2047) as mail programs read them, which is not by the
 * book: words may be without their end, or in quotes, or stand in the middle
 * of others; base64 may lack its padding, have something else in it, or go on
 * in the next word; a charset may be one that only some know.
 */

/* Append to READINGS, which frees with g_free(), what TEXT may be with the
 * encoded words in it decoded, also twice: nothing, if there are none. Of a
 * text that is longer than a name ever is, the end is read. The work is linear
 * in the length of TEXT. */
void ms_words(const char *text, GPtrArray *readings);

#endif
