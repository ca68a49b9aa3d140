#include "capture/stray.h"

#include <glib.h>

#include "smtp/payload.h"

#define BLOCK 65536

/* A single line that is no command, and shorter, is a mistake, not mail. */
#define MISTAKE_BYTES 200

struct ms_stray {
	const struct ms_dialogue *dialogue;
	bool open;
	uint64_t start, end;	/* of the client's bytes */
	unsigned lines;
	char *why;
	size_t turn;		/* what is read again was read up to it, */
	uint64_t before;	/* and the client said so much before it */
	unsigned char *block;
};

struct ms_stray *
ms_stray_new(const struct ms_dialogue *dialogue)
{
	struct ms_stray *stray = g_new0(struct ms_stray, 1);

	stray->dialogue = dialogue;
	return stray;
}

void
ms_stray_free(struct ms_stray *stray)
{
	if (!stray)
		return;
	g_free(stray->why);
	g_free(stray->block);
	g_free(stray);
}

static void
open_at(struct ms_stray *stray, uint64_t at)
{
	if (stray->open)
		return;
	stray->open = true;
	stray->start = stray->end = at;
	stray->lines = 0;
}

void
ms_stray_add(struct ms_stray *stray, uint64_t start, uint64_t end)
{
	open_at(stray, start);
	stray->end = end;
	stray->lines += stray->lines < 2;
}

void
ms_stray_lacks_at(struct ms_stray *stray, uint64_t at, const char *why)
{
	open_at(stray, at);
	ms_stray_lacks(stray, why);
}

void
ms_stray_lacks(struct ms_stray *stray, const char *why)
{
	if (!stray->why)
		stray->why = g_strdup(why);
}

bool
ms_stray_is_open(const struct ms_stray *stray)
{
	return stray->open;
}

bool
ms_stray_matters(const struct ms_stray *stray)
{
	return stray->open && (stray->lines > 1 || stray->why ||
	    stray->end - stray->start > MISTAKE_BYTES);
}

const char *
ms_stray_why(const struct ms_stray *stray)
{
	return stray->why;
}

/* Of the client's bytes from FROM on, which only grows, up to *SIZE into the
 * block; *SIZE is then how many there are. */
static enum ms_status
read_again(struct ms_stray *stray, uint64_t from, size_t *size,
    struct ms_error *err)
{
	const struct ms_turn *turn;

	for (;; stray->turn++) {
		turn = ms_dialogue_turn(stray->dialogue, stray->turn);
		if (turn->side != MS_SIDE_CLIENT ||
		    turn->kind != MS_TURN_BYTES)
			continue;
		if (from < stray->before + turn->size)
			break;
		stray->before += turn->size;
	}
	return ms_dialogue_read(stray->dialogue, stray->turn,
	    from - stray->before, stray->block, size, err);
}

/* The SIZE bytes in the block. */
static enum ms_status
give_block(const struct ms_stray *stray, struct ms_payload *payload,
    size_t size, ms_stray_bytes *bytes, void *arg, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	const unsigned char *run;
	size_t used, run_size;

	for (size_t at = 0; at < size && status == MS_OK; at += used) {
		if (ms_payload_feed(payload, stray->block + at, size - at,
		    &used, &run, &run_size) == MS_OK)
			ms_payload_init(payload, payload->kind);
		else if (run_size > 0)
			status = bytes(arg, run, run_size, err);
	}
	return status;
}

enum ms_status
ms_stray_give(struct ms_stray *stray, bool loose, ms_stray_bytes *bytes,
    void *arg, struct ms_error *err)
{
	struct ms_payload payload;
	enum ms_status status = MS_OK;
	const unsigned char *run;
	uint64_t at = stray->start;
	size_t got;

	if (!stray->block)
		stray->block = g_malloc(BLOCK);
	ms_payload_init(&payload, loose ? MS_PAYLOAD_LOOSE : MS_PAYLOAD_DATA);
	for (; status == MS_OK && at < stray->end; at += got) {
		got = (size_t)MIN(BLOCK, stray->end - at);
		status = read_again(stray, at, &got, err);
		if (status == MS_OK)
			status = give_block(stray, &payload, got, bytes, arg,
			    err);
	}
	ms_payload_end(&payload, &run, &got);
	if (status == MS_OK && got > 0)
		status = bytes(arg, run, got, err);
	return status;
}

enum ms_status
ms_stray_rest(struct ms_stray *stray, struct ms_stray_place *place,
    uint64_t end, ms_stray_bytes *bytes, void *arg, struct ms_error *err)
{
	const GArray *turns = stray->dialogue->turns;
	enum ms_status status = MS_OK;

	if (!stray->block)
		stray->block = g_malloc(BLOCK);
	for (size_t i = place->turn; i < turns->len && status == MS_OK &&
	    place->client < end; i++) {
		const struct ms_turn *turn =
		    ms_dialogue_turn(stray->dialogue, i);

		if (turn->kind == MS_TURN_SECURE)
			break;
		place->at = i == place->turn ? place->at : 0;
		place->turn = i;
		while (turn->side == MS_SIDE_CLIENT && status == MS_OK &&
		    turn->kind == MS_TURN_BYTES && place->at < turn->size &&
		    place->client < end) {
			size_t got = (size_t)MIN(BLOCK, end - place->client);

			status = ms_dialogue_read(stray->dialogue, i,
			    place->at, stray->block, &got, err);
			if (status == MS_OK)
				status = bytes(arg, stray->block, got, err);
			place->at += got;
			place->client += got;
		}
	}
	return status;
}

void
ms_stray_back(struct ms_stray *stray, const struct ms_stray_place *place)
{
	stray->turn = place->turn;
	stray->before = place->client - place->at;
}

char *
ms_stray_gap(uint64_t size, uint64_t client, uint64_t stream)
{
	char *many = size > 0 ? g_strdup_printf("%" G_GUINT64_FORMAT " ",
	    size) : g_strdup("");
	char *text = g_strdup_printf("%sbytes were not captured at byte %"
	    G_GUINT64_FORMAT " of stream %" G_GUINT64_FORMAT, many,
	    client + 1, stream);

	g_free(many);
	return text;
}

void
ms_stray_close(struct ms_stray *stray)
{
	stray->open = false;
	g_clear_pointer(&stray->why, g_free);
}
