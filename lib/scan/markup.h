#ifndef MS_MARKUP_H
#define MS_MARKUP_H

#include <stddef.h>

/*
 * The text of HTML, as it comes: what stands outside of tags, comments, and
 * elements that are not shown as text, with entities for what they stand for
 * (HTML, 13.2.5, as far as that is needed for this). Blanks become one blank,
 * and where a block begins or ends, a line ends.
 */

/* SIZE bytes at DATA of it, on loan. */
typedef void ms_markup_put(void *arg, const char *data, size_t size);

/* More of an entity is none, and of the name of an element. */
#define MS_MARKUP_NAME 32

struct ms_markup {
	ms_markup_put *put;
	void *arg;
	int state;
	char name[MS_MARKUP_NAME];	/* of a tag or an entity, so far */
	size_t used;
	const char *hidden;	/* the element whose content is passed over */
	size_t matched;		/* of its end */
	unsigned dashes;
	char quote;
	char blank;		/* to come before the next character, or 0 */
};

void ms_markup_start(struct ms_markup *markup, ms_markup_put *put,
    void *arg);

/* The next SIZE bytes at DATA, in which ASCII is ASCII. */
void ms_markup_feed(struct ms_markup *markup, const char *data, size_t size);

/* That was all. */
void ms_markup_end(struct ms_markup *markup);

#endif
