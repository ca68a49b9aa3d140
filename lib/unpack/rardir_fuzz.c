#include "unpack/rardir.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void
on_sealed(void *arg, const char *name)
{
	*(size_t *)arg += strlen(name);
}

/* All names together are no longer than the archive. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	size_t sum = 0;

	ms_rardir_sealed(data, size, on_sealed, &sum);
	if (sum > size)
		abort();
	return 0;
}
