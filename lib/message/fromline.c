#include "message/fromline.h"

#include <glib.h>
#include <string.h>

static int
find_name(const char *word, const char *names, int count)
{
	for (int i = 0; i < count; i++)
		if (g_ascii_strncasecmp(word, names + 3 * i, 3) == 0)
			return i;
	return -1;
}

/* A number of at most four digits that is the whole word, or -1. */
static int
small_number(const char *word)
{
	int n = 0;

	if (!*word || strlen(word) > 4)
		return -1;
	for (; *word; word++) {
		if (!g_ascii_isdigit(*word))
			return -1;
		n = n * 10 + (*word - '0');
	}
	return n;
}

/* "HH:MM" or "HH:MM:SS" as seconds, or -1. */
static int
clock_time(const char *word)
{
	int part[3] = { 0, 0, 0 };
	size_t i = 0;

	for (; *word; word++) {
		if (*word == ':' && i < 2)
			i++;
		else if (g_ascii_isdigit(*word) && part[i] < 100)
			part[i] = part[i] * 10 + (*word - '0');
		else
			return -1;
	}
	if (i == 0 || part[0] > 23 || part[1] > 59 || part[2] > 60)
		return -1;
	return part[0] * 3600 + part[1] * 60 + part[2];
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t
days(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int shifted = (month + 9) % 12;		/* March is 0 */

	return (int64_t)365 * y + y / 4 - y / 100 + y / 400 +
	    (153 * shifted + 2) / 5 + day - 1 - 719468;
}

/* The words after a weekday: month, day (either order), time, year and
 * perhaps zones among them. */
static int64_t
date_of(char **words)
{
	int month = -1, day = -1, seconds = -1, year = -1;

	for (int i = 0; i < 8 && words[i]; i++) {
		int n = small_number(words[i]);

		if (month < 0 && i < 2 && strlen(words[i]) == 3 && n < 0)
			month = find_name(words[i],
			    "JanFebMarAprMayJunJulAugSepOctNovDec", 12);
		else if (day < 0 && n >= 1 && n <= 31)
			day = n;
		else if (year < 0 && n >= 1970)
			year = n;
		else if (seconds < 0)
			seconds = clock_time(words[i]);
	}
	if (month < 0 || day < 0 || seconds < 0 || year < 0)
		return -1;
	return days(year, month + 1, day) * 86400 + seconds;
}

int64_t
ms_fromline_date(const char *from)
{
	char **words = g_strsplit_set(from, " \t,", 64);
	int64_t date = -1;
	size_t n = 0;

	for (size_t i = 0; words[i]; i++) {
		if (*words[i])
			words[n++] = words[i];
		else
			g_free(words[i]);
	}
	words[n] = NULL;
	for (size_t i = 1; i < n && date < 0; i++)
		if (strlen(words[i]) == 3 &&
		    find_name(words[i], "MonTueWedThuFriSatSun", 7) >= 0)
			date = date_of(words + i + 1);
	g_strfreev(words);
	return date;
}
