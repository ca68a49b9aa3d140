#ifndef MS_STAMP_H
#define MS_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Times as logs and transcripts write them (RFC 3339), in microseconds since
 * 1970. */

#define MS_STAMP_SIZE 40

/* "2026-11-21T07:00:00.000001Z"; "@" and a number where the year would not
 * have four digits, or the time is before 1970. */
void ms_stamp_format(int64_t time_us, char text[MS_STAMP_SIZE]);

/* The time that the SIZE bytes at TEXT begin with, in either form, with any
 * offset or fraction; *USED: how many bytes it has. False: there is none. */
bool ms_stamp_parse(const void *text, size_t size, int64_t *time_us,
    size_t *used);

#endif
