#include "message/headlines.h"

#include <gmime/gmime.h>

#include <string.h>

#include "message/head.h"

/* The size of the field or line at DATA, with the lines that continue it. */
static size_t
field_size(const unsigned char *data, size_t size)
{
	const unsigned char *p = data, *end = data + size;

	do {
		const unsigned char *eol = memchr(p, '\n',
		    (size_t)(end - p));

		p = eol ? eol + 1 : end;
	} while (p < end && (*p == ' ' || *p == '\t'));
	return (size_t)(p - data);
}

/* The size of the name of the field at DATA, and where its value begins; 0: it
 * is none. Mail programs take blanks before the colon. */
static size_t
name_size(const unsigned char *data, size_t size, size_t *value)
{
	size_t name = 0, i;

	while (name < size && data[name] > ' ' && data[name] < 127 &&
	    data[name] != ':')
		name++;
	i = name;
	while (i < size && (data[i] == ' ' || data[i] == '\t'))
		i++;
	*value = i + 1;
	return i < size && data[i] == ':' ? name : 0;
}

/* The text of SIZE bytes at DATA as a string in which no NUL hides the rest. */
static char *
text_of(const unsigned char *data, size_t size)
{
	char *raw = g_malloc(size + 1), *line, *text, *valid;

	for (size_t i = 0; i < size; i++)
		raw[i] = (char)(data[i] ? data[i] : ' ');
	raw[size] = '\0';
	line = g_mime_utils_header_unfold(raw);
	text = g_mime_utils_header_decode_text(NULL, line);
	valid = g_utf8_make_valid(text, -1);
	g_free(text);
	g_free(line);
	g_free(raw);
	return g_strstrip(valid);
}

void
ms_headlines(const unsigned char *data, size_t size,
    ms_headlines_visit *visit, void *arg)
{
	size_t end = ms_head_size(data, size, MS_HEAD_MAX);
	size_t at = 0;

	while (at < end) {
		size_t length = field_size(data + at, end - at);
		size_t skip, size_of_name = name_size(data + at, length, &skip);

		if (size_of_name > 0) {
			char *name = g_strndup((const char *)data + at,
			    size_of_name);
			char *value = text_of(data + at + skip,
			    length - skip);

			visit(arg, name, value);
			g_free(value);
			g_free(name);
		}
		at += length;
	}
}
