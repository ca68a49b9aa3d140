#ifndef MS_PACKETS_TEST_H
#define MS_PACKETS_TEST_H

/* Packets for tests and benchmarks, made by other code than pcapout. */

#include "capture/pcap.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { F_FIN = 1, F_SYN = 2, F_RST = 4, F_PSH = 8, F_ACK = 16 };

struct pack {
	bool v6, server;	/* from the server */
	unsigned client;	/* its number: address and port */
	uint16_t port;		/* of the server; 0: 25 */
	uint32_t seq, ack;
	unsigned flags;
	const void *data;
	size_t size;
	unsigned options;	/* words of them */
	unsigned headers;	/* extension headers of IPv6 */
	bool bad_sum;
};

G_GNUC_UNUSED static void
pack16(GByteArray *b, unsigned v)
{
	const unsigned char p[2] = { (unsigned char)(v >> 8),
		(unsigned char)v };

	g_byte_array_append(b, p, 2);
}

G_GNUC_UNUSED static void
pack32(GByteArray *b, uint32_t v)
{
	pack16(b, v >> 16);
	pack16(b, v & 0xffff);
}

G_GNUC_UNUSED static unsigned
pack_sum(const unsigned char *p, size_t size, uint64_t sum)
{
	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? p[i] : (unsigned)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned)(~sum & 0xffff);
}

G_GNUC_UNUSED static void
pack_address(GByteArray *b, const struct pack *k, bool client)
{
	static const unsigned char v6[12] = { 0x20, 0x01, 0x0d, 0xb8 };

	if (k->v6)
		g_byte_array_append(b, v6, sizeof v6);
	pack32(b, client ? 0x0a000000u + 256 + k->client : 0xc0000219u);
}

/* The segment of TCP. */
G_GNUC_UNUSED static GByteArray *
pack_tcp(const struct pack *k)
{
	GByteArray *b = g_byte_array_new(), *all = g_byte_array_new();
	unsigned client = 1024 + k->client % 60000;
	unsigned server = k->port ? k->port : 25, sum;

	pack16(b, k->server ? server : client);
	pack16(b, k->server ? client : server);
	pack32(b, k->seq);
	pack32(b, k->ack);
	pack16(b, (5 + k->options) << 12 | k->flags);
	pack16(b, 65535);
	pack32(b, 0);
	for (unsigned i = 0; i < k->options; i++)
		pack32(b, 0x02000000);	/* their length says 0 */
	g_byte_array_append(b, k->data ? k->data : (const void *)"",
	    (guint)k->size);
	pack_address(all, k, true);
	pack_address(all, k, false);
	pack32(all, 6);
	pack32(all, b->len);
	g_byte_array_append(all, b->data, b->len);
	sum = pack_sum(all->data, all->len, k->bad_sum ? 77 : 0);
	b->data[16] = (unsigned char)(sum >> 8);
	b->data[17] = (unsigned char)sum;
	g_byte_array_unref(all);
	return b;
}

/* A datagram with SIZE bytes of the segment TCP, from OFFSET on; MORE follow,
 * if it is a fragment with an ID. */
struct pack_piece {
	const GByteArray *tcp;
	size_t offset, size;
	bool more;
	unsigned id;
	unsigned behind;	/* headers of IPv6 of 8 bytes behind that of
				 * the fragment; they are in TCP already */
};

G_GNUC_UNUSED static GByteArray *
pack_ip(const struct pack *k, const struct pack_piece *f)
{
	GByteArray *b = g_byte_array_new();
	unsigned extra = 8 * k->headers + (f->id ? 8 : 0), sum;

	if (k->v6) {
		pack32(b, 0x60000000);
		pack16(b, (unsigned)f->size + extra);
		pack16(b, (k->headers ? 60u : f->id ? 44u : 6u) << 8 | 64);
		pack_address(b, k, !k->server);
		pack_address(b, k, k->server);
		for (unsigned i = 0; i < k->headers; i++) {
			bool last = i + 1 == k->headers;

			pack32(b, (last ? f->id ? 44u : 6u : 60u) << 24);
			pack32(b, 0);
		}
		if (f->id) {
			pack16(b, (f->behind ? 60u : 6u) << 8);
			pack16(b, (unsigned)f->offset | f->more);
			pack32(b, f->id);
		}
	} else {
		pack16(b, 0x4500);
		pack16(b, (unsigned)f->size + 20);
		pack16(b, f->id);
		pack16(b, (unsigned)f->offset / 8 | (f->more ? 0x2000 : 0));
		pack32(b, 64u << 24 | 6u << 16);
		pack_address(b, k, !k->server);
		pack_address(b, k, k->server);
		sum = pack_sum(b->data, 20, 0);
		b->data[10] = (unsigned char)(sum >> 8);
		b->data[11] = (unsigned char)sum;
	}
	g_byte_array_append(b, f->tcp->data + f->offset, (guint)f->size);
	return b;
}

