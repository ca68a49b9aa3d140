#ifndef MS_VECTOR_H
#define MS_VECTOR_H

#include <stdint.h>
#include <string.h>

/*
 * As many bytes as every processor compares at once; compilers know this
 * notation, and what it has to become without such instructions. A comparison
 * gives a vector with all bits set where it holds.
 */
typedef unsigned char ms_vector __attribute__((vector_size(16)));

/* The bytes at P, aligned or not. */
static inline ms_vector
ms_vector_load(const unsigned char *p)
{
	ms_vector v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* Is any bit of V set? */
static inline int
ms_vector_any(ms_vector v)
{
	uint64_t half[2];

	memcpy(half, &v, sizeof half);
	return (half[0] | half[1]) != 0;
}

#endif
