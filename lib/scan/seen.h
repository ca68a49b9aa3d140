#ifndef MS_SEEN_H
#define MS_SEEN_H

#include <stddef.h>

/*
 * A text as people see it, made from UTF-8 as it comes: without the characters
 * that leave no trace (NUL and other controls, CRs, soft hyphens, blanks of no
 * width), and with one character for those that mean the same (Unicode's
 * NFKC: ligatures, letters with marks, full width); a mark that makes no other
 * letter of a Latin one is left out. If it is HTML, without
 * tags, comments and scripts, with its entities, and with one blank for many.
 * Styles are not looked at: what they hide is there.
 */

enum {
	MS_SEEN_TEXT = 1,
	MS_SEEN_HTML = 2,
	MS_SEEN_FLOWED = 4,	/* lines are joined as RFC 3676, 4.1 has it, */
	MS_SEEN_DELSP = 8,	/* without the blank between */
	MS_SEEN_FOLDED = 16	/* a blank begins lines that go on (RFC 5545,
				 * 3.1), as in calendars */
};

/* SIZE bytes of valid UTF-8 at DATA, but that a character may be cut: on
 * loan. */
typedef void ms_seen_put(void *arg, const char *data, size_t size);

struct ms_seen;

/* For a text that is what HOW says (any of the above, together). */
struct ms_seen *ms_seen_new(unsigned how, ms_seen_put *put, void *arg);
void ms_seen_free(struct ms_seen *seen);

/* The next SIZE bytes at DATA; what is no UTF-8 in them is shown as U+FFFD. */
void ms_seen_feed(struct ms_seen *seen, const char *data, size_t size);

/* That was all. */
void ms_seen_end(struct ms_seen *seen);

#endif
