#include "capture/tcp.h"

#include <stdio.h>

/* Without a SYN the first bytes may have come in the wrong order: so many
 * packets are waited for, and so far back. */
#define SETTLE_PACKETS 4u
#define SETTLE_BACK ((uint32_t)1 << 20)

/* Packets of the connection after which a hole is one: if the other side has
 * acknowledged it, and if that side is not to be heard. */
#define PATIENCE 64u
#define PATIENCE_ALONE 256u
#define PATIENCE_US ((int64_t)60 * 1000000)

/* No window is larger (RFC 7323 2.3 would allow 1 GiB; nobody does). */
#define WINDOW ((uint32_t)1 << 24)
#define RESET_WINDOW ((uint32_t)1 << 20)

struct ms_tcp *
ms_tcp_new(struct ms_spoken *spoken, struct ms_order_pool *pool)
{
	struct ms_tcp *tcp = g_new0(struct ms_tcp, 1);

	tcp->spoken = spoken;
	for (int i = 0; i < 2; i++)
		tcp->half[i].order.pool = pool;
	return tcp;
}

void
ms_tcp_free(struct ms_tcp *tcp)
{
	if (!tcp)
		return;
	for (int i = 0; i < 2; i++)
		ms_order_clear(&tcp->half[i].order);
	ms_spoken_free(tcp->spoken);
	g_free(tcp);
}

void
ms_tcp_begin(struct ms_tcp *tcp, int from, uint32_t isn)
{
	struct ms_tcp_half *h = &tcp->half[from];

	if (h->known && !h->settling)
		return;
	h->order.next = isn + 1;
	h->known = true;
	h->settling = false;
}

bool
ms_tcp_fits(const struct ms_tcp *tcp, int from, uint32_t isn)
{
	const struct ms_tcp_half *h = &tcp->half[from];
	const struct ms_order_chunk *front = ms_order_front(&h->order);

	if (!h->known)
		return true;
	return h->settling && front &&
	    front->seq - (isn + 1) <= SETTLE_BACK / 2;
}

static bool
is_idle(const struct ms_tcp *tcp)
{
	return tcp->half[0].order.count + tcp->half[1].order.count == 0;
}

bool
ms_tcp_is_done(const struct ms_tcp *tcp)
{
	return tcp->half[0].ended && tcp->half[1].ended && is_idle(tcp);
}

/* Has the side O got as far as what the other acknowledges with NEED? */
static bool
has_said(const struct ms_tcp_half *o, uint32_t need)
{
	uint32_t next = o->order.next + (o->ended ? 1 : 0);

	if (!o->known || o->settling)
		return true;
	/* Nonsense, if it is too far. */
	if ((int32_t)(need - next) <= 0 || need - next > WINDOW)
		return true;
	return o->excused_known && (int32_t)(need - o->excused) <= 0;
}

static enum ms_status
say(struct ms_tcp *tcp, int from, const struct ms_order_piece *piece,
    struct ms_error *err)
{
	struct ms_tcp_half *h = &tcp->half[from];
	const struct ms_spoken_words words = {
		.from = from, .time_us = piece->time_us, .seq = piece->seq,
		.data = piece->data, .size = piece->size,
	};
	enum ms_status status = MS_OK;

	if (h->ended && piece->size > 0) {
		h->ended = false;
		status = ms_spoken_note(tcp->spoken, from, piece->time_us,
		    "it goes on after its end", err);
	}
	if (status == MS_OK)
		status = ms_spoken_say(tcp->spoken, &words, err);
	if (status == MS_OK && piece->missing > 0)
		status = ms_spoken_gap(tcp->spoken, from, piece->time_us,
		    piece->missing, err);
	h->order.next += piece->size + piece->missing;
	if (status == MS_OK && piece->fin && !h->ended) {
		h->ended = true;
		status = ms_spoken_end(tcp->spoken, from, piece->time_us,
		    false, err);
	}
	return status;
}

