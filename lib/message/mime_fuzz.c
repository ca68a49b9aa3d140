#include "message/mime.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Touch every byte on loan. */
static enum ms_status
visit(void *arg, const struct ms_mime_leaf *leaf, struct ms_error *err)
{
	unsigned *sum = arg;

	(void)err;
	*sum += (unsigned)strlen(leaf->path) +
	    (unsigned)strlen(leaf->content_type);
	for (size_t i = 0; i < leaf->size; i++)
		*sum += leaf->data[i];
	return MS_OK;
}

static void
hear(void *arg, const char *path, enum ms_status status,
    const struct ms_error *why)
{
	(void)arg;
	(void)path;
	if ((status != MS_E_LIMIT && status != MS_E_FORMAT) ||
	    *why->text == '\0')
		abort();
}

static void
read_fields(const unsigned char *data, size_t size)
{
	struct ms_mime_fields fields;

	ms_mime_fields(data, size, &fields);
	ms_mime_fields_clear(&fields);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct ms_mime_visitor visitor = { .leaf = visit,
		.trouble = hear };
	static const struct ms_budget_limits limits = {
		.part_bytes = 3000,
		.total_bytes = 20000,
		.ratio = 100,
		.parts = 20,
		.mime_depth = 5,
		.time_ms = 3600 * 1000,
	};
	static const struct ms_spool_config config = { .heap_max = 1 << 16 };
	struct ms_budget budget;
	struct ms_mime_input input = { data, size, ms_spool_new(&config),
		&budget, size % 2, size % 4 > 1, false };
	struct ms_error err = { "" };
	enum ms_status status;
	volatile unsigned kept;
	unsigned sum = 0;

	ms_mime_start();
	ms_budget_init(&budget, &limits);
	status = ms_mime_walk(&input, &visitor, &sum, &err);
	kept = sum;
	(void)kept;
	if (status != MS_OK && (status != MS_E_LIMIT || *err.text == '\0'))
		abort();
	if (budget.bytes > limits.total_bytes || budget.parts > limits.parts)
		abort();
	ms_spool_free(input.spool);
	read_fields(data, size);
	return 0;
}
