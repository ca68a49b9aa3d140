#include "capture/redact.h"

#include "capture/veil.h"

#include <string.h>

#define BLOCK 65536
#define LINE_MAX_SIZE 8192	/* of a line that is looked at as a whole */

/* One side of the dialogue. What it says is as long after as before. */
struct side {
	enum ms_side side;
	struct ms_stash_chain *out;
	unsigned char line[LINE_MAX_SIZE];
	size_t filled;
	bool tls;
	size_t head_left, body_left;	/* of a record of TLS */
};

struct ms_redact {
	struct ms_veil *veil;
	struct side sides[MS_SIDES];
};

struct ms_redact *
ms_redact_new(void)
{
	struct ms_redact *redact = g_new0(struct ms_redact, 1);

	redact->veil = ms_veil_new();
	redact->sides[MS_SIDE_SERVER].side = MS_SIDE_SERVER;
	return redact;
}

void
ms_redact_free(struct ms_redact *redact)
{
	if (!redact)
		return;
	ms_veil_free(redact->veil);
	g_free(redact);
}

static enum ms_status
put(struct side *side, struct ms_error *err)
{
	enum ms_status status = ms_stash_chain_append(side->out, side->line,
	    side->filled, err);

	side->filled = 0;
	return status;
}

/* The line of SIDE, or what there is of it. */
static enum ms_status
end_line(struct ms_redact *redact, struct side *side, bool ended,
    struct ms_error *err)
{
	if (side->filled == 0)
		return MS_OK;
	ms_veil_line(redact->veil, side->side, side->line, side->filled,
	    ended);
	return put(side, err);
}

/* Does a record of TLS begin? */
static bool
is_tls(const struct ms_redact *redact, const struct side *side,
    const unsigned char *data, size_t size)
{
	return side->filled == 0 && data[0] >= 0x14 && data[0] <= 0x17 &&
	    (size < 2 || data[1] == 3) &&
	    ms_veil_is_between(redact->veil, side->side);
}

/* Nothing but the type and the size of records. */
static void
redact_tls(struct side *side, unsigned char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (side->head_left == 0 && side->body_left == 0)
			side->head_left = 5;
		if (side->head_left > 0) {
			side->head_left--;
			if (side->head_left < 2)
				side->body_left = side->body_left << 8 |
				    data[i];
		} else {
			side->body_left--;
			data[i] = 0;
		}
	}
}

static enum ms_status
feed_tls(struct side *side, const unsigned char *data, size_t size,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	while (size > 0 && status == MS_OK) {
		side->filled = MIN(size, sizeof side->line);
		memcpy(side->line, data, side->filled);
		redact_tls(side, side->line, side->filled);
		data += side->filled;
		size -= side->filled;
		status = put(side, err);
	}
	return status;
}

/* Take some of the SIZE bytes at DATA, and end the line if it does. */
static enum ms_status
feed_some(struct ms_redact *redact, struct side *side,
    const unsigned char *data, size_t size, size_t *used,
    struct ms_error *err)
{
	size_t room = ms_veil_room(redact->veil, side->side);
	const unsigned char *end;

	room = MIN(room, sizeof side->line) - side->filled;
	*used = MIN(size, room);
	end = memchr(data, '\n', *used);
	if (end)
		*used = (size_t)(end - data) + 1;
	memcpy(side->line + side->filled, data, *used);
	side->filled += *used;
	return end || *used == room ?
	    end_line(redact, side, end != NULL, err) : MS_OK;
}

static enum ms_status
feed(struct ms_redact *redact, struct side *side, const unsigned char *data,
    size_t size, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	while (size > 0 && status == MS_OK) {
		size_t used;

		if (side->tls || is_tls(redact, side, data, size)) {
			side->tls = true;
			return feed_tls(side, data, size, err);
		}
		status = feed_some(redact, side, data, size, &used, err);
		data += used;
		size -= used;
	}
	return status;
}

/* Bytes of SIDE are missing. */
static enum ms_status
skip(struct ms_redact *redact, struct side *side, uint64_t size,
    struct ms_error *err)
{
	enum ms_status status = end_line(redact, side, false, err);

	ms_veil_gap(redact->veil, side->side, size);
	return status;
}

/* What both said so far is over: TLS begins, or the dialogue ends. */
static enum ms_status
finish(struct ms_redact *redact, bool heard, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	for (size_t i = 0; i < MS_SIDES && status == MS_OK; i++) {
		struct side *side = &redact->sides[i];

		status = end_line(redact, side, true, err);
		side->tls = false;
		side->head_left = side->body_left = 0;
	}
	ms_veil_begin(redact->veil, heard);
	return status;
}

