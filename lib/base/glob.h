#ifndef MS_GLOB_H
#define MS_GLOB_H

#include <stdbool.h>

/*
 * Does TEXT as a whole match PATTERN, in which * is anything and ? any one
 * byte? There are no other signs, case counts, and both may be any bytes: those
 * of GLib abort over text that is not UTF-8. Takes at most the time for reading
 * TEXT once for each byte of PATTERN.
 */
bool ms_glob(const char *pattern, const char *text);

#endif
