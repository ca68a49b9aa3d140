#include "capture/replies.h"

#include <glib.h>
#include <string.h>

#define BLOCK 16384

struct ms_replies {
	const struct ms_dialogue *dialogue;
	struct ms_reply reply;
	bool ready;		/* it is whole */
	bool shaken;
	size_t began;		/* the turn in which it, or its first line,
				 * did */
	size_t turn;		/* the one that is read */
	uint64_t at;		/* in it */
	size_t used, size;	/* of the block */
	char block[BLOCK];
	GString *line;		/* as far as it was read */
	size_t line_turn;	/* the turn in which it began */
	bool too_long;
};

struct ms_replies *
ms_replies_new(const struct ms_dialogue *dialogue)
{
	struct ms_replies *replies = g_new0(struct ms_replies, 1);

	replies->dialogue = dialogue;
	replies->line = g_string_new(NULL);
	ms_reply_init(&replies->reply);
	return replies;
}

void
ms_replies_free(struct ms_replies *replies)
{
	if (!replies)
		return;
	ms_reply_clear(&replies->reply);
	g_string_free(replies->line, TRUE);
	g_free(replies);
}

/* What there is of a reply is of no use. */
static void
drop(struct ms_replies *replies)
{
	ms_reply_clear(&replies->reply);
	ms_reply_init(&replies->reply);
	replies->shaken = true;
}

/* More bytes into the block. MS_END: the server said no more. *GAP: some are
 * missing before them. */
static enum ms_status
fill(struct ms_replies *replies, bool *gap, struct ms_error *err)
{
	const struct ms_dialogue *dialogue = replies->dialogue;

	replies->used = replies->size = 0;
	for (; replies->turn < dialogue->turns->len; replies->turn++) {
		const struct ms_turn *turn =
		    ms_dialogue_turn(dialogue, replies->turn);
		enum ms_status status;

		if (turn->side == MS_SIDE_SERVER &&
		    turn->kind == MS_TURN_GAP)
			*gap = true;
		if (turn->side == MS_SIDE_SERVER &&
		    turn->kind == MS_TURN_BYTES && replies->at < turn->size) {
			replies->size = BLOCK;
			status = ms_dialogue_read(dialogue, replies->turn,
			    replies->at, replies->block, &replies->size, err);
			replies->at += replies->size;
			return status;
		}
		replies->at = 0;
	}
	return MS_END;
}

/* Append to the line what the block has of it. True: that is all of it. */
static bool
take_bytes(struct ms_replies *replies)
{
	const char *from = replies->block + replies->used;
	size_t left = replies->size - replies->used;
	const char *feed = memchr(from, '\n', left);
	size_t size = feed ? (size_t)(feed - from) + 1 : left;

	if (replies->line->len == 0)
		replies->line_turn = replies->turn;
	replies->used += size;
	if (replies->line->len + size > MS_REPLY_LINE_MAX) {
		/* Some of it, so that it is known to have begun. */
		replies->too_long = true;
		size = MIN(size, 1);
	}
	if (!replies->too_long || replies->line->len == 0)
		g_string_append_len(replies->line, from, (gssize)size);
	return feed != NULL;
}

/* A line is whole. */
static void
take_line(struct ms_replies *replies)
{
	size_t used;

	if (replies->reply.lines == 0 || replies->reply.over)
		replies->began = replies->line_turn;
	if (replies->too_long) {
		drop(replies);
	} else {
		enum ms_status status = ms_reply_feed(&replies->reply,
		    replies->line->str, replies->line->len, &used, NULL);

		if (status < 0)
			drop(replies);
		replies->ready = status == MS_OK;
	}
	replies->too_long = false;
	g_string_truncate(replies->line, 0);
}

enum ms_status
ms_replies_peek(struct ms_replies *replies, const struct ms_reply **reply,
    struct ms_error *err)
{
	while (!replies->ready) {
		enum ms_status status = MS_OK;
		bool gap = false;

		if (replies->used == replies->size)
			status = fill(replies, &gap, err);
		if (gap) {
			drop(replies);
			replies->too_long = false;
			g_string_truncate(replies->line, 0);
		}
		if (status == MS_OK && take_bytes(replies)) {
			take_line(replies);
		} else if (status == MS_END && replies->line->len > 0) {
			/* It was broken off. */
			g_string_append_c(replies->line, '\n');
			take_line(replies);
		} else if (status != MS_OK) {
			return status;
		}
	}
	*reply = &replies->reply;
	return MS_OK;
}

size_t
ms_replies_turn(const struct ms_replies *replies)
{
	return replies->began;
}

void
ms_replies_take(struct ms_replies *replies)
{
	replies->ready = false;
}

bool
ms_replies_shaken(struct ms_replies *replies)
{
	bool shaken = replies->shaken;

	replies->shaken = false;
	return shaken;
}
