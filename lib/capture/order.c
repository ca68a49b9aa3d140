#include "capture/order.h"

#include <string.h>

#define COUNT_MAX 4096u			/* pieces of one side */
#define BYTES_MAX ((size_t)4 << 20)	/* of one side */
#define OVERHEAD ((size_t)128)		/* of a piece, about */

uint32_t
ms_order_behind(const struct ms_order *order, uint32_t seq)
{
	uint32_t behind = order->next - seq;

	return behind <= MS_ORDER_PAST ? behind : 0;
}

static uint32_t
end_of(const struct ms_order_chunk *chunk)
{
	return chunk->seq + chunk->size + chunk->missing;
}

/* An end goes before bytes at its place, so that what is before a place is
 * the only thing that may reach beyond it. */
static gint
compare(gconstpointer pa, gconstpointer pb, gpointer arg)
{
	const struct ms_order_chunk *a = pa, *b = pb;
	const struct ms_order *order = arg;
	uint32_t da = a->seq - order->next, db = b->seq - order->next;

	if (da != db)
		return da < db ? -1 : 1;
	return (int)b->fin - (int)a->fin;
}

static GSequenceIter *
place_for(struct ms_order *order, uint32_t seq, bool fin)
{
	struct ms_order_chunk key = { .seq = seq, .fin = fin };

	return g_sequence_search(order->waiting, &key, compare, order);
}

static void
charge(struct ms_order *order, const struct ms_order_chunk *chunk, bool more)
{
	size_t cost = OVERHEAD + chunk->size;

	if (more) {
		order->count++;
		order->bytes += cost;
		order->pool->bytes += cost;
	} else {
		order->count--;
		order->bytes -= cost;
		order->pool->bytes -= cost;
	}
}

/* The part of PIECE from SEQ up to END, before ITER. */
static void
insert(struct ms_order *order, GSequenceIter *iter,
    const struct ms_order_piece *piece, uint32_t seq, uint32_t end)
{
	uint32_t skip = seq - piece->seq, length = end - seq, size;
	struct ms_order_chunk *chunk;

	size = skip >= piece->size ? 0 : MIN(piece->size - skip, length);
	chunk = g_malloc(sizeof *chunk + size);
	*chunk = (struct ms_order_chunk){
		.seq = seq, .size = size, .missing = length - size,
		.need = piece->need, .has_need = piece->has_need,
		.fin = length == 0, .time_us = piece->time_us,
	};
	if (size > 0)
		memcpy(chunk->data, piece->data + skip, size);
	(void)g_sequence_insert_before(iter, chunk);
	charge(order, chunk, true);
}

/* Is there a byte that both have, and that differs? */
static bool
differ(const struct ms_order *order, const struct ms_order_chunk *chunk,
    const struct ms_order_piece *piece)
{
	uint32_t a = chunk->seq - order->next, b = piece->seq - order->next;
	uint32_t from = MAX(a, b);
	uint32_t to = MIN(a + chunk->size, b + piece->size);

	return from < to && memcmp(chunk->data + (from - a),
	    piece->data + (from - b), to - from) != 0;
}

static bool
put_bytes(struct ms_order *order, const struct ms_order_piece *piece)
{
	uint32_t base = order->next, at = piece->seq;
	uint32_t end = at + piece->size + piece->missing;
	GSequenceIter *iter = place_for(order, at, false);
	bool conflict = false;

	if (!g_sequence_iter_is_begin(iter))
		iter = g_sequence_iter_prev(iter);
	while (at != end) {
		const struct ms_order_chunk *c = NULL;
		uint32_t stop = end;

		if (!g_sequence_iter_is_end(iter))
			c = g_sequence_get(iter);
		if (c && c->seq - base < end - base)
			stop = c->seq;
		if (stop - base > at - base) {
			insert(order, iter, piece, at, stop);
			at = stop;
		}
		if (!c || at == end)
			break;
		conflict |= differ(order, c, piece);
		if (end_of(c) - base > at - base)
			at = end_of(c) - base < end - base ? end_of(c) : end;
		iter = g_sequence_iter_next(iter);
	}
	return conflict;
}

/* The side ends at END; once is enough, and not within bytes. */
static void
put_end(struct ms_order *order, const struct ms_order_piece *piece,
    uint32_t end)
{
	GSequenceIter *iter = place_for(order, end, true);
	const struct ms_order_chunk *c = NULL;

	if (!g_sequence_iter_is_begin(iter))
		c = g_sequence_get(g_sequence_iter_prev(iter));
	if (!c || (c->seq != end && end - c->seq >= c->size + c->missing))
		insert(order, iter, piece, end, end);
}

bool
ms_order_put(struct ms_order *order, const struct ms_order_piece *piece)
{
	uint32_t end = piece->seq + piece->size + piece->missing;
	bool conflict;

	if (!order->waiting)
		order->waiting = g_sequence_new(g_free);
	conflict = put_bytes(order, piece);
	if (piece->fin)
		put_end(order, piece, end);
	return conflict;
}

bool
ms_order_is_full(const struct ms_order *order)
{
	return order->count > COUNT_MAX || order->bytes > BYTES_MAX ||
	    (order->count > 0 && order->pool->bytes > order->pool->max);
}

const struct ms_order_chunk *
ms_order_front(const struct ms_order *order)
{
	if (order->count == 0)
		return NULL;
	return g_sequence_get(g_sequence_get_begin_iter(order->waiting));
}

void
ms_order_pop(struct ms_order *order)
{
	GSequenceIter *iter = g_sequence_get_begin_iter(order->waiting);

	charge(order, g_sequence_get(iter), false);
	g_sequence_remove(iter);
	if (order->count == 0) {
		g_sequence_free(order->waiting);
		order->waiting = NULL;
	}
}

void
ms_order_clear(struct ms_order *order)
{
	while (order->count > 0)
		ms_order_pop(order);
	if (order->waiting)
		g_sequence_free(order->waiting);
	order->waiting = NULL;
}
