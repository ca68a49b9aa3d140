#include "base/find.h"

#include <stdint.h>
#include <string.h>

/* As many bytes as every processor compares at once; compilers know this
 * notation, and what it has to become without such instructions. */
typedef unsigned char block __attribute__((vector_size(16)));

#define STEP (2 * sizeof(block))

static block
load(const unsigned char *p)
{
	block b;

	memcpy(&b, p, sizeof b);
	return b;
}

static block
fill(char c)
{
	block b;

	memset(&b, c, sizeof b);
	return b;
}

/* Is any bit of B set? */
static int
any(block b)
{
	uint64_t half[2];

	memcpy(half, &b, sizeof half);
	return (half[0] | half[1]) != 0;
}

/* WHAT at one of the first COUNT places from DATA on. */
static const unsigned char *
look(const unsigned char *data, size_t count, const char *what,
    size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (data[i] == (unsigned char)*what &&
		    memcmp(data + i, what, length) == 0)
			return data + i;
	return NULL;
}

const unsigned char *
ms_find(const unsigned char *data, size_t size, const char *what,
    size_t length)
{
	const block first = fill(what[0]), last = fill(what[length - 1]);
	const unsigned char *p = data, *found;
	size_t places = size < length ? 0 : size - length + 1;

	/* Where the first and the last byte of it are at their distance, it
	 * may be: in few blocks. */
	for (; places >= STEP; places -= STEP, p += STEP) {
		const unsigned char *q = p + length - 1;
		block hits = ((load(p) == first) & (load(q) == last)) |
		    ((load(p + sizeof(block)) == first) &
		    (load(q + sizeof(block)) == last));

		if (any(hits) && (found = look(p, STEP, what, length)))
			return found;
	}
	return look(p, places, what, length);
}
