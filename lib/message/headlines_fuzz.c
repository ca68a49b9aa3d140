#include "message/headlines.h"

#include <gmime/gmime.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void
on_field(void *arg, const char *name, const char *value)
{
	(void)arg;
	if (*name == '\0' || !g_utf8_validate(value, -1, NULL))
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static gsize ready;

	if (g_once_init_enter(&ready)) {
		g_mime_init();
		g_once_init_leave(&ready, 1);
	}
	ms_headlines(data, size, on_field, NULL);
	return 0;
}
