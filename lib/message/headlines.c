#include "message/headlines.h"

#include <gmime/gmime.h>

#include <stdbool.h>
#include <string.h>

#include "message/head.h"
#include "message/words.h"

/* No charset has a longer name. */
#define CHARSET_MAX 64

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

/* The text of SIZE bytes at DATA as a string in which no NUL hides the rest:
 * with a blank for each, or without them. */
static char *
unfold(const unsigned char *data, size_t size, bool blanks)
{
	char *raw = g_malloc(size + 1), *line;
	size_t used = 0;

	for (size_t i = 0; i < size; i++)
		if (data[i] != '\0' || blanks)
			raw[used++] = (char)(data[i] ? data[i] : ' ');
	raw[used] = '\0';
	line = g_mime_utils_header_unfold(raw);
	g_free(raw);
	return line;
}

/* As GMime reads it. */
static char *
text_of(const unsigned char *data, size_t size)
{
	char *line = unfold(data, size, true);
	char *text = g_mime_utils_header_decode_text(NULL, line);
	char *valid = g_utf8_make_valid(text, -1);

	g_free(text);
	g_free(line);
	return g_strstrip(valid);
}

struct lines {
	const struct ms_headlines_visitor *visitor;
	void *arg;
};

/* Of longer values, so much is read at once; so much of it again. */
#define PIECE ((size_t)48 << 10)
#define AGAIN ((size_t)16 << 10)

/* Tell the charset of each encoded word in TEXT. */
static void
tell_charsets(const struct lines *lines, const char *text)
{
	while (lines->visitor->charset && (text = strstr(text, "=?"))) {
		size_t size = strcspn(text += 2, "?* \t");
		const char *p = text + size + strcspn(text + size, "? \t");

		if (size > 0 && size <= CHARSET_MAX && *p == '?' &&
		    p[1] != '\0' && strchr("bBqQ", p[1]) && p[2] == '?') {
			char *name = g_strndup(text, size);

			lines->visitor->charset(lines->arg, name);
			g_free(name);
		}
	}
}

/* What others make of it: of char *. */
static GPtrArray *
other_texts(const struct lines *lines, const unsigned char *data, size_t size)
{
	GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
	const bool words = memmem(data, size, "=?", 2);
	char *line;
	size_t length;

	if (!words && !memchr(data, '\0', size))
		return texts;
	line = unfold(data, size, false);
	length = strlen(line);
	if (!words)
		g_ptr_array_add(texts, g_strdup(line));
	else
		tell_charsets(lines, line);
	for (size_t at = 0; words && at < length; at += PIECE - AGAIN) {
		char *piece = g_strndup(line + at, PIECE);

		ms_words(piece, texts);
		g_free(piece);
	}
	g_free(line);
	return texts;
}

/* Show FIELD's VALUE as valid UTF-8. */
static void
show_value(const struct lines *lines, const char *name, const char *value)
{
	char *valid = g_strstrip(g_utf8_make_valid(value, -1));

	lines->visitor->field(lines->arg, name, valid);
	g_free(valid);
}

/* Without what makes TEXT's quoted pairs (RFC 5322, 3.2.1). */
static void
unquote(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		*to++ = *text;
	}
	*to = '\0';
}

/* The field of SIZE bytes at DATA, whose name has NAME_USED of them, and whose
 * value is from AT on. */
static void
show(const struct lines *lines, const unsigned char *data, size_t size,
    size_t name_used, size_t at)
{
	char *name = g_strndup((const char *)data, name_used);
	char *value = text_of(data + at, size - at);
	GPtrArray *others = other_texts(lines, data + at, size - at);

	lines->visitor->field(lines->arg, name, value);
	for (guint i = 0; i < others->len; i++)
		if (strcmp(value, others->pdata[i]) != 0)
			show_value(lines, name, others->pdata[i]);
	g_ptr_array_unref(others);
	if (strchr(value, '\\')) {
		unquote(value);
		lines->visitor->field(lines->arg, name, value);
	}
	g_free(value);
	g_free(name);
}

/* All fields in the SIZE bytes at DATA, which may hold empty lines. */
static void
walk(const struct lines *lines, const unsigned char *data, size_t size)
{
	size_t at = 0;

	while (at < size) {
		size_t length = field_size(data + at, size - at), value;
		size_t name = name_size(data + at, length, &value);

		if (name > 0)
			show(lines, data + at, length, name, value);
		at += length;
	}
}

/* Where the header begins, if somebody passes over empty lines. */
static size_t
first_line(const unsigned char *data, size_t size)
{
	size_t at = 0;

	while (at < size && (data[at] == '\n' || data[at] == '\r'))
		at++;
	return at;
}

/* Does a CR in the SIZE bytes at DATA not belong to a line end? */
static bool
has_bare_cr(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i + 1 < size; i++)
		if (data[i] == '\r' && data[i + 1] != '\n')
			return true;
	return false;
}

/* The SIZE bytes at DATA for those for whom a CR ends a line, too. */
static void
walk_cr(const struct lines *lines, const unsigned char *data, size_t size)
{
	unsigned char *copy = g_malloc(size);

	for (size_t i = 0; i < size; i++)
		copy[i] = data[i] == '\r' ? '\n' : data[i];
	walk(lines, copy, size);
	g_free(copy);
}

void
ms_headlines(const unsigned char *data, size_t size,
    const struct ms_headlines_visitor *visitor, void *arg)
{
	const struct lines lines = { visitor, arg };
	size_t at = first_line(data, size), end;

	end = ms_head_size(data + at, size - at, MS_HEAD_MAX);
	walk(&lines, data + at, end);
	if (has_bare_cr(data + at, end))
		walk_cr(&lines, data + at, end);
}
