#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "mailscan.h"

/* A message in quarantine, for people, on stdout; all quoted. */

/* On one line. */
void describe_line(const struct ms_holding *holding);

/* All there is to say, and an empty line. */
void describe_whole(const struct ms_holding *holding);

/* SECONDS since 1970 as "2026-11-21T09:00:00Z", in TEXT. */
void describe_time(int64_t seconds, char text[32]);

#endif
