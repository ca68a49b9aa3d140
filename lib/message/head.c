#include "message/head.h"

#include <glib.h>
#include <stdint.h>
#include <string.h>

size_t
ms_head_size(const unsigned char *data, size_t size, size_t max)
{
	size_t limit = MIN(size, max), at = 0;

	while (at < limit) {
		const unsigned char *end = memchr(data + at, '\n',
		    limit - at);
		size_t length = end ? (size_t)(end - data) - at : limit - at;

		if (length == 0 || (length == 1 && data[at] == '\r'))
			return at;
		at += length + 1;
	}
	return limit;
}

size_t
ms_head_body(const unsigned char *data, size_t size)
{
	size_t at = ms_head_size(data, size, SIZE_MAX);

	at += at < size && data[at] == '\r';
	at += at < size && data[at] == '\n';
	return at;
}

size_t
ms_head_name(const unsigned char *data, size_t size)
{
	size_t i = 0;

	while (i < size && data[i] > ' ' && data[i] < 127 && data[i] != ':')
		i++;
	return i < size && data[i] == ':' ? i : 0;
}

size_t
ms_head_junk(const unsigned char *data, size_t size)
{
	size_t header = ms_head_size(data, size, MS_HEAD_MAX);
	size_t at = 0;

	while (at < header && ms_head_name(data + at, header - at) == 0) {
		const unsigned char *eol = memchr(data + at, '\n',
		    header - at);

		if (!eol)
			return 0;
		at = (size_t)(eol - data) + 1;
	}
	return at < header ? at : 0;
}
