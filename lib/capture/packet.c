#include "capture/packet.h"

#include "capture/fragments.h"

#include <glib.h>
#include <string.h>

/* Numbers of link types, as files and libpcap have them. */
enum {
	LINK_NULL = 0, LINK_ETHERNET = 1, LINK_RAW_LINUX = 12,
	LINK_RAW_BSD = 14, LINK_RAW = 101, LINK_LOOP = 108, LINK_SLL = 113,
	LINK_IPV4 = 228, LINK_IPV6 = 229, LINK_SLL2 = 276
};

enum {
	TYPE_IPV4 = 0x0800, TYPE_VLAN = 0x8100, TYPE_IPV6 = 0x86dd,
	TYPE_PPPOE = 0x8864, TYPE_QINQ = 0x88a8, TYPE_QINQ_OLD = 0x9100
};

enum { TCP = 6, FRAGMENT = 44, AUTHENTICATION = 51 };

#define TAGS_MAX 8u
#define HEADERS_MAX 16u		/* extension headers of IPv6 */
#define TCP_HEADER 20u
#define MISSING_MAX ((uint64_t)1 << 20)	/* more than any packet's */

struct ms_packet {
	int link;
	struct ms_fragments *fragments;
	struct ms_packet_counts counts;
};

/* What is left of a packet. */
struct rest {
	const unsigned char *data;
	size_t size;
	uint64_t wire_size;	/* >= size */
};

/* A step through one packet. */
struct reading {
	struct ms_packet *packet;
	struct ms_packet_segment *segment;
	struct rest rest;
};

static unsigned
be16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static bool
skip(struct rest *rest, size_t size)
{
	if (size > rest->size)
		return false;
	rest->data += size;
	rest->size -= size;
	rest->wire_size -= size;
	return true;
}

/* The rest has no more than SIZE bytes: what follows them is padding. */
static void
limit(struct rest *rest, uint64_t size)
{
	rest->wire_size = size;
	rest->size = (size_t)MIN(rest->size, size);
}

/* The sum that checksums are made of, in the byte order of this machine,
 * which does not matter to it (RFC 1071 2B). */
static uint64_t
sum_up(uint64_t sum, const unsigned char *data, size_t size)
{
	uint32_t word;

	for (; size >= sizeof word; size -= sizeof word) {
		memcpy(&word, data, sizeof word);
		sum += word;
		data += sizeof word;
	}
	word = 0;
	memcpy(&word, data, size);
	return sum + word;
}

static unsigned
fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned)sum;
}

/* Also if it is only that of the addresses, which is what a system leaves
 * there for the network card to go on from. */
static bool
is_sum_right(const struct ms_packet_segment *s, const struct rest *tcp,
    bool v6)
{
	unsigned char pseudo[8] = { 0 };
	uint16_t field;
	uint64_t sum;

	pseudo[1] = TCP;
	pseudo[4] = (unsigned char)(tcp->size >> 24);
	pseudo[5] = (unsigned char)(tcp->size >> 16);
	pseudo[6] = (unsigned char)(tcp->size >> 8);
	pseudo[7] = (unsigned char)tcp->size;
	sum = sum_up(0, s->from + (v6 ? 0 : 12), v6 ? 16 : 4);
	sum = sum_up(sum, s->to + (v6 ? 0 : 12), v6 ? 16 : 4);
	sum = sum_up(sum, pseudo, sizeof pseudo);
	memcpy(&field, tcp->data + 16, sizeof field);
	return field == fold(sum) ||
	    fold(sum_up(sum, tcp->data, tcp->size)) == 0xffff;
}

static enum ms_status
bad(struct reading *r)
{
	r->packet->counts.bad++;
	return MS_END;
}

/* RFC 9293 3.1 */
static enum ms_status
read_tcp(struct reading *r, bool v6)
{
	struct ms_packet_segment *s = r->segment;
	const unsigned char *p = r->rest.data;
	size_t header;
	uint64_t payload;

	if (r->rest.size < TCP_HEADER)
		return bad(r);
	header = (size_t)(p[12] >> 4) * 4;
	if (header < TCP_HEADER || header > r->rest.wire_size)
		return bad(r);
	s->from_port = (uint16_t)be16(p);
	s->to_port = (uint16_t)be16(p + 2);
	s->seq = be32(p + 4);
	s->ack = be32(p + 8);
	s->flags = p[13];
	s->bad_checksum = r->rest.size == r->rest.wire_size &&
	    !is_sum_right(s, &r->rest, v6);
	payload = r->rest.wire_size - header;
	(void)skip(&r->rest, MIN(header, r->rest.size));
	s->data = r->rest.data;
	s->size = r->rest.size;
	s->missing = (uint32_t)MIN(payload - s->size, MISSING_MAX);
	return MS_OK;
}

