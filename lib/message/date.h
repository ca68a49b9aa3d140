#ifndef MS_DATE_H
#define MS_DATE_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* Dates as mail headers write them (RFC 5322 3.3, and what is sent as such). */

/* Seconds since 1970 of the value of a Date field; -1: none that can be
 * understood. */
int64_t ms_date_parse(const char *value);

/* The same for the first Date field of the header that the SIZE bytes at
 * DATA begin with. */
int64_t ms_date_header(const unsigned char *data, size_t size);

/* Append TIME, seconds since 1970, to OUT as a Date field has it (RFC 5322,
 * 3.3), in the time zone of this system: "Sat, 21 Nov 2026 08:15:00 +0100". */
void ms_date_append(GString *out, int64_t time);

#endif
