#include "source/compressed.h"
#include "source/detect.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The same answer twice, and one that fits the bytes. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	enum ms_detect_kind kind = ms_detect(data, size);

	if (kind != ms_detect(data, size) ||
	    (kind == MS_DETECT_EMPTY) != (size == 0) ||
	    (kind == MS_DETECT_ARCHIVE) != ms_compressed_is(data, size))
		abort();
	return 0;
}
