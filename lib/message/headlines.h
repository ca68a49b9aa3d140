#ifndef MS_HEADLINES_H
#define MS_HEADLINES_H

#include <stddef.h>

/*
 * The fields of a header (RFC 5322, 2.2), one after the other, unfolded and
 * with their encoded words decoded (RFC 2047): all of them, also those that
 * are there twice. Where mail programs disagree (about what stands before the
 * first field, NULs, quoted pairs, CRs that end no line for some), what each
 * of them takes for a field is one.
 */

struct ms_headlines_visitor {
	/* One field; both are loans until it returns. VALUE is in UTF-8,
	 * without the blanks around it. */
	void (*field)(void *arg, const char *name, const char *value);
	/* Some encoded word says that it is in CHARSET. NULL: nobody asks. */
	void (*charset)(void *arg, const char *charset);
};

/* Visit the fields at the start of the message of SIZE bytes at DATA, as far
 * as headers are read (message/head.h). Lines that are no field and belong to
 * none are passed over. */
void ms_headlines(const unsigned char *data, size_t size,
    const struct ms_headlines_visitor *visitor, void *arg);

#endif
