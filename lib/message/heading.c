#include "message/heading.h"

#include "message/head.h"
#include "message/structure.h"

#include <glib.h>

#include <string.h>

/* Of longer values, the start is looked at. */
#define VALUE_MAX 65536

/* RFC 2046, 5.1.1: what is longer is cut by some. */
#define BOUNDARY_MAX 70

enum {
	TYPE,
	ENCODING,
	DISPOSITION,
	VERSION,
	FIELDS
};

static const struct field_name {
	const char *name;
	const char *letters;	/* of it, in lower case */
	enum ms_doubt duplicate;
} field_names[FIELDS] = {
	[TYPE] = { "Content-Type", "contenttype", MS_DOUBT_DUPLICATE_TYPE },
	[ENCODING] = { "Content-Transfer-Encoding",
	    "contenttransferencoding", MS_DOUBT_DUPLICATE_ENCODING },
	[DISPOSITION] = { "Content-Disposition", "contentdisposition",
	    MS_DOUBT_DUPLICATE_DISPOSITION },
	[VERSION] = { "MIME-Version", "mimeversion",
	    MS_DOUBT_DUPLICATE_VERSION },
};

/* One header being read. */
struct block {
	const struct ms_heading_input *input;
	struct ms_heading *heading;
	unsigned count[FIELDS];
	const unsigned char *field;	/* the one being read, or NULL */
	size_t field_line;
	bool encoded;		/* not 7bit, 8bit or binary */
	char *name, *filename;	/* in Content-Type, in Content-Disposition */
};

/* A line of it: without its LF and one CR before that. */
struct line {
	const unsigned char *data;
	size_t size;
	size_t number;
	bool crlf;
};

static void
doubt(const struct block *block, enum ms_doubt what, size_t line,
    const void *culprit, size_t size)
{
	ms_doubt_add(block->input->doubts, what, line, culprit, size);
}

static bool
is_blank(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] > ' ')
			return false;
	return true;
}

/* Is KNOWN what the LETTERS of a name spell, or in ODD ones among others? */
static bool
is_almost(const struct field_name *known, const char *letters, bool odd)
{
	return strcmp(letters, known->letters) == 0 ||
	    (odd && strstr(letters, known->letters));
}

static bool
is_named(const struct field_name *known, const unsigned char *name,
    size_t size)
{
	return size == strlen(known->name) && g_ascii_strncasecmp(
	    (const char *)name, known->name, size) == 0;
}

/* Which of the fields is the one of SIZE bytes at NAME? -1: another. What is
 * almost one of them is told. */
static int
which_field(const struct block *block, const unsigned char *name, size_t size)
{
	size_t bare = size, used = 0;
	char letters[64];
	bool odd = false;

	while (bare > 0 && (name[bare - 1] == ' ' || name[bare - 1] == '\t'))
		bare--;
	for (size_t i = 0; i < bare; i++)
		if (name[i] < ' ' || name[i] > 126)
			doubt(block, MS_DOUBT_NO_FIELD, block->field_line,
			    name, size);
	for (size_t i = 0; i < size && used + 1 < sizeof letters; i++) {
		odd |= !g_ascii_isalnum(name[i]) && name[i] != '-';
		if (g_ascii_isalpha(name[i]))
			letters[used++] = g_ascii_tolower((gchar)name[i]);
	}
	letters[used] = '\0';
	for (int i = 0; i < FIELDS; i++) {
		const struct field_name *known = &field_names[i];

		if (is_named(known, name, bare)) {
			if (bare < size)
				doubt(block, MS_DOUBT_SPACE_BEFORE_COLON,
				    block->field_line, name, size);
			if (ms_structure_odd_case(name, bare))
				doubt(block, MS_DOUBT_ODD_CASE,
				    block->field_line, name, size);
			return i;
		}
		if (is_almost(known, letters, odd))
			doubt(block, MS_DOUBT_OBSCURED_FIELD,
			    block->field_line, name, size);
	}
	return -1;
}

/* The value without line ends; controls in it are told. */
static GString *
unfold(const struct block *block, const unsigned char *data, size_t size)
{
	GString *value = g_string_new(NULL);

	size = MIN(size, (size_t)VALUE_MAX);
	for (size_t i = 0; i < size; i++) {
		if (data[i] != '\r' && data[i] != '\n')
			g_string_append_c(value, (gchar)data[i]);
		if ((data[i] < ' ' && !strchr("\t\r\n", data[i])) ||
		    data[i] == 127)
			doubt(block, MS_DOUBT_CONTROL_IN_HEADER,
			    block->field_line, data, size);
	}
	return value;
}

static bool
is_plain_name(const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if ((unsigned char)*p > 126 || *p < ' ')
			return false;
	return !strstr(name, "=?") && !strchr(name, '%');
}

