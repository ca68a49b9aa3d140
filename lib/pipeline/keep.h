#ifndef MS_KEEP_H
#define MS_KEEP_H

#include "pipeline/shelf.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Which bodies stay with their messages until these have their turn: those
 * that somebody may want to store, and that can be read nowhere else. Each is
 * an open descriptor, and those of messages below 32 MB are in memory, so there
 * is room for some.
 */
struct ms_keep {
	unsigned types;		/* of frames that make a body worth it */
	unsigned max;		/* descriptors */
	struct ms_keep_room {
		unsigned count;
		uint64_t bytes;
	} line, pieces;
};

/* Bytes of all bodies that are kept; one may pass it. */
#define MS_KEEP_BYTES ((uint64_t)64 << 20)

/* Keep bodies of messages with findings, if FOUND, and of messages with gaps
 * or doubts, if GAPS. Has the system allow more descriptors, up to what it
 * allows. */
void ms_keep_init(struct ms_keep *keep, bool found, bool gaps);

/* Is no further message to come before some have had their turn? */
bool ms_keep_is_full(const struct ms_keep *keep);

/* Is the body worth it, of which ITEM has the facts? That of a PIECE of
 * another message always is, for what is in the whole counts for it. */
bool ms_keep_wants(const struct ms_keep *keep,
    const struct ms_shelf_item *item, bool piece);

/*
 * Count a body of SIZE bytes in, until it is given back. False: there is no
 * room, which happens to pieces only. They wait for one another through any
 * number of messages, so they must never make the keep full.
 */
bool ms_keep_take(struct ms_keep *keep, uint64_t size, bool piece);
void ms_keep_give(struct ms_keep *keep, uint64_t size, bool piece);

#endif
