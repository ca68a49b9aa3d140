#ifndef MS_BLOCK_TEST_H
#define MS_BLOCK_TEST_H

#include "message/block.h"

#include <string.h>

/*
 * What the tests of all decoders that give blocks have in common: what they
 * give, written down.
 */

typedef enum ms_status block_test_walk(const struct ms_block_input *input,
    const struct ms_block_visitor *visitor, void *arg, struct ms_error *err);

static const struct ms_budget_limits block_roomy = {
	.part_bytes = 1 << 20,
	.total_bytes = 1 << 20,
	.ratio = 1000,
	.parts = 100,
	.mime_depth = 10,
	.archive_depth = 10,
	.time_ms = 3600 * 1000,
};

/* "name=content;" for each block, "name!why;" for trouble. */
static inline enum ms_status
block_test_see(void *arg, const struct ms_block *block, struct ms_error *err)
{
	GString *seen = arg;

	(void)err;
	g_string_append_printf(seen, "%s=", block->name);
	g_string_append_len(seen, (const char *)block->data,
	    (gssize)block->size);
	g_string_append_c(seen, ';');
	return strcmp(block->name, "stop") == 0 ? MS_END : MS_OK;
}

static inline void
block_test_trouble(void *arg, const char *name, enum ms_status status,
    const struct ms_error *why)
{
	g_string_append_printf(arg, "%s!%d %s;", name ? name : "-", status,
	    why->text);
}

/* "name~;" for other names. */
static inline void
block_test_name(void *arg, const char *name)
{
	g_string_append_printf(arg, "%s~;", name);
}

/* Walk over TEXT, and write to SEEN what comes. */
static inline enum ms_status
block_test(block_test_walk *walk, const GString *text,
    const struct ms_budget_limits *limits, GString *seen)
{
	const struct ms_spool_config config = { .heap_max = 1 << 20 };
	const struct ms_block_visitor visitor = { block_test_see,
		block_test_trouble, block_test_name };
	struct ms_budget budget;
	struct ms_block_input input = {
		.data = (const unsigned char *)text->str,
		.size = text->len,
		.spool = ms_spool_new(&config),
		.budget = &budget,
	};
	struct ms_error err = { "" };
	enum ms_status status;

	ms_budget_init(&budget, limits);
	status = walk(&input, &visitor, seen, &err);
	ms_spool_free(input.spool);
	return status;
}

#endif