/* Is PROTOCOL a header of IPv6 that another one follows (RFC 8200 4)? */
static bool
is_extension(unsigned protocol)
{
	return protocol == 0 || protocol == 43 || protocol == 60 ||
	    protocol == AUTHENTICATION || protocol == 135 ||
	    protocol == 139 || protocol == 140;
}

/* What a header of IPv6 said to be PROTOCOL, and what follows it. Of a fragment
 * it is no fragment again. */
static enum ms_status
read_payload6(struct reading *r, unsigned *protocol)
{
	for (unsigned i = 0; is_extension(*protocol); i++) {
		const unsigned char *p = r->rest.data;
		size_t size;

		if (i >= HEADERS_MAX || r->rest.size < 8)
			return bad(r);
		size = *protocol == AUTHENTICATION ? (p[1] + (size_t)2) * 4 :
		    (p[1] + (size_t)1) * 8;
		*protocol = p[0];
		if (!skip(&r->rest, size))
			return bad(r);
	}
	return *protocol == TCP ? read_tcp(r, true) : MS_END;
}

static enum ms_status
read_fragment(struct reading *r, struct ms_fragment *fragment, bool v6)
{
	struct ms_datagram whole;
	unsigned protocol = fragment->protocol;
	enum ms_status status;

	memcpy(fragment->from, r->segment->from, sizeof fragment->from);
	memcpy(fragment->to, r->segment->to, sizeof fragment->to);
	fragment->time_us = r->segment->time_us;
	fragment->data = r->rest.data;
	fragment->size = r->rest.size;
	/* The end of a cut one is not that of the datagram. */
	if (r->rest.size < r->rest.wire_size)
		fragment->more = true;
	status = ms_fragments_add(r->packet->fragments, fragment, &whole);
	if (status != MS_OK)
		return status;
	r->segment->conflict = whole.conflict;
	r->rest = (struct rest){ whole.data, whole.size, whole.size };
	return v6 ? read_payload6(r, &protocol) : read_tcp(r, false);
}

/* RFC 791 3.1 */
static enum ms_status
read_ipv4(struct reading *r)
{
	static const unsigned char mapped[12] = { [10] = 0xff, 0xff };
	const unsigned char *p = r->rest.data;
	struct ms_packet_segment *s = r->segment;
	struct ms_fragment fragment = { .protocol = TCP };
	size_t header;
	unsigned total, flags;

	if (r->rest.size < 20 || p[0] >> 4 != 4)
		return bad(r);
	header = (size_t)(p[0] & 0xf) * 4;
	total = be16(p + 2);
	/* 0: the network card splits it up later. */
	if (header < 20 || (total != 0 && total < header))
		return bad(r);
	if (p[9] != TCP)
		return MS_END;
	if (total != 0)
		limit(&r->rest, total);
	memcpy(s->from, mapped, sizeof mapped);
	memcpy(s->from + 12, p + 12, 4);
	memcpy(s->to, mapped, sizeof mapped);
	memcpy(s->to + 12, p + 16, 4);
	flags = be16(p + 6);
	fragment.id = be16(p + 4);
	fragment.offset = (flags & 0x1fff) * 8;
	fragment.more = flags & 0x2000;
	if (!skip(&r->rest, header))
		return bad(r);
	return fragment.more || fragment.offset > 0 ?
	    read_fragment(r, &fragment, false) : read_tcp(r, false);
}

static enum ms_status
read_fragment6(struct reading *r)
{
	struct ms_fragment fragment = { 0 };
	const unsigned char *p = r->rest.data;
	unsigned protocol;

	if (r->rest.size < 8)
		return bad(r);
	if (p[0] != TCP && !is_extension(p[0]))
		return MS_END;
	protocol = fragment.protocol = p[0];
	fragment.offset = be16(p + 2) & ~7u;
	fragment.more = p[3] & 1;
	fragment.id = be32(p + 4);
	(void)skip(&r->rest, 8);
	if (fragment.offset == 0 && !fragment.more)
		return read_payload6(r, &protocol);
	return read_fragment(r, &fragment, true);
}

/* RFC 8200 3 */
static enum ms_status
read_ipv6(struct reading *r)
{
	const unsigned char *p = r->rest.data;
	struct ms_packet_segment *s = r->segment;
	unsigned length, protocol;
	enum ms_status status;

	if (r->rest.size < 40 || p[0] >> 4 != 6)
		return bad(r);
	length = be16(p + 4);
	protocol = p[6];
	memcpy(s->from, p + 8, 16);
	memcpy(s->to, p + 24, 16);
	if (length != 0)
		limit(&r->rest, length + 40u);
	(void)skip(&r->rest, 40);
	status = read_payload6(r, &protocol);
	return status == MS_END && protocol == FRAGMENT ? read_fragment6(r) :
	    status;
}

