#include "replay/learn.h"

#include <stdlib.h>
#include <string.h>

#include "replay/dress.h"

/*
 * A dialogue of the input: a byte says who speaks, or what happens, the next
 * one how much is said. Whatever it is, steps wait for earlier ones only, what
 * they send is what the client said, in its order, and a role that was
 * learned can be dressed.
 */

static void
build(struct ms_dialogue *dialogue, const unsigned char *data, size_t size)
{
	while (size >= 2) {
		const enum ms_side side = data[0] & 1 ? MS_SIDE_SERVER :
		    MS_SIDE_CLIENT;
		const unsigned what = (data[0] >> 1) % 16;
		const size_t said = MIN(data[1], size - 2);
		const int64_t time = (int64_t)size * 1000;

		data += 2;
		size -= 2;
		if (what == 12)
			(void)ms_dialogue_gap(dialogue, side, time, said,
			    NULL);
		else if (what == 13)
			(void)ms_dialogue_end(dialogue, side, time, said & 1,
			    NULL);
		else if (what == 14)
			(void)ms_dialogue_secure(dialogue, time, NULL);
		else {
			(void)ms_dialogue_say(dialogue, side, time, data,
			    said, NULL);
			data += said;
			size -= said;
		}
	}
}

/* Is what STEP sends what the client said from *AT on? */
static void
check_bytes(const struct ms_role *role, const struct ms_step *step,
    uint64_t *at)
{
	char sent[300], said[300];

	if (step->line) {
		for (size_t i = 0, got; i < step->line_size; i += got) {
			got = MIN(sizeof said, step->line_size - i);
			if (ms_role_client(role, *at, said, &got, NULL) !=
			    MS_OK || got == 0 ||
			    memcmp(said, step->line + i, got) != 0)
				abort();
			*at += got;
		}
	}
	for (uint64_t i = 0; i < step->size; ) {
		size_t got = sizeof sent, same;

		if (ms_role_read(role, step, i, sent, &got, NULL) != MS_OK ||
		    got == 0)
			abort();
		same = got;
		if (ms_role_client(role, *at, said, &same, NULL) != MS_OK ||
		    same < got || memcmp(said, sent, got) != 0)
			abort();
		*at += got;
		i += got;
	}
}

static void
check(const struct ms_role *role)
{
	const size_t last = role->steps->len - 1;
	uint64_t at = 0;

	if (ms_role_step(role, 0)->kind != MS_STEP_GREETING ||
	    ms_role_step(role, last)->kind != MS_STEP_CLOSE)
		abort();
	for (size_t i = 0; i <= last; i++) {
		const struct ms_step *step = ms_role_step(role, i);
		char *label = ms_role_label(step);

		if (step->after > i || (i > 0 && step->after == 0) ||
		    (step->count > 0 && step->first + step->count >
		    role->recorded->len))
			abort();
		g_free(label);
		check_bytes(role, step, &at);
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const char *const rules[] = { "a@b=c@d", "b=d", NULL };
	const struct ms_stash_config config = { 1 << 22, -1, 0 };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	const unsigned how = size > 0 ? data[0] : 0;
	struct ms_dress dress = {
		.lmtp = how & 1,
		.tls = (enum ms_dress_tls)((how >> 1) % 5),
		.bdat = (enum ms_dress_bdat)((how >> 3) % 3),
		.login = how & 32,
		.xclient = how & 64 ? "ADDR=192.0.2.1" : NULL,
		.rewrites = rules,
		.fault = (enum ms_fault)((how >> 4) % 11),
		.spool = { .heap_max = 1 << 22 },
	};
	struct ms_role *role = NULL;

	dialogue->begun = how & 128;
	if (size > 1)
		build(dialogue, data + 1, size - 1);
	if (ms_learn(dialogue, &role, NULL) == MS_OK) {
		check(role);
		if (ms_dress(role, &dress, NULL) != MS_OK)
			abort();
	}
	ms_role_free(role);
	ms_stash_free(stash);
	return 0;
}
