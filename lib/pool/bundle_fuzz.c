#include "pool/bundle.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What is read is all within, and makes the same bundle again. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	GByteArray *bundle = NULL;
	const unsigned char *frame;
	size_t at = 0, frame_size;
	enum ms_status status;

	while ((status = ms_bundle_next(data, size, &at, &frame,
	    &frame_size)) == MS_OK) {
		GByteArray *copy = g_byte_array_new();

		g_byte_array_append(copy, frame, (guint)frame_size);
		if (size > MS_FRAME_MAX)
			g_byte_array_unref(copy);
		else if (!ms_bundle_add(&bundle, copy))
			abort();
	}
	if (status == MS_END && bundle && (bundle->len != size ||
	    memcmp(bundle->data, data, size) != 0))
		abort();
	if (bundle)
		g_byte_array_unref(bundle);
	return 0;
}
