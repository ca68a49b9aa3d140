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

static void
on_charset(void *arg, const char *charset)
{
	(void)arg;
	if (*charset == '\0' || strpbrk(charset, "? "))
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct ms_headlines_visitor visitor = { on_field,
		on_charset };
	static gsize ready;

	if (g_once_init_enter(&ready)) {
		g_mime_init();
		g_once_init_leave(&ready, 1);
	}
	ms_headlines(data, size, &visitor, NULL);
	return 0;
}