/* The frame of link type LINK (1, 0, 108, 101, 113 or 276) around a datagram,
 * with TAGS of VLANs. */
G_GNUC_UNUSED static GByteArray *
pack_link(int link, unsigned tags, bool v6, const GByteArray *ip)
{
	static const unsigned char zero[20] = { 0 };
	GByteArray *b = g_byte_array_new();
	unsigned type = v6 ? 0x86dd : 0x0800;

	if (link == 1)
		g_byte_array_append(b, zero, 12);
	if (link == 113)
		g_byte_array_append(b, zero, 14);
	if (link == 276) {
		pack16(b, tags ? 0x8100 : type);
		g_byte_array_append(b, zero, 18);
		if (tags)
			pack16(b, 7);
		if (tags)
			pack16(b, type);
	}
	if (link == 0)		/* of a small computer */
		pack32(b, v6 ? 0x1e000000 : 0x02000000);
	if (link == 108)
		pack32(b, v6 ? 30 : 2);
	if (link == 1 || link == 113) {
		for (unsigned i = 0; i < tags; i++) {
			pack16(b, i + 1 < tags ? 0x88a8 : 0x8100);
			pack16(b, 7);
		}
		pack16(b, type);
	}
	g_byte_array_append(b, ip->data, ip->len);
	return b;
}

/* A file of version 2.4. */
struct pack_file {
	GByteArray *bytes;
	bool swapped, nano;
	int64_t time_us;
};

G_GNUC_UNUSED static void
pack_number(const struct pack_file *f, uint32_t v)
{
	if (f->swapped)
		pack32(f->bytes, v);
	else
		pack32(f->bytes, GUINT32_SWAP_LE_BE(v));
}

G_GNUC_UNUSED static struct pack_file
pack_begin(int link, bool swapped, bool nano, uint32_t snap)
{
	struct pack_file f = { g_byte_array_new(), swapped, nano,
		(int64_t)1700000000 * 1000000 };

	pack_number(&f, nano ? 0xa1b23c4d : 0xa1b2c3d4);
	if (swapped)
		pack32(f.bytes, 2u << 16 | 4);
	else
		pack32(f.bytes, 0x02000400);
	pack_number(&f, 0);
	pack_number(&f, 0);
	pack_number(&f, snap);
	pack_number(&f, (uint32_t)link);
	return f;
}

/* KEPT bytes of FRAME. */
G_GNUC_UNUSED static void
pack_frame(struct pack_file *f, const GByteArray *frame, size_t kept)
{
	f->time_us += 100;
	pack_number(f, (uint32_t)(f->time_us / 1000000));
	pack_number(f, (uint32_t)(f->time_us % 1000000) *
	    (f->nano ? 1000 : 1));
	pack_number(f, (uint32_t)kept);
	pack_number(f, frame->len);
	g_byte_array_append(f->bytes, frame->data, (guint)kept);
}

/* One packet of Ethernet, whole. */
G_GNUC_UNUSED static void
pack_add(struct pack_file *f, const struct pack *k)
{
	GByteArray *tcp = pack_tcp(k);
	const struct pack_piece all = { tcp, 0, tcp->len, false, 0, 0 };
	GByteArray *ip = pack_ip(k, &all);
	GByteArray *frame = pack_link(1, 0, k->v6, ip);

	pack_frame(f, frame, frame->len);
	g_byte_array_unref(frame);
	g_byte_array_unref(ip);
	g_byte_array_unref(tcp);
}

/* Reading it back. */
struct pack_source {
	const unsigned char *data;
	size_t size, at;
	size_t at_once;		/* 0: all */
};

G_GNUC_UNUSED static enum ms_status
pack_read(void *arg, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	struct pack_source *s = arg;

	(void)err;
	*got = MIN(size, s->size - s->at);
	if (s->at_once)
		*got = MIN(*got, s->at_once);
	if (*got > 0)
		memcpy(data, s->data + s->at, *got);
	s->at += *got;
	return MS_OK;
}

#endif