/* Say what waits at the front of FROM. */
static enum ms_status
say_front(struct ms_tcp *tcp, int from, struct ms_error *err)
{
	struct ms_order *order = &tcp->half[from].order;
	const struct ms_order_chunk *c = ms_order_front(order);
	const struct ms_order_piece piece = {
		.seq = c->seq, .data = c->data, .size = c->size,
		.missing = c->missing, .fin = c->fin, .time_us = c->time_us,
	};
	enum ms_status status = say(tcp, from, &piece, err);

	ms_order_pop(order);
	return status;
}

static bool
is_ready(const struct ms_tcp *tcp, int from)
{
	const struct ms_tcp_half *h = &tcp->half[from];
	const struct ms_order_chunk *c = ms_order_front(&h->order);

	return c && !h->settling && c->seq == h->order.next &&
	    (!c->has_need || has_said(&tcp->half[1 - from], c->need));
}

/* Say what can be said. */
static enum ms_status
advance(struct ms_tcp *tcp, int64_t now_us, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	bool moved = false;
	int idle = 0;

	for (int i = 0; status == MS_OK && idle < 2; i = 1 - i) {
		idle = is_ready(tcp, i) ? 0 : idle + 1;
		while (status == MS_OK && is_ready(tcp, i)) {
			status = say_front(tcp, i, err);
			moved = true;
		}
	}
	if (moved || is_idle(tcp) || tcp->stuck == 0) {
		tcp->stuck = 0;
		tcp->stuck_since_us = now_us;
	}
	if (!is_idle(tcp))
		tcp->stuck++;
	return status;
}

/* The first bytes of FROM are those that there are. */
static void
settle(struct ms_tcp *tcp, int from)
{
	struct ms_tcp_half *h = &tcp->half[from];
	const struct ms_order_chunk *c = ms_order_front(&h->order);

	if (h->settling && c) {
		h->order.next = c->seq;
		h->settling = false;
	}
}

/* Does a hole wait at the front of FROM, and did the other side get what is
 * missing? */
static bool
is_hole(const struct ms_tcp *tcp, int from, bool acked)
{
	const struct ms_tcp_half *h = &tcp->half[from];
	const struct ms_order_chunk *c = ms_order_front(&h->order);

	if (!c || c->seq == h->order.next)
		return false;
	return !acked || (h->acked_known &&
	    (int32_t)(h->acked - h->order.next) > 0);
}

/* The front of FROM is behind a hole: leave it, or leave it out. */
static enum ms_status
jump(struct ms_tcp *tcp, int from, struct ms_error *err)
{
	struct ms_tcp_half *h = &tcp->half[from];
	const struct ms_order_chunk *c = ms_order_front(&h->order);
	uint32_t hole = c->seq - h->order.next;
	int64_t time_us = c->time_us;

	if (h->acked_known && (int32_t)(c->seq - h->acked) > 0 &&
	    c->seq - h->acked > WINDOW) {
		ms_order_pop(&h->order);
		return ms_spoken_note(tcp->spoken, from, time_us,
		    "bytes far out of any window are left out", err);
	}
	h->order.next = c->seq;
	return ms_spoken_gap(tcp->spoken, from, time_us, hole, err);
}

/* Nothing can be said, but something waits: do without what it waits for. */
static enum ms_status
force(struct ms_tcp *tcp, struct ms_error *err)
{
	const struct ms_order_chunk *front[2];
	bool hole[2];
	int i;

	for (i = 0; i < 2; i++) {
		settle(tcp, i);
		front[i] = ms_order_front(&tcp->half[i].order);
		hole[i] = is_hole(tcp, i, true);
	}
	if (is_ready(tcp, 0) || is_ready(tcp, 1))
		return MS_OK;
	if (hole[0] || hole[1]) {
		i = hole[0] && hole[1] ?
		    front[1]->time_us < front[0]->time_us : hole[1];
		return jump(tcp, i, err);
	}
	for (i = 0; i < 2; i++) {
		if (!front[i] || front[i]->seq != tcp->half[i].order.next)
			continue;
		tcp->half[1 - i].excused = front[i]->need;
		tcp->half[1 - i].excused_known = true;
		return MS_OK;
	}
	return jump(tcp, front[0] ? 0 : 1, err);
}

