#ifndef MS_DATE_H
#define MS_DATE_H

#include <stddef.h>
#include <stdint.h>

/* Dates as mail headers write them (RFC 5322 3.3, and what is sent as such). */

/* Seconds since 1970 of the value of a Date field; -1: none that can be
 * understood. */
int64_t ms_date_parse(const char *value);

/* The same for the first Date field of the header that the SIZE bytes at
 * DATA begin with. */
int64_t ms_date_header(const unsigned char *data, size_t size);

#endif