/* What follows the type of Ethernet, which is the first thing in the rest;
 * tags may come before it. */
static enum ms_status
read_type(struct reading *r)
{
	for (unsigned i = 0; i < TAGS_MAX && r->rest.size >= 2; i++) {
		unsigned type = be16(r->rest.data);

		(void)skip(&r->rest, 2);
		if (type == TYPE_IPV4)
			return read_ipv4(r);
		if (type == TYPE_IPV6)
			return read_ipv6(r);
		if (type == TYPE_PPPOE) {	/* RFC 2516 4 */
			if (!skip(&r->rest, 6) || r->rest.size < 2)
				return bad(r);
			type = be16(r->rest.data);
			(void)skip(&r->rest, 2);
			return type == 0x21 ? read_ipv4(r) :
			    type == 0x57 ? read_ipv6(r) : MS_END;
		}
		if (type != TYPE_VLAN && type != TYPE_QINQ &&
		    type != TYPE_QINQ_OLD)
			return MS_END;
		if (!skip(&r->rest, 2))
			return bad(r);
	}
	return bad(r);
}

static enum ms_status
read_raw(struct reading *r)
{
	if (r->rest.size == 0)
		return bad(r);
	return r->rest.data[0] >> 4 == 6 ? read_ipv6(r) : read_ipv4(r);
}

/* Two addresses first. */
static enum ms_status
read_ethernet(struct reading *r)
{
	return skip(&r->rest, 12) ? read_type(r) : bad(r);
}

static enum ms_status
read_cooked(struct reading *r)
{
	return skip(&r->rest, 14) ? read_type(r) : bad(r);
}

/* The type is first, and a header follows it. */
static enum ms_status
read_cooked2(struct reading *r)
{
	unsigned type;

	if (r->rest.size < 20)
		return bad(r);
	type = be16(r->rest.data);
	if (type == TYPE_VLAN || type == TYPE_QINQ) {
		(void)skip(&r->rest, 20);
		return skip(&r->rest, 2) ? read_type(r) : bad(r);
	}
	(void)skip(&r->rest, 20);
	return type == TYPE_IPV4 ? read_ipv4(r) :
	    type == TYPE_IPV6 ? read_ipv6(r) : MS_END;
}

/* An address family in the byte order of who captured; each system has a
 * number of its own for IPv6, so the packet itself says it. */
static enum ms_status
read_loopback(struct reading *r)
{
	return skip(&r->rest, 4) ? read_raw(r) : bad(r);
}

typedef enum ms_status link_fn(struct reading *);

static const struct {
	int link;
	link_fn *read;
} links[] = {
	{ LINK_ETHERNET, read_ethernet }, { LINK_NULL, read_loopback },
	{ LINK_LOOP, read_loopback }, { LINK_RAW_LINUX, read_raw },
	{ LINK_RAW_BSD, read_raw }, { LINK_RAW, read_raw },
	{ LINK_IPV4, read_raw }, { LINK_IPV6, read_raw },
	{ LINK_SLL, read_cooked }, { LINK_SLL2, read_cooked2 },
};

static link_fn *
find_link(int link)
{
	for (size_t i = 0; i < G_N_ELEMENTS(links); i++)
		if (links[i].link == link)
			return links[i].read;
	return NULL;
}

struct ms_packet *
ms_packet_new(int link)
{
	struct ms_packet *packet;

	if (!find_link(link))
		return NULL;
	packet = g_new0(struct ms_packet, 1);
	packet->link = link;
	packet->fragments = ms_fragments_new();
	return packet;
}

void
ms_packet_free(struct ms_packet *packet)
{
	if (!packet)
		return;
	ms_fragments_free(packet->fragments);
	g_free(packet);
}

enum ms_status
ms_packet_read(struct ms_packet *packet, const struct ms_packet_frame *frame,
    struct ms_packet_segment *segment)
{
	struct reading r = {
		.packet = packet, .segment = segment,
		.rest = { frame->data, frame->size,
		    MAX(frame->size, frame->wire_size) },
	};

	if (r.rest.size < r.rest.wire_size)
		packet->counts.cut++;
	segment->packet = frame->number;
	segment->time_us = frame->time_us;
	segment->conflict = false;
	return find_link(packet->link)(&r);
}

const struct ms_packet_counts *
ms_packet_counts(const struct ms_packet *packet)
{
	return &packet->counts;
}

uint64_t
ms_packet_dropped(const struct ms_packet *packet)
{
	return ms_fragments_dropped(packet->fragments);
}
