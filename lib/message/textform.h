#ifndef MS_TEXTFORM_H
#define MS_TEXTFORM_H

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * How a text may be read, by what is said of it: each charset that is named
 * there, for of two a mail program takes the first, or the last, or neither;
 * and whether its lines flow.
 */

/* No more charsets are remembered. */
#define MS_TEXTFORM_CHARSETS 64

struct ms_textform {
	GPtrArray *charsets;	/* of char *, in lower case, each once */
	bool more;		/* than could be remembered */
	bool flowed;		/* lines with a blank at their end go on in the
				 * next (RFC 3676), */
	bool delsp;		/* and that blank does not count */
};

void ms_textform_init(struct ms_textform *form);
void ms_textform_clear(struct ms_textform *form);

/* Add what stands in the SIZE bytes at DATA: values of Content-Type, a message
 * with many of them, or the start of HTML. It is looked for without a grammar,
 * as charset=X, also as RFC 2231 has it. Linear in SIZE. */
void ms_textform_add(struct ms_textform *form, const unsigned char *data,
    size_t size);

/* Add the charset NAME, as somebody has written it. */
void ms_textform_charset(struct ms_textform *form, const char *name);

#endif
