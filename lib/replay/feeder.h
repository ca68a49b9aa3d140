#ifndef MS_FEEDER_H
#define MS_FEEDER_H

#include "base/bucket.h"
#include "net/talk.h"
#include "replay/role.h"

/* Gets the bytes of steps into a connection: as fast as it takes them, in
 * pieces, or slowly. Only some of them are in memory at a time. */
struct ms_feeder {
	struct ms_talk *talk;
	const struct ms_role *role;
	const struct ms_step *step;
	uint64_t at, end;	/* of its line and what is behind it */
	size_t split;		/* bytes that are sent together; 0: all. There
				 * is a millisecond between two such pieces, or
				 * they would be received as one. */
	int64_t piece_ms;	/* when the last one was sent */
	bool slow;
	struct ms_bucket bucket;
	uint64_t sent;		/* bytes in all */
};

/* RATE: bytes a second; 0: no limit. NOW_MS is base/clock's. */
void ms_feeder_init(struct ms_feeder *feeder, const struct ms_role *role,
    size_t split, uint64_t rate, int64_t now_ms);

/* STEP is next, without the last HELD bytes of it. */
void ms_feeder_begin(struct ms_feeder *feeder, const struct ms_step *step,
    uint64_t held);

/*
 * Write what can be written now.
 *
 * MS_OK   the step is written
 * MS_END  not yet: come again in *WAIT_MS milliseconds, or, if that is
 *         negative, when the connection is drained
 * MS_E_IO its bytes cannot be read
 */
enum ms_status ms_feeder_go(struct ms_feeder *feeder, int64_t now_ms,
    int64_t *wait_ms, struct ms_error *err);

/* Bytes of our own, at once. */
void ms_feeder_write(struct ms_feeder *feeder, const char *text);

#endif
