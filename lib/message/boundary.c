#include "message/boundary.h"

#include "base/find.h"

#include <glib.h>

#include <stdbool.h>
#include <string.h>

/* RFC 2046 allows 70; mail programs read more. */
#define BOUNDARY_MAX 256

/* A message that declares more boundaries than this is judged as if every
 * line that starts with two hyphens were one. */
#define DECLARED_MAX 20000

static const unsigned char *
next_delimiter(const unsigned char *p, const unsigned char *end)
{
	return p < end ? ms_find(p, (size_t)(end - p), "\n--", 3) : NULL;
}

/* The value that follows the word "boundary" at P, added to DECLARED. */
static void
declare(GHashTable *declared, const unsigned char *p,
    const unsigned char *end)
{
	const unsigned char *start;
	bool quoted;

	/* "*0*" and the like of RFC 2231 may stand before the equals sign. */
	while (p < end && strchr(" \t*0123456789", *p) && *p != '\0')
		p++;
	if (p >= end || *p++ != '=')
		return;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	quoted = p < end && *p == '"';
	p += quoted;
	for (start = p; p < end && p - start < BOUNDARY_MAX; p++)
		if (*p == '\n' || *p == '\r' ||
		    (quoted ? *p == '"' : *p == ';' || *p <= ' '))
			break;
	if (p > start)
		g_hash_table_add(declared,
		    g_bytes_new(start, (gsize)(p - start)));
}

static GHashTable *
find_declared(const unsigned char *data, size_t size)
{
	GHashTable *declared = g_hash_table_new_full(g_bytes_hash,
	    g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
	const unsigned char *p = data, *end = data + size;


	for (; p < end; p++) {
		if ((*p | 0x20) != 'b' || end - p < 9 ||
		    g_ascii_strncasecmp((const char *)p, "boundary", 8) != 0)
			continue;
		declare(declared, p + 8, end);
		if (g_hash_table_size(declared) >= DECLARED_MAX)
			break;
		p += 7;
	}
	return declared;
}

static bool
is_declared(GHashTable *declared, const unsigned char *line, size_t size)
{
	GBytes *key;
	bool found;

	while (size > 0 && line[size - 1] <= ' ')
		size--;
	if (size == 0 || size > BOUNDARY_MAX + 2)
		return false;
	key = g_bytes_new(line, size);
	found = g_hash_table_contains(declared, key);
	g_bytes_unref(key);
	if (found || size < 3 || memcmp(line + size - 2, "--", 2) != 0)
		return found;
	return is_declared(declared, line, size - 2);
}

size_t
ms_boundary_prefix(const unsigned char *data, size_t size,
    uint64_t max_parts)
{
	const unsigned char *p = data, *end = data + size;
	GHashTable *declared;
	uint64_t count = 0;
	bool all;

	/* Nearly all mail is done here. */
	while (count <= max_parts && (p = next_delimiter(p, end)))
		count++, p += 3;
	if (count <= max_parts)
		return size;
	declared = find_declared(data, size);
	all = g_hash_table_size(declared) >= DECLARED_MAX;
	count = 0;
	for (p = data; (p = next_delimiter(p, end)); p += 3) {
		const unsigned char *eol = memchr(p + 3, '\n',
		    (size_t)(end - p - 3));
		size_t length = (size_t)((eol ? eol : end) - (p + 3));

		if ((all || is_declared(declared, p + 3, length)) &&
		    ++count > max_parts)
			break;
	}
	g_hash_table_unref(declared);
	return p ? (size_t)(p + 1 - data) : size;
}
