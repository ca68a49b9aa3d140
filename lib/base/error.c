#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum ms_status
ms_error_set(struct ms_error *err, enum ms_status status, const char *format,
    ...)
{
	va_list ap;

	if (!err)
		return status;
	va_start(ap, format);
	(void)vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	return status;
}

enum ms_status
ms_error_errno(struct ms_error *err, const char *format, ...)
{
	int saved = errno;
	size_t used;
	va_list ap;

	if (!err)
		return MS_E_IO;
	va_start(ap, format);
	(void)vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	used = strlen(err->text);
	(void)snprintf(err->text + used, sizeof err->text - used, ": %s",
	    g_strerror(saved));
	return MS_E_IO;
}

void
ms_error_context(struct ms_error *err, const char *format, ...)
{
	char old[sizeof err->text];
	size_t used;
	va_list ap;

	if (!err)
		return;
	memcpy(old, err->text, sizeof old);
	va_start(ap, format);
	(void)vsnprintf(err->text, sizeof err->text, format, ap);
	va_end(ap);
	used = strlen(err->text);
	(void)snprintf(err->text + used, sizeof err->text - used, ": %s",
	    old);
}
