#include "capture/records.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The same comes of the bytes in one piece and in pieces as long as the first
 * byte says, and no record begins after what was fed. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_records whole = { .at = 0 }, pieces = { .at = 0 };
	const size_t step = size > 0 ? (size_t)(data[0] & 15) + 1 : 1;
	bool good, same = true;

	if (size > 0) {
		data++;
		size--;
	}
	good = ms_records_feed(&whole, data, size);
	for (size_t at = 0; at < size && same; at += step)
		same = ms_records_feed(&pieces, data + at,
		    size - at < step ? size - at : step);
	if (good != same || whole.start != pieces.start ||
	    whole.start > size)
		abort();
	/* What is missing anywhere is no reason to run into anything. */
	pieces = (struct ms_records){ .at = 0 };
	for (size_t at = 0; at < size; at++) {
		if (data[at] % 7 == 0)
			ms_records_skip(&pieces, (uint64_t)data[at] << 3);
		if (!ms_records_feed(&pieces, data + at, 1))
			break;
	}
	return 0;
}
