#include "message/charset.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The first line is the charset; what is read is no longer than it can be, and
 * UTF-8 where it was converted. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const unsigned char *end = size > 0 ? memchr(data, '\n', size) : NULL;
	const size_t length = end ? (size_t)(end - data) : 0;
	const char *text = (const char *)data;
	GPtrArray *readings = g_ptr_array_new_with_free_func(g_free);

	for (int i = 0; i < MS_CHARSET_HOWS; i++) {
		struct ms_charset_way way = { (enum ms_charset_how)i, false,
			false };
		GString *out = g_string_new(NULL);

		ms_charset_append(&way, text, length, text + length,
		    size - length, out);
		if (out->len > 16 * size || (way.unknown && !way.differs))
			abort();
		if (i == MS_CHARSET_NONE && out->len != size - length)
			abort();
		ms_charset_add(out->str, out->len, readings);
		(void)g_string_free(out, TRUE);
	}
	if (readings->len > 2 * MS_CHARSET_HOWS)
		abort();
	g_ptr_array_unref(readings);
	return 0;
}
