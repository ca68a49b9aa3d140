#include "base/find.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The same place as memmem()'s: the first byte says how many of those after
 * it are searched for in the rest, which ends where its memory does. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	size_t length = size > 0 ? 2 + data[0] % 15 : 0;
	unsigned char *rest;

	if (length == 0 || size < 1 + length)
		return 0;
	size -= 1 + length;
	rest = malloc(size);
	if (size > 0)
		memcpy(rest, data + 1 + length, size);
	if (rest && ms_find(rest, size, (const char *)data + 1, length) !=
	    (const unsigned char *)memmem(rest, size, data + 1, length))
		abort();
	free(rest);
	return 0;
}
