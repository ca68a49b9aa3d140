#ifndef MS_SIGNATURE_H
#define MS_SIGNATURE_H

#include "base/error.h"

#include <stdbool.h>

/*
 * The text that is appended to clean mail (action/sign.h), in all forms that
 * bodies may want. They are made before mail comes: whoever looks at mail is
 * boxed, and may not look up what a charset is that a message names.
 */

struct ms_signature;

/* Longest text. */
#define MS_SIGNATURE_MAX ((size_t)8 << 10)

/*
 * TEXT is in UTF-8; blank lines at its end and blanks at ends of lines do not
 * count, but for a line "-- ".
 *
 * MS_OK       *SIGNATURE is for ms_signature_free()
 * MS_E_USAGE  there is nothing in it, or too much, or what no text has
 */
enum ms_status ms_signature_new(const char *text,
    struct ms_signature **signature, struct ms_error *err);
void ms_signature_free(struct ms_signature *signature);

/* It for a plain text in CHARSET (the same in upper and lower case; "" is
 * US-ASCII), with "\n" between its lines and none at the end; a loan. What that
 * charset does not have, and all that is not ASCII unless EIGHT_BIT may be, is
 * written with letters that look like it, or "?". NULL: nothing can be put into
 * such a text. */
const char *ms_signature_text(const struct ms_signature *signature,
    const char *charset, bool eight_bit);

/* It for HTML in CHARSET: ASCII, likewise; NULL, too. */
const char *ms_signature_html(const struct ms_signature *signature,
    const char *charset);

#endif
