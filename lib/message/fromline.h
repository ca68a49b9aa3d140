#ifndef MS_FROMLINE_H
#define MS_FROMLINE_H

#include <stdint.h>

/*
 * The line that begins a message in an mbox: "From", an address, a date as
 * asctime() writes it, and whatever mail programs add (zones, "remote from").
 */

/* When FROM says that the message came, in seconds since 1970, read as UTC
 * whatever zone it names; -1: it has no date. */
int64_t ms_fromline_date(const char *from);

#endif
