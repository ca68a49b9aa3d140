#include "pool/outbox.h"

#include <errno.h>
#include <unistd.h>

struct item {
	GByteArray *frame;
	int fd;
};

static void
free_item(gpointer data)
{
	struct item *item = data;

	g_byte_array_unref(item->frame);
	if (item->fd >= 0)
		(void)close(item->fd);
	g_free(item);
}

void
ms_outbox_init(struct ms_outbox *box)
{
	g_queue_init(&box->waiting);
	box->size = 0;
}

void
ms_outbox_clear(struct ms_outbox *box)
{
	g_queue_clear_full(&box->waiting, free_item);
	box->size = 0;
}

void
ms_outbox_put(struct ms_outbox *box, GByteArray *frame, int fd)
{
	struct item *item = g_new(struct item, 1);

	*item = (struct item){ frame, fd };
	g_queue_push_tail(&box->waiting, item);
	box->size += frame->len;
}

enum ms_status
ms_outbox_send(struct ms_outbox *box, int socket)
{
	const struct item *item;
	struct ms_error err;

	while ((item = g_queue_peek_head(&box->waiting))) {
		if (ms_frame_send(socket, item->frame, item->fd, &err) !=
		    MS_OK)
			return errno == EAGAIN || errno == EINTR ? MS_OK :
			    MS_E_PEER;
		box->size -= item->frame->len;
		free_item(g_queue_pop_head(&box->waiting));
	}
	return MS_OK;
}

guint
ms_outbox_length(const struct ms_outbox *box)
{
	return box->waiting.length;
}
