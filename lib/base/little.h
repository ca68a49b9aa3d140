#ifndef MS_LITTLE_H
#define MS_LITTLE_H

#include <stddef.h>
#include <stdint.h>

/* The number in SIZE bytes, at most eight, at P, aligned or not: the first of
 * them is the lowest (little-endian). */
static inline uint64_t
ms_little(const unsigned char *p, size_t size)
{
	uint64_t value = 0;

	while (size-- > 0)
		value = value << 8 | p[size];
	return value;
}

#endif
