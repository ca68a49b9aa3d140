#include "message/words.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Readings are few, and do not grow out of nothing. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	GPtrArray *readings = g_ptr_array_new_with_free_func(g_free);
	char *text = g_strndup((const char *)data, size);

	ms_words(text, readings);
	if (readings->len > 36 || (readings->len > 0 && !strstr(text, "=?")))
		abort();
	for (guint i = 0; i < readings->len; i++)
		if (strlen(readings->pdata[i]) > 16 * (size + 1))
			abort();
	g_ptr_array_unref(readings);
	g_free(text);
	return 0;
}
