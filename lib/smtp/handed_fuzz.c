#include "smtp/handed.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What is read is what would be written. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_envelope *envelope;
	GByteArray *back;

	if (ms_handed_read(data, size, &envelope, NULL) != MS_OK)
		return 0;
	back = g_byte_array_new();
	ms_handed_write(envelope->sender,
	    (const char *const *)envelope->recipients, back);
	if (back->len != size || memcmp(back->data, data, size) != 0)
		abort();
	g_byte_array_unref(back);
	ms_envelope_free(envelope);
	return 0;
}
