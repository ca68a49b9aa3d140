#include "unpack/zipdir.h"

#include "base/find.h"

#include <string.h>

/* The record at the end, and the longest comment behind it. */
#define END_SIZE 22
#define COMMENT_MAX 65535

/* The part of DATA that the record at the end lies in. */
static const unsigned char *
tail_of(const unsigned char *data, size_t size)
{
	return size > END_SIZE + COMMENT_MAX ?
	    data + size - END_SIZE - COMMENT_MAX : data;
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
			count = p[10] | (uint64_t)p[11] << 8;
		p += 4;
	}
	return count == 0xffff ? 0 : count;
}

bool
ms_zipdir_ends(const unsigned char *data, size_t size)
{
	const unsigned char *tail = tail_of(data, size);

	return ms_find(tail, (size_t)(data + size - tail), "PK\005\006", 4) &&
	    ms_find(data, size, "PK\001\002", 4);
}
