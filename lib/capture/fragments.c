#include "capture/fragments.h"

#include <glib.h>
#include <string.h>

#define DATAGRAM_MAX 65535u
#define UNIT 8u				/* bytes that offsets count in */
#define WAITING_MAX 1024u		/* datagrams */
#define BYTES_MAX ((size_t)8 << 20)
#define WAIT_US ((int64_t)60 * 1000000)	/* RFC 8200 4.5: 60 seconds */

struct key {
	unsigned char from[16], to[16];
	uint32_t id, protocol;
};

struct waiting {
	struct key key;
	GList link;		/* in the order of first fragments */
	int64_t time_us;	/* of the first */
	unsigned char *data;
	size_t allocated;
	size_t end;		/* behind the last byte that came */
	size_t total;		/* 0: the last fragment is not there */
	size_t units;		/* that are there */
	bool conflict;
	unsigned char have[(DATAGRAM_MAX + 1) / UNIT / 8];
};

struct ms_fragments {
	GHashTable *table;	/* struct waiting, by its key */
	GQueue order;
	size_t bytes;
	uint64_t dropped;
	struct waiting *given;	/* on loan to the caller */
};

static guint
hash(gconstpointer pointer)
{
	const unsigned char *p = pointer;
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < sizeof(struct key); i++)
		h = (h ^ p[i]) * 1099511628211u;
	return (guint)(h ^ (h >> 32));
}

static gboolean
equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct key)) == 0;
}

struct ms_fragments *
ms_fragments_new(void)
{
	struct ms_fragments *f = g_new0(struct ms_fragments, 1);

	f->table = g_hash_table_new(hash, equal);
	g_queue_init(&f->order);
	return f;
}

static size_t
cost(const struct waiting *w)
{
	return sizeof *w + w->allocated;
}

static void
free_waiting(struct waiting *w)
{
	if (w)
		g_free(w->data);
	g_free(w);
}

static void
take_out(struct ms_fragments *f, struct waiting *w)
{
	(void)g_hash_table_remove(f->table, &w->key);
	g_queue_unlink(&f->order, &w->link);
	f->bytes -= cost(w);
}

static void
drop_oldest(struct ms_fragments *f)
{
	struct waiting *w = g_queue_peek_head(&f->order);

	take_out(f, w);
	free_waiting(w);
	f->dropped++;
}

void
ms_fragments_free(struct ms_fragments *f)
{
	if (!f)
		return;
	while (!g_queue_is_empty(&f->order))
		drop_oldest(f);
	g_hash_table_unref(f->table);
	free_waiting(f->given);
	g_free(f);
}

/* What FRAGMENT is a piece of. */
static struct waiting *
find(struct ms_fragments *f, const struct ms_fragment *fragment)
{
	struct key key = { .id = fragment->id,
		.protocol = fragment->protocol };
	struct waiting *w;

	memcpy(key.from, fragment->from, sizeof key.from);
	memcpy(key.to, fragment->to, sizeof key.to);
	w = g_hash_table_lookup(f->table, &key);
	if (w)
		return w;
	w = g_new0(struct waiting, 1);
	w->key = key;
	w->time_us = fragment->time_us;
	w->link.data = w;
	g_queue_push_tail_link(&f->order, &w->link);
	(void)g_hash_table_add(f->table, &w->key);
	f->bytes += cost(w);
	return w;
}

static void
make_room(struct ms_fragments *f, struct waiting *w, size_t end)
{
	if (end <= w->allocated)
		return;
	f->bytes -= w->allocated;
	w->allocated = MIN(MAX(end, 2 * w->allocated), DATAGRAM_MAX + UNIT);
	w->data = g_realloc(w->data, w->allocated);
	f->bytes += w->allocated;
}

/* Unit by unit: those that are there stay. */
static void
copy(struct waiting *w, size_t offset, const unsigned char *data,
    size_t size)
{
	for (size_t i = 0; i < size; i += UNIT) {
		size_t unit = (offset + i) / UNIT, n = MIN(UNIT, size - i);
		unsigned char bit = (unsigned char)(1u << (unit % 8));

		if (!(w->have[unit / 8] & bit)) {
			w->have[unit / 8] |= bit;
			w->units++;
			memcpy(w->data + offset + i, data + i, n);
		} else if (memcmp(w->data + offset + i, data + i, n) != 0) {
			w->conflict = true;
		}
	}
	w->end = MAX(w->end, offset + size);
}

enum ms_status
ms_fragments_add(struct ms_fragments *f, const struct ms_fragment *fragment,
    struct ms_datagram *whole)
{
	/* Bytes without a place, if another is to follow. */
	size_t size = fragment->more ? fragment->size - fragment->size % UNIT :
	    fragment->size;
	size_t end = fragment->offset + size;
	struct waiting *w;

	free_waiting(f->given);
	f->given = NULL;
	while (!g_queue_is_empty(&f->order) &&
	    (f->order.length > WAITING_MAX || f->bytes > BYTES_MAX ||
	    fragment->time_us - ((struct waiting *)g_queue_peek_head(
	    &f->order))->time_us > WAIT_US))
		drop_oldest(f);
	if (size == 0 || fragment->offset % UNIT != 0 || end > DATAGRAM_MAX)
		return MS_END;
	w = find(f, fragment);
	if ((w->total > 0 && end > w->total) ||
	    (!fragment->more && (end < w->end ||
	    (w->total > 0 && end != w->total)))) {
		w->conflict = true;
		return MS_END;
	}
	make_room(f, w, end);
	copy(w, fragment->offset, fragment->data, size);
	if (!fragment->more)
		w->total = end;
	if (w->total == 0 || w->units * UNIT < w->total)
		return MS_END;
	take_out(f, w);
	f->given = w;
	*whole = (struct ms_datagram){ w->data, w->total, w->conflict };
	return MS_OK;
}

uint64_t
ms_fragments_dropped(const struct ms_fragments *f)
{
	return f->dropped;
}