/* Has it been waited for long enough? */
static bool
is_enough(const struct ms_tcp *tcp, int64_t now_us)
{
	bool blocked = false, alone = false;

	for (int i = 0; i < 2; i++) {
		const struct ms_tcp_half *h = &tcp->half[i];
		const struct ms_order_chunk *c = ms_order_front(&h->order);

		if (ms_order_is_full(&h->order))
			return true;
		if (c && (c->seq == h->order.next || is_hole(tcp, i, true)))
			blocked = true;
		if (c && !h->acked_known)
			alone = true;
	}
	if (now_us - tcp->stuck_since_us > PATIENCE_US && tcp->stuck > 1)
		return true;
	return (blocked && tcp->stuck > PATIENCE) ||
	    (alone && tcp->stuck > PATIENCE_ALONE);
}

static enum ms_status
flush(struct ms_tcp *tcp, int64_t now_us, struct ms_error *err)
{
	enum ms_status status = advance(tcp, now_us, err);

	while (status == MS_OK && !is_idle(tcp)) {
		status = force(tcp, err);
		if (status == MS_OK)
			status = advance(tcp, now_us, err);
	}
	return status;
}

/* Take SEGMENT's acknowledgement. */
static void
acknowledge(struct ms_tcp_half *other,
    const struct ms_packet_segment *segment)
{
	if (!(segment->flags & MS_PACKET_ACK))
		return;
	if (!other->acked_known ||
	    (int32_t)(segment->ack - other->acked) > 0)
		other->acked = segment->ack;
	other->acked_known = true;
}

static enum ms_status
note_conflict(struct ms_tcp *tcp, int from,
    const struct ms_packet_segment *segment, struct ms_error *err)
{
	char text[96];

	tcp->half[from].disputed = true;
	(void)snprintf(text, sizeof text, "packet %llu says otherwise what "
	    "was said before: the first stays",
	    (unsigned long long)segment->packet);
	return ms_spoken_note(tcp->spoken, from, segment->time_us, text, err);
}

/* The part of PIECE that is old; *SAME is false if it is not what it was. */
static enum ms_status
trim(struct ms_tcp *tcp, int from, struct ms_order_piece *piece, bool *same,
    struct ms_error *err)
{
	struct ms_order *order = &tcp->half[from].order;
	uint32_t old = ms_order_behind(order, piece->seq), n;
	struct ms_spoken_words words = { .from = from, .seq = piece->seq,
		.data = piece->data };
	enum ms_status status = MS_OK;

	n = MIN(old, piece->size);
	words.size = n;
	/* A byte of no meaning before the next one keeps connections alive
	 * (RFC 9293 3.8.4). */
	if (n > 0 && !(old == 1 && piece->size == 1))
		status = ms_spoken_compare(tcp->spoken, &words, same, err);
	piece->seq += n;
	piece->data += n;
	piece->size -= n;
	old -= n;
	n = MIN(old, piece->missing);
	piece->seq += n;
	piece->missing -= n;
	return status;
}

/* The bytes and the end in SEGMENT. */
static enum ms_status
take(struct ms_tcp *tcp, int from, const struct ms_packet_segment *segment,
    struct ms_error *err)
{
	struct ms_tcp_half *h = &tcp->half[from];
	struct ms_order_piece piece = {
		.seq = segment->seq + (segment->flags & MS_PACKET_SYN ? 1 : 0),
		.data = segment->data, .size = (uint32_t)segment->size,
		.missing = segment->missing,
		.need = segment->ack,
		.has_need = segment->flags & MS_PACKET_ACK,
		.fin = segment->flags & MS_PACKET_FIN,
		.time_us = segment->time_us,
	};
	enum ms_status status;
	bool same = true;

	if (piece.size + piece.missing == 0 && !piece.fin)
		return MS_OK;
	if (!h->known) {
		h->order.next = piece.seq - SETTLE_BACK;
		h->known = h->settling = true;
		tcp->packets = 0;
	}
	status = trim(tcp, from, &piece, &same, err);
	if (status != MS_OK)
		return status;
	if (ms_order_behind(&h->order, piece.seq) > 0)
		piece.fin = false;
	else if (h->order.count == 0 && !h->settling &&
	    piece.seq == h->order.next &&
	    (!piece.has_need || has_said(&tcp->half[1 - from], piece.need)))
		status = say(tcp, from, &piece, err);
	else if (piece.size + piece.missing > 0 || piece.fin)
		same &= !ms_order_put(&h->order, &piece);
	if (status == MS_OK && (!same || segment->conflict))
		status = note_conflict(tcp, from, segment, err);
	return status;
}

