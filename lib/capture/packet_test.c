#include "capture/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "capture/packets_test.h"

static const struct pack hello = {
	.client = 1, .seq = 5, .ack = 7, .flags = F_ACK | F_PSH,
	.data = "hello, world", .size = 12, .options = 1,
};

static GByteArray *
frame_of(int link, unsigned tags, const struct pack *k)
{
	GByteArray *tcp = pack_tcp(k), *ip, *frame;
	const struct pack_piece all = { tcp, 0, tcp->len, false, 0, 0 };

	ip = pack_ip(k, &all);
	frame = pack_link(link, tags, k->v6, ip);
	g_byte_array_unref(ip);
	g_byte_array_unref(tcp);
	return frame;
}

static enum ms_status
read_frame(struct ms_packet *packet, const GByteArray *frame, size_t kept,
    struct ms_packet_segment *s)
{
	const struct ms_packet_frame f = { 1, 1000, frame->data, kept,
		frame->len };

	return ms_packet_read(packet, &f, s);
}

static void
test_links(void **state)
{
	static const int links[] = { 0, 1, 12, 14, 101, 108, 113, 228, 229,
		276 };

	(void)state;
	for (size_t i = 0; i < 4 * G_N_ELEMENTS(links); i++) {
		int link = links[i / 4];
		bool ether = link == 1 || link == 113 || link == 276;
		struct ms_packet *packet = ms_packet_new(link);
		struct pack k = hello;
		struct ms_packet_segment s;
		GByteArray *frame;

		k.v6 = i % 2;
		k.headers = i % 4 >= 2 ? 3 : 0;
		frame = frame_of(link, i % 4 >= 2 && ether ? link == 276 ? 1 :
		    2 : 0, &k);
		assert_non_null(packet);
		assert_int_equal(MS_OK, read_frame(packet, frame, frame->len,
		    &s));
		assert_int_equal(5, s.seq);
		assert_int_equal(7, s.ack);
		assert_int_equal(F_ACK | F_PSH, s.flags);
		assert_int_equal(12, s.size);
		assert_memory_equal("hello, world", s.data, 12);
		assert_int_equal(0, s.missing);
		assert_int_equal(25, s.to_port);
		assert_int_equal(1025, s.from_port);
		assert_false(s.bad_checksum);
		assert_int_equal(1, s.packet);
		assert_int_equal(1000, s.time_us);
		assert_int_equal(k.v6 ? 0x20 : 0, s.from[0]);
		assert_int_equal(0x19, s.to[15]);
		g_byte_array_unref(frame);
		ms_packet_free(packet);
	}
	assert_null(ms_packet_new(105));
}

/* Every cut, and what is left of it. */
static void
test_cuts(void **state)
{
	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		struct ms_packet *packet = ms_packet_new(1);
		struct pack k = hello;
		GByteArray *frame;
		struct ms_packet_segment s;
		size_t head;

		k.v6 = v6;
		frame = frame_of(1, 1, &k);
		head = frame->len - 12;
		for (size_t kept = 0; kept <= frame->len; kept++) {
			unsigned char *exact = g_memdup2(frame->data, kept);
			GByteArray cut = { exact, frame->len };
			enum ms_status status = read_frame(packet, &cut, kept,
			    &s);

			if (kept < head - 4) {
				assert_int_equal(MS_END, status);
			} else {
				assert_int_equal(MS_OK, status);
				assert_int_equal(kept < head ? 0 :
				    kept - head, s.size);
				assert_int_equal(12, s.size + s.missing);
			}
			g_free(exact);
		}
		assert_int_equal(frame->len,
		    ms_packet_counts(packet)->cut);
		g_byte_array_unref(frame);
		ms_packet_free(packet);
	}
}

static void
test_checksums(void **state)
{
	(void)state;
	for (size_t size = 0; size <= 12; size++) {
		struct ms_packet *packet = ms_packet_new(1);
		struct pack k = hello;
		struct ms_packet_segment s;
		GByteArray *frame;

		k.v6 = size % 3 == 0;
		k.size = size;
		for (int bad = 0; bad < 2; bad++) {
			k.bad_sum = bad;
			frame = frame_of(1, 0, &k);
			assert_int_equal(MS_OK, read_frame(packet, frame,
			    frame->len, &s));
			assert_int_equal(bad, s.bad_checksum);
			g_byte_array_unref(frame);
		}
		ms_packet_free(packet);
	}
}

