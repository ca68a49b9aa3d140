#include "message/ambiguity.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

struct told {
	const char *reasons[64];
	size_t count;
};

/* Each reason once, and its detail in printable ASCII. */
static void
tell(void *arg, const char *reason, const char *detail)
{
	struct told *told = arg;

	for (size_t i = 0; i < told->count; i++)
		if (told->reasons[i] == reason)
			abort();
	told->reasons[told->count++] = reason;
	for (; *detail != '\0'; detail++)
		if (*detail < ' ' || *detail > '~')
			abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct told told = { .count = 0 };
	bool footer;

	if (ms_ambiguity_find(data, size, tell, &told, &footer) !=
	    (told.count > 0))
		abort();
	return 0;
}
