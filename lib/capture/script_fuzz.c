#include "capture/script.h"

#include <stdint.h>
#include <stdlib.h>

#include "capture/script_test.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Whatever was said, written down and read again, is the same. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_stash *stash = text_stash(1 << 24);

	if (!script_comes_back(stash, data, size))
		abort();
	ms_stash_free(stash);
	return 0;
}
