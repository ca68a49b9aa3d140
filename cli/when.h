#ifndef WHEN_H
#define WHEN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A point in time as people write it: YYYY-MM-DD, with THH:MM or THH:MM:SS
 * behind it, in local time; or a number and d, h or m, for so many days,
 * hours or minutes before NOW. False if TEXT is neither.
 */
bool when_parse(const char *text, int64_t now, int64_t *when);

#endif
