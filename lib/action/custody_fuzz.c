#include "action/custody.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What was read and written is read again, and the same. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_custody *custody, *again;
	char *first, *second;
	size_t length;

	if (ms_custody_parse((const char *)data, size, &custody, NULL) !=
	    MS_OK)
		return 0;
	(void)ms_custody_begin(custody, "somewhere", 1, 2);
	first = ms_custody_dump(custody, false, &length, NULL);
	if (ms_custody_parse(first, length, &again, NULL) != MS_OK)
		abort();
	second = ms_custody_dump(again, false, &length, NULL);
	if (strcmp(first, second) != 0)
		abort();
	g_free(first);
	g_free(second);
	ms_custody_free(custody);
	ms_custody_free(again);
	return 0;
}
