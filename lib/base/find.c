#include "base/find.h"

#include "base/vector.h"

#include <string.h>

#define STEP (2 * sizeof(ms_vector))

static ms_vector
fill(char c)
{
	ms_vector v;

	memset(&v, c, sizeof v);
	return v;
}

/* Is there A at P and B at Q, or both one vector further on? */
static int
is_pair(const unsigned char *p, ms_vector a, const unsigned char *q,
    ms_vector b)
{
	const unsigned char *p2 = p + sizeof a, *q2 = q + sizeof b;

	return ms_vector_any(
	    ((ms_vector_load(p) == a) & (ms_vector_load(q) == b)) |
	    ((ms_vector_load(p2) == a) & (ms_vector_load(q2) == b)));
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
	const ms_vector first = fill(what[0]), last = fill(what[length - 1]);
	const unsigned char *p = data, *found;
	size_t places = size < length ? 0 : size - length + 1;

	/* Where the first and the last byte of it are at their distance, it
	 * may be: in few blocks. */
	for (; places >= STEP; places -= STEP, p += STEP)
		if (is_pair(p, first, p + length - 1, last) &&
		    (found = look(p, STEP, what, length)))
			return found;
	return look(p, places, what, length);
}
