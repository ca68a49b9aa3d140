#include "capture/stamp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Whatever time is read is written and read again as the same. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char text[MS_STAMP_SIZE];
	int64_t time_us, back;
	size_t used;

	if (!ms_stamp_parse(data, size, &time_us, &used))
		return 0;
	if (used > size)
		abort();
	ms_stamp_format(time_us, text);
	if (!ms_stamp_parse(text, strlen(text), &back, &used) ||
	    back != time_us || used != strlen(text))
		abort();
	return 0;
}
