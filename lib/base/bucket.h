#ifndef MS_BUCKET_H
#define MS_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A bucket of tokens, for doing something at a limited rate: so many bytes a
 * second on average, and never much ahead of that. What is spent is told
 * afterwards, so that the bucket can owe; then it has to be waited for. Times
 * are base/clock's milliseconds, which the caller brings.
 */
struct ms_bucket {
	uint64_t rate;		/* bytes a second; 0: no limit */
	int64_t tokens;		/* thousandths of bytes; negative: owed */
	int64_t when_ms;	/* as of then */
};

/* A bucket that has what may be spent at once: a tenth of a second's worth. */
void ms_bucket_init(struct ms_bucket *bucket, uint64_t rate, int64_t now_ms);

/* BYTES were spent. */
void ms_bucket_spend(struct ms_bucket *bucket, uint64_t bytes,
    int64_t now_ms);

/* Milliseconds to wait until more may be spent; 0: go on. At most a day. */
int64_t ms_bucket_wait_ms(struct ms_bucket *bucket, int64_t now_ms);

#endif
