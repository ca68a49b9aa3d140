#include "smtp/newlines.h"

#include <string.h>

/* Line ends that one call writes, so that a run of CRs, which may be as long
 * as a message, does not become one block of memory. */
#define OWED_AT_ONCE 4096

/* False: there are more. */
static bool
pay(struct ms_newlines *newlines, GString *out)
{
	const size_t n = MIN(newlines->owed, OWED_AT_ONCE);

	for (size_t i = 0; i < n; i++)
		g_string_append_len(out, "\r\n", 2);
	newlines->owed -= n;
	return newlines->owed == 0;
}

size_t
ms_newlines_feed(struct ms_newlines *newlines, const void *data, size_t size,
    GString *out)
{
	const char *p = data;
	size_t at = 0;

	while (at < size) {
		size_t n = 0;

		if (!pay(newlines, out))
			return at;
		if (p[at] == '\r') {
			newlines->crs++;
			at++;
			continue;
		}
		if (p[at] == '\0') {
			at++;
			continue;
		}
		if (p[at] == '\n') {
			newlines->crs = 0;
			newlines->owed = 1;
			at++;
			continue;
		}
		if (newlines->crs > 0) {
			newlines->owed = newlines->crs;
			newlines->crs = 0;
			continue;
		}
		while (at + n < size && p[at + n] != '\r' &&
		    p[at + n] != '\n' && p[at + n] != '\0')
			n++;
		g_string_append_len(out, p + at, (gssize)n);
		at += n;
	}
	(void)pay(newlines, out);
	return at;
}

bool
ms_newlines_end(struct ms_newlines *newlines, GString *out)
{
	newlines->owed += newlines->crs;
	newlines->crs = 0;
	return !pay(newlines, out);
}
