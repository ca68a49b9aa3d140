#include "message/header.h"

#include <stdbool.h>
#include <string.h>

/* The size of the name of the field at DATA; 0: there is none. */
static size_t
name_size(const unsigned char *data, size_t size)
{
	size_t i = 0;

	while (i < size && data[i] > ' ' && data[i] < 127 && data[i] != ':')
		i++;
	return i < size && data[i] == ':' ? i : 0;
}

static bool
is_among(const char *const *names, const unsigned char *name, size_t size)
{
	for (; *names; names++)
		if (strlen(*names) == size && g_ascii_strncasecmp(*names,
		    (const char *)name, size) == 0)
			return true;
	return false;
}

GByteArray *
ms_header_pick(const unsigned char *data, size_t size,
    const char *const *names)
{
	GByteArray *out = g_byte_array_new();
	const unsigned char *p = data, *end = data + size;
	bool picked = false;

	while (p < end) {
		const unsigned char *eol = memchr(p, '\n',
		    (size_t)(end - p));
		const unsigned char *next = eol ? eol + 1 : end;

		/* Else it is one more line of the field before. */
		if ((*p != ' ' && *p != '\t') || p == data) {
			size_t name = name_size(p, (size_t)(next - p));

			if (name == 0) {
				g_byte_array_unref(out);
				return NULL;
			}
			picked = is_among(names, p, name);
		}
		if (picked)
			g_byte_array_append(out, p, (guint)(next - p));
		p = next;
	}
	return out;
}
