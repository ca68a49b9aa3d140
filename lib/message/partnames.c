#include "message/partnames.h"

#include <gmime/gmime.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What has no quotes around it and is longer is gone past, not into, and
 * comments are shorter: so that the work and what comes of it stay linear. */
#define RUN_MAX 256

/* No name has more pieces that are in their order. */
#define PIECES_MAX 10000

/* A piece of a name: name*1*=text. */
struct piece {
	unsigned long number;
	guint order;		/* of appearance */
	bool extended;		/* percent signs and a charset are code */
	char *text;
};

struct reading {
	GPtrArray *names;
	GArray *pieces[2];	/* of struct piece: of name, of filename */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Where the comment at P ends (RFC 5322, 3.2.2), or NULL. */
static const char *
comment_end(const char *p)
{
	return *p == '(' ? memchr(p, ')', strnlen(p, RUN_MAX)) : NULL;
}

static const char *
skip_blanks(const char *p)
{
	while (is_blank(*p) || comment_end(p))
		p = is_blank(*p) ? p + 1 : comment_end(p) + 1;
	return p;
}

/* The text in CHARSET as UTF-8; as it is, if that cannot be had. */
static char *
to_utf8(char *text, const char *charset)
{
	char *utf8 = *charset == '\0' || g_ascii_strcasecmp(charset,
	    "utf-8") == 0 || g_ascii_strcasecmp(charset, "us-ascii") == 0 ?
	    NULL : g_convert(text, -1, "UTF-8", charset, NULL, NULL, NULL);

	if (!utf8)
		return text;
	g_free(text);
	return utf8;
}

static void
append_decoded(const char *text, GString *out)
{
	for (; *text; text++) {
		if (*text == '%' && g_ascii_isxdigit(text[1]) &&
		    g_ascii_isxdigit(text[2])) {
			g_string_append_c(out, (char)(g_ascii_xdigit_value(
			    text[1]) * 16 + g_ascii_xdigit_value(text[2])));
			text += 2;
		} else {
			g_string_append_c(out, *text);
		}
	}
}

/* Where the text of charset'language'text begins; *CHARSET is for g_free(). */
static const char *
split_charset(const char *text, char **charset)
{
	const char *first = strchr(text, '\'');
	const char *second = first ? strchr(first + 1, '\'') : NULL;

	*charset = second ? g_strndup(text, (gsize)(first - text)) :
	    g_strdup("");
	return second ? second + 1 : text;
}

/* Add NAME, which is taken, and what it is with its encoded words decoded. */
static void
add(struct reading *reading, char *name)
{
	if (strstr(name, "=?"))
		g_ptr_array_add(reading->names,
		    g_mime_utils_header_decode_text(NULL, name));
	g_ptr_array_add(reading->names, name);
}

static gint
by_number(gconstpointer a, gconstpointer b)
{
	const struct piece *one = a, *other = b;

	if (one->number != other->number)
		return one->number < other->number ? -1 : 1;
	return one->order < other->order ? -1 : one->order > other->order;
}

/* Add PIECES, put together in the order in which they are. */
static void
add_joined(struct reading *reading, const GArray *pieces)
{
	GString *name = g_string_new(NULL), *plain = g_string_new(NULL);
	char *charset = NULL;

	for (guint i = 0; i < pieces->len; i++) {
		const struct piece *piece = &g_array_index(pieces,
		    struct piece, i);
		const char *text = piece->text;

		g_string_append(plain, text);
		if (piece->extended && !charset)
			text = split_charset(text, &charset);
		if (piece->extended)
			append_decoded(text, name);
		else
			g_string_append(name, text);
	}
	/* A NUL that somebody encoded ends the name for some. */
	add(reading, to_utf8(g_strdup(name->str), charset ? charset : ""));
	if (strcmp(plain->str, name->str) != 0)
		add(reading, g_strdup(plain->str));
	(void)g_string_free(plain, TRUE);
	(void)g_string_free(name, TRUE);
	g_free(charset);
}

static void
add_pieces(struct reading *reading, GArray *pieces)
{
	if (pieces->len == 0)
		return;
	add_joined(reading, pieces);
	g_array_sort(pieces, by_number);
	add_joined(reading, pieces);
}

/* The quoted text behind the quote at P, with and, if that is another thing,
 * without what backslashes mean in it; returns where it ends. */
static const char *
read_quoted(const char *p, GString *text, GString *raw)
{
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\r' || *p == '\n')
			continue;
		g_string_append_c(raw, *p);
		if (*p == '\\' && p[1] != '\0')
			g_string_append_c(raw, *++p);
		g_string_append_c(text, *p);
	}
	return p;
}

