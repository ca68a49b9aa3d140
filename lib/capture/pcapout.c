#include "capture/pcapout.h"

#include "base/write.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT4 1460u		/* of 1500 bytes of Ethernet */
#define SEGMENT6 1440u
#define FLUSH ((size_t)256 << 10)
#define WINDOW 65535u
#define STEP_US 1000		/* between turns without a time */
#define ETHERNET 14u
#define TCP 20u

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10 };

struct ms_pcapout {
	int fd;
	GByteArray *bytes;	/* to be written */
	uint64_t dialogues;
	int64_t time_us;
	unsigned id;		/* of the next datagram */
};

struct end {
	unsigned char address[16];	/* IPv4 as ::ffff:192.0.2.1 */
	unsigned port;
	uint32_t seq;		/* of its next byte */
	bool ended;
};

/* One connection on its way out. */
struct writing {
	struct ms_pcapout *out;
	const struct ms_dialogue *dialogue;
	bool v6;
	struct end end[MS_SIDES];
};

static void
put16(unsigned char *p, unsigned value)
{
	p[0] = (unsigned char)(value >> 8);
	p[1] = (unsigned char)value;
}

static void
put32(unsigned char *p, uint32_t value)
{
	put16(p, value >> 16);
	put16(p + 2, value & 0xffff);
}

static uint32_t
sum_up(uint32_t sum, const unsigned char *data, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size; i += 2)
		sum += (uint32_t)data[i] << 8 | data[i + 1];
	return i < size ? sum + ((uint32_t)data[i] << 8) : sum;
}

/* RFC 1071 */
static unsigned
checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* The numbers of a capture are those of a small computer. */
static void
append_le32(GByteArray *bytes, uint32_t value)
{
	const unsigned char b[4] = {
		(unsigned char)value, (unsigned char)(value >> 8),
		(unsigned char)(value >> 16), (unsigned char)(value >> 24),
	};

	g_byte_array_append(bytes, b, sizeof b);
}

static enum ms_status
flush(struct ms_pcapout *out, struct ms_error *err)
{
	if (ms_write(out->fd, out->bytes->data, out->bytes->len) != MS_OK)
		return ms_error_errno(err, "capture");
	g_byte_array_set_size(out->bytes, 0);
	return MS_OK;
}

/* The header of IP for SIZE bytes of TCP; how long it is. */
static size_t
make_ip(struct writing *w, unsigned char *p, int from, size_t size)
{
	const struct end *a = &w->end[from], *b = &w->end[1 - from];

	if (w->v6) {
		p[0] = 0x60;
		put16(p + 4, (unsigned)size);
		p[6] = 6;
		p[7] = 64;
		memcpy(p + 8, a->address, 16);
		memcpy(p + 24, b->address, 16);
		return 40;
	}
	p[0] = 0x45;
	put16(p + 2, (unsigned)size + 20);
	put16(p + 4, w->out->id++ & 0xffff);
	p[6] = 0x40;
	p[8] = 64;
	p[9] = 6;
	memcpy(p + 12, a->address + 12, 4);
	memcpy(p + 16, b->address + 12, 4);
	put16(p + 10, checksum(sum_up(0, p, 20)));
	return 20;
}

