#ifndef MS_PACKET_H
#define MS_PACKET_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What one captured packet says to TCP: through the link layer (Ethernet with
 * VLAN tags and PPPoE, Linux cooked 1 and 2, raw IP, loopback), IPv4, IPv6
 * with its extension headers, and fragments of both. Options are passed over
 * by their stated size and not looked at. Checksums are looked at, but wrong
 * ones are taken: network cards fill them in after the capture.
 */

/* A packet as it lies in the file. */
struct ms_packet_frame {
	uint64_t number;	/* in the file, from 1 */
	int64_t time_us;	/* since 1970 */
	const unsigned char *data;
	size_t size;		/* as captured */
	uint64_t wire_size;	/* as it was */
};

/* Flags of TCP, as in its header. */
#define MS_PACKET_FIN 0x01u
#define MS_PACKET_SYN 0x02u
#define MS_PACKET_RST 0x04u
#define MS_PACKET_ACK 0x10u

struct ms_packet_segment {
	uint64_t packet;	/* number of the frame */
	int64_t time_us;
	unsigned char from[16], to[16];	/* IPv4 as ::ffff:192.0.2.1 */
	uint16_t from_port, to_port;
	uint32_t seq, ack;
	unsigned flags;
	const unsigned char *data;	/* on loan: of the frame, or until the
					 * next one is read */
	size_t size;
	uint32_t missing;	/* bytes after these that were not captured */
	bool bad_checksum;
	bool conflict;		/* put together from fragments that overlap
				 * and differ */
};

struct ms_packet_counts {
	uint64_t cut;		/* packets longer than captured */
	uint64_t bad;		/* packets that make no sense */
};

struct ms_packet;

/* For packets of the link type LINK, a number of libpcap's. NULL: not one of
 * those above. */
struct ms_packet *ms_packet_new(int link);
void ms_packet_free(struct ms_packet *packet);

/* MS_OK: *SEGMENT is what FRAME has, or what it completes. MS_END: it is not
 * of TCP, a fragment of something, or nonsense. */
enum ms_status ms_packet_read(struct ms_packet *packet,
    const struct ms_packet_frame *frame, struct ms_packet_segment *segment);

const struct ms_packet_counts *ms_packet_counts(
    const struct ms_packet *packet);

/* Datagrams whose fragments never were complete. */
uint64_t ms_packet_dropped(const struct ms_packet *packet);

#endif