/* All turns in their order, into the chains of the sides. */
static enum ms_status
listen_to(struct ms_redact *redact, const struct ms_dialogue *dialogue,
    struct ms_error *err)
{
	unsigned char *block = g_malloc(BLOCK);
	bool heard = dialogue->heard[MS_SIDE_SERVER];
	enum ms_status status = finish(redact, heard, err);

	for (size_t i = 0; i < dialogue->turns->len && status == MS_OK; i++) {
		const struct ms_turn *turn = ms_dialogue_turn(dialogue, i);
		struct side *side = &redact->sides[turn->side];
		size_t got = BLOCK;
		uint64_t at = 0;

		if (turn->kind == MS_TURN_SECURE)
			status = finish(redact, heard, err);
		else if (turn->kind == MS_TURN_GAP)
			status = skip(redact, side, turn->size, err);
		if (turn->kind != MS_TURN_BYTES)
			continue;
		for (; status == MS_OK && at < turn->size; at += got) {
			got = BLOCK;
			status = ms_dialogue_read(dialogue, i, at, block, &got,
			    err);
			if (status == MS_OK)
				status = feed(redact, side, block, got, err);
		}
	}
	g_free(block);
	return status == MS_OK ? finish(redact, heard, err) : status;
}

/* SIZE bytes of CHAIN from OFFSET on as a turn. */
static enum ms_status
say_again(struct ms_dialogue *to, const struct ms_turn *turn,
    const struct ms_stash_chain *chain, uint64_t offset,
    struct ms_error *err)
{
	unsigned char *block = g_malloc(BLOCK);
	enum ms_status status = MS_OK;
	uint64_t at = 0;
	size_t got;

	for (; at < turn->size && status == MS_OK; at += got) {
		status = ms_stash_chain_read(chain, offset + at, block,
		    (size_t)MIN(BLOCK, turn->size - at), &got, err);
		if (status == MS_OK)
			status = ms_dialogue_say(to, turn->side,
			    turn->time_us, block, got, err);
	}
	g_free(block);
	return status;
}

/* The same turns, of what the sides say now. */
static enum ms_status
put_together(const struct ms_redact *redact, const struct ms_dialogue *from,
    struct ms_dialogue *to, struct ms_error *err)
{
	uint64_t offsets[MS_SIDES] = { 0 };
	enum ms_status status = MS_OK;

	for (size_t i = 0; i < from->turns->len && status == MS_OK; i++) {
		const struct ms_turn *turn = ms_dialogue_turn(from, i);

		switch (turn->kind) {
		case MS_TURN_BYTES:
			status = say_again(to, turn,
			    redact->sides[turn->side].out,
			    offsets[turn->side], err);
			offsets[turn->side] += turn->size;
			break;
		case MS_TURN_GAP:
			status = ms_dialogue_gap(to, turn->side,
			    turn->time_us, turn->size, err);
			break;
		case MS_TURN_END:
		case MS_TURN_RESET:
			status = ms_dialogue_end(to, turn->side,
			    turn->time_us, turn->kind == MS_TURN_RESET, err);
			break;
		case MS_TURN_NOTE:
			break;
		case MS_TURN_SECURE:
			status = ms_dialogue_secure(to, turn->time_us, err);
			break;
		}
	}
	return status;
}

/* "192.0.2.1:25" but for the port, as a new string. */
static char *
redact_name(const struct ms_redact *redact, const char *name)
{
	char *copy = g_strdup(name);
	char *port = copy ? strrchr(copy, ':') : NULL;

	if (copy)
		ms_veil_name(redact->veil, copy, port ?
		    (size_t)(port - copy) : strlen(copy));
	return copy;
}

enum ms_status
ms_redact(struct ms_redact *redact, const struct ms_dialogue *dialogue,
    struct ms_dialogue **redacted, struct ms_error *err)
{
	struct ms_dialogue *to = ms_dialogue_new(dialogue->stash);
	enum ms_status status;

	for (size_t i = 0; i < MS_SIDES; i++)
		redact->sides[i].out = ms_stash_chain_new(dialogue->stash);
	to->number = dialogue->number;
	to->client = redact_name(redact, dialogue->client);
	to->server = redact_name(redact, dialogue->server);
	to->position = dialogue->position;
	to->unit = dialogue->unit;
	to->begun = dialogue->begun;
	status = listen_to(redact, dialogue, err);
	if (status == MS_OK)
		status = put_together(redact, dialogue, to, err);
	memcpy(to->heard, dialogue->heard, sizeof to->heard);
	for (size_t i = 0; i < MS_SIDES; i++)
		ms_stash_chain_free(redact->sides[i].out);
	if (status == MS_OK)
		*redacted = to;
	else
		ms_dialogue_free(to);
	return status;
}
