#ifndef MS_COURIER_H
#define MS_COURIER_H

#include "base/error.h"
#include "engine/engine.h"

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How who scans asks the broker (pool/broker.h): a content goes as a sealed
 * memfd beside a frame, an answer comes back, one at a time. Both sides check
 * what they receive.
 */

struct ms_courier {
	int socket;		/* to the broker */
	int64_t deadline_ms;	/* of the message, on base/clock's clock */
	bool lost;		/* nobody is there any more */
};

/* A message has begun that may take so many milliseconds. */
void ms_courier_begin(struct ms_courier *courier, int64_t time_ms);

/* Ask; ARG is a struct ms_courier. As ms_engine_delegate's ask(). */
enum ms_status ms_courier_ask(void *arg, const void *data, size_t size,
    struct ms_engine_answer *answer, struct ms_error *err);

/* A content to look at, within LEFT_MS milliseconds. */
struct ms_courier_question {
	uint64_t size;
	uint64_t left_ms;
};

/* Frames, for the caller to unref; and what is in them: MS_OK or MS_E_PEER. */
GByteArray *ms_courier_question(const struct ms_courier_question *question);
enum ms_status ms_courier_read_question(const unsigned char *data,
    size_t size, struct ms_courier_question *question);
GByteArray *ms_courier_answer(const struct ms_engine_answer *answer);
enum ms_status ms_courier_read_answer(const unsigned char *data, size_t size,
    struct ms_engine_answer *answer);

#endif
