#ifndef MS_PCAPOUT_H
#define MS_PCAPOUT_H

#include "base/error.h"
#include "capture/dialogue.h"

#include <stddef.h>

/*
 * Dialogues as a capture of packets: Ethernet, IPv4 or IPv6 as the addresses
 * say, TCP with a handshake, acknowledgements and right checksums. A turn is
 * one packet, or as many full ones as it needs. Gaps are sequence numbers that
 * no packet has (a gap of unknown size: one byte); notes and the beginning of
 * TLS are left out; sides that were not heard stay silent.
 */

struct ms_pcapout;

/* Write to the descriptor FD, which stays the caller's. MS_E_IO: it cannot be
 * written. */
enum ms_status ms_pcapout_begin(int fd, struct ms_pcapout **out,
    struct ms_error *err);

/* MS_E_IO: it could not be written, or DIALOGUE not be read. */
enum ms_status ms_pcapout_dialogue(struct ms_pcapout *out,
    const struct ms_dialogue *dialogue, struct ms_error *err);

/* Write what is left, and free OUT, whatever comes of it. */
enum ms_status ms_pcapout_end(struct ms_pcapout *out, struct ms_error *err);

#endif
