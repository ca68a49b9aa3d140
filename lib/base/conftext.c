#include "base/conftext.h"

#include <stdbool.h>
#include <string.h>

/* The text on its way. */
struct scan {
	const char *p, *end;
	unsigned line;		/* of P */
	GString *out;
	unsigned open;		/* braces that wait for their other half */
	unsigned open_line;	/* of the last one */
	bool escaped;		/* what was put last */
};

/* What never stands in a bare word; the lines of it count elsewhere. */
static const char marks[] = " \t\r\n\v\f\"'={}(),#";

static size_t
left(const struct scan *s)
{
	return (size_t)(s->end - s->p);
}

static bool
begins(const struct scan *s, const char *what)
{
	size_t size = strlen(what);

	return left(s) >= size && memcmp(s->p, what, size) == 0;
}

/* Up to the line end, which stays. */
static void
skip_line(struct scan *s)
{
	const char *end = memchr(s->p, '\n', left(s));

	s->p = end ? end : s->end;
}

/* A comment of several lines becomes as many line ends. */
static enum ms_status
skip_comment(struct scan *s, struct ms_error *err)
{
	unsigned line = s->line;

	for (s->p += 2; !begins(s, "*/"); s->p++) {
		if (s->p == s->end) {
			s->line = line;
			return ms_error_set(err, MS_E_FORMAT, "this comment "
			    "does not end");
		}
		if (*s->p == '\n') {
			g_string_append_c(s->out, '\n');
			s->line++;
		}
	}
	s->p += 2;
	g_string_append_c(s->out, ' ');
	return MS_OK;
}

/* One byte of a string, in octal digits unless it is harmless. Digits behind
 * them would be taken for more, and a line end counts as a line even within a
 * string. */
static void
put_byte(struct scan *s, unsigned char c)
{
	bool plain = (g_ascii_isalnum(c) && !(s->escaped &&
	    g_ascii_isdigit(c))) || (c != '\0' && strchr("_-./:@%", c));

	if (plain)
		g_string_append_c(s->out, (char)c);
	else
		g_string_append_printf(s->out, "\\%03o", c);
	s->escaped = !plain;
}

/* Behind a backslash in "...". */
static enum ms_status
put_escape(struct scan *s, struct ms_error *err)
{
	static const char letters[] = "nrt", bytes[] = "\n\r\t";
	const char *letter = strchr(letters, *s->p);
	unsigned value = 0, digits = 0;

	if (*s->p == 'x') {
		if (left(s) < 3 || !g_ascii_isxdigit(s->p[1]) ||
		    !g_ascii_isxdigit(s->p[2]))
			return ms_error_set(err, MS_E_FORMAT, "\\x wants two "
			    "digits behind it");
		value = (unsigned)g_ascii_xdigit_value(s->p[1]) * 16 +
		    (unsigned)g_ascii_xdigit_value(s->p[2]);
		s->p += 3;
	} else if (*s->p >= '0' && *s->p <= '7') {
		for (; digits < 3 && s->p < s->end && *s->p >= '0' &&
		    *s->p <= '7'; digits++)
			value = value * 8 + (unsigned)(*s->p++ - '0');
	} else {
		value = letter && *s->p != '\0' ?
		    (unsigned char)bytes[letter - letters] :
		    (unsigned char)*s->p;
		s->p++;
	}
	if (value == 0 || value > 255)
		return ms_error_set(err, MS_E_FORMAT, "a string cannot hold "
		    "the byte %u", value);
	put_byte(s, (unsigned char)value);
	return MS_OK;
}

