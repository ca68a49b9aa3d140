#include "capture/seal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* From wherever it may be TLS: it ends there or later, and no later than all
 * that was said, or never. A byte says which side goes on, and for how long. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const struct ms_stash_config room = { .memory_max = 8 << 20,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&room);
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	struct ms_seal *seal;
	uint64_t said = 0, before = 0;
	size_t at = 0;

	for (int64_t time = 0; at < size; time++) {
		const unsigned char what = data[at++];
		const size_t n = MIN(size - at, (size_t)(what & 63) * 8);
		const enum ms_side side = what & 64 ? MS_SIDE_SERVER :
		    MS_SIDE_CLIENT;

		if (what & 128)
			(void)ms_dialogue_gap(dialogue, side, time, n, NULL);
		else
			(void)ms_dialogue_say(dialogue, side, time, data + at,
			    n, NULL);
		at += what & 128 ? 0 : n;
	}
	for (size_t i = 0; i < dialogue->turns->len; i++)
		if (ms_dialogue_turn(dialogue, i)->side == MS_SIDE_CLIENT)
			said += ms_dialogue_turn(dialogue, i)->size;
	seal = ms_seal_new(dialogue);
	for (size_t i = 0; i < dialogue->turns->len; i++) {
		const struct ms_turn *t = ms_dialogue_turn(dialogue, i);
		struct ms_stray_place place = { i, t->size / 3, 0 };
		uint64_t end;

		place.client = before + place.at;
		if (t->side != MS_SIDE_CLIENT)
			continue;
		before += t->size;
		if (t->kind != MS_TURN_BYTES)
			continue;
		if (ms_seal_end(seal, &place, &end, NULL) != MS_OK ||
		    end < place.client || (end > said && end != UINT64_MAX))
			abort();
	}
	ms_seal_free(seal);
	ms_dialogue_free(dialogue);
	ms_stash_free(stash);
	return 0;
}
