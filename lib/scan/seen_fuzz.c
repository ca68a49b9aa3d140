#include "scan/seen_test.h"

#include <glib.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The first byte says how, and in which pieces: those make no difference. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const char *text = (const char *)data + 1;
	GString *whole, *pieces;

	if (size < 2)
		return 0;
	whole = seen_test_see(data[0] & 31, text, size - 1, size);
	pieces = seen_test_see(data[0] & 31, text, size - 1,
	    1 + (data[0] >> 5));
	if (!g_utf8_validate_len(whole->str, whole->len, NULL) ||
	    !g_string_equal(whole, pieces))
		abort();
	(void)g_string_free(pieces, TRUE);
	(void)g_string_free(whole, TRUE);
	return 0;
}
