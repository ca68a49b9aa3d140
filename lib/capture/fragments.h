#ifndef MS_FRAGMENTS_H
#define MS_FRAGMENTS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Datagrams of IPv4 and IPv6 put together from fragments (RFC 791 3.2,
 * RFC 8200 4.5). The first byte that came for a place stays there. What waits
 * for its rest is bounded in number, bytes and time: the oldest goes first.
 */

struct ms_fragment {
	unsigned char from[16], to[16];
	uint32_t id;
	unsigned char protocol;	/* of the whole */
	uint32_t offset;	/* in the whole; a multiple of 8 */
	bool more;		/* others follow it */
	const unsigned char *data;
	size_t size;		/* as captured */
	int64_t time_us;
};

struct ms_datagram {
	const unsigned char *data;	/* on loan until the next fragment */
	size_t size;
	bool conflict;		/* fragments overlapped and differed */
};

struct ms_fragments;

struct ms_fragments *ms_fragments_new(void);
void ms_fragments_free(struct ms_fragments *fragments);

/* MS_OK: FRAGMENT was the last that its datagram lacked, which is *WHOLE.
 * MS_END: it waits, or makes no sense. */
enum ms_status ms_fragments_add(struct ms_fragments *fragments,
    const struct ms_fragment *fragment, struct ms_datagram *whole);

/* Datagrams given up so far. */
uint64_t ms_fragments_dropped(const struct ms_fragments *fragments);

#endif
