#include "message/decode.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The first byte says which encoding; what comes out is what GMime alone
 * makes of the rest. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct ms_budget_limits limits = { .part_bytes = 1 << 20,
		.total_bytes = 1 << 20, .time_ms = 3600 * 1000 };
	static const struct ms_spool_config config = { .heap_max = 1 << 20 };
	struct ms_decode_input input;
	const unsigned char *out;
	struct ms_budget budget;
	GMimeEncoding state;
	char *whole;
	size_t n;

	if (size == 0 || size > 100000)
		return 0;
	ms_budget_init(&budget, &limits);
	input = (struct ms_decode_input){ data + 1, size - 1, *data & 1,
		ms_spool_new(&config), &budget };
	if (ms_decode(&input, NULL) != MS_OK ||
	    ms_spool_map(input.spool, &out, NULL) != MS_OK)
		abort();
	whole = g_malloc(2 * size + 9);
	g_mime_encoding_init_decode(&state, input.base64 ?
	    GMIME_CONTENT_ENCODING_BASE64 :
	    GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	n = g_mime_encoding_step(&state, (const char *)input.data, input.size,
	    whole);
	n += g_mime_encoding_flush(&state, "==", input.base64 ? 2 : 0,
	    whole + n);
	if (n != ms_spool_size(input.spool) || memcmp(whole, out, n) != 0)
		abort();
	g_free(whole);
	ms_spool_free(input.spool);
	return 0;
}
