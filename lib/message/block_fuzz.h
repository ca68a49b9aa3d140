#ifndef MS_BLOCK_FUZZ_H
#define MS_BLOCK_FUZZ_H

#include "message/block.h"

#include <stdlib.h>
#include <string.h>

/*
 * What the fuzz targets of all decoders that give blocks have in common.
 */

typedef enum ms_status block_fuzz_walk(const struct ms_block_input *input,
    const struct ms_block_visitor *visitor, void *arg, struct ms_error *err);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Touch every byte on loan. */
static inline enum ms_status
block_fuzz_visit(void *arg, const struct ms_block *block,
    struct ms_error *err)
{
	unsigned *sum = arg;

	(void)err;
	/* binhex adds a suffix to it. */
	if (strlen(block->name) > MS_BLOCK_NAME_MAX + 8)
		abort();
	for (size_t i = 0; i < block->size; i++)
		*sum += block->data[i];
	return MS_OK;
}

static inline void
block_fuzz_trouble(void *arg, const char *name, enum ms_status status,
    const struct ms_error *why)
{
	(void)arg;
	(void)name;
	if (status >= 0 || *why->text == '\0')
		abort();
}

/* Whatever comes in, what comes out is within the budget. */
static inline void
block_fuzz_name(void *arg, const char *name)
{
	*(unsigned *)arg += (unsigned)strlen(name);
}

static inline int
block_fuzz(block_fuzz_walk *walk, const unsigned char *data, size_t size)
{
	static const struct ms_budget_limits limits = {
		.part_bytes = 3000,
		.total_bytes = 100000,
		.ratio = 100,
		.parts = 20,
		.time_ms = 3600 * 1000,
	};
	static const struct ms_spool_config config = { .heap_max = 1 << 16 };
	static const struct ms_block_visitor visitor = { block_fuzz_visit,
		block_fuzz_trouble, block_fuzz_name };
	struct ms_budget budget;
	struct ms_block_input input = { data, size, ms_spool_new(&config),
		&budget };
	struct ms_error err = { "" };
	enum ms_status status;
	volatile unsigned kept;
	unsigned sum = 0;

	ms_budget_init(&budget, &limits);
	status = walk(&input, &visitor, &sum, &err);
	kept = sum;
	(void)kept;
	if (status != MS_OK && (status != MS_E_LIMIT || *err.text == '\0'))
		abort();
	if (budget.bytes > limits.total_bytes || budget.parts > limits.parts)
		abort();
	ms_spool_free(input.spool);
	return 0;
}

#endif
