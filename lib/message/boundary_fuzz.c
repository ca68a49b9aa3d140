#include "message/boundary.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Never more than there is, and never less for more parts. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const uint64_t counts[] = { 0, 1, 2, 5, 100, UINT64_MAX };
	size_t last = 0;

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		size_t prefix = ms_boundary_prefix(data, size, counts[i]);

		if (prefix > size || prefix < last)
			abort();
		last = prefix;
	}
	if (last != size)
		abort();
	return 0;
}
