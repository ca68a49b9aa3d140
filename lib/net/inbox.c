#include "net/inbox.h"

#include <glib.h>

size_t
ms_inbox_size(const struct ms_inbox *inbox)
{
	return inbox->fresh_size + inbox->kept.size;
}

bool
ms_inbox_full(const struct ms_inbox *inbox)
{
	return ms_inbox_size(inbox) >= inbox->max;
}

const unsigned char *
ms_inbox_peek(const struct ms_inbox *inbox, size_t *size)
{
	*size = ms_inbox_size(inbox);
	return inbox->fresh_size ? inbox->fresh :
	    ms_pending_data(&inbox->kept);
}

void
ms_inbox_consume(struct ms_inbox *inbox, size_t size)
{
	if (inbox->fresh_size) {
		inbox->fresh += size;
		inbox->fresh_size -= size;
	} else {
		ms_pending_consume(&inbox->kept, size);
	}
}

enum ms_channel_answer
ms_inbox_fill(struct ms_inbox *inbox, struct ms_channel *channel,
    struct ms_loop *loop, size_t *got, struct ms_error *err)
{
	enum ms_channel_answer answer;
	size_t size, room, more;
	unsigned char *block = ms_loop_block(loop, &size);

	room = MIN(inbox->max - ms_inbox_size(inbox), size);
	*got = 0;
	/* TLS gives one record at a time. */
	do {
		answer = ms_channel_read(channel, block + *got, room - *got,
		    &more, err);
		*got += more;
	} while (answer == MS_CHANNEL_DONE && *got < room &&
	    ms_channel_has(channel));
	/* To ask once more only to hear that there is nothing has a price. */
	if (answer == MS_CHANNEL_DONE && *got < room)
		answer = MS_CHANNEL_WANT_READ;
	if (inbox->kept.size > 0) {
		ms_pending_append(&inbox->kept, block, *got);
	} else {
		inbox->fresh = block;
		inbox->fresh_size = *got;
	}
	return answer;
}

void
ms_inbox_keep(struct ms_inbox *inbox)
{
	if (inbox->fresh_size > 0)
		ms_pending_append(&inbox->kept, inbox->fresh,
		    inbox->fresh_size);
	inbox->fresh = NULL;
	inbox->fresh_size = 0;
}

void
ms_inbox_clear(struct ms_inbox *inbox)
{
	inbox->fresh = NULL;
	inbox->fresh_size = 0;
	ms_pending_clear(&inbox->kept);
}
