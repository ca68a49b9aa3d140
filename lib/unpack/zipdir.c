#include "unpack/zipdir.h"

#include "base/find.h"
#include "base/little.h"

#include <string.h>

/* The record at the end, and the longest comment behind it. */
#define END_SIZE 22
#define COMMENT_MAX 65535

/* What stands before the name of an entry of the directory. */
#define ENTRY_SIZE 46

/* The part of DATA that the record at the end lies in. */
static const unsigned char *
tail_of(const unsigned char *data, size_t size)
{
	return size > END_SIZE + COMMENT_MAX ?
	    data + size - END_SIZE - COMMENT_MAX : data;
}

/* Random bytes hold the four that begin an entry now and then: is its method
 * one of those there are, and what is packed no larger than all there is? */
static bool
is_entry(const unsigned char *p, size_t size)
{
	return p[10] < 100 && p[11] == 0 &&
	    (ms_little(p + 20, 4) <= size ||
	    ms_little(p + 20, 4) == 0xffffffff);
}

uint64_t
ms_zipdir_headers(const unsigned char *data, size_t size)
{
	const unsigned char *p = data, *end = data + size;
	uint64_t count = 0;

	while ((p = ms_find(p, (size_t)(end - p), "PK\003\004", 4))) {
		count++;
		p += 4;
	}
	return count;
}

uint64_t
ms_zipdir_stated(const unsigned char *data, size_t size)
{
	const unsigned char *p = tail_of(data, size), *end = data + size;
	uint64_t count = 0;

	while ((p = ms_find(p, (size_t)(end - p), "PK\005\006", 4))) {
		if (end - p >= END_SIZE)
			count = ms_little(p + 10, 2);
		p += 4;
	}
	return count == 0xffff ? 0 : count;
}

uint64_t
ms_zipdir_largest(const unsigned char *data, size_t size)
{
	const unsigned char *p = data, *end = data + size;
	uint64_t largest = 0;

	while ((p = ms_find(p, (size_t)(end - p), "PK\001\002", 4))) {
		if (end - p >= ENTRY_SIZE && is_entry(p, size) &&
		    ms_little(p + 24, 4) > largest)
			largest = ms_little(p + 24, 4);
		p += 4;
	}
	return largest;
}

bool
ms_zipdir_ends(const unsigned char *data, size_t size)
{
	const unsigned char *tail = tail_of(data, size);

	return ms_find(tail, (size_t)(data + size - tail), "PK\005\006", 4) &&
	    ms_find(data, size, "PK\001\002", 4);
}
