#include "scan/namings.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Every form is UTF-8 that can be compared. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	GPtrArray *forms = g_ptr_array_new_with_free_func(g_free);
	char *name = g_strndup((const char *)data, size);

	ms_namings(name, forms);
	for (guint i = 0; i < forms->len; i++) {
		const char *form = forms->pdata[i];

		if (*form == '\0' || !g_utf8_validate(form, -1, NULL))
			abort();
		(void)ms_namings_is_double(form);
	}
	g_ptr_array_unref(forms);
	g_free(name);
	return 0;
}