static void
check_file_name(const struct block *block, const char *name)
{
	size_t size = strlen(name);

	if (strstr(name, "\342\200\256") || strcasestr(name, "%e2%80%ae") ||
	    (size > 0 && strchr(". ", name[size - 1])))
		doubt(block, MS_DOUBT_ODD_NAME, block->field_line, name,
		    size);
	for (const char *p = name; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' && *p != '\t')
			doubt(block, MS_DOUBT_ODD_NAME, block->field_line,
			    name, size);
}

/* The pieces of parameter NAME in one string, or NULL. */
static char *
join(const struct ms_structure *structure, const char *name)
{
	GString *text = NULL;

	for (guint i = 0; i < structure->parameters->len; i++) {
		const struct ms_parameter *parameter = &g_array_index(
		    structure->parameters, struct ms_parameter, i);

		if (strcmp(parameter->name, name) != 0)
			continue;
		if (!text)
			text = g_string_new(parameter->value);
		else if (parameter->pieces)
			g_string_append(text, parameter->value);
	}
	return text ? g_string_free(text, FALSE) : NULL;
}

/* RFC 2046, 5.1.1, and what mailers write besides. */
static void
check_boundary(const struct block *block, const char *boundary)
{
	size_t size = strlen(boundary);
	bool odd = size == 0 || size > BOUNDARY_MAX;

	for (size_t i = 0; i < size; i++)
		odd |= !g_ascii_isalnum(boundary[i]) &&
		    !strchr("'()+_,-./:=? @#$*[]{}!&~^|%<>", boundary[i]);
	if (size > 0 && strchr(" ,;", boundary[size - 1]))
		odd = true;
	if ((size > 0 && boundary[0] == ' ') ||
	    (size > 2 && g_str_has_suffix(boundary, "--")))
		odd = true;
	if (odd)
		doubt(block, MS_DOUBT_ODD_BOUNDARY, block->field_line,
		    boundary, size);
}

static void
take_type(struct block *block, const GString *value)
{
	struct ms_heading *heading = block->heading;
	struct ms_structure structure;
	const char *type;
	char *boundary;

	ms_structure_read(&structure, (const unsigned char *)value->str,
	    value->len, true, block->input->doubts, block->field_line);
	type = structure.value;
	boundary = join(&structure, "boundary");
	heading->text = g_str_has_prefix(type, "text");
	heading->kind = MS_HEADING_LEAF;
	if (g_str_has_prefix(type, "multipart")) {
		heading->kind = MS_HEADING_MULTIPART;
		if (boundary)
			check_boundary(block, boundary);
		else
			doubt(block, MS_DOUBT_NO_BOUNDARY, block->field_line,
			    value->str, value->len);
	} else if (boundary) {
		doubt(block, MS_DOUBT_MISPLACED_BOUNDARY, block->field_line,
		    value->str, value->len);
	}
	if (strcmp(type, "message/rfc822") == 0 ||
	    strcmp(type, "message/global") == 0 ||
	    strcmp(type, "message/news") == 0)
		heading->kind = MS_HEADING_MESSAGE;
	/* RFC 2046, 5.2.2 and 5.2.3. Neither is ever examined in full as it
	 * is, so that nobody can hide behind it. */
	heading->header_follows = strcmp(type, "message/partial") == 0 ||
	    strcmp(type, "message/external-body") == 0;
	g_free(heading->boundary);
	heading->boundary = boundary;
	g_free(block->name);
	block->name = join(&structure, "name");
	ms_structure_clear(&structure);
}

static void
take_disposition(struct block *block, const GString *value)
{
	struct ms_structure structure;

	ms_structure_read(&structure, (const unsigned char *)value->str,
	    value->len, false, block->input->doubts, block->field_line);
	if (ms_structure_get(&structure, "boundary"))
		doubt(block, MS_DOUBT_MISPLACED_BOUNDARY, block->field_line,
		    value->str, value->len);
	g_free(block->filename);
	block->filename = join(&structure, "filename");
	ms_structure_clear(&structure);
}

enum { IDENTITIES = 3 };

static void
take_encoding(struct block *block, const GString *value)
{
	/* As many as IDENTITIES change nothing (RFC 2045, 6.2). */
	static const struct {
		const char *name;
		enum ms_heading_encoding encoding;
	} encodings[] = {
		{ "7bit", MS_HEADING_PLAIN },
		{ "8bit", MS_HEADING_PLAIN },
		{ "binary", MS_HEADING_PLAIN },
		{ "base64", MS_HEADING_BASE64 },
		{ "quoted-printable", MS_HEADING_QP },
		{ "x-uuencode", MS_HEADING_PLAIN },
		{ "x-uue", MS_HEADING_PLAIN },
		{ "uuencode", MS_HEADING_PLAIN },
	};
	char *name = g_strstrip(g_strdup(value->str));

	block->heading->encoding = MS_HEADING_OTHER;
	block->encoded = false;
	for (size_t i = 0; i < G_N_ELEMENTS(encodings); i++)
		if (g_ascii_strcasecmp(name, encodings[i].name) == 0) {
			block->heading->encoding = encodings[i].encoding;
			block->encoded = i >= IDENTITIES;
		}
	if (strchr(name, '('))
		doubt(block, MS_DOUBT_COMMENT, block->field_line, value->str,
		    value->len);
	else if (strstr(name, "=?"))
		doubt(block, MS_DOUBT_ENCODED_WORD, block->field_line,
		    value->str, value->len);
	/* uuencode has no name that all know (RFC 2045, 6.3). */
	else if (block->heading->encoding == MS_HEADING_OTHER ||
	    (block->heading->encoding == MS_HEADING_PLAIN && block->encoded))
		doubt(block, MS_DOUBT_UNKNOWN_ENCODING, block->field_line,
		    value->str, value->len);
	if (ms_structure_odd_case((const unsigned char *)name, strlen(name)))
		doubt(block, MS_DOUBT_ODD_CASE, block->field_line, name,
		    strlen(name));
	g_free(name);
}

/* "1.0" and perhaps a comment, as some mailers write (RFC 2045, 4). */
static void
take_version(struct block *block, const GString *value)
{
	char *text = g_strstrip(g_strdup(value->str));

	if (!g_str_has_prefix(text, "1.0") ||
	    !(text[3] == '\0' || text[3] == ' ' || text[3] == '('))
		doubt(block, MS_DOUBT_ODD_VERSION, block->field_line,
		    value->str, value->len);
	g_free(text);
}

/* Do all lines of the field of SIZE bytes at DATA, and the one before it, end
 * as the first line of the header does? Elsewhere it changes nothing. */
static void
check_ends(const struct block *block, const unsigned char *data, size_t size)
{
	const unsigned char *end = data + size;
	const unsigned char *first = block->input->data;
	const unsigned char *p = data > first ? data - 1 : data;

	for (; (p = memchr(p, '\n', (size_t)(end - p))); p++)
		if ((p > first && p[-1] == '\r') != block->heading->crlf)
			doubt(block, MS_DOUBT_MIXED_LINE_ENDS,
			    block->field_line, data, size);
}

/* One word needs no folding, and a type begins on the line of its name. */
static void
check_folding(const struct block *block, int which,
    const unsigned char *value, size_t size)
{
	size_t at = 0;

	while (at < size && value[at] <= ' ' && value[at] != '\n')
		at++;
	if (which != TYPE && which != DISPOSITION)
		while (at < size && value[at] != '\n')
			at++;
	/* The last line end is the field's own. */
	if (at + 2 < size && value[at] == '\n')
		doubt(block, MS_DOUBT_ODD_FOLDING, block->field_line, value,
		    size);
}

/* The field that was being read ends before END. */
static void
end_field(struct block *block, const unsigned char *end)
{
	static void (*const take[FIELDS])(struct block *, const GString *) = {
		take_type, take_encoding, take_disposition, take_version,
	};
	const unsigned char *colon;
	GString *value;
	int which;

	if (!block->field)
		return;
	colon = memchr(block->field, ':', (size_t)(end - block->field));
	which = which_field(block, block->field,
	    (size_t)(colon - block->field));
	if (which >= 0) {
		if (block->count[which]++ > 0)
			doubt(block, field_names[which].duplicate,
			    block->field_line, block->field,
			    (size_t)(end - block->field));
		check_ends(block, block->field,
		    (size_t)(end - block->field));
		check_folding(block, which, colon + 1,
		    (size_t)(end - colon - 1));
		value = unfold(block, colon + 1, (size_t)(end - colon - 1));
		take[which](block, value);
		g_string_free(value, TRUE);
	}
	block->field = NULL;
}

/* A CR on its own, and NULs, are wrong in any field. */
static void
check_line(const struct block *block, const struct line *line)
{
	const unsigned char *cr = memchr(line->data, '\r', line->size);

	if (cr)
		doubt(block, MS_DOUBT_BARE_CR, line->number, cr,
		    line->size - (size_t)(cr - line->data));
	if (memchr(line->data, '\0', line->size))
		doubt(block, MS_DOUBT_NUL_IN_HEADER, line->number,
		    line->data, line->size);
}

static bool
is_field(const unsigned char *data, size_t size)
{
	const unsigned char *colon = memchr(data, ':', size);

	return colon && colon > data && data[0] > ' ';
}

static bool
is_from_line(const struct line *line)
{
	return (line->size > 5 && memcmp(line->data, "From ", 5) == 0) ||
	    (line->size > 6 && memcmp(line->data, ">From ", 6) == 0);
}

/* A delimiter in the middle of a field, for those who look for it before
 * they unfold. */
static void
check_continuation(const struct block *block, const struct line *line)
{
	size_t i = 0;

	while (i < line->size && line->data[i] <= ' ')
		i++;
	if (line->size - i > 2 && line->data[i] == '-' &&
	    line->data[i + 1] == '-' && !memchr(line->data + i, ' ',
	    line->size - i))
		doubt(block, MS_DOUBT_ODD_DELIMITER, line->number,
		    line->data, line->size);
}

/* Does the header go on behind LINE, which is followed by the line at NEXT?
 * *BODY is where it ends otherwise. */
static bool
take_line(struct block *block, const struct line *line, bool first,
    size_t next, size_t *body)
{
	const struct ms_heading_input *input = block->input;

	*body = next;
	check_line(block, line);
	if (line->size == 0) {
		end_field(block, line->data);
		if (line->crlf != block->heading->crlf)
			doubt(block, MS_DOUBT_MIXED_LINE_ENDS, line->number,
			    "", 0);
		if (first && input->top)
			doubt(block, MS_DOUBT_TEXT_BEFORE_HEADER,
			    line->number, "", 0);
		return first && input->top;
	}
	if (is_blank(line->data, line->size)) {
		doubt(block, MS_DOUBT_BLANK_LINE_IN_HEADER, line->number,
		    line->data, line->size);
		if (ms_head_name(input->data + next, input->size - next) > 0)
			return true;
		end_field(block, line->data);
		return false;
	}
	if (block->field && (line->data[0] == ' ' || line->data[0] == '\t')) {
		check_continuation(block, line);
		return true;
	}
	end_field(block, line->data);
	if (is_field(line->data, line->size)) {
		block->field = line->data;
		block->field_line = line->number;
		return true;
	}
	if (first && is_from_line(line)) {
		if (!input->top)
			doubt(block, MS_DOUBT_NO_FIELD, line->number,
			    line->data, line->size);
		return true;
	}
	*body = (size_t)(line->data - input->data);
	if (line->data[0] == '-' && line->size > 2 && line->data[1] == '-')
		doubt(block, MS_DOUBT_NO_SEPARATOR, line->number, line->data,
		    line->size);
	else
		doubt(block, first && input->top ?
		    MS_DOUBT_TEXT_BEFORE_HEADER : MS_DOUBT_NO_FIELD,
		    line->number, line->data, line->size);
	return false;
}

static void
check_whole(const struct block *block)
{
	const struct ms_heading *heading = block->heading;
	size_t line = block->input->line;

	if (block->encoded && heading->kind != MS_HEADING_LEAF)
		doubt(block, heading->kind == MS_HEADING_MULTIPART ?
		    MS_DOUBT_ENCODED_MULTIPART : MS_DOUBT_ENCODED_MESSAGE,
		    line, "", 0);
	if (block->name)
		check_file_name(block, block->name);
	if (block->filename)
		check_file_name(block, block->filename);
	if (block->name && block->filename && is_plain_name(block->name) &&
	    is_plain_name(block->filename) &&
	    g_ascii_strcasecmp(block->name, block->filename) != 0)
		doubt(block, MS_DOUBT_CONFLICTING_NAMES, line,
		    block->filename, strlen(block->filename));
}

void
ms_heading_read(const struct ms_heading_input *input,
    struct ms_heading *heading)
{
	struct block block = { .input = input, .heading = heading };
	size_t at = input->at, number = input->line;
	bool first = true, more = true;

	*heading = (struct ms_heading){ .text = true, .body = input->size };
	while (more && at < input->size) {
		const unsigned char *p = input->data + at;
		const unsigned char *eol = memchr(p, '\n', input->size - at);
		struct line line = { p, eol ? (size_t)(eol - p) :
			input->size - at, number, false };
		size_t next = at + line.size + (eol ? 1 : 0);

		if (eol && line.size > 0 && p[line.size - 1] == '\r') {
			line.crlf = true;
			line.size--;
		}
		if (first)
			heading->crlf = line.crlf;
		/* A last line without an end has no other one. */
		if (!eol)
			line.crlf = heading->crlf;
		more = take_line(&block, &line, first, next, &heading->body);
		number += heading->body >= next;
		at = next;
		first = false;
	}
	end_field(&block, input->data + MIN(at, heading->body));
	heading->line = number;
	check_whole(&block);
	g_free(block.name);
	g_free(block.filename);
}
