#include "when.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool
parse_ago(const char *text, int64_t now, int64_t *when)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 } };
	char *end;
	long number = strtol(text, &end, 10);

	if (end == text || number < 0 || number > 1000000 || *end == '\0' ||
	    end[1] != '\0')
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (*end == units[i].unit) {
			*when = now - number * units[i].seconds;
			return true;
		}
	return false;
}

bool
when_parse(const char *text, int64_t now, int64_t *when)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%dT%H:%M",
		"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S" };

	if (parse_ago(text, now, when))
		return true;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &tm);

		if (end && *end == '\0') {
			*when = mktime(&tm);
			return true;
		}
	}
	return false;
}
