#include "message/date.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Whatever stands in a Date field, the answer is a time or none. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	if (ms_date_header(data, size) < -1)
		abort();
	return 0;
}
