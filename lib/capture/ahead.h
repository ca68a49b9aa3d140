#ifndef MS_AHEAD_H
#define MS_AHEAD_H

#include "base/error.h"
#include "capture/dialogue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the client of a dialogue says next, and what it is by its looks: for
 * those who do not know what the server said to it.
 */

#define MS_AHEAD_BYTES 600

struct ms_ahead {
	char bytes[MS_AHEAD_BYTES];
	size_t size;
};

/* What the client says from AT in turn TURN on, up to a gap or to where TLS
 * begins. MS_E_IO: the dialogue cannot be read. */
enum ms_status ms_ahead_look(const struct ms_dialogue *dialogue, size_t turn,
    uint64_t at, struct ms_ahead *ahead, struct ms_error *err);

/* Is the line that the SIZE bytes at BYTES begin with, and its end, a command?
 * STRONG: one that hardly stands in a message, and well written. */
bool ms_ahead_is_command(const char *bytes, size_t size, bool strong);

/* The first record of TLS (RFC 8446, 5.1). */
bool ms_ahead_is_tls(const struct ms_ahead *ahead);

#endif