/* Padding is no content, and lengths that cannot be are no packet; a length
 * of 0 is that of a packet that the card splits later. */
static void
test_lengths(void **state)
{
	struct ms_packet *packet = ms_packet_new(1);
	GByteArray *frame = frame_of(1, 0, &hello);
	struct ms_packet_segment s;
	static const unsigned char padding[30] = { 1 };
	static const struct {
		size_t at;
		unsigned char value;
		enum ms_status want;
		size_t size;
	} cases[] = {
		{ 14 + 3, 56, MS_OK, 12 }, { 14 + 3, 50, MS_OK, 6 },
		{ 14 + 3, 44, MS_OK, 0 }, { 14 + 3, 43, MS_END, 0 },
		{ 14 + 3, 19, MS_END, 0 }, { 14 + 3, 0, MS_OK, 42 },
		{ 14, 0x44, MS_END, 0 }, { 14, 0x35, MS_END, 0 },
		{ 14 + 9, 17, MS_END, 0 }, { 34 + 12, 0x40, MS_END, 0 },
		{ 34 + 12, 0xf0, MS_END, 0 }, { 34 + 12, 0x50, MS_OK, 16 },
		{ 12, 0x86, MS_END, 0 },
	};

	(void)state;
	g_byte_array_append(frame, padding, sizeof padding);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		unsigned char was = frame->data[cases[i].at];

		frame->data[cases[i].at] = cases[i].value;
		assert_int_equal(cases[i].want, read_frame(packet, frame,
		    frame->len, &s));
		if (cases[i].want == MS_OK)
			assert_int_equal(cases[i].size, s.size);
		frame->data[cases[i].at] = was;
	}
	g_byte_array_unref(frame);
	ms_packet_free(packet);
}

/* Without end: headers of IPv6 after each other, tags after each other. */
static void
test_chains(void **state)
{
	struct ms_packet *packet = ms_packet_new(1);
	struct pack k = hello;
	struct ms_packet_segment s;
	GByteArray *frame;

	(void)state;
	k.v6 = true;
	for (unsigned n = 0; n < 30; n++) {
		k.headers = n;
		frame = frame_of(1, 0, &k);
		assert_int_equal(n <= 16 ? MS_OK : MS_END, read_frame(packet,
		    frame, frame->len, &s));
		g_byte_array_unref(frame);
		k.headers = 0;
		frame = frame_of(1, n, &k);
		assert_int_equal(n < 8 ? MS_OK : MS_END, read_frame(packet,
		    frame, frame->len, &s));
		g_byte_array_unref(frame);
	}
	ms_packet_free(packet);
}

/* Does the datagram of PIECE give the segment K, whole? */
static bool
read_piece(struct ms_packet *packet, const struct pack *k,
    const struct pack_piece *piece)
{
	GByteArray *ip = pack_ip(k, piece);
	GByteArray *frame = pack_link(1, 0, k->v6, ip);
	struct ms_packet_segment s;
	bool is = read_frame(packet, frame, frame->len, &s) == MS_OK;

	if (is) {
		assert_int_equal(k->size, s.size);
		assert_memory_equal(k->data, s.data, s.size);
	}
	g_byte_array_unref(frame);
	g_byte_array_unref(ip);
	return is;
}

/* Options behind the header of a fragment (RFC 8200, 4.5): of one that is
 * whole, and of two; the headers themselves may be cut, too. */
static void
test_behind(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 20; n++) {
		struct pack k = hello;
		GByteArray *tcp, *all = g_byte_array_new();

		k.v6 = true;
		for (unsigned i = 1; i <= n; i++) {
			pack32(all, (i < n ? 60u : 6u) << 24);
			pack32(all, 0);
		}
		tcp = pack_tcp(&k);
		g_byte_array_append(all, tcp->data, tcp->len);
		for (size_t cut = 0; cut < all->len; cut += 8) {
			struct pack_piece first = { all, 0,
				cut > 0 ? cut : all->len, cut > 0, n + 1, n };
			struct pack_piece last = { all, cut, all->len - cut,
				false, n + 1, n };
			struct ms_packet *packet = ms_packet_new(1);
			bool is = read_piece(packet, &k, &first);

			if (cut > 0) {
				assert_false(is);
				is = read_piece(packet, &k, &last);
			}
			assert_int_equal(n <= 16, is);
			ms_packet_free(packet);
		}
		g_byte_array_unref(tcp);
		g_byte_array_unref(all);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_checksums),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
