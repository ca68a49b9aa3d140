#include "capture/stash.h"

#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* Memory is taken so many blocks at a time. */
#define SLAB_BLOCKS ((uint32_t)64)

/* Blocks are numbered: first those in memory, then those of the file. */
struct ms_stash {
	struct ms_stash_config config;
	uint32_t in_memory, in_file;	/* blocks that there may be */
	uint32_t memory_used, file_used;	/* begun, or free again */
	unsigned char **slabs;
	GArray *memory_free, *file_free;	/* uint32_t */
	size_t held;
};

struct ms_stash_chain {
	struct ms_stash *stash;
	uint32_t *blocks;
	size_t count, allocated;
	uint64_t size;
};

static uint32_t
blocks_of(uint64_t size, uint32_t max)
{
	return (uint32_t)MIN(size / MS_STASH_BLOCK, max);
}

struct ms_stash *
ms_stash_new(const struct ms_stash_config *config)
{
	struct ms_stash *stash = g_new0(struct ms_stash, 1);

	stash->config = *config;
	stash->in_memory = blocks_of(config->memory_max, G_MAXUINT32 / 2);
	if (config->fd >= 0)
		stash->in_file = blocks_of(config->file_max,
		    G_MAXUINT32 / 2);
	stash->slabs = g_new0(unsigned char *,
	    stash->in_memory / SLAB_BLOCKS + 1);
	stash->memory_free = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	stash->file_free = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	return stash;
}

void
ms_stash_free(struct ms_stash *stash)
{
	if (!stash)
		return;
	for (uint32_t i = 0; i <= stash->in_memory / SLAB_BLOCKS; i++)
		g_free(stash->slabs[i]);
	g_free(stash->slabs);
	g_array_unref(stash->memory_free);
	g_array_unref(stash->file_free);
	g_free(stash);
}

static bool
take_free(GArray *list, uint32_t *block)
{
	if (list->len == 0)
		return false;
	*block = g_array_index(list, uint32_t, list->len - 1);
	g_array_set_size(list, list->len - 1);
	return true;
}

/* Memory first; in the file what was used before, so that it stays small. */
static bool
take_block(struct ms_stash *stash, uint32_t *block)
{
	if (take_free(stash->memory_free, block))
		return true;
	if (stash->memory_used < stash->in_memory) {
		uint32_t slab = stash->memory_used / SLAB_BLOCKS;

		if (!stash->slabs[slab])
			stash->slabs[slab] = g_malloc(MS_STASH_BLOCK *
			    MIN(SLAB_BLOCKS, stash->in_memory -
			    slab * SLAB_BLOCKS));
		*block = stash->memory_used++;
		return true;
	}
	if (take_free(stash->file_free, block))
		return true;
	if (stash->file_used == stash->in_file)
		return false;
	*block = stash->in_memory + stash->file_used++;
	return true;
}

static void
give_back(struct ms_stash *stash, uint32_t block)
{
	g_array_append_val(block < stash->in_memory ? stash->memory_free :
	    stash->file_free, block);
}

struct ms_stash_chain *
ms_stash_chain_new(struct ms_stash *stash)
{
	struct ms_stash_chain *chain = g_new0(struct ms_stash_chain, 1);

	chain->stash = stash;
	return chain;
}

/* Backwards, so that the next chain gets them in their order. */
static void
shorten(struct ms_stash_chain *chain, size_t count)
{
	while (chain->count > count)
		give_back(chain->stash, chain->blocks[--chain->count]);
}

void
ms_stash_chain_free(struct ms_stash_chain *chain)
{
	if (!chain)
		return;
	shorten(chain, 0);
	g_free(chain->blocks);
	g_free(chain);
}

/* Blocks for SIZE bytes in all. */
static bool
lengthen(struct ms_stash_chain *chain, uint64_t size)
{
	uint64_t need = (size + MS_STASH_BLOCK - 1) / MS_STASH_BLOCK;
	size_t before = chain->count;

	while (chain->count < need) {
		if (chain->count == chain->allocated) {
			chain->allocated = MAX(2, chain->allocated * 2);
			chain->blocks = g_renew(uint32_t, chain->blocks,
			    chain->allocated);
		}
		if (!take_block(chain->stash, &chain->blocks[chain->count])) {
			shorten(chain, before);
			return false;
		}
		chain->count++;
	}
	return true;
}

