#include "scan/seen.h"

#include <glib.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void
on_text(void *arg, const char *data, size_t size)
{
	g_string_append_len(arg, data, (gssize)size);
}

static GString *
see(unsigned how, const char *data, size_t size, size_t step)
{
	GString *text = g_string_new(NULL);
	struct ms_seen *seen = ms_seen_new(how, on_text, text);

	for (size_t at = 0; at < size; at += step)
		ms_seen_feed(seen, data + at, MIN(step, size - at));
	ms_seen_end(seen);
	ms_seen_free(seen);
	return text;
}

/* The first byte says how, and in which pieces: those make no difference. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const char *text = (const char *)data + 1;
	GString *whole, *pieces;

	if (size < 2)
		return 0;
	whole = see(data[0] & 31, text, size - 1, size);
	pieces = see(data[0] & 31, text, size - 1, 1 + (data[0] >> 5));
	if (!g_utf8_validate_len(whole->str, whole->len, NULL) ||
	    !g_string_equal(whole, pieces))
		abort();
	(void)g_string_free(pieces, TRUE);
	(void)g_string_free(whole, TRUE);
	return 0;
}
