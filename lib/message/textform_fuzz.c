#include "message/textform.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_textform form;

	ms_textform_init(&form);
	ms_textform_add(&form, data, size);
	if (form.charsets->len > MS_TEXTFORM_CHARSETS)
		abort();
	for (guint i = 0; i < form.charsets->len; i++)
		if (*(const char *)form.charsets->pdata[i] == '\0')
			abort();
	ms_textform_clear(&form);
	return 0;
}
