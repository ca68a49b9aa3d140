#ifndef MS_PACE_H
#define MS_PACE_H

#include "smtp/proxy.h"

#include <stdint.h>

/*
 * How long the two sides of a visit may take: for a reply, a command, a piece
 * of content, and for content as a whole. Only what is whole counts, so that
 * nobody stays for ever who sends a byte now and then. Pure: the time is handed
 * in, in milliseconds that never go back.
 */

struct ms_pace_config {
	int64_t hop_ms;		/* the next hop: for the reply to the end of a
				 * message; others as RFC 5321, 4.5.3.2, if
				 * that is less */
	int64_t client_ms;	/* a client: for a command, or without a byte
				 * of content */
	uint64_t rate;		/* bytes a second of content, behind client_ms
				 * that are free; 0: any */
};

/* A side, as it is now. */
struct ms_pace_side {
	enum ms_proxy_due due;
	uint64_t heard;		/* as ms_proxy_heard() */
	uint64_t moved;		/* grows with content: bytes of the client,
				 * pieces that the next hop has taken */
};

struct ms_pace {
	struct ms_pace_side seen[2];	/* by enum ms_proxy_side */
	int64_t since_ms[2];	/* the last that counted */
	bool in_message;
	int64_t content_ms;	/* the content began */
	uint64_t content_at;	/* moved, then */
};

/* Who has to do something until when. */
struct ms_pace_due {
	int64_t ms;		/* -1: nobody, ever */
	enum ms_proxy_side side;
};

void ms_pace_init(struct ms_pace *pace, int64_t now_ms);

/* This is how things are NOW, after anything happened; IN_MESSAGE: content of
 * a message has come, and its end has not been answered. Who is late if NOW
 * is not before what is returned. */
struct ms_pace_due ms_pace(struct ms_pace *pace,
    const struct ms_pace_config *config, const struct ms_pace_side sides[2],
    bool in_message, int64_t now_ms);

#endif
