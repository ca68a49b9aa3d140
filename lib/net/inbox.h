#ifndef MS_INBOX_H
#define MS_INBOX_H

#include "net/channel.h"
#include "net/loop.h"
#include "net/pending.h"

/*
 * Input of a channel that nobody has consumed yet. While the callback that it
 * came with runs, it lies in the loop's block; only what that leaves over is
 * copied.
 */

struct ms_inbox {
	const unsigned char *fresh;	/* in the loop's block */
	size_t fresh_size;		/* if not 0, KEPT is empty */
	struct ms_pending kept;
	size_t max;			/* bytes that are kept */
};

size_t ms_inbox_size(const struct ms_inbox *inbox);
bool ms_inbox_full(const struct ms_inbox *inbox);

/* All of it, until the next call; NULL: nothing. */
const unsigned char *ms_inbox_peek(const struct ms_inbox *inbox,
    size_t *size);
/* Its first SIZE bytes, of which there are as many, are done with. */
void ms_inbox_consume(struct ms_inbox *inbox, size_t size);

/* As much as CHANNEL gives, and as may be kept, for an inbox that is not
 * full: *GOT bytes, and the channel's last answer. DONE: there may be more
 * that the socket will not say again.
 * The loop's block is in use until ms_inbox_keep(). */
enum ms_channel_answer ms_inbox_fill(struct ms_inbox *inbox,
    struct ms_channel *channel, struct ms_loop *loop, size_t *got,
    struct ms_error *err);
void ms_inbox_keep(struct ms_inbox *inbox);
void ms_inbox_clear(struct ms_inbox *inbox);

#endif
