#include "message/segment.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* All within the message, the first ones in order and next to each other up
 * to its ends, and starts within their segment. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	bool all, whole = false;
	GArray *segments = ms_segment_find(data, size, &all);
	size_t last = 0;

	for (guint i = 0; i < segments->len; i++) {
		const struct ms_segment *segment = &g_array_index(segments,
		    struct ms_segment, i);
		size_t starts[MS_SEGMENT_STARTS];
		size_t count = ms_segment_starts(data, segment, starts);

		if (segment->from > segment->to || segment->to > size ||
		    count > MS_SEGMENT_STARTS)
			abort();
		if (!whole && segment->from < last)
			abort();
		last = segment->to;
		whole |= last == size;
		for (size_t k = 0; k < count; k++)
			if (starts[k] < segment->from ||
			    starts[k] > segment->to ||
			    (k > 0 && starts[k] <= starts[k - 1]))
				abort();
	}
	if (!whole)
		abort();
	g_array_unref(segments);
	return 0;
}
