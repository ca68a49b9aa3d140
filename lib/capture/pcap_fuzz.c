#include "capture/pcap.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

struct source {
	const unsigned char *data;
	size_t size, at;
};

static enum ms_status
read_source(void *arg, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	struct source *s = arg;

	(void)err;
	*got = MIN(size, s->size - s->at);
	if (*got > 0)
		memcpy(data, s->data + s->at, *got);
	s->at += *got;
	return MS_OK;
}

/* Whatever the file: dialogues can be read, in order of time, and have no
 * more bytes than the file. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct ms_stash_config stash_config = { 256 << 10, -1,
		0 };
	struct ms_stash *stash = ms_stash_new(&stash_config);
	struct source source = { data, size, 0 };
	const struct ms_pcap_config config = { stash, read_source, &source };
	struct ms_dialogue *d;
	struct ms_pcap *pcap;
	uint64_t bytes = 0;

	if (ms_pcap_open(&config, &pcap, NULL) != MS_OK) {
		ms_stash_free(stash);
		return 0;
	}
	while (ms_pcap_next(pcap, &d, NULL) == MS_OK) {
		int64_t time_us = -1;

		if (!d->client || !d->server || d->number == 0)
			abort();
		for (size_t i = 0; i < d->turns->len; i++) {
			const struct ms_turn *t = ms_dialogue_turn(d, i);

			if (t->time_us < time_us)
				abort();
			time_us = t->time_us;
			if (t->kind == MS_TURN_BYTES)
				bytes += t->size;
		}
		ms_dialogue_free(d);
	}
	if (bytes > size)
		abort();
	ms_pcap_free(pcap);
	ms_stash_free(stash);
	return 0;
}
