#include "net/pending.h"

#include <glib.h>
#include <string.h>

enum { ROOM_MIN = 256 };

unsigned char *
ms_pending_reserve(struct ms_pending *pending, size_t size)
{
	const size_t end = pending->start + pending->size;
	size_t room = MAX(pending->room, ROOM_MIN);

	if (pending->block && pending->room - end >= size)
		return pending->block + end;
	/* Moving pays if as much was taken away as is left. */
	if (pending->block && pending->start >= pending->size &&
	    pending->room - pending->size >= size) {
		memmove(pending->block, pending->block + pending->start,
		    pending->size);
		pending->start = 0;
		return pending->block + pending->size;
	}
	while (room - pending->size < size)
		room *= 2;
	if (pending->block && pending->start > 0) {
		unsigned char *block = g_malloc(room);

		memcpy(block, pending->block + pending->start, pending->size);
		g_free(pending->block);
		pending->block = block;
		pending->start = 0;
	} else {
		pending->block = g_realloc(pending->block, room);
	}
	pending->room = room;
	return pending->block + pending->size;
}

void
ms_pending_extend(struct ms_pending *pending, size_t size)
{
	pending->size += size;
}

void
ms_pending_append(struct ms_pending *pending, const void *data, size_t size)
{
	if (size == 0)
		return;
	memcpy(ms_pending_reserve(pending, size), data, size);
	pending->size += size;
}

const unsigned char *
ms_pending_data(const struct ms_pending *pending)
{
	return pending->size ? pending->block + pending->start : NULL;
}

void
ms_pending_consume(struct ms_pending *pending, size_t size)
{
	pending->start += size;
	pending->size -= size;
	ms_pending_settle(pending);
}

void
ms_pending_settle(struct ms_pending *pending)
{
	if (pending->size == 0)
		ms_pending_clear(pending);
}

void
ms_pending_clear(struct ms_pending *pending)
{
	g_free(pending->block);
	*pending = (struct ms_pending){ NULL, 0, 0, 0 };
}
