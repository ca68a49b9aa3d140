#include "message/partnames.h"

#include "message/charset.h"
#include "message/words.h"

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
		ms_words(name, reading->names);
	g_ptr_array_add(reading->names, name);
}

/* Add BYTES, said to be in CHARSET, in each way that makes a difference. */
static void
add_coded(struct reading *reading, const GString *bytes, const char *charset)
{
	GPtrArray *readings = g_ptr_array_new();
	struct ms_charset_way first = { MS_CHARSET_DECLARED, true, true };

	for (int i = 0; i < MS_CHARSET_HOWS; i++) {
		struct ms_charset_way way = { (enum ms_charset_how)i, false,
			false };
		GString *text = g_string_new(NULL);

		if (ms_charset_differs(way.how, &first))
			ms_charset_append(&way, charset, strlen(charset),
			    bytes->str, bytes->len, text);
		ms_charset_add(text->str, text->len, readings);
		(void)g_string_free(text, TRUE);
		if (i == 0)
			first = way;
	}
	for (guint i = 0; i < readings->len; i++)
		add(reading, readings->pdata[i]);
	g_ptr_array_unref(readings);
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
	add_coded(reading, name, charset ? charset : "");
	if (!g_string_equal(plain, name))
		add(reading, g_strdup(plain->str));
	(void)g_string_free(plain, TRUE);
	(void)g_string_free(name, TRUE);
	g_free(charset);
}

/* Which of the pieces of one number are taken. */
enum choice { EVERY, FIRST, LAST, EXTENDED, PLAIN, CHOICES };

/* Add what comes of that CHOICE of PIECES, which are in order, and of those
 * before the first number that is missing. */
static void
add_choice(struct reading *reading, const GArray *pieces, enum choice choice)
{
	GArray *some = g_array_new(FALSE, FALSE, sizeof(struct piece));
	guint upto = 0;

	for (guint i = 0; i < pieces->len; i++) {
		const struct piece *piece = &g_array_index(pieces,
		    struct piece, i);

		if ((choice == EXTENDED || choice == PLAIN) &&
		    piece->extended != (choice == EXTENDED))
			continue;
		if ((choice == FIRST && i > 0 &&
		    piece[-1].number == piece->number) ||
		    (choice == LAST && i + 1 < pieces->len &&
		    piece[1].number == piece->number))
			continue;
		g_array_append_val(some, *piece);
		if (upto == some->len - 1 && (upto == 0 ||
		    g_array_index(some, struct piece, upto - 1).number + 1 >=
		    piece->number))
			upto++;
	}
	if (some->len > 0 && (choice == EVERY || some->len < pieces->len))
		add_joined(reading, some);
	if (upto > 0 && upto < some->len)
		add_joined(reading, g_array_set_size(some, upto));
	g_array_unref(some);
}

static void
add_pieces(struct reading *reading, GArray *pieces)
{
	if (pieces->len == 0)
		return;
	add_joined(reading, pieces);
	g_array_sort(pieces, by_number);
	for (int i = 0; i < CHOICES; i++)
		add_choice(reading, pieces, (enum choice)i);
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

/* The same without the line ends in it and the blanks behind them, as who
 * folds anywhere reads it, for g_free(); NULL: there are none. */
static char *
read_folded(const char *p, const char *end)
{
	GString *text;

	if (!memchr(p, '\n', (size_t)(end - p)))
		return NULL;
	text = g_string_new(NULL);
	for (p++; p < end; p++) {
		if (*p == '\n')
			p += strspn(p + 1, " \t");
		else if (*p != '\r')
			g_string_append_c(text, *p);
	}
	return g_string_free(text, FALSE);
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
	add_coded(reading, decoded, charset);
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
	char *folded = closed ? read_folded(p, end) : NULL;
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
		if (folded)
			add_value(reading, folded, extended);
		if (strcmp(run->str, quoted->str) != 0)
			add_value(reading, run->str, extended);
		g_string_truncate(run, token);
		if (*p != '"')
			add_value(reading, run->str, extended);
	}
	g_free(folded);
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
