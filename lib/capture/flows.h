#ifndef MS_FLOWS_H
#define MS_FLOWS_H

#include "base/error.h"
#include "capture/dialogue.h"
#include "capture/packet.h"

#include <stdint.h>

/*
 * Segments of TCP in, dialogues of SMTP out: the connections of a capture,
 * thousands at a time, with bounded memory. A connection that is not SMTP
 * costs a few bytes once that is known. A SYN begins another connection
 * between the same two ends once both have agreed to it, or the old one is
 * over.
 */

struct ms_flows_counts {
	uint64_t segments;
	uint64_t others;	/* connections with bytes, but not of SMTP */
	uint64_t dialogues;
};

struct ms_flows;

/* STASH must outlive the dialogues. */
struct ms_flows *ms_flows_new(struct ms_stash *stash);
void ms_flows_free(struct ms_flows *flows);

/* MS_OK, or MS_E_IO: the stash failed. */
enum ms_status ms_flows_feed(struct ms_flows *flows,
    const struct ms_packet_segment *segment, struct ms_error *err);

/* There are no more segments: all connections are over. */
void ms_flows_end(struct ms_flows *flows);

/*
 * MS_OK       *DIALOGUE has ended, and is the caller's
 * MS_END      none has; after ms_flows_end(): that was all
 * MS_E_LIMIT  that was all, but in one or more the stash was so full that
 *             what is missing is not even said; MS_END follows
 * MS_E_IO     the stash failed
 */
enum ms_status ms_flows_take(struct ms_flows *flows,
    struct ms_dialogue **dialogue, struct ms_error *err);

const struct ms_flows_counts *ms_flows_counts(const struct ms_flows *flows);

#endif
