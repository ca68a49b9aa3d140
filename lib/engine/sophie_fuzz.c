#include "engine/sophie.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_error err;
	char *name = NULL;

	if ((ms_sophie_read(data, size, &name, &err) == MS_OK) != !!name)
		abort();
	g_free(name);
	return 0;
}
