#ifndef MS_PENDING_H
#define MS_PENDING_H

#include <stddef.h>

/* Bytes that wait: put in at the end, taken from the front. No memory is held
 * when there are none, and none is moved more than twice. */

struct ms_pending {
	unsigned char *block;	/* NULL: none */
	size_t start, size;	/* where they lie in the block */
	size_t room;		/* of the block */
};

/* Where the next SIZE bytes can be put; valid until the next call. */
unsigned char *ms_pending_reserve(struct ms_pending *pending, size_t size);
/* SIZE bytes were put there. */
void ms_pending_extend(struct ms_pending *pending, size_t size);
/* Both, from DATA. */
void ms_pending_append(struct ms_pending *pending, const void *data,
    size_t size);

/* The first byte, or NULL. */
const unsigned char *ms_pending_data(const struct ms_pending *pending);
/* Forget the first SIZE bytes, of which there are as many. */
void ms_pending_consume(struct ms_pending *pending, size_t size);
/* A block that grew for what never came is given back. */
void ms_pending_settle(struct ms_pending *pending);
void ms_pending_clear(struct ms_pending *pending);

#endif
