#include "capture/flows.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#define STREAM 65536u

/*
 * Segments from a few bytes each, of one connection whose bytes at each place
 * are known: whatever comes in whatever order, what is said is what was sent,
 * with gaps where they are said to be.
 */

static unsigned char
byte_at(unsigned from, uint32_t at)
{
	static const char hello[] = "EHLO ";

	return from == 0 && at < 5 ? (unsigned char)hello[at] :
	    (unsigned char)(at * 31 + at / 251 + from);
}

static void
fill(unsigned char *out, unsigned from, uint32_t at, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		out[i] = byte_at(from, at + i);
}

static void
check(const struct ms_dialogue *d)
{
	uint32_t at[2] = { 0, 0 };

	for (size_t i = 0; i < d->turns->len; i++) {
		const struct ms_turn *t = ms_dialogue_turn(d, i);
		unsigned char block[STREAM], want[STREAM];
		size_t got = sizeof block;

		if (t->kind == MS_TURN_GAP)
			at[t->side] += (uint32_t)t->size;
		if (t->kind != MS_TURN_BYTES)
			continue;
		if (t->size > sizeof block || ms_dialogue_read(d, i, 0,
		    block, &got, NULL) != MS_OK || got != t->size)
			abort();
		fill(want, t->side, at[t->side], (uint32_t)got);
		if (memcmp(block, want, got) != 0)
			abort();
		at[t->side] += (uint32_t)got;
	}
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct ms_stash_config config = { 4 << 20, -1, 0 };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_flows *flows = ms_flows_new(stash);
	struct ms_dialogue *d;
	unsigned char bytes[256];
	struct ms_packet_segment s = { .from_port = 4000, .to_port = 25,
		.packet = 1, .flags = MS_PACKET_SYN };
	uint32_t isn[2] = { 0xffffff00u, 0xffffff80u };

	s.to[0] = 1;
	s.seq = isn[0];
	(void)ms_flows_feed(flows, &s, NULL);
	for (; size >= 6 && s.packet < 3000; data += 6, size -= 6) {
		unsigned from = data[0] & 1;
		uint32_t at = data[1] * 64u + data[2];
		uint32_t ack = data[3] * 64u;

		s.packet++;
		s.time_us += data[5] * 1000;
		s.from[0] = (unsigned char)from;
		s.to[0] = (unsigned char)!from;
		s.from_port = from ? 25 : 4000;
		s.to_port = from ? 4000 : 25;
		s.flags = data[0] & MS_PACKET_ACK;
		/* Ends only where nothing can follow. */
		if ((data[0] & 0x6e) == 0x6e) {
			s.flags |= MS_PACKET_FIN;
			at = 20000;
		}
		s.seq = isn[from] + 1 + at;
		s.ack = isn[!from] + 1 + ack;
		s.size = at == 20000 ? 0 : data[4];
		s.missing = (data[0] & 0x8e) == 0x8e ? 100 : 0;
		fill(bytes, from, at, (uint32_t)s.size);
		s.data = bytes;
		if (ms_flows_feed(flows, &s, NULL) != MS_OK)
			abort();
	}
	ms_flows_end(flows);
	while (ms_flows_take(flows, &d, NULL) == MS_OK) {
		/* The server's SYN is never there. */
		if (d->turns->len > 0 && d->begun && d->heard[0] &&
		    !d->heard[1])
			check(d);
		ms_dialogue_free(d);
	}
	ms_flows_free(flows);
	ms_stash_free(stash);
	return 0;
}
