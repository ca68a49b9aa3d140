#include "pipeline/recall.h"

#include "base/spool.h"

#include <string.h>

/* Frames stay in memory up to this, of each half. */
#define HEAP_BYTES ((size_t)1 << 20)

struct result {
	struct ms_mark mark;
	uint64_t at;
	guint size;
};

/* Nothing is taken out of a half: when it is full, it becomes the old one,
 * and what has not been asked for since goes with the one before. */
struct half {
	GHashTable *results;	/* a set of struct result * */
	struct ms_spool *frames;
};

struct ms_recall {
	struct ms_marker *marker;
	struct ms_spool_config config;
	struct half fresh;
	struct half old;
};

static void
half_init(const struct ms_recall *recall, struct half *half)
{
	/* The mark comes first in a result. */
	half->results = g_hash_table_new_full(ms_mark_hash, ms_mark_equal,
	    g_free, NULL);
	half->frames = ms_spool_new(&recall->config);
}

static void
half_clear(struct half *half)
{
	g_hash_table_unref(half->results);
	ms_spool_free(half->frames);
}

struct ms_recall *
ms_recall_new(const char *dir)
{
	struct ms_recall *recall = g_new0(struct ms_recall, 1);

	recall->marker = ms_mark_start();
	recall->config = (struct ms_spool_config){ .heap_max = HEAP_BYTES,
		.dir = dir };
	half_init(recall, &recall->fresh);
	half_init(recall, &recall->old);
	return recall;
}

void
ms_recall_free(struct ms_recall *recall)
{
	if (!recall)
		return;
	half_clear(&recall->fresh);
	half_clear(&recall->old);
	ms_mark_stop(recall->marker);
	g_free(recall);
}

struct ms_mark
ms_recall_mark(struct ms_recall *recall, const struct ms_message *message,
    bool raw)
{
	struct {
		struct ms_digest sha256, canonical;
		uint64_t size, kept, omitted, raw;
	} key = {
		message->sha256, message->sha256_canonical, message->size,
		ms_spool_size(message->body), message->omitted, raw,
	};

	return ms_mark_of(recall->marker, 0, &key, sizeof key);
}

/* Make the fresh half the old one, and begin another. */
static void
turn(struct ms_recall *recall)
{
	half_clear(&recall->old);
	recall->old = recall->fresh;
	half_init(recall, &recall->fresh);
}

void
ms_recall_put(struct ms_recall *recall, const struct ms_mark *mark,
    const void *frames, size_t size)
{
	struct half *fresh = &recall->fresh;
	struct result result = { *mark, ms_spool_size(fresh->frames),
		(guint)size };

	if (size > MS_RECALL_RESULT_BYTES ||
	    g_hash_table_contains(fresh->results, mark))
		return;
	if (g_hash_table_size(fresh->results) >= MS_RECALL_MAX ||
	    result.at + size > MS_RECALL_BYTES / 2) {
		turn(recall);
		result.at = 0;
	}
	if (ms_spool_write(fresh->frames, frames, size, NULL) == MS_OK)
		g_hash_table_add(fresh->results,
		    g_memdup2(&result, sizeof result));
}

static bool
half_get(struct half *half, const struct ms_mark *mark, GByteArray *frames)
{
	const struct result *result = g_hash_table_lookup(half->results,
	    mark);
	guint before = frames->len;
	size_t got;

	if (!result)
		return false;
	g_byte_array_set_size(frames, before + result->size);
	if (ms_spool_read(half->frames, result->at, frames->data + before,
	    result->size, &got, NULL) == MS_OK && got == result->size)
		return true;
	g_byte_array_set_size(frames, before);
	return false;
}

bool
ms_recall_get(struct ms_recall *recall, const struct ms_mark *mark,
    GByteArray *frames)
{
	guint before = frames->len;

	if (half_get(&recall->fresh, mark, frames))
		return true;
	if (!half_get(&recall->old, mark, frames))
		return false;
	ms_recall_put(recall, mark, frames->data + before,
	    frames->len - before);
	return true;
}

void
ms_recall_keep(struct ms_recall *recall, const struct ms_mark *mark,
    const struct ms_shelf_item *item)
{
	static const unsigned chance = 1u << MS_REASON_WORKER_DIED |
	    1u << MS_REASON_ENGINE_FAILED | 1u << MS_REASON_LIMIT_TIME |
	    1u << MS_REASON_LIMIT_MEMORY;
	const GByteArray *frames = ms_shelf_frames(item);

	if (frames && !(ms_shelf_reasons(item) & chance))
		ms_recall_put(recall, mark, frames->data, frames->len);
}

bool
ms_recall_give(struct ms_recall *recall, const struct ms_mark *mark,
    struct ms_shelf *shelf, struct ms_shelf_item *item)
{
	GByteArray *frames = g_byte_array_new();
	bool known = ms_recall_get(recall, mark, frames);

	if (known)
		ms_shelf_put_all(shelf, item, frames);
	g_byte_array_unref(frames);
	return known;
}
