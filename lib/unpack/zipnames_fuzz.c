#include "unpack/zipnames.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#define MAX_ENTRIES 1000

struct seen {
	size_t names, sum;
};

static void
visit(void *arg, const char *name, size_t size)
{
	struct seen *seen = arg;

	seen->names++;
	for (size_t i = 0; i < size; i++)
		seen->sum += (unsigned char)name[i];
}

/* Names are no more than entries allow: an entry leads to a header, and each
 * may have many fields. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct seen seen = { 0, 0 };
	volatile size_t kept;

	(void)ms_zipnames(data, size, MAX_ENTRIES, visit, &seen);
	kept = seen.sum;
	(void)kept;
	if (seen.names > 2 * MAX_ENTRIES * 2 * (1 + 65535 / 10))
		abort();
	if (seen.names > 0 && size < 30)
		abort();
	return 0;
}
