#include "smtp/dots.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static GString *
send(const unsigned char *data, size_t size, size_t step, uint64_t *counted)
{
	GString *out = g_string_new(NULL);
	struct ms_dots dots = { 0 }, only = { 0 };

	for (size_t at = 0; at < size; at += step) {
		ms_dots_feed(&dots, data + at, MIN(step, size - at), out);
		ms_dots_feed(&only, data + at, MIN(step, size - at), NULL);
	}
	ms_dots_end(&dots, out);
	ms_dots_end(&only, NULL);
	if (dots.size != only.size || dots.nul != only.nul)
		abort();
	*counted = dots.size;
	return out;
}

/* What a server takes the message to be: every line but the last one, with a
 * leading dot removed. */
static uint64_t
receive(const GString *sent)
{
	const char *p = sent->str, *end = p + sent->len;
	uint64_t size = 0;

	while (p < end) {
		const char *feed = memchr(p, '\n', (size_t)(end - p));
		const size_t line = feed ? (size_t)(feed + 1 - p) : 0;

		if (line < 2 || feed[-1] != '\r' ||
		    memchr(p, '\r', line - 2))
			abort();
		if (line == 3 && *p == '.') {
			if (p + line != end)
				abort();
			return size;
		}
		size += *p == '.' ? line - 1 : line;
		p += line;
	}
	abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	uint64_t counted, again;
	GString *whole = send(data, size, size ? size : 1, &counted);
	GString *bytes = send(data, size, 1, &again);

	if (counted != again || !g_string_equal(whole, bytes) ||
	    receive(whole) != counted)
		abort();
	g_string_free(whole, TRUE);
	g_string_free(bytes, TRUE);
	return 0;
}