/* A packet with the FLAGS of TCP and SIZE bytes at DATA. */
static enum ms_status
put_packet(struct writing *w, int from, unsigned flags,
    const unsigned char *data, size_t size, struct ms_error *err)
{
	struct end *a = &w->end[from], *b = &w->end[1 - from];
	unsigned char head[ETHERNET + 40 + TCP] = { 0 }, *p;
	GByteArray *bytes = w->out->bytes;
	int64_t time_us = CLAMP(w->out->time_us, 0,
	    (int64_t)G_MAXUINT32 * 1000000);
	size_t ip, length;
	uint32_t sum;

	head[0] = head[6] = 0x02;	/* addresses that nobody has */
	head[5] = from == MS_SIDE_CLIENT ? 2 : 1;
	head[11] = from == MS_SIDE_CLIENT ? 1 : 2;
	put16(head + 12, w->v6 ? 0x86dd : 0x0800);
	ip = make_ip(w, head + ETHERNET, from, TCP + size);
	p = head + ETHERNET + ip;
	put16(p, a->port);
	put16(p + 2, b->port);
	put32(p + 4, a->seq);
	put32(p + 8, flags & ACK ? b->seq : 0);
	p[12] = TCP / 4 << 4;
	p[13] = (unsigned char)flags;
	put16(p + 14, WINDOW);
	sum = sum_up((uint32_t)(TCP + size + 6), a->address + (w->v6 ? 0 : 12),
	    w->v6 ? 16 : 4);
	sum = sum_up(sum, b->address + (w->v6 ? 0 : 12), w->v6 ? 16 : 4);
	put16(p + 16, checksum(sum_up(sum_up(sum, p, TCP), data, size)));
	length = ETHERNET + ip + TCP + size;
	append_le32(bytes, (uint32_t)(time_us / 1000000));
	append_le32(bytes, (uint32_t)(time_us % 1000000));
	append_le32(bytes, (uint32_t)length);
	append_le32(bytes, (uint32_t)length);
	g_byte_array_append(bytes, head, (guint)(length - size));
	if (size > 0)
		g_byte_array_append(bytes, data, (guint)size);
	a->seq += (uint32_t)size + (flags & (SYN | FIN) ? 1 : 0);
	return bytes->len > FLUSH ? flush(w->out, err) : MS_OK;
}

/* What the side FROM received, if it was heard at all. */
static enum ms_status
acknowledge(struct writing *w, int from, struct ms_error *err)
{
	if (!w->dialogue->heard[from])
		return MS_OK;
	return put_packet(w, from, ACK, NULL, 0, err);
}

static enum ms_status
put_bytes(struct writing *w, size_t i, struct ms_error *err)
{
	const struct ms_turn *turn = ms_dialogue_turn(w->dialogue, i);
	size_t segment = w->v6 ? SEGMENT6 : SEGMENT4, got;
	struct end *end = &w->end[turn->side];
	unsigned char data[SEGMENT4];
	enum ms_status status = MS_OK;

	if (end->ended)		/* it went on: that was none */
		end->seq--;
	end->ended = false;
	for (uint64_t at = 0; at < turn->size; at += got) {
		got = segment;
		status = ms_dialogue_read(w->dialogue, i, at, data, &got,
		    err);
		if (status == MS_OK && got == 0)
			status = ms_error_set(err, MS_E_IO,
			    "a dialogue lacks bytes");
		if (status == MS_OK)
			status = put_packet(w, (int)turn->side, ACK |
			    (at + got == turn->size ? PSH : 0), data, got,
			    err);
		if (status != MS_OK)
			return status;
	}
	return acknowledge(w, 1 - (int)turn->side, err);
}

static enum ms_status
put_end(struct writing *w, int from, struct ms_error *err)
{
	enum ms_status status;

	if (w->end[from].ended)
		return MS_OK;
	status = put_packet(w, from, FIN | ACK, NULL, 0, err);
	w->end[from].ended = true;
	return status == MS_OK ? acknowledge(w, 1 - from, err) : status;
}

static enum ms_status
put_turn(struct writing *w, size_t i, struct ms_error *err)
{
	const struct ms_turn *turn = ms_dialogue_turn(w->dialogue, i);
	int from = (int)turn->side;

	w->out->time_us = turn->time_us >= 0 ? turn->time_us :
	    w->out->time_us + STEP_US;
	switch (turn->kind) {
	case MS_TURN_BYTES:
		return put_bytes(w, i, err);
	case MS_TURN_GAP:
		w->end[from].seq += (uint32_t)MAX(turn->size, 1);
		return acknowledge(w, 1 - from, err);
	case MS_TURN_END:
		return put_end(w, from, err);
	case MS_TURN_RESET:
		return put_packet(w, from, RST | ACK, NULL, 0, err);
	case MS_TURN_NOTE:
	case MS_TURN_SECURE:
		break;
	}
	return MS_OK;
}

/* "192.0.2.1:1025" or "[2001:db8::1]:25" to END; other text, or none, leaves
 * it as it is. */
