#include "capture/redact.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Whatever is said: the same turns come out, and line ends where they were.
 * A byte says which side goes on, and for how long. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const struct ms_stash_config room = { .memory_max = 8 << 20,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&room);
	struct ms_dialogue *dialogue = ms_dialogue_new(stash), *got;
	struct ms_redact *redact = ms_redact_new();
	size_t at = 0;

	for (int64_t time = 0; at < size; time++) {
		unsigned char what = data[at++];
		size_t n = MIN(size - at, (size_t)(what & 63) * 8);
		enum ms_side side = what & 64 ? MS_SIDE_SERVER :
		    MS_SIDE_CLIENT;

		if (what == 255)
			(void)ms_dialogue_secure(dialogue, time, NULL);
		else if (what & 128)
			(void)ms_dialogue_gap(dialogue, side, time, n, NULL);
		else
			(void)ms_dialogue_say(dialogue, side, time, data + at,
			    n, NULL);
		at += what & 128 ? 0 : n;
	}
	if (ms_redact(redact, dialogue, &got, NULL) != MS_OK ||
	    got->turns->len != dialogue->turns->len)
		abort();
	for (size_t i = 0; i < got->turns->len; i++) {
		const struct ms_turn *a = ms_dialogue_turn(dialogue, i);
		const struct ms_turn *b = ms_dialogue_turn(got, i);

		if (a->kind != b->kind || a->side != b->side ||
		    a->size != b->size || a->time_us != b->time_us)
			abort();
	}
	ms_dialogue_free(got);
	ms_dialogue_free(dialogue);
	ms_redact_free(redact);
	ms_stash_free(stash);
	return 0;
}
