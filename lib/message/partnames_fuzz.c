#include "message/partnames.h"

#include <gmime/gmime.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Names do not grow out of nothing. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static gsize ready;
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	char *value = g_strndup((const char *)data, size);
	size_t all = 0;

	if (g_once_init_enter(&ready)) {
		g_mime_init();
		g_once_init_leave(&ready, 1);
	}
	ms_partnames(value, names);
	for (guint i = 0; i < names->len; i++)
		all += strlen(names->pdata[i]);
	if (all > 2048 * (size + 1))
		abort();
	g_ptr_array_unref(names);
	g_free(value);
	return 0;
}