static void
parse_end(const char *text, struct end *end)
{
	static const unsigned char mapped[12] = { [10] = 0xff, 0xff };
	const char *colon = text ? strrchr(text, ':') : NULL;
	unsigned char address[16];
	char *host;

	if (!colon)
		return;
	host = text[0] == '[' && colon > text + 1 && colon[-1] == ']' ?
	    g_strndup(text + 1, (gsize)(colon - text - 2)) :
	    g_strndup(text, (gsize)(colon - text));
	memcpy(address, mapped, sizeof mapped);
	if (inet_pton(AF_INET, host, address + sizeof mapped) == 1 ||
	    inet_pton(AF_INET6, host, address) == 1) {
		memcpy(end->address, address, sizeof address);
		end->port = (unsigned)strtoul(colon + 1, NULL, 10) & 0xffff;
	}
	g_free(host);
}

static bool
is_ipv4(const struct end *end)
{
	static const unsigned char mapped[12] = { [10] = 0xff, 0xff };

	return memcmp(end->address, mapped, sizeof mapped) == 0;
}

static void
begin(struct writing *w)
{
	uint64_t n = w->out->dialogues;
	char text[32];

	(void)g_snprintf(text, sizeof text, "192.0.2.1:%u",
	    (unsigned)(1024 + n % 60000));
	parse_end(text, &w->end[MS_SIDE_CLIENT]);
	parse_end("192.0.2.2:25", &w->end[MS_SIDE_SERVER]);
	parse_end(w->dialogue->client, &w->end[MS_SIDE_CLIENT]);
	parse_end(w->dialogue->server, &w->end[MS_SIDE_SERVER]);
	w->v6 = !is_ipv4(&w->end[0]) || !is_ipv4(&w->end[1]);
	/* Others than the last time between the same ends. */
	w->end[MS_SIDE_CLIENT].seq = (uint32_t)(n * 0x10001000u + 1000);
	w->end[MS_SIDE_SERVER].seq = (uint32_t)(n * 0x10001000u + 2000);
}

static enum ms_status
put_handshake(struct writing *w, struct ms_error *err)
{
	const bool *heard = w->dialogue->heard;
	enum ms_status status = MS_OK;

	if (heard[MS_SIDE_CLIENT])
		status = put_packet(w, MS_SIDE_CLIENT, SYN, NULL, 0, err);
	else
		w->end[MS_SIDE_CLIENT].seq++;
	if (status == MS_OK && heard[MS_SIDE_SERVER])
		status = put_packet(w, MS_SIDE_SERVER, SYN | ACK, NULL, 0,
		    err);
	else
		w->end[MS_SIDE_SERVER].seq++;
	return status == MS_OK ? acknowledge(w, MS_SIDE_CLIENT, err) : status;
}

enum ms_status
ms_pcapout_begin(int fd, struct ms_pcapout **result, struct ms_error *err)
{
	struct ms_pcapout *out = g_new0(struct ms_pcapout, 1);
	enum ms_status status;

	out->fd = fd;
	out->bytes = g_byte_array_new();
	append_le32(out->bytes, 0xa1b2c3d4);
	append_le32(out->bytes, 2 | 4 << 16);	/* version 2.4 */
	append_le32(out->bytes, 0);
	append_le32(out->bytes, 0);
	append_le32(out->bytes, 262144);	/* snap length */
	append_le32(out->bytes, 1);		/* Ethernet */
	status = flush(out, err);
	if (status == MS_OK) {
		*result = out;
	} else {
		g_byte_array_set_size(out->bytes, 0);
		(void)ms_pcapout_end(out, NULL);
	}
	return status;
}

enum ms_status
ms_pcapout_dialogue(struct ms_pcapout *out,
    const struct ms_dialogue *dialogue, struct ms_error *err)
{
	struct writing w = { .out = out, .dialogue = dialogue };
	enum ms_status status = MS_OK;

	begin(&w);
	out->dialogues++;
	if (dialogue->turns->len > 0 &&
	    ms_dialogue_turn(dialogue, 0)->time_us >= 0)
		out->time_us = ms_dialogue_turn(dialogue, 0)->time_us;
	if (dialogue->begun)
		status = put_handshake(&w, err);
	for (size_t i = 0; i < dialogue->turns->len && status == MS_OK; i++)
		status = put_turn(&w, i, err);
	return status;
}

enum ms_status
ms_pcapout_end(struct ms_pcapout *out, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (!out)
		return MS_OK;
	if (out->bytes->len > 0)
		status = flush(out, err);
	g_byte_array_unref(out->bytes);
	g_free(out);
	return status;
}
