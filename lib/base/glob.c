#include "base/glob.h"

#include <stddef.h>

bool
ms_glob(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			/* It is as short as may be, and longer later on. */
			star = ++pattern;
			from = text;
		} else if (*pattern != '\0' && (*pattern == '?' ||
		    *pattern == *text)) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
