#include "serve/pace.h"

#include <glib.h>

/* RFC 5321, 4.5.3.2: a greeting and most replies, a block of content; and what
 * a handshake may need. */
#define REPLY_MS 300000
#define BLOCK_MS 180000
#define HANDSHAKE_MS 60000

void
ms_pace_init(struct ms_pace *pace, int64_t now_ms)
{
	*pace = (struct ms_pace){ .since_ms = { now_ms, now_ms } };
}

/* How long a side may take for what is due; -1: nothing is. */
static int64_t
allowed(const struct ms_pace_config *config, enum ms_proxy_side side,
    enum ms_proxy_due due)
{
	const bool hop = side == MS_PROXY_HOP;
	const int64_t own = hop ? config->hop_ms : config->client_ms;

	switch (due) {
	case MS_PROXY_DUE_HANDSHAKE:
		return MIN(own, HANDSHAKE_MS);
	case MS_PROXY_DUE_WORDS:
		return hop ? MIN(own, REPLY_MS) : own;
	case MS_PROXY_DUE_CONTENT:
		return hop ? MIN(own, BLOCK_MS) : own;
	case MS_PROXY_DUE_END:
		return own;
	default:
		return -1;
	}
}

/* Has the side done what it had to, or has it something else to do now? */
static bool
has_moved(const struct ms_pace_side *was, const struct ms_pace_side *is)
{
	return was->due != is->due || was->heard != is->heard ||
	    (is->due == MS_PROXY_DUE_CONTENT && was->moved != is->moved);
}

/* When content that came to BYTES must have gone on by; no overflow: nobody
 * waits for years. */
static int64_t
slowest(const struct ms_pace *pace, const struct ms_pace_config *config,
    uint64_t bytes)
{
	return pace->content_ms + config->client_ms +
	    (int64_t)(bytes / config->rate * 1000 +
	    bytes % config->rate * 1000 / config->rate);
}

struct ms_pace_due
ms_pace(struct ms_pace *pace, const struct ms_pace_config *config,
    const struct ms_pace_side sides[2], bool in_message, int64_t now_ms)
{
	const struct ms_pace_side *client = &sides[MS_PROXY_CLIENT];
	const bool content = client->due == MS_PROXY_DUE_CONTENT;
	struct ms_pace_due first = { .ms = -1 };

	/* All chunks of a message are one content. */
	if (content && !pace->in_message) {
		pace->content_ms = now_ms;
		pace->content_at = pace->seen[MS_PROXY_CLIENT].moved;
	}
	pace->in_message = in_message || content;
	for (int i = 0; i < 2; i++) {
		const enum ms_proxy_side side = (enum ms_proxy_side)i;
		const int64_t most = allowed(config, side, sides[i].due);
		int64_t due;

		if (has_moved(&pace->seen[i], &sides[i]))
			pace->since_ms[i] = now_ms;
		pace->seen[i] = sides[i];
		if (most < 0)
			continue;
		due = pace->since_ms[i] + most;
		if (side == MS_PROXY_CLIENT && content && config->rate > 0)
			due = MIN(due, slowest(pace, config,
			    client->moved - pace->content_at));
		if (first.ms < 0 || due < first.ms)
			first = (struct ms_pace_due){ due, side };
	}
	return first;
}
