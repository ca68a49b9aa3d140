#ifndef MS_KNOWN_H
#define MS_KNOWN_H

#include <glib.h>

#include <stdbool.h>
#include <stdint.h>

/* What a walk has learnt of one content, for when the same bytes come again. */
struct ms_known {
	GPtrArray *names;	/* of char *: found in it and below */
	uint64_t parts;		/* below it, */
	uint64_t bytes;		/* and of these */
	bool open;		/* still being taken apart */
	bool found;		/* in itself, not only in what is in it */
	bool picked;		/* its bytes have been told */
	bool is_reading;	/* then not all trouble with it was told */
	bool as_lines;		/* passed over for its lines, which is no answer
				 * for the same bytes in a file */
};

struct ms_known *ms_known_new(void);

/* struct ms_mark (its own) to struct ms_known (likewise). */
GHashTable *ms_known_table(void);

/* Is KNOWN, which may be NULL, all that there is to know of a content? One that
 * is still open is, whatever comes: it is in itself. */
bool ms_known_answers(const struct ms_known *known, bool is_reading,
    bool has_lines);

#endif