/* A piece of a chain that lies in one place. */
struct run {
	unsigned char *memory;	/* NULL: in the file */
	off_t at;		/* there */
	size_t size;
};

/* From OFFSET of the chain on, SIZE bytes at most. Blocks of the file that
 * follow each other there are one piece. */
static struct run
run_at(const struct ms_stash_chain *chain, uint64_t offset, size_t size)
{
	const struct ms_stash *stash = chain->stash;
	size_t i = (size_t)(offset / MS_STASH_BLOCK);
	size_t within = (size_t)(offset % MS_STASH_BLOCK);
	uint32_t block = chain->blocks[i];
	struct run run = { .size = MS_STASH_BLOCK - within };

	if (block < stash->in_memory) {
		run.memory = stash->slabs[block / SLAB_BLOCKS] +
		    block % SLAB_BLOCKS * MS_STASH_BLOCK + within;
	} else {
		run.at = (off_t)((uint64_t)(block - stash->in_memory) *
		    MS_STASH_BLOCK + within);
		for (; run.size < size && i + 1 < chain->count &&
		    chain->blocks[i + 1] == chain->blocks[i] + 1; i++)
			run.size += MS_STASH_BLOCK;
	}
	run.size = MIN(run.size, size);
	return run;
}

static enum ms_status
write_file(int fd, const struct run *run, const unsigned char *data,
    struct ms_error *err)
{
	size_t done = 0;

	while (done < run->size) {
		ssize_t n = pwrite(fd, data + done, run->size - done,
		    run->at + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ms_error_errno(err, "temporary storage");
		done += (size_t)n;
	}
	return MS_OK;
}

static enum ms_status
read_file(int fd, const struct run *run, unsigned char *data,
    struct ms_error *err)
{
	size_t done = 0;

	while (done < run->size) {
		ssize_t n = pread(fd, data + done, run->size - done,
		    run->at + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ms_error_errno(err, "temporary storage");
		if (n == 0)
			return ms_error_set(err, MS_E_IO,
			    "temporary storage has become shorter");
		done += (size_t)n;
	}
	return MS_OK;
}

enum ms_status
ms_stash_chain_append(struct ms_stash_chain *chain, const void *data,
    size_t size, struct ms_error *err)
{
	const unsigned char *from = data;
	size_t before = chain->count, done = 0;
	struct run run;

	if (!lengthen(chain, chain->size + size))
		return ms_error_set(err, MS_E_LIMIT,
		    "no temporary storage is left for what was captured");
	for (; done < size; done += run.size) {
		run = run_at(chain, chain->size + done, size - done);
		if (run.memory) {
			memcpy(run.memory, from + done, run.size);
		} else if (write_file(chain->stash->config.fd, &run,
		    from + done, err) != MS_OK) {
			shorten(chain, before);
			return MS_E_IO;
		}
	}
	chain->size += size;
	return MS_OK;
}

uint64_t
ms_stash_chain_size(const struct ms_stash_chain *chain)
{
	return chain->size;
}

enum ms_status
ms_stash_chain_read(const struct ms_stash_chain *chain, uint64_t offset,
    void *data, size_t size, size_t *got, struct ms_error *err)
{
	unsigned char *to = data;
	struct run run;

	*got = 0;
	if (offset >= chain->size)
		return MS_OK;
	size = (size_t)MIN(size, chain->size - offset);
	for (; *got < size; *got += run.size) {
		run = run_at(chain, offset + *got, size - *got);
		if (run.memory)
			memcpy(to + *got, run.memory, run.size);
		else if (read_file(chain->stash->config.fd, &run, to + *got,
		    err) != MS_OK)
			return MS_E_IO;
	}
	return MS_OK;
}

enum ms_status
ms_stash_hold(struct ms_stash *stash, size_t size, struct ms_error *err)
{
	if (size > stash->config.memory_max - stash->held)
		return ms_error_set(err, MS_E_LIMIT,
		    "no memory is left for what was captured");
	stash->held += size;
	return MS_OK;
}

void
ms_stash_release(struct ms_stash *stash, size_t size)
{
	stash->held -= size;
}
