#include "source/trail.h"

#include <glib.h>

#define BLOCK 65536

/* Between two questions whether to go on. */
#define ASK_EVERY ((uint64_t)16 << 20)

struct ms_trail {
	struct ms_hash *hash;	/* of all up to at */
	uint64_t at;
	GByteArray *ahead;	/* what follows there, as far as it was fed, */
	size_t gone;		/* behind so many bytes that do not */
	struct ms_hash *before;	/* of all up to the last mark; NULL: none */
	uint64_t offset, index;	/* of it */
};

struct ms_trail *
ms_trail_new(void)
{
	struct ms_trail *trail = g_new0(struct ms_trail, 1);

	trail->hash = ms_hash_new();
	trail->ahead = g_byte_array_new();
	return trail;
}

void
ms_trail_free(struct ms_trail *trail)
{
	if (!trail)
		return;
	ms_hash_free(trail->hash);
	ms_hash_free(trail->before);
	g_byte_array_unref(trail->ahead);
	g_free(trail);
}

static size_t
left(const struct ms_trail *trail)
{
	return trail->ahead->len - trail->gone;
}

/* The first SIZE of the bytes ahead are behind. */
static void
pass(struct ms_trail *trail, size_t size)
{
	ms_hash_feed(trail->hash, trail->ahead->data + trail->gone, size);
	trail->at += size;
	trail->gone += size;
}

void
ms_trail_feed(struct ms_trail *trail, const void *data, size_t size)
{
	g_byte_array_append(trail->ahead, data, (guint)size);
	if (left(trail) > MS_TRAIL_AHEAD)
		pass(trail, left(trail) - MS_TRAIL_AHEAD);
	/* So that each byte is moved about once. */
	if (trail->gone > MS_TRAIL_AHEAD) {
		g_byte_array_remove_range(trail->ahead, 0,
		    (guint)trail->gone);
		trail->gone = 0;
	}
}

void
ms_trail_mark(struct ms_trail *trail, uint64_t offset, uint64_t index)
{
	if (offset < trail->at || offset - trail->at > left(trail))
		return;
	pass(trail, (size_t)(offset - trail->at));
	ms_hash_free(trail->before);
	trail->before = ms_hash_copy(trail->hash);
	trail->offset = offset;
	trail->index = index;
}

struct ms_memory_end
ms_trail_end(const struct ms_trail *trail)
{
	struct ms_memory_end end = { .offset = trail->offset,
		.index = trail->index };
	struct ms_hash *hash;

	if (!trail->before || trail->offset == 0)
		return (struct ms_memory_end){ 0 };
	hash = ms_hash_copy(trail->before);
	end.before = ms_hash_end(hash);
	ms_hash_free(hash);
	return end;
}

enum ms_status
ms_trail_follow(struct ms_trail *trail, struct ms_input *input,
    const struct ms_memory_end *end, const struct ms_source_config *config,
    struct ms_error *err)
{
	unsigned char *block = g_malloc(BLOCK);
	enum ms_status status = MS_OK;
	struct ms_digest digest;
	struct ms_hash *hash;
	size_t got = 1;

	while (status == MS_OK && got > 0 && trail->at < end->offset) {
		status = ms_input_read(input, block,
		    (size_t)MIN(BLOCK, end->offset - trail->at), &got, err);
		ms_hash_feed(trail->hash, block, got);
		trail->at += got;
		if (trail->at % ASK_EVERY < got && config->wait &&
		    !config->wait(config->wait_arg, ms_input_fd(input)))
			status = ms_error_set(err, MS_E_IO, "interrupted at "
			    "byte %llu", (unsigned long long)trail->at);
	}
	g_free(block);
	if (status != MS_OK)
		return status;
	hash = ms_hash_copy(trail->hash);
	digest = ms_hash_end(hash);
	ms_hash_free(hash);
	return trail->at == end->offset &&
	    ms_hash_equal(&digest, &end->before) ? MS_OK : MS_END;
}
