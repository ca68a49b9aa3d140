#include "message/structure.h"

#include <string.h>

/* No mail has more, and comparing each with each takes time. */
#define PARAMETERS_MAX 200

struct scan {
	const unsigned char *data;
	size_t size, at;
	struct ms_doubts *doubts;
	size_t line;
};

static void
doubt(const struct scan *scan, enum ms_doubt what, size_t from)
{
	from = MIN(from, scan->size);
	ms_doubt_add(scan->doubts, what, scan->line, scan->data + from,
	    scan->size - from);
}

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* RFC 2045, 5.1. */
static bool
is_token(unsigned char c)
{
	return c > ' ' && c < 127 && !strchr("()<>@,;:\\\"/[]?=", c);
}

/* Past blanks and comments, which may be nested (RFC 5322, 3.2.2). */
static void
skip_blanks(struct scan *scan)
{
	unsigned depth = 0;

	for (; scan->at < scan->size; scan->at++) {
		unsigned char c = scan->data[scan->at];

		if (c == '(') {
			if (depth++ == 0)
				doubt(scan, MS_DOUBT_COMMENT, scan->at);
		} else if (depth > 0 && c == ')') {
			depth--;
		} else if (depth == 0 && !is_blank(c)) {
			break;
		}
	}
}

/* The text up to a semicolon, without blanks at its end. */
static char *
read_plain(struct scan *scan)
{
	size_t from = scan->at, to;

	while (scan->at < scan->size && scan->data[scan->at] != ';')
		scan->at++;
	for (to = scan->at; to > from && is_blank(scan->data[to - 1]); to--)
		continue;
	return g_strndup((const char *)scan->data + from, to - from);
}

static char *
read_quoted(struct scan *scan, bool *escaped)
{
	GString *text = g_string_new(NULL);
	size_t from = scan->at++;

	*escaped = false;
	for (; scan->at < scan->size && scan->data[scan->at] != '"';
	    scan->at++) {
		if (scan->data[scan->at] == '\\' &&
		    scan->at + 1 < scan->size) {
			*escaped = true;
			scan->at++;
		}
		g_string_append_c(text, (gchar)scan->data[scan->at]);
	}
	if (scan->at == scan->size)
		doubt(scan, MS_DOUBT_ODD_PARAMETER, from);
	else
		scan->at++;
	skip_blanks(scan);
	/* What follows a value, and is none. */
	if (scan->at < scan->size && scan->data[scan->at] != ';')
		doubt(scan, MS_DOUBT_ODD_PARAMETER, from);
	while (scan->at < scan->size && scan->data[scan->at] != ';')
		scan->at++;
	return g_string_free(text, FALSE);
}

