#ifndef MS_SIGNPLACE_H
#define MS_SIGNPLACE_H

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * Which parts of a message are its text as people read it: the first part of
 * plain text or HTML that is not a file, and, if it has one, its alternative of
 * the other kind. Of what could be read in two ways, or must not be changed
 * (signed, encrypted, a report for programs), none.
 */

enum ms_signplace_encoding {
	MS_SIGNPLACE_7BIT,
	MS_SIGNPLACE_8BIT,	/* or binary */
	MS_SIGNPLACE_QP,
	MS_SIGNPLACE_BASE64
};

struct ms_signplace_part {
	size_t start, end;	/* its body; the line end before a boundary does
				 * not belong to it */
	bool last;		/* the message ends with it */
	bool html;
	enum ms_signplace_encoding encoding;
	char *charset;		/* as it is named; "": it is not */
};

struct ms_signplace {
	struct ms_signplace_part parts[2];
	size_t count;
	GPtrArray *boundaries;	/* of char *, all that were declared */
};

/* Look through the SIZE bytes at DATA, which are a message, or, unless WHOLE,
 * what it begins with. Linear in SIZE. False: it has none. Clear PLACE in any
 * case. */
bool ms_signplace(const unsigned char *data, size_t size, bool whole,
    struct ms_signplace *place);
void ms_signplace_clear(struct ms_signplace *place);

#endif
