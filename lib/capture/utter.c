#include "capture/utter.h"

/* Bytes that are held. As many dialogues as a log mixes have as much. */
#define HELD_MAX ((size_t)4096)

void
ms_utter_init(struct ms_utter *utter, struct ms_desk *desk)
{
	*utter = (struct ms_utter){
		.desk = desk, .dialogue = ms_desk_begin(desk),
		.held = g_string_new(NULL),
	};
}

void
ms_utter_clear(struct ms_utter *utter)
{
	ms_dialogue_free(utter->dialogue);
	utter->dialogue = NULL;
	if (utter->held)
		g_string_free(utter->held, TRUE);
	utter->held = NULL;
}

/* The last turns become gaps of both sides, as there is no room for more;
 * none of these may be beside another of its side. */
static void
make_gaps(struct ms_dialogue *dialogue)
{
	size_t count = dialogue->turns->len;
	enum ms_side last = MS_SIDE_SERVER;

	if (count > 2) {
		const struct ms_turn *third = ms_dialogue_turn(dialogue,
		    count - 3);

		if (third->kind == MS_TURN_GAP &&
		    third->side == MS_SIDE_CLIENT)
			last = MS_SIDE_CLIENT;
	}
	for (size_t i = 1; i <= 2 && i <= count; i++) {
		struct ms_turn *turn = &g_array_index(dialogue->turns,
		    struct ms_turn, count - i);

		turn->kind = MS_TURN_GAP;
		turn->side = i == 1 ? last : (enum ms_side)!last;
		turn->size = 0;
	}
}

/* What to make of STATUS, which is the dialogue's. */
static enum ms_status
settle(struct ms_utter *utter, enum ms_status status, struct ms_error *err)
{
	struct ms_error dropped;

	if (status != MS_E_LIMIT)
		return status;
	ms_desk_full(utter->desk, err ? err->text : "too much");
	utter->full = true;
	for (int side = 0; side < MS_SIDES; side++)
		if (ms_dialogue_gap(utter->dialogue, (enum ms_side)side, -1,
		    0, &dropped) != MS_OK) {
			make_gaps(utter->dialogue);
			break;
		}
	return MS_OK;
}

static enum ms_status
flush(struct ms_utter *utter, struct ms_error *err)
{
	enum ms_status status;

	if (utter->full || utter->held->len == 0)
		return MS_OK;
	status = ms_dialogue_say(utter->dialogue, utter->side,
	    utter->time_us, utter->held->str, utter->held->len, err);
	g_string_truncate(utter->held, 0);
	return settle(utter, status, err);
}

enum ms_status
ms_utter_say(struct ms_utter *utter, enum ms_side side, int64_t time_us,
    const void *data, size_t size, struct ms_error *err)
{
	enum ms_status status;

	if (utter->full)
		return MS_OK;
	if (side != utter->side || time_us != utter->time_us ||
	    utter->held->len + size > HELD_MAX) {
		if ((status = flush(utter, err)) != MS_OK)
			return status;
		utter->side = side;
		utter->time_us = time_us;
	}
	if (utter->full)
		return MS_OK;
	utter->dialogue->heard[side] = true;
	if (size >= HELD_MAX)
		return settle(utter, ms_dialogue_say(utter->dialogue, side,
		    time_us, data, size, err), err);
	g_string_append_len(utter->held, data, (gssize)size);
	return MS_OK;
}

enum ms_status
ms_utter_gap(struct ms_utter *utter, enum ms_side side, int64_t time_us,
    uint64_t size, struct ms_error *err)
{
	enum ms_status status = flush(utter, err);

	if (status != MS_OK || utter->full)
		return status;
	return settle(utter, ms_dialogue_gap(utter->dialogue, side, time_us,
	    size, err), err);
}

enum ms_status
ms_utter_end(struct ms_utter *utter, const struct ms_turn *end,
    struct ms_error *err)
{
	enum ms_status status = flush(utter, err);

	if (status != MS_OK || utter->full)
		return status;
	return settle(utter, ms_dialogue_end(utter->dialogue, end->side,
	    end->time_us, end->kind == MS_TURN_RESET, err), err);
}

enum ms_status
ms_utter_note(struct ms_utter *utter, enum ms_side side, int64_t time_us,
    const char *text, struct ms_error *err)
{
	enum ms_status status = flush(utter, err);

	if (status != MS_OK || utter->full)
		return status;
	return settle(utter, ms_dialogue_note(utter->dialogue, side, time_us,
	    text, err), err);
}

enum ms_status
ms_utter_secure(struct ms_utter *utter, int64_t time_us,
    struct ms_error *err)
{
	enum ms_status status = flush(utter, err);

	if (status != MS_OK || utter->full)
		return status;
	return settle(utter, ms_dialogue_secure(utter->dialogue, time_us,
	    err), err);
}

bool
ms_utter_any(const struct ms_utter *utter)
{
	return utter->held->len > 0 || utter->dialogue->turns->len > 0;
}

enum ms_status
ms_utter_done(struct ms_utter *utter, struct ms_error *err)
{
	enum ms_status status = flush(utter, err);

	ms_desk_finish(utter->desk, utter->dialogue);
	utter->dialogue = NULL;
	ms_utter_clear(utter);
	return status;
}
