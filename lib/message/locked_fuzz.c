#include "message/locked.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What is sealed has a name. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const char *what = NULL;
	enum ms_status status = ms_locked(data, size, &what);

	if (status != MS_OK && (!what || *what == '\0'))
		abort();
	return 0;
}