/* A reset is one if it is where the next byte would be, about: a receiver
 * would not believe others (RFC 5961 3.2). */
static enum ms_status
reset(struct ms_tcp *tcp, int from, const struct ms_packet_segment *segment,
    struct ms_error *err)
{
	struct ms_tcp_half *h = &tcp->half[from];
	uint32_t seq = segment->seq, next = h->order.next;
	bool is_near = seq - next <= RESET_WINDOW || next - seq <= 1 ||
	    (h->acked_known && seq == h->acked);
	enum ms_status status;

	if (tcp->reset || (h->known && !h->settling && !is_near))
		return MS_OK;
	status = flush(tcp, segment->time_us, err);
	tcp->reset = true;
	tcp->reset_us = segment->time_us;
	return status != MS_OK ? status : ms_spoken_end(tcp->spoken, from,
	    segment->time_us, true, err);
}

enum ms_status
ms_tcp_feed(struct ms_tcp *tcp, int from,
    const struct ms_packet_segment *segment, struct ms_error *err)
{
	struct ms_tcp_half *h = &tcp->half[from];
	enum ms_status status;

	tcp->spoken->seen[from] = true;
	if (segment->flags & MS_PACKET_RST)
		return reset(tcp, from, segment, err);
	if (segment->size > 0) {
		h->segments++;
		h->bad_checksums += segment->bad_checksum;
	}
	acknowledge(&tcp->half[1 - from], segment);
	status = take(tcp, from, segment, err);
	if (++tcp->packets >= SETTLE_PACKETS) {
		settle(tcp, 0);
		settle(tcp, 1);
	}
	if (is_idle(tcp))
		return status;
	if (status == MS_OK)
		status = advance(tcp, segment->time_us, err);
	while (status == MS_OK && !is_idle(tcp) &&
	    is_enough(tcp, segment->time_us)) {
		status = force(tcp, err);
		if (status == MS_OK)
			status = advance(tcp, segment->time_us, err);
	}
	return status;
}

/* Cards fill checksums in later, and then all of a side are wrong; if some
 * are, somebody plays tricks, or the line is bad. */
static enum ms_status
note_checksums(struct ms_tcp *tcp, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	char text[96];

	for (int i = 0; i < 2 && status == MS_OK; i++) {
		const struct ms_tcp_half *h = &tcp->half[i];

		if (h->bad_checksums == 0 || h->bad_checksums == h->segments)
			continue;
		(void)snprintf(text, sizeof text, "%llu of %llu packets "
		    "have a wrong checksum",
		    (unsigned long long)h->bad_checksums,
		    (unsigned long long)h->segments);
		status = ms_spoken_note(tcp->spoken, i, tcp->spoken->last_us,
		    text, err);
	}
	return status;
}

/* What the other side got of FROM is not all here, or perhaps something else:
 * nobody may take what was heard for all. */
static enum ms_status
doubt(struct ms_tcp *tcp, int from, struct ms_error *err)
{
	const struct ms_tcp_half *h = &tcp->half[from];
	uint32_t tail = h->acked - h->order.next;

	/* One more is its end. */
	if (!h->known || h->settling || !h->acked_known || (int32_t)tail <= 1)
		tail = 0;
	return tail == 0 && !h->disputed ? MS_OK : ms_spoken_gap(tcp->spoken,
	    from, tcp->spoken->last_us, tail, err);
}

enum ms_status
ms_tcp_finish(struct ms_tcp *tcp, struct ms_error *err)
{
	enum ms_status status = flush(tcp, tcp->spoken->last_us, err);

	for (int i = 0; i < 2 && status == MS_OK; i++)
		status = doubt(tcp, i, err);
	return status == MS_OK ? note_checksums(tcp, err) : status;
}
