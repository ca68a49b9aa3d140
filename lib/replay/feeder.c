#include "replay/feeder.h"

#include <string.h>

#define BLOCK ((size_t)65536)

/* No more than that waits for the peer. */
#define QUEUED_MAX ((size_t)256 << 10)

void
ms_feeder_init(struct ms_feeder *feeder, const struct ms_role *role,
    size_t split, uint64_t rate, int64_t now_ms)
{
	*feeder = (struct ms_feeder){ .role = role, .split = split,
		.slow = rate > 0 };
	ms_bucket_init(&feeder->bucket, rate, now_ms);
}

void
ms_feeder_begin(struct ms_feeder *feeder, const struct ms_step *step,
    uint64_t held)
{
	const uint64_t size = step->line_size + step->size;

	feeder->step = step;
	feeder->at = 0;
	feeder->end = size - MIN(held, size);
}

/* The next bytes: *DATA, or in BLOCK; at most *SIZE, which is then how many
 * there are. */
static enum ms_status
next(const struct ms_feeder *feeder, char *block, const void **data,
    size_t *size, struct ms_error *err)
{
	const struct ms_step *step = feeder->step;
	const unsigned char *spool;
	enum ms_status status;

	if (feeder->at < step->line_size) {
		*size = MIN(*size, step->line_size - (size_t)feeder->at);
		*data = step->line + feeder->at;
		return MS_OK;
	}
	if (step->spooled) {
		status = ms_spool_map(feeder->role->spool, &spool, err);
		*data = spool + step->offset + feeder->at - step->line_size;
		return status;
	}
	*data = block;
	return ms_role_read(feeder->role, step, feeder->at - step->line_size,
	    block, size, err);
}

/* How many bytes may be written now; 0: none, and *WAIT_MS says why. */
static size_t
allowed(struct ms_feeder *feeder, int64_t now_ms, int64_t *wait_ms)
{
	const size_t queued = ms_talk_queued(feeder->talk);
	size_t most = BLOCK;

	*wait_ms = -1;
	if (queued >= QUEUED_MAX || (feeder->split > 0 && queued > 0))
		return 0;
	if (feeder->split > 0 && feeder->piece_ms == now_ms) {
		*wait_ms = 1;
		return 0;
	}
	if (feeder->split > 0)
		most = MIN(most, feeder->split);
	if (feeder->slow) {
		const int64_t wait = ms_bucket_wait_ms(&feeder->bucket,
		    now_ms);

		if (wait > 0) {
			*wait_ms = wait;
			return 0;
		}
		most = MIN(most, MAX(1, feeder->bucket.rate / 10));
	}
	return (size_t)MIN(most, feeder->end - feeder->at);
}

enum ms_status
ms_feeder_go(struct ms_feeder *feeder, int64_t now_ms, int64_t *wait_ms,
    struct ms_error *err)
{
	char block[BLOCK];

	while (feeder->at < feeder->end) {
		size_t size = allowed(feeder, now_ms, wait_ms);
		enum ms_status status;
		const void *data;

		if (size == 0)
			return MS_END;
		status = next(feeder, block, &data, &size, err);
		if (status == MS_OK && size == 0)
			status = ms_error_set(err, MS_E_IO,
			    "bytes of a message are not there any more");
		if (status != MS_OK)
			return status;
		ms_talk_write(feeder->talk, data, size);
		if (feeder->slow)
			ms_bucket_spend(&feeder->bucket, size, now_ms);
		feeder->piece_ms = now_ms;
		feeder->at += size;
		feeder->sent += size;
	}
	return MS_OK;
}

void
ms_feeder_write(struct ms_feeder *feeder, const char *text)
{
	ms_talk_write(feeder->talk, text, strlen(text));
	feeder->sent += strlen(text);
}
