#ifndef MS_TCP_H
#define MS_TCP_H

#include "base/error.h"
#include "capture/order.h"
#include "capture/packet.h"
#include "capture/spoken.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * One TCP connection (RFC 9293), as somebody on the wire saw it: the bytes of
 * both sides in the order in which they were sent, and what a side says after
 * what it acknowledges. What was lost by the capture, and not by the network,
 * is known from the other side's acknowledgements, and becomes a gap after
 * some packets more, since captures have packets in the wrong order, too.
 * Nothing is believed that a receiver would not: resets and sequence numbers
 * out of place.
 */

/* One direction. */
struct ms_tcp_half {
	struct ms_order order;
	bool known;		/* order.next means something */
	bool settling;		/* the first bytes are not certain yet */
	bool acked_known;
	uint32_t acked;		/* by the other side */
	bool excused_known;
	uint32_t excused;	/* acknowledged, but waited for in vain */
	bool ended;		/* FIN in order */
	bool disputed;		/* something was said in two ways */
	uint64_t segments, bad_checksums;
};

struct ms_tcp {
	struct ms_tcp_half half[2];
	struct ms_spoken *spoken;
	unsigned stuck;		/* packets since something came of it */
	int64_t stuck_since_us;
	unsigned packets;
	bool reset;
	int64_t reset_us;
};

/* Takes SPOKEN over. */
struct ms_tcp *ms_tcp_new(struct ms_spoken *spoken,
    struct ms_order_pool *pool);
void ms_tcp_free(struct ms_tcp *tcp);

/* The side FROM begins behind the sequence number ISN: its SYN was seen. */
void ms_tcp_begin(struct ms_tcp *tcp, int from, uint32_t isn);

/* Would a SYN with ISN be the begin of what FROM has sent already? */
bool ms_tcp_fits(const struct ms_tcp *tcp, int from, uint32_t isn);

/* SEGMENT, from the side FROM, which is no SYN of another connection. MS_OK,
 * or what ms_spoken_say() failed with. */
enum ms_status ms_tcp_feed(struct ms_tcp *tcp, int from,
    const struct ms_packet_segment *segment, struct ms_error *err);

/* Both sides have ended, and nothing is missing. */
bool ms_tcp_is_done(const struct ms_tcp *tcp);

/* Nothing more comes: what waits is said, with gaps. */
enum ms_status ms_tcp_finish(struct ms_tcp *tcp, struct ms_error *err);

#endif
