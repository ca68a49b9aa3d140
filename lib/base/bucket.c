#include "base/bucket.h"

#include <glib.h>

/* Tokens are thousandths of bytes, so that a millisecond at RATE bytes a
 * second is RATE of them. */
#define TOKENS_PER_BYTE 1000

/* No debt and no pause is longer, whatever the clock does. */
#define PAUSE_MAX_MS ((int64_t)86400 * 1000)

/* What may be spent at once, in milliseconds at RATE: little enough to be
 * smooth, and enough for the time that a message takes. */
#define BURST_MS 100

/* Rates and sums stay far below 2^63: a day at 1 TB a second. */
#define RATE_MAX ((uint64_t)1 << 36)

static int64_t
most(const struct ms_bucket *bucket)
{
	return (int64_t)bucket->rate * BURST_MS;
}

void
ms_bucket_init(struct ms_bucket *bucket, uint64_t rate, int64_t now_ms)
{
	bucket->rate = MIN(rate, RATE_MAX);
	bucket->tokens = most(bucket);
	bucket->when_ms = now_ms;
}

static void
refill(struct ms_bucket *bucket, int64_t now_ms)
{
	int64_t past = CLAMP(now_ms - bucket->when_ms, 0, PAUSE_MAX_MS);

	bucket->tokens = MIN(bucket->tokens + past * (int64_t)bucket->rate,
	    most(bucket));
	bucket->when_ms = now_ms;
}

void
ms_bucket_spend(struct ms_bucket *bucket, uint64_t bytes, int64_t now_ms)
{
	int64_t floor = -(int64_t)bucket->rate * PAUSE_MAX_MS;
	uint64_t tokens = MIN(bytes, (uint64_t)INT64_MAX / 4 /
	    TOKENS_PER_BYTE) * TOKENS_PER_BYTE;

	if (bucket->rate == 0)
		return;
	refill(bucket, now_ms);
	bucket->tokens = MAX(bucket->tokens - (int64_t)tokens, floor);
}

int64_t
ms_bucket_wait_ms(struct ms_bucket *bucket, int64_t now_ms)
{
	int64_t rate = (int64_t)bucket->rate;

	if (rate == 0)
		return 0;
	refill(bucket, now_ms);
	if (bucket->tokens >= 0)
		return 0;
	return (-bucket->tokens + rate - 1) / rate;
}
