#include "capture/lookout.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The same line is found in one piece and in pieces, where a line begins; the
 * first bytes say which verbs are looked for, and how long pieces are. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_lookout whole, pieces;
	bool found, same = false;
	unsigned verbs;
	size_t step;

	if (size < 3)
		return 0;
	verbs = (unsigned)data[0] << 8 | data[1];
	step = (size_t)(data[2] & 31) + 1;
	data += 3;
	size -= 3;
	ms_lookout_init(&whole, verbs);
	ms_lookout_init(&pieces, verbs);
	found = ms_lookout_feed(&whole, data, size);
	for (size_t at = 0; at < size && !same; at += step)
		same = ms_lookout_feed(&pieces, data + at,
		    size - at < step ? size - at : step);
	if (found != same)
		abort();
	if (found && (whole.line != pieces.line || whole.line >= size ||
	    (whole.line > 0 && data[whole.line - 1] != '\n')))
		abort();
	if (!found && ms_lookout_hopes(&whole) != ms_lookout_hopes(&pieces))
		abort();
	return 0;
}
