#ifndef MS_LOOKOUT_H
#define MS_LOOKOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Looks for lines that are commands of SMTP in bytes that are taken for
 * something else (a chunk, TLS), because nobody knows whether the server took
 * them for that, too.
 */

/* Longest line that servers take for a command, as smtp/session does. */
#define MS_LOOKOUT_LINE 4096

struct ms_lookout {
	unsigned verbs;		/* that it looks for: 1 << enum ms_verb */
	bool letter[128];	/* that they begin with */
	uint64_t at;		/* bytes that were fed */
	uint64_t line;		/* where the last line began, of those */
	bool inside;		/* it is too long, or begins otherwise */
	size_t size;		/* of it, so far */
	char bytes[MS_LOOKOUT_LINE];
};

/* The next byte begins a line. */
void ms_lookout_init(struct ms_lookout *lookout, unsigned verbs);

/* Feed it SIZE bytes more. True: the line at LINE is a command; the rest was
 * not looked at. */
bool ms_lookout_feed(struct ms_lookout *lookout, const void *data,
    size_t size);

/* May the line that is open be a command? */
bool ms_lookout_hopes(const struct ms_lookout *lookout);

#endif
