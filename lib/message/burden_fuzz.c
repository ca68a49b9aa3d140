#include "message/burden.h"

#include <glib.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What is hidden is hidden, and nothing else has changed. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const struct ms_burden before = ms_burden(data, size);
	unsigned char *copy = g_memdup2(data, size);
	struct ms_burden after;

	if (size == 0)
		return 0;
	ms_burden_hide(copy, size);
	after = ms_burden(copy, size);
	if (after.addresses || after.headers != before.headers)
		abort();
	for (size_t i = 0; i < size; i++)
		if (copy[i] != data[i] && (copy[i] != 'X' ||
		    (i > 0 && data[i - 1] != '\n')))
			abort();
	g_free(copy);
	return 0;
}
