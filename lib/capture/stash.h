#ifndef MS_STASH_H
#define MS_STASH_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Where the bytes of many streams wait that grow at the same time: blocks in
 * memory up to a bound, then in one temporary file. Each stream has a chain
 * of blocks; those of a chain that is freed are used again. An empty chain
 * has none, a small one a single small block.
 */

struct ms_stash_config {
	size_t memory_max;	/* bytes of blocks in memory */
	int fd;			/* of an empty temporary file for the rest;
				 * -1: there is none */
	uint64_t file_max;	/* bytes of it */
};

/* Bytes of a block: what a chain with one byte costs. */
#define MS_STASH_BLOCK ((size_t)2048)

struct ms_stash;
struct ms_stash_chain;

/* The descriptor stays the caller's, and is written and read by place. */
struct ms_stash *ms_stash_new(const struct ms_stash_config *config);

/* Its chains were freed before. */
void ms_stash_free(struct ms_stash *stash);

struct ms_stash_chain *ms_stash_chain_new(struct ms_stash *stash);
void ms_stash_chain_free(struct ms_stash_chain *chain);

/*
 * MS_OK       the bytes are in the chain
 * MS_E_LIMIT  memory and file are full, and the chain is as it was
 * MS_E_IO     the file could not be written, and the chain is as it was
 */
enum ms_status ms_stash_chain_append(struct ms_stash_chain *chain,
    const void *data, size_t size, struct ms_error *err);

uint64_t ms_stash_chain_size(const struct ms_stash_chain *chain);

/* Up to SIZE bytes from OFFSET into DATA; *GOT is less only at the end.
 * MS_E_IO: the file could not be read. */
enum ms_status ms_stash_chain_read(const struct ms_stash_chain *chain,
    uint64_t offset, void *data, size_t size, size_t *got,
    struct ms_error *err);

/*
 * What is kept about streams elsewhere in memory, turns for example, counts
 * here: SIZE bytes more, or less. There may be as much as memory_max again.
 *
 * MS_OK       go on
 * MS_E_LIMIT  no more is to be had, and nothing was counted
 */
enum ms_status ms_stash_hold(struct ms_stash *stash, size_t size,
    struct ms_error *err);
void ms_stash_release(struct ms_stash *stash, size_t size);

#endif
