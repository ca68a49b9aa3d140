#include "message/authres.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* No field of another name counts. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	(void)ms_authres(data, size, "mx.example");
	if (ms_authres(data, size, ""))
		(void)ms_authres(data, size / 2, "");
	return 0;
}
