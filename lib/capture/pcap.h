#ifndef MS_PCAP_H
#define MS_PCAP_H

#include "base/error.h"
#include "capture/dialogue.h"
#include "capture/stash.h"

#include <stddef.h>
#include <stdint.h>

/*
 * SMTP dialogues in captures of packets: pcap and pcapng, of either byte
 * order, with micro- or nanoseconds. TCP is put together here (flows.h), with
 * bounded memory; which connections are SMTP is seen from what is said on
 * them, on any port.
 */

/* The next bytes of the file: at most SIZE of them to DATA, *GOT 0 at its
 * end. */
typedef enum ms_status ms_pcap_read(void *arg, void *data, size_t size,
    size_t *got, struct ms_error *err);

struct ms_pcap_config {
	struct ms_stash *stash;		/* must outlive the dialogues */
	ms_pcap_read *read;		/* plain bytes, decompressed */
	void *read_arg;
};

/* What was seen of a capture so far. */
struct ms_pcap_counts {
	uint64_t packets;
	uint64_t bytes;			/* of packets, as captured */
	uint64_t segments;		/* of TCP */
	uint64_t cut;			/* packets longer than captured */
	uint64_t bad;			/* packets that make no sense */
	uint64_t others;		/* connections that are not SMTP */
	uint64_t dialogues;		/* connections that are */
	uint64_t dropped;		/* fragments without the rest of
					 * theirs */
};

struct ms_pcap;

/* Can captures of packets be read at all, or was this built without
 * libpcap? Its version for people, or NULL. */
const char *ms_pcap_version(void);

/*
 * Begin to read. CONFIG is copied.
 *
 * MS_OK             *PCAP is the caller's to free
 * MS_E_FORMAT       no capture, or its first bytes are damaged
 * MS_E_UNSUPPORTED  a link type that is not understood, which ERR names, or
 *                   built without libpcap
 * MS_E_IO           the read function's failure
 */
enum ms_status ms_pcap_open(const struct ms_pcap_config *config,
    struct ms_pcap **pcap, struct ms_error *err);
void ms_pcap_free(struct ms_pcap *pcap);

/*
 * The next dialogue, whole, in the order in which they ended; those that the
 * end of the capture cut short come last, in the order in which they began.
 *
 * MS_OK        *DIALOGUE is the caller's to free
 * MS_END       that was all
 * MS_E_FORMAT  the file is damaged or cut: all dialogues up to there were
 *              given, and ERR names the packet and its position. MS_END
 *              follows
 * MS_E_LIMIT   the stash was full, and what was left out could not even be
 *              said in the dialogues themselves; all were given. MS_END
 *              follows
 * MS_E_IO      the read function or the stash failed
 */
enum ms_status ms_pcap_next(struct ms_pcap *pcap,
    struct ms_dialogue **dialogue, struct ms_error *err);

/* On loan until the capture is freed, as of now. */
const struct ms_pcap_counts *ms_pcap_counts(struct ms_pcap *pcap);

#endif
