#include "unpack/zipdir.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Counts that more bytes than these could hold would be invented ones. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	if (ms_zipdir_headers(data, size) > size / 4)
		abort();
	if (ms_zipdir_stated(data, size) > 0 && size < 22)
		abort();
	if (ms_zipdir_largest(data, size) > 0 && size < 46)
		abort();
	if (ms_zipdir_ends(data, size) && size < 8)
		abort();
	return 0;
}
