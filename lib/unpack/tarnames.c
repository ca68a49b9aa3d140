#include "unpack/tarnames.h"

#include <glib.h>

#include <string.h>

#define BLOCK 512

/* Fields of a header: where they are, and their sizes. */
enum {
	NAME = 0, NAME_SIZE = 100,
	SIZE = 124, SIZE_SIZE = 12,
	SUM = 148, SUM_SIZE = 8,
	TYPE = 156,
	MAGIC = 257,
	PREFIX = 345, PREFIX_SIZE = 155
};

/* A number in octal digits with blanks around it, or, if the highest bit is
 * set, in bytes (GNU). */
static uint64_t
number(const unsigned char *p, size_t size)
{
	uint64_t value = 0;
	size_t i = 0;

	if (*p & 0x80) {
		for (i = 1; i < size; i++)
			value = value << 8 | p[i];
		return value;
	}
	while (i < size && p[i] == ' ')
		i++;
	for (; i < size && p[i] >= '0' && p[i] <= '7'; i++)
		value = value << 3 | (uint64_t)(p[i] - '0');
	return value;
}

/* The sum of all bytes, with the sum itself blank; some have taken them for
 * signed ones. */
static bool
is_header(const unsigned char *p)
{
	const uint64_t stated = number(p + SUM, SUM_SIZE);
	int64_t sum = 0, other = 0;

	if (*p == '\0')
		return false;
	for (size_t i = 0; i < BLOCK; i++) {
		const unsigned char c = i >= SUM && i < SUM + SUM_SIZE ? ' ' :
		    p[i];

		sum += c;
		other += c < 128 ? c : (int64_t)c - 256;
	}
	return stated == (uint64_t)sum || (other > 0 &&
	    stated == (uint64_t)other);
}

/* Does it say something of the next one, rather than being a member? */
static bool
is_about(unsigned char type)
{
	return type != '\0' && strchr("xgXLKN", type);
}

static void
visit_name(const unsigned char *p, void (*visit)(void *arg, const char *name,
    size_t size), void *arg)
{
	const char *name = (const char *)p + NAME;
	const char *prefix = (const char *)p + PREFIX;
	const size_t size = strnlen(name, NAME_SIZE);
	char *path;

	/* GNU has something else where the prefix is. */
	if (memcmp(p + MAGIC, "ustar\0", 6) != 0 || *prefix == '\0') {
		visit(arg, name, size);
		return;
	}
	path = g_strdup_printf("%.*s/%.*s", PREFIX_SIZE, prefix, (int)size,
	    name);
	visit(arg, path, strlen(path));
	g_free(path);
}

bool
ms_tarnames(const unsigned char *data, size_t size, uint64_t max,
    void (*visit)(void *arg, const char *name, size_t size), void *arg)
{
	bool named = false, ended = false;

	for (size_t at = 0; size - at >= BLOCK && size > at;) {
		const unsigned char *p = data + at;
		const size_t rest = size - at - BLOCK;
		uint64_t content;

		at += BLOCK;
		if (!is_header(p)) {
			ended = true;
			continue;
		}
		if (max-- == 0)
			return false;
		content = number(p + SIZE, SIZE_SIZE);
		/* An empty directory is no file. */
		if ((named || ended) && !is_about(p[TYPE]) &&
		    (p[TYPE] != '5' || content > 0))
			visit_name(p, visit, arg);
		named = is_about(p[TYPE]) && p[TYPE] != 'g';
		/* Links and such have none, whatever is said. */
		if (p[TYPE] >= '1' && p[TYPE] <= '6')
			content = 0;
		if (content <= rest)
			at += MIN((content + BLOCK - 1) / BLOCK * BLOCK,
			    (uint64_t)rest);
	}
	return true;
}
