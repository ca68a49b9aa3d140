#include "capture/dialogue.h"

#include <string.h>

/* Memory of a turn, with the room that an array grows by. */
#define TURN_COST (2 * sizeof(struct ms_turn))

struct ms_dialogue *
ms_dialogue_new(struct ms_stash *stash)
{
	struct ms_dialogue *dialogue = g_new0(struct ms_dialogue, 1);

	dialogue->unit = "";
	dialogue->turns = g_array_new(FALSE, FALSE, sizeof(struct ms_turn));
	dialogue->bytes = ms_stash_chain_new(stash);
	dialogue->stash = stash;
	return dialogue;
}

void
ms_dialogue_free(struct ms_dialogue *dialogue)
{
	if (!dialogue)
		return;
	ms_stash_release(dialogue->stash, dialogue->turns->len * TURN_COST);
	ms_stash_chain_free(dialogue->bytes);
	g_array_unref(dialogue->turns);
	g_free(dialogue->client);
	g_free(dialogue->server);
	g_free(dialogue);
}

static bool
has_bytes(enum ms_turn_kind kind)
{
	return kind == MS_TURN_BYTES || kind == MS_TURN_NOTE;
}

/* The last turn, if TURN is more of the same. */
static struct ms_turn *
joined(struct ms_dialogue *dialogue, const struct ms_turn *turn)
{
	GArray *turns = dialogue->turns;
	struct ms_turn *last;

	if (turns->len == 0)
		return NULL;
	last = &g_array_index(turns, struct ms_turn, turns->len - 1);
	if (last->kind != turn->kind || last->side != turn->side)
		return NULL;
	if (turn->kind == MS_TURN_GAP)
		return (last->size == 0) == (turn->size == 0) &&
		    turn->size <= G_MAXUINT64 - last->size ? last : NULL;
	if (turn->kind != MS_TURN_BYTES)
		return NULL;
	return last->time_us == turn->time_us ||
	    turns->len >= MS_DIALOGUE_FINE ? last : NULL;
}

/* TURN, with the bytes at DATA if its kind has any. */
static enum ms_status
add(struct ms_dialogue *dialogue, struct ms_turn *turn, const void *data,
    struct ms_error *err)
{
	struct ms_turn *last = joined(dialogue, turn);
	enum ms_status status;

	if (!last) {
		status = ms_stash_hold(dialogue->stash, TURN_COST, err);
		if (status != MS_OK)
			return status;
	}
	turn->offset = ms_stash_chain_size(dialogue->bytes);
	if (has_bytes(turn->kind)) {
		status = ms_stash_chain_append(dialogue->bytes, data,
		    (size_t)turn->size, err);
		if (status != MS_OK) {
			if (!last)
				ms_stash_release(dialogue->stash, TURN_COST);
			return status;
		}
	}
	if (last)
		last->size += turn->size;
	else
		g_array_append_val(dialogue->turns, *turn);
	return MS_OK;
}

enum ms_status
ms_dialogue_say(struct ms_dialogue *dialogue, enum ms_side side,
    int64_t time_us, const void *data, size_t size, struct ms_error *err)
{
	struct ms_turn turn = {
		.kind = MS_TURN_BYTES, .side = side, .time_us = time_us,
		.size = size,
	};

	dialogue->heard[side] = true;
	return size == 0 ? MS_OK : add(dialogue, &turn, data, err);
}

enum ms_status
ms_dialogue_gap(struct ms_dialogue *dialogue, enum ms_side side,
    int64_t time_us, uint64_t size, struct ms_error *err)
{
	struct ms_turn turn = {
		.kind = MS_TURN_GAP, .side = side, .time_us = time_us,
		.size = size,
	};

	return add(dialogue, &turn, NULL, err);
}

enum ms_status
ms_dialogue_end(struct ms_dialogue *dialogue, enum ms_side side,
    int64_t time_us, bool reset, struct ms_error *err)
{
	struct ms_turn turn = {
		.kind = reset ? MS_TURN_RESET : MS_TURN_END, .side = side,
		.time_us = time_us,
	};

	return add(dialogue, &turn, NULL, err);
}

enum ms_status
ms_dialogue_note(struct ms_dialogue *dialogue, enum ms_side side,
    int64_t time_us, const char *text, struct ms_error *err)
{
	struct ms_turn turn = {
		.kind = MS_TURN_NOTE, .side = side, .time_us = time_us,
		.size = strlen(text),
	};

	return add(dialogue, &turn, text, err);
}

enum ms_status
ms_dialogue_secure(struct ms_dialogue *dialogue, int64_t time_us,
    struct ms_error *err)
{
	struct ms_turn turn = {
		.kind = MS_TURN_SECURE, .side = MS_SIDE_CLIENT,
		.time_us = time_us,
	};

	return add(dialogue, &turn, NULL, err);
}

const struct ms_turn *
ms_dialogue_turn(const struct ms_dialogue *dialogue, size_t i)
{
	return &g_array_index(dialogue->turns, struct ms_turn, i);
}

enum ms_status
ms_dialogue_read(const struct ms_dialogue *dialogue, size_t i,
    uint64_t offset, void *data, size_t *size, struct ms_error *err)
{
	const struct ms_turn *turn = ms_dialogue_turn(dialogue, i);
	size_t want = *size;

	*size = 0;
	if (!has_bytes(turn->kind) || offset >= turn->size)
		return MS_OK;
	return ms_stash_chain_read(dialogue->bytes, turn->offset + offset,
	    data, (size_t)MIN(want, turn->size - offset), size, err);
}
