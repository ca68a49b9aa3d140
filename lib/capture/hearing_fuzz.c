#include "capture/hearing.h"

#include <stdlib.h>
#include <string.h>

/*
 * A dialogue made of the input: a byte says who speaks, or what is missing, and
 * the next one how much. Whatever it is, each thing is begun and ended once, no
 * byte of the client is handed out more than twice, and a message that lacks
 * something says so.
 */

struct count {
	int open;
	uint64_t number, bytes;
};

static enum ms_status
on_begin(void *arg, const struct ms_hearing_mail *mail, struct ms_error *err)
{
	struct count *count = arg;

	(void)err;
	if (count->open++ != 0 || mail->number != ++count->number)
		abort();
	return MS_OK;
}

static enum ms_status
on_bytes(void *arg, const void *data, size_t size, struct ms_error *err)
{
	struct count *count = arg;

	(void)err;
	if (count->open != 1 || size == 0 || !data)
		abort();
	count->bytes += size;
	return MS_OK;
}

static enum ms_status
on_end(void *arg, const struct ms_hearing_mail *mail,
    const struct ms_envelope *envelope, const char *why, struct ms_error *err)
{
	struct count *count = arg;

	(void)err;
	if (count->open-- != 1 || mail->number != count->number || !envelope)
		abort();
	if (mail->kind == MS_HEARING_SEALED && !why)
		abort();
	return MS_OK;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct ms_hearing_ops ops = { on_begin, on_bytes,
		on_end };
	const struct ms_stash_config config = { .memory_max = 1 << 24,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	const unsigned char *p = data, *end = data + size;
	struct count count = { 0 };
	uint64_t said = 0;
	int64_t now = 0;

	dialogue->number = 1;
	dialogue->begun = size % 2 == 0;
	while (end - p >= 2) {
		const unsigned char what = p[0];
		const enum ms_side side = what & 1;
		size_t n = MIN(p[1], (size_t)(end - p - 2));

		p += 2;
		now += what >> 6;
		if ((what & 62) == 2)
			(void)ms_dialogue_gap(dialogue, side, now, n, NULL);
		else if ((what & 62) == 4)
			(void)ms_dialogue_end(dialogue, side, now,
			    what & 64, NULL);
		else if ((what & 62) == 6)
			(void)ms_dialogue_secure(dialogue, now, NULL);
		else if (ms_dialogue_say(dialogue, side, now, p, n, NULL) ==
		    MS_OK) {
			said += side == MS_SIDE_CLIENT ? n : 0;
			p += n;
		}
	}
	if (ms_hearing(dialogue, &ops, &count, NULL) != MS_OK ||
	    count.open != 0 || count.bytes > 2 * said)
		abort();
	ms_dialogue_free(dialogue);
	ms_stash_free(stash);
	return 0;
}
