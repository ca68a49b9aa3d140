#ifndef MS_ORDER_H
#define MS_ORDER_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What one side of a TCP connection sent too early: pieces that wait for
 * those before them, sorted by sequence number, without overlaps. The first
 * byte that came for a place stays there. Numbers are compared by their
 * distance from NEXT, so that they may wrap.
 */

struct ms_order_piece {
	uint32_t seq;
	const unsigned char *data;
	uint32_t size;
	uint32_t missing;	/* bytes after them that nobody has */
	uint32_t need;		/* what it acknowledges, if HAS_NEED */
	bool has_need;
	bool fin;		/* the side ends behind it */
	int64_t time_us;
};

/* A piece that waits: a copy. */
struct ms_order_chunk {
	uint32_t seq, size, missing, need;
	bool has_need, fin;
	int64_t time_us;
	unsigned char data[];
};

/* Memory of all that waits anywhere. */
struct ms_order_pool {
	size_t bytes, max;
};

struct ms_order {
	uint32_t next;		/* of the byte that is expected */
	GSequence *waiting;	/* struct ms_order_chunk; NULL: none */
	size_t count, bytes;
	struct ms_order_pool *pool;
};

/* How far SEQ is behind NEXT, or 0. What is not more than this behind is old;
 * everything else lies ahead. */
#define MS_ORDER_PAST ((uint32_t)1 << 24)
uint32_t ms_order_behind(const struct ms_order *order, uint32_t seq);

/* Let PIECE wait, which is not behind; true if it differs from what waits in
 * its place. */
bool ms_order_put(struct ms_order *order, const struct ms_order_piece *piece);

/* Is there too much that waits? */
bool ms_order_is_full(const struct ms_order *order);

/* The first that waits, or NULL; and to be rid of it. */
const struct ms_order_chunk *ms_order_front(const struct ms_order *order);
void ms_order_pop(struct ms_order *order);

void ms_order_clear(struct ms_order *order);

#endif