/* "..." or '...', both as "...". Lines inside it follow behind it. */
static enum ms_status
put_string(struct scan *s, struct ms_error *err)
{
	char quote = *s->p++;
	unsigned first = s->line;
	enum ms_status status = MS_OK;

	g_string_append_c(s->out, '"');
	s->escaped = false;
	while (status == MS_OK && s->p < s->end && *s->p != quote) {
		char c = *s->p++;
		bool escapes = c == '\\' && s->p < s->end &&
		    (quote == '"' || *s->p == quote || *s->p == '\\');

		if (c == '\0')
			status = ms_error_set(err, MS_E_FORMAT, "a NUL byte");
		else if (escapes && *s->p != '\n')
			status = quote == '"' ? put_escape(s, err) :
			    (put_byte(s, (unsigned char)*s->p++), MS_OK);
		else
			put_byte(s, (unsigned char)c);
		if (c == '\n')
			s->line++;
	}
	if (status != MS_OK)
		return status;
	if (s->p == s->end) {
		s->line = first;
		return ms_error_set(err, MS_E_FORMAT, "this string does not "
		    "end: there is no other %c", quote);
	}
	s->p++;
	g_string_append_c(s->out, '"');
	for (unsigned n = first; n < s->line; n++)
		g_string_append_c(s->out, '\n');
	return MS_OK;
}

static bool
ends_word(const struct scan *s)
{
	return *s->p == '\0' || strchr(marks, *s->p) != NULL ||
	    begins(s, "/*") || begins(s, "+=");
}

/* A bare word is a string, too: only so libconfuse takes all of it. Before a
 * "//" it ends only with white space, since URLs hold that as well. */
static void
put_word(struct scan *s)
{
	g_string_append_c(s->out, '"');
	s->escaped = false;
	while (s->p < s->end && !ends_word(s))
		put_byte(s, (unsigned char)*s->p++);
	g_string_append_c(s->out, '"');
}

static enum ms_status
put_mark(struct scan *s, struct ms_error *err)
{
	char c = *s->p++;

	if (c == '{') {
		s->open++;
		s->open_line = s->line;
	} else if (c == '}' && s->open > 0) {
		s->open--;
	} else if (c == '\0') {
		return ms_error_set(err, MS_E_FORMAT, "a NUL byte");
	}
	g_string_append_c(s->out, c);
	if (c == '\n')
		s->line++;
	return MS_OK;
}

static enum ms_status
put_next(struct scan *s, struct ms_error *err)
{
	if (*s->p == '#' || begins(s, "//"))
		skip_line(s);
	else if (begins(s, "/*"))
		return skip_comment(s, err);
	else if (*s->p == '"' || *s->p == '\'')
		return put_string(s, err);
	else if (begins(s, "+="))
		return ms_error_set(err, MS_E_FORMAT, "there is no +=: a list "
		    "is set as a whole, and that of a section replaces the "
		    "common one");
	else if (!ends_word(s))
		put_word(s);
	else
		return put_mark(s, err);
	return MS_OK;
}

enum ms_status
ms_conftext(const void *data, size_t size, GString *out, unsigned *line,
    struct ms_error *err)
{
	struct scan s = { .p = data, .end = (const char *)data + size,
		.line = 1, .out = out };
	enum ms_status status = MS_OK;

	while (status == MS_OK && s.p < s.end)
		status = put_next(&s, err);
	*line = s.line;
	if (status == MS_OK && s.open > 0) {
		*line = s.open_line;
		status = ms_error_set(err, MS_E_FORMAT, "what { opens here is "
		    "not closed");
	}
	return status;
}

char *
ms_conftext_comma(char *said)
{
	static const char unexpected[] = "unexpected token '";
	const char *token = said + sizeof unexpected - 1;
	char *text = NULL;

	if (!g_str_has_prefix(said, unexpected))
		return said;
	if (*token == ',')
		text = g_strdup("no value is before this comma: a list is "
		    "{ \"a\", \"b\" }, and a text \"a, b\"");
	else if (!strpbrk(token, "={}(),+"))
		text = g_strdup_printf("a comma is missing before '%s: a list "
		    "is { \"a\", \"b\" }", token);
	if (!text)
		return said;
	g_free(said);
	return text;
}