/* What stands from P to the next semicolon, or MAX bytes of it, as who knows
 * no quotes reads it. */
static const char *
read_run(const char *p, size_t max, GString *text)
{
	for (; *p && *p != ';' && text->len < max; p++) {
		if (comment_end(p))
			p = comment_end(p);
		else if (*p != '"' && *p != '\r' && *p != '\n')
			g_string_append_c(text, *p);
	}
	return p;
}

/* A value of a parameter that is no piece. */
static void
add_value(struct reading *reading, const char *text, bool extended)
{
	GString *decoded;
	char *charset;
	const char *rest;

	if (*text == '\0')
		return;
	add(reading, g_strdup(text));
	if (!extended)
		return;
	rest = split_charset(text, &charset);
	decoded = g_string_new(NULL);
	append_decoded(rest, decoded);
	add(reading, to_utf8(g_strdup(decoded->str), charset));
	(void)g_string_free(decoded, TRUE);
	g_free(charset);
}

/* What stands behind the equals sign before P, in all ways; returns where to
 * go on. PIECE, if it is one, gets the text that goes into its name. */
static const char *
read_value(struct reading *reading, const char *p, bool extended,
    struct piece *piece)
{
	GString *quoted = g_string_new(NULL), *raw = g_string_new(NULL);
	GString *run = g_string_new(NULL);
	const char *end = *p == '"' ? read_quoted(p, quoted, raw) : p;
	const bool closed = end > p && *end;
	const char *run_end = read_run(p, closed ? RUN_MAX : G_MAXSIZE, run);
	gsize token = strcspn(run->str, " \t");

	/* One that is not closed ends at the next semicolon as well. */
	if (!closed)
		end = run->len > RUN_MAX ? run_end : p;
	if (piece) {
		piece->text = g_strdup(*p == '"' ? quoted->str :
		    g_strchomp(run->str));
	} else {
		add_value(reading, quoted->str, extended);
		if (strcmp(raw->str, quoted->str) != 0)
			add_value(reading, raw->str, extended);
		if (strcmp(run->str, quoted->str) != 0)
			add_value(reading, run->str, extended);
		g_string_truncate(run, token);
		if (*p != '"')
			add_value(reading, run->str, extended);
	}
	(void)g_string_free(run, TRUE);
	(void)g_string_free(raw, TRUE);
	(void)g_string_free(quoted, TRUE);
	return closed ? end + 1 : end;
}

/* The parameter whose name ends before P, if it is one; FILE: it begins with
 * "file". Returns where to go on. */
static const char *
read_parameter(struct reading *reading, const char *p, bool file)
{
	GArray *pieces = reading->pieces[file ? 1 : 0];
	struct piece piece = { .order = pieces->len };
	bool is_piece = false;
	const char *at = skip_blanks(p);
	char *end;

	if (*at == '*' && g_ascii_isdigit(at[1])) {
		is_piece = pieces->len < PIECES_MAX;
		piece.number = strtoul(at + 1, &end, 10);
		at = skip_blanks(end);
	}
	if (*at == '*') {
		piece.extended = true;
		at = skip_blanks(at + 1);
	}
	if (*at != '=')
		return p;
	at = read_value(reading, skip_blanks(at + 1), piece.extended,
	    is_piece ? &piece : NULL);
	if (is_piece)
		g_array_append_val(pieces, piece);
	return at;
}

static void
free_pieces(GArray *pieces)
{
	for (guint i = 0; i < pieces->len; i++)
		g_free(g_array_index(pieces, struct piece, i).text);
	g_array_unref(pieces);
}

void
ms_partnames(const char *value, GPtrArray *names)
{
	struct reading reading = { .names = names };
	const char *p = value;

	for (int i = 0; i < 2; i++)
		reading.pieces[i] = g_array_new(FALSE, FALSE,
		    sizeof(struct piece));
	while (*p) {
		if (g_ascii_strncasecmp(p, "name", 4) == 0)
			p = read_parameter(&reading, p + 4, p - value >= 4 &&
			    g_ascii_strncasecmp(p - 4, "file", 4) == 0);
		else
			p++;
	}
	for (int i = 0; i < 2; i++) {
		add_pieces(&reading, reading.pieces[i]);
		free_pieces(reading.pieces[i]);
	}
}
