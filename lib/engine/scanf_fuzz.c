#include "engine/scanf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static int __attribute__((format(scanf, 2, 3)))
by_libc(const char *text, const char *format, ...)
{
	va_list list;
	int got;

	va_start(list, format);
	got = vsscanf(text, format, list);
	va_end(list);
	return got;
}

/* Numbers are what libc takes them for. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text = malloc(size + 1);
	unsigned ours = 77, theirs = 77;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (ms_scanf_gnu(text, "%u", &ours) !=
	    by_libc(text, "%u", &theirs) || ours != theirs)
		abort();
	free(text);
	return 0;
}
