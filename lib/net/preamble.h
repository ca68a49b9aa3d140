#ifndef MS_PREAMBLE_H
#define MS_PREAMBLE_H

#include "net/endpoint.h"

#include <stddef.h>

/*
 * What a balancer says before a connection that it passes on: who the client
 * is, in the PROXY protocol of HAProxy, version 1 (a line) or 2 (binary).
 * Whether the peer may say so is the caller's to know. Pure.
 */

/* Longer ones are taken for none: addresses need at most 232 bytes, what may
 * follow them (certificates) some thousand. */
#define MS_PREAMBLE_MAX ((size_t)16 << 10)

struct ms_preamble {
	bool named;		/* false: LOCAL or UNKNOWN. It is the peer's own
				 * connection, or it cannot say whose. */
	struct ms_endpoint from, to;	/* if NAMED */
};

/*
 * MS_OK        *USED bytes of DATA are the preamble; the connection's own
 *              follow
 * MS_END       all SIZE bytes are the beginning of one
 * MS_E_FORMAT  it is none: wrong from the beginning, too long, or (version 2)
 *              its checksum is wrong
 */
enum ms_status ms_preamble_read(const void *data, size_t size, size_t *used,
    struct ms_preamble *preamble, struct ms_error *err);

#endif
