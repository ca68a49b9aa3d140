#include "message/date.h"

#include <gmime/gmime.h>
#include <string.h>

/* Longer dates are nobody's. */
#define VALUE_MAX 200

int64_t
ms_date_parse(const char *value)
{
	GDateTime *date = g_mime_utils_header_decode_date(value);
	int64_t seconds = -1;

	if (!date)
		return -1;
	seconds = g_date_time_to_unix(date);
	g_date_time_unref(date);
	/* GMime answers 1970 to what it does not understand at all. */
	return seconds > 0 ? seconds : -1;
}

int64_t
ms_date_header(const unsigned char *data, size_t size)
{
	const unsigned char *p = data, *end = data + size, *nl;
	char value[VALUE_MAX + 1];

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl || nl == p || (nl == p + 1 && *p == '\r'))
			return -1;
		if (nl - p < 6 || nl - p > VALUE_MAX ||
		    g_ascii_strncasecmp((const char *)p, "Date:", 5) != 0)
			continue;
		memcpy(value, p + 5, (size_t)(nl - p) - 5);
		value[nl - p - 5] = '\0';
		return ms_date_parse(g_strstrip(value));
	}
	return -1;
}

void
ms_date_append(GString *out, int64_t time)
{
	/* In English whatever the locale is. */
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
		"May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	GDateTime *local = g_date_time_new_from_unix_local(time);
	int minutes;

	if (!local)
		local = g_date_time_new_from_unix_utc(0);
	minutes = (int)(g_date_time_get_utc_offset(local) / G_TIME_SPAN_MINUTE);
	g_string_append_printf(out, "%s, %02d %s %04d %02d:%02d:%02d "
	    "%c%02d%02d", days[g_date_time_get_day_of_week(local) - 1],
	    g_date_time_get_day_of_month(local),
	    months[g_date_time_get_month(local) - 1],
	    g_date_time_get_year(local), g_date_time_get_hour(local),
	    g_date_time_get_minute(local), g_date_time_get_second(local),
	    minutes < 0 ? '-' : '+', ABS(minutes) / 60, ABS(minutes) % 60);
	g_date_time_unref(local);
}
