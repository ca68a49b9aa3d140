#include "unpack/tarnames.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#define MAX_HEADERS 100

static void
visit(void *arg, const char *name, size_t size)
{
	size_t *seen = arg;
	volatile char last = size > 0 ? name[size - 1] : '\0';

	(void)last;
	if (size > 100 + 1 + 155)
		abort();
	++*seen;
}

/* Each name has a block of its own. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	size_t seen = 0;

	if (!ms_tarnames(data, size, MAX_HEADERS, visit, &seen) &&
	    size < 512 * MAX_HEADERS)
		abort();
	if (seen > size / 512 || seen > MAX_HEADERS)
		abort();
	return 0;
}
