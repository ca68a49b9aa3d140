#include "unpack/unpack.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
const char *__asan_default_options(void);

/* As in a worker, where memory ends at some point: libarchive asks for as
 * much as an archive states. */
const char *
__asan_default_options(void)
{
	return "max_allocation_size_mb=512:allocator_may_return_null=1";
}

/* Touch every byte on loan. */
static enum ms_status
visit(void *arg, const struct ms_member *member, struct ms_error *err)
{
	unsigned *sum = arg;

	(void)err;
	*sum += (unsigned)strlen(member->name);
	for (size_t i = 0; i < member->size; i++)
		*sum += member->data[i];
	return MS_OK;
}

static void
hear(void *arg, const char *name, enum ms_status status,
    const struct ms_error *why)
{
	(void)arg;
	(void)name;
	if (status >= 0 || *why->text == '\0')
		abort();
}

static void
name(void *arg, const char *text)
{
	*(unsigned *)arg += (unsigned)strlen(text);
}

static const char *const *
passwords(void *arg)
{
	static const char *const list[] = { "wrong", "secret", NULL };

	(void)arg;
	return list;
}

/* As what it looks like; else the first byte says what it is to be. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct ms_unpack_visitor visitor = { visit, hear,
		passwords, name };
	static const struct ms_budget_limits limits = {
		.part_bytes = 100000,
		.total_bytes = 1000000,
		.ratio = 1000,
		.parts = 20,
		.time_ms = 3600 * 1000,
	};
	static const struct ms_spool_config config = { .heap_max = 1 << 20 };
	struct ms_budget budget;
	struct ms_unpack_input input = { data, size,
		ms_sniff(data, size)->format, NULL, &budget };
	struct ms_error err = { "" };
	enum ms_status status;
	volatile unsigned kept;
	unsigned sum = 0;

	if (input.format == MS_SNIFF_NONE) {
		if (size == 0)
			return 0;
		input.format = (enum ms_sniff_format)
		    (data[0] % (MS_SNIFF_FORMATS - 1) + 1);
		input.data++;
		input.size--;
	}
	input.spool = ms_spool_new(&config);
	ms_budget_init(&budget, &limits);
	status = ms_unpack(&input, &visitor, &sum, &err);
	kept = sum;
	(void)kept;
	if (status != MS_OK && (status != MS_E_LIMIT || *err.text == '\0'))
		abort();
	if (budget.bytes > limits.total_bytes || budget.parts > limits.parts)
		abort();
	ms_spool_free(input.spool);
	return 0;
}
