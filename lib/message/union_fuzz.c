#include "message/union.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Touch every byte on loan. */
static enum ms_status
visit(void *arg, const struct ms_union_reading *reading, struct ms_error *err)
{
	unsigned *sum = arg;

	(void)err;
	if (reading->size < 3 || strlen(reading->name) > 80)
		abort();
	for (size_t i = 0; i < reading->size; i++)
		*sum += reading->data[i];
	return MS_OK;
}

/* Whatever comes, the budget holds. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct ms_budget_limits limits = {
		.part_bytes = 3000,
		.total_bytes = 100000,
		.ratio = 100,
		.parts = 200,
		.time_ms = 3600 * 1000,
	};
	static const struct ms_spool_config config = { .heap_max = 1 << 16 };
	struct ms_budget budget;
	struct ms_union_input input = { data, size, ms_spool_new(&config),
		&budget, size % 2 };
	struct ms_error err = { "" };
	enum ms_status status;
	volatile unsigned kept;
	unsigned sum = 0;

	ms_budget_init(&budget, &limits);
	status = ms_union_walk(&input, visit, &sum, &err);
	kept = sum;
	(void)kept;
	if (status != MS_OK && (status != MS_E_LIMIT || *err.text == '\0'))
		abort();
	if (budget.bytes > limits.total_bytes || budget.parts > limits.parts)
		abort();
	ms_spool_free(input.spool);
	return 0;
}
