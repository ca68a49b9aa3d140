#include "message/base64.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The same bytes as GMime's, and never more than there is room for. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	unsigned char *out = g_malloc(MS_BASE64_ROOM(size));
	char *whole = g_malloc(size + 8);
	size_t used, got = ms_base64(data, size, out, &used);
	GMimeEncoding state;

	g_mime_encoding_init_decode(&state, GMIME_CONTENT_ENCODING_BASE64);
	if (used > size || g_mime_encoding_step(&state, (const char *)data,
	    used, whole) != got || memcmp(out, whole, got) != 0 ||
	    state.state != 0)
		abort();
	g_free(whole);
	g_free(out);
	return 0;
}