/* Is the parameter one that only people read? */
static bool
is_for_people(const char *name)
{
	static const char *const names[] = { "name", "filename", "title",
		"description", "subject" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* What RFC 2231 adds to NAME is cut off; -1 for none of it, else the number
 * of the piece. */
static int
cut_name(char *name, bool *encoded)
{
	char *star = strchr(name, '*');
	int number = -1;

	*encoded = false;
	if (!star)
		return -1;
	*star++ = '\0';
	number = g_ascii_isdigit(*star) ? 0 : -1;
	for (; g_ascii_isdigit(*star) && number < 100000; star++)
		number = number * 10 + (*star - '0');
	if (number < 0 || *star == '*')
		*encoded = true;
	return number;
}

/* How the parameter that begins at FROM was written. */
struct written {
	size_t from;
	int number;		/* of a piece, or -1 */
	bool encoded;
	bool quoted;
	bool escaped;
};

static void
check_value(const struct scan *scan, const struct written *written,
    const struct ms_parameter *parameter)
{
	const char *value = parameter->value;

	if (is_for_people(parameter->name))
		return;
	if (parameter->pieces)
		doubt(scan, MS_DOUBT_ENCODED_PARAMETER, written->from);
	if (strstr(value, "=?") && strstr(value, "?="))
		doubt(scan, MS_DOUBT_ENCODED_WORD, written->from);
	if (!written->quoted && strpbrk(value, "\"(),\\<>@[] \t"))
		doubt(scan, MS_DOUBT_ODD_PARAMETER, written->from);
	if (strcasestr(value, "boundary="))
		doubt(scan, MS_DOUBT_MISPLACED_BOUNDARY, written->from);
	if (written->escaped)
		doubt(scan, MS_DOUBT_ODD_PARAMETER, written->from);
}

/* Pieces count from 0 without gaps, and nothing comes twice; NAME and NAME*
 * beside each other are what old readers are helped with (RFC 2231, 6). */
static void
check_order(const struct scan *scan, const struct written *written,
    const struct ms_structure *structure,
    const struct ms_parameter *parameter)
{
	int pieces = 0, plain = 0;

	for (guint i = 0; i < structure->parameters->len; i++) {
		const struct ms_parameter *before = &g_array_index(
		    structure->parameters, struct ms_parameter, i);

		if (strcmp(before->name, parameter->name) != 0)
			continue;
		if (before->pieces)
			pieces++;
		else
			plain++;
	}
	if (parameter->pieces ?
	    (written->number >= 0 ? written->number != pieces : pieces > 0) :
	    plain > 0)
		doubt(scan, strcmp(parameter->name, "boundary") == 0 ?
		    MS_DOUBT_DUPLICATE_BOUNDARY :
		    MS_DOUBT_DUPLICATE_PARAMETER, written->from);
}

static char *
read_name(struct scan *scan)
{
	size_t from = scan->at;
	bool odd = false;
	char *name;

	while (scan->at < scan->size && !strchr("=; \t\r\n(",
	    scan->data[scan->at])) {
		odd |= !is_token(scan->data[scan->at]);
		scan->at++;
	}
	/* strchr() finds the NUL, too. */
	if (scan->at < scan->size && scan->data[scan->at] == '\0') {
		odd = true;
		while (scan->at < scan->size && scan->data[scan->at] != '=' &&
		    scan->data[scan->at] != ';')
			scan->at++;
	}
	name = g_ascii_strdown((const char *)scan->data + from,
	    (gssize)(scan->at - from));
	if (odd || *name == '\0' || ms_structure_odd_case(scan->data + from,
	    strlen(name)))
		doubt(scan, MS_DOUBT_ODD_PARAMETER, from);
	from = scan->at;
	skip_blanks(scan);
	/* Blanks around the equals sign are for the name of a structure. */
	if (strcmp(name, "boundary") == 0 && scan->at < scan->size &&
	    (scan->at > from || (scan->at + 1 < scan->size &&
	    is_blank(scan->data[scan->at + 1]))))
		doubt(scan, MS_DOUBT_ODD_PARAMETER, from);
	return name;
}

static void
read_parameter(struct scan *scan, struct ms_structure *structure)
{
	struct written written = { .from = scan->at };
	struct ms_parameter parameter = { .name = read_name(scan) };

	if (scan->at == scan->size || scan->data[scan->at] != '=') {
		doubt(scan, MS_DOUBT_ODD_PARAMETER, written.from);
		g_free(parameter.name);
		g_free(read_plain(scan));
		return;
	}
	scan->at++;
	skip_blanks(scan);
	written.number = cut_name(parameter.name, &written.encoded);
	parameter.pieces = written.number >= 0 || written.encoded;
	written.quoted = scan->at < scan->size &&
	    scan->data[scan->at] == '"';
	parameter.value = written.quoted ?
	    read_quoted(scan, &written.escaped) : read_plain(scan);
	check_value(scan, &written, &parameter);
	check_order(scan, &written, structure, &parameter);
	if (structure->parameters->len < PARAMETERS_MAX) {
		g_array_append_val(structure->parameters, parameter);
		return;
	}
	doubt(scan, MS_DOUBT_ODD_PARAMETER, written.from);
	g_free(parameter.name);
	g_free(parameter.value);
	scan->at = scan->size;
}

static void
read_main(struct scan *scan, struct ms_structure *structure, bool is_type)
{
	size_t from, slashes = 0, odd = 0;

	skip_blanks(scan);
	from = scan->at;
	while (scan->at < scan->size && !is_blank(scan->data[scan->at]) &&
	    scan->data[scan->at] != ';' && scan->data[scan->at] != '(') {
		unsigned char c = scan->data[scan->at++];

		slashes += c == '/';
		odd += c != '/' && !is_token(c);
	}
	structure->value = g_ascii_strdown((const char *)scan->data + from,
	    (gssize)(scan->at - from));
	skip_blanks(scan);
	if (strstr(structure->value, "=?"))
		doubt(scan, MS_DOUBT_ENCODED_WORD, from);
	/* "text" and "binary" on their own are what no reader takes apart. */
	if (odd > 0 || slashes > is_type ||
	    *structure->value == '/' ||
	    g_str_has_suffix(structure->value, "/") ||
	    (is_type && slashes == 0 && (scan->at == from ||
	    strstr(structure->value, "multi") ||
	    strstr(structure->value, "mess"))) ||
	    (scan->at < scan->size && scan->data[scan->at] != ';'))
		doubt(scan, MS_DOUBT_ODD_TYPE, from);
}

void
ms_structure_read(struct ms_structure *structure, const unsigned char *data,
    size_t size, bool is_type, struct ms_doubts *doubts, size_t line)
{
	struct scan scan = { data, size, 0, doubts, line };

	structure->parameters = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_parameter));
	read_main(&scan, structure, is_type);
	while (scan.at < scan.size) {
		if (scan.data[scan.at] != ';')
			g_free(read_plain(&scan));
		if (scan.at < scan.size)
			scan.at++;
		skip_blanks(&scan);
		if (scan.at == scan.size)
			break;
		if (scan.data[scan.at] == ';')
			doubt(&scan, MS_DOUBT_ODD_PARAMETER, scan.at);
		else
			read_parameter(&scan, structure);
	}
}

void
ms_structure_clear(struct ms_structure *structure)
{
	for (guint i = 0; i < structure->parameters->len; i++) {
		struct ms_parameter *parameter = &g_array_index(
		    structure->parameters, struct ms_parameter, i);

		g_free(parameter->name);
		g_free(parameter->value);
	}
	g_array_unref(structure->parameters);
	g_free(structure->value);
}

const char *
ms_structure_get(const struct ms_structure *structure, const char *name)
{
	for (guint i = 0; i < structure->parameters->len; i++) {
		const struct ms_parameter *parameter = &g_array_index(
		    structure->parameters, struct ms_parameter, i);

		if (strcmp(parameter->name, name) == 0)
			return parameter->value;
	}
	return NULL;
}

bool
ms_structure_odd_case(const unsigned char *word, size_t size)
{
	for (size_t i = 1; i < size; i++)
		if (g_ascii_isupper(word[i]) && g_ascii_islower(word[i - 1]))
			return true;
	return false;
}
