#include "serve/lookup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What is read can be written, and says the same again; no name is ever looked
 * up for it. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	GArray *list, *again;
	char *name, *why, *other, *reason;
	GByteArray *frame;

	if (ms_lookup_read(data, size, &name, &list, &why) != MS_OK)
		return 0;
	frame = ms_lookup_frame(name, list, why);
	if (ms_lookup_read(frame->data, frame->len, &other, &again,
	    &reason) != MS_OK || strcmp(name, other) != 0 ||
	    g_strcmp0(why, reason) != 0 || list->len != again->len)
		abort();
	g_free(name);
	g_free(why);
	g_free(other);
	g_free(reason);
	g_array_unref(list);
	g_array_unref(again);
	g_byte_array_unref(frame);
	return 0;
}
