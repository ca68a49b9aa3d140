#include "capture/stamp.h"

#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000)
#define YEAR_10000 (INT64_C(253402300800) * SECOND)

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t
days_of(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int shifted = (month + 9) % 12;		/* March is 0 */

	return (int64_t)365 * y + y / 4 - y / 100 + y / 400 +
	    (153 * shifted + 2) / 5 + day - 1 - 719468;
}

void
ms_stamp_format(int64_t time_us, char text[MS_STAMP_SIZE])
{
	int64_t days = time_us / (86400 * SECOND);
	int64_t rest = time_us % (86400 * SECOND);
	int year, month, day, second = (int)(rest / SECOND);

	if (time_us < 0 || time_us >= YEAR_10000) {
		(void)g_snprintf(text, MS_STAMP_SIZE, "@%" PRId64, time_us);
		return;
	}
	year = 1970 + (int)(days / 365);
	while (days_of(year, 1, 1) > days)
		year--;
	for (month = 12; days_of(year, month, 1) > days; month--)
		;
	day = (int)(days - days_of(year, month, 1)) + 1;
	(void)g_snprintf(text, MS_STAMP_SIZE,
	    "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", year, month, day,
	    second / 3600, second / 60 % 60, second % 60,
	    (int)(rest % SECOND));
}

/* What is left of a text. */
struct rest {
	const char *at, *end;
};

/* DIGITS of them, to a number of at most MAX, or -1. */
static int
number(struct rest *rest, int digits, int max)
{
	int n = 0;

	for (; digits > 0; digits--, rest->at++) {
		if (rest->at == rest->end || !g_ascii_isdigit(*rest->at))
			return -1;
		n = n * 10 + (*rest->at - '0');
	}
	return n <= max ? n : -1;
}

static bool
is_next(struct rest *rest, const char *any)
{
	if (rest->at == rest->end || !*rest->at || !strchr(any, *rest->at))
		return false;
	rest->at++;
	return true;
}

/* A fraction of a second, if there is one. */
static int
fraction(struct rest *rest)
{
	int n = 0, unit = 100000;

	if (!is_next(rest, ".,"))
		return 0;
	for (; rest->at < rest->end && g_ascii_isdigit(*rest->at);
	    rest->at++, unit /= 10)
		n += unit * (*rest->at - '0');
	return n;
}

/* Seconds that a local time is ahead, if its zone is understood. */
static bool
zone(struct rest *rest, int *ahead)
{
	int sign, hours, minutes;

	*ahead = 0;
	if (is_next(rest, "Zz"))
		return true;
	sign = rest->at < rest->end && *rest->at == '-' ? -1 : 1;
	if (!is_next(rest, "+-"))
		return false;
	hours = number(rest, 2, 23);
	(void)is_next(rest, ":");	/* ISO 8601 may leave it out */
	minutes = number(rest, 2, 59);
	*ahead = sign * (hours * 3600 + minutes * 60);
	return hours >= 0 && minutes >= 0;
}

/* "@" was seen: a plain number. */
static bool
plain(struct rest *rest, int64_t *time_us)
{
	bool minus = is_next(rest, "-");
	int64_t n = 0;
	const char *first = rest->at;

	for (; rest->at < rest->end && g_ascii_isdigit(*rest->at);
	    rest->at++) {
		int digit = *rest->at - '0';

		if (n < (INT64_MIN + digit) / 10)
			return false;
		n = n * 10 - digit;
	}
	if (rest->at == first || (!minus && n == INT64_MIN))
		return false;
	*time_us = minus ? n : -n;
	return true;
}

static bool
date_time(struct rest *rest, int64_t *time_us)
{
	int year, month, day, hour, minute, second, micro, ahead;

	if ((year = number(rest, 4, 9999)) < 1970 || !is_next(rest, "-") ||
	    (month = number(rest, 2, 12)) < 1 || !is_next(rest, "-") ||
	    (day = number(rest, 2, 31)) < 1 || !is_next(rest, "Tt ") ||
	    (hour = number(rest, 2, 23)) < 0 || !is_next(rest, ":") ||
	    (minute = number(rest, 2, 59)) < 0 || !is_next(rest, ":") ||
	    (second = number(rest, 2, 60)) < 0)
		return false;
	micro = fraction(rest);
	if (!zone(rest, &ahead))
		return false;
	*time_us = (days_of(year, month, day) * 86400 + hour * 3600 +
	    minute * 60 + second - ahead) * SECOND + micro;
	return true;
}

bool
ms_stamp_parse(const void *text, size_t size, int64_t *time_us, size_t *used)
{
	struct rest rest = { text, (const char *)text + size };
	bool found = is_next(&rest, "@") ? plain(&rest, time_us) :
	    date_time(&rest, time_us);

	*used = (size_t)(rest.at - (const char *)text);
	return found;
}
