#include "message/ambiguity.h"

#include "message/coded.h"
#include "message/heading.h"

#include <glib.h>

#include <string.h>

/* What is more is not known any more. */
#define BOUNDARIES_MAX 20000

/* Delimiters that are not quite one are compared with so many of the latest
 * boundaries. */
#define NEAR_MAX 8

enum zone {
	ZONE_LEAF,
	ZONE_PREAMBLE,
	ZONE_EPILOGUE
};

struct boundary {
	char *text;
	size_t size;
	size_t line;		/* where it was declared */
	size_t body;		/* offset behind that header */
	guint depth;		/* in the stack of open ones */
	bool seen;
};

struct search {
	const unsigned char *data;
	size_t size;
	struct ms_doubts doubts;
	GArray *boundaries;	/* struct boundary, as declared */
	GHashTable *index;	/* GBytes of a text: number in it, from 1 */
	GArray *open;		/* numbers, from 0 */
	size_t longest;		/* of the boundaries */
	enum zone zone;
	struct ms_coded coded;	/* the leaf */
	bool crlf;		/* how the first line of all ends, */
	bool was_crlf;		/* and the latest one */
	size_t at, line;
};

static void
doubt(struct search *search, enum ms_doubt what, const void *culprit,
    size_t size)
{
	ms_doubt_add(&search->doubts, what, search->line, culprit, size);
}

static struct boundary *
boundary_at(const struct search *search, guint number)
{
	return &g_array_index(search->boundaries, struct boundary, number);
}

static void
compare_with_open(struct search *search, const struct boundary *new)
{
	guint count = search->open->len;

	for (guint i = count > NEAR_MAX ? count - NEAR_MAX : 0; i < count;
	    i++) {
		const struct boundary *old = boundary_at(search,
		    g_array_index(search->open, guint, i));

		if (memcmp(old->text, new->text,
		    MIN(old->size, new->size)) != 0)
			continue;
		doubt(search, old->size == new->size ?
		    MS_DOUBT_BOUNDARY_REUSED : MS_DOUBT_BOUNDARY_PREFIX,
		    new->text, new->size);
	}
}

/* Takes TEXT over. */
static void
declare(struct search *search, char *text)
{
	struct boundary new = {
		.text = text,
		.size = strlen(text),
		.line = search->line,
		.body = search->at,
		.depth = search->open->len,
	};
	guint number = search->boundaries->len;

	if (number == BOUNDARIES_MAX) {
		g_free(text);
		return;
	}
	compare_with_open(search, &new);
	search->longest = MAX(search->longest, new.size);
	g_array_append_val(search->boundaries, new);
	g_array_append_val(search->open, number);
	g_hash_table_replace(search->index,
	    g_bytes_new_static(text, new.size),
	    GUINT_TO_POINTER(number + 1));
}

/* Is a boundary that is long enough in LINE, which is hardly longer? */
static bool
is_named(const struct search *search, const unsigned char *line, size_t size)
{
	guint count = search->boundaries->len;

	for (guint i = count > NEAR_MAX ? count - NEAR_MAX : 0; i < count;
	    i++) {
		const struct boundary *known = boundary_at(search, i);

		if (known->size > 5 && size <= known->size + 4 &&
		    memmem(line, size, known->text, known->size))
			return true;
	}
	return false;
}

/* Does a field of MIME begin at DATA? */
static bool
is_content_field(const unsigned char *data, size_t size)
{
	size = MIN(size, (size_t)64);
	return size > 8 && (data[0] | 0x20) == 'c' &&
	    g_ascii_strncasecmp((const char *)data, "content-", 8) == 0 &&
	    memchr(data, ':', size);
}

/* The first line of a body, which for some is still its header's, unless it
 * is the first of another (HEADER_FOLLOWS). */
static void
check_start(struct search *search, bool header_follows)
{
	const unsigned char *p = search->data + search->at;
	const unsigned char *end = search->data + search->size;
	const unsigned char *eol = p;
	bool odd = false;

	while (eol < end && *eol != '\n' && (*eol < ' ' || *eol == 127)) {
		odd |= *eol != '\r' && *eol != '\t' && *eol != '\f';
		eol++;
	}
	if (eol < end && *eol == '\n' && (odd ||
	    (eol > p && eol[-1] == '\r') != search->crlf))
		doubt(search, MS_DOUBT_ODD_SEPARATOR, p, (size_t)(eol - p));
	if (!header_follows && is_content_field(p, (size_t)(end - p)))
		doubt(search, MS_DOUBT_BLANK_LINE_IN_HEADER, p,
		    MIN((size_t)(end - p), (size_t)40));
}

/* Read the header at which SEARCH stands, and those of the messages that
 * begin with it. */
static void
enter(struct search *search, bool top)
{
	struct ms_heading heading;
	bool again;

	do {
		const struct ms_heading_input input = { search->data,
			search->size, search->at, search->line, top,
			&search->doubts };

		ms_heading_read(&input, &heading);
		if (search->at == 0)
			search->crlf = heading.crlf;
		search->at = heading.body;
		search->line = heading.line;
		search->zone = heading.kind == MS_HEADING_MULTIPART ?
		    ZONE_PREAMBLE : ZONE_LEAF;
		/* A boundary counts wherever it is declared. */
		if (heading.boundary)
			declare(search, heading.boundary);
		again = heading.kind == MS_HEADING_MESSAGE &&
		    heading.encoding == MS_HEADING_PLAIN;
		top = true;
	} while (again && search->at < search->size);
	search->was_crlf = search->crlf;
	check_start(search, heading.header_follows);
	ms_coded_start(&search->coded, &search->doubts, heading.encoding,
	    heading.text);
}

static guint
look_up(const struct search *search, const unsigned char *data, size_t size)
{
	GBytes *key;
	guint number;

	key = g_bytes_new_static(data, size);
	number = GPOINTER_TO_UINT(g_hash_table_lookup(search->index, key));
	g_bytes_unref(key);
	return number;
}

/* The boundaries that are open from DEPTH on, but for those that were never
 * seen, are not closed before one around them goes on. */
static void
check_unclosed(struct search *search, guint depth)
{
	for (guint i = depth; i < search->open->len; i++) {
		const struct boundary *boundary = boundary_at(search,
		    g_array_index(search->open, guint, i));

		if (boundary->seen)
			doubt(search, MS_DOUBT_BOUNDARY_NEVER_CLOSED,
			    boundary->text, boundary->size);
	}
}

/* A delimiter of the boundary before NUMBER. */
static void
delimit(struct search *search, guint number, bool close)
{
	struct boundary *boundary = boundary_at(search, number - 1);
	guint index = number - 1;

	ms_coded_end(&search->coded);
	if (boundary->depth >= search->open->len || g_array_index(
	    search->open, guint, boundary->depth) != index) {
		if (!close)
			doubt(search, MS_DOUBT_PART_AFTER_CLOSE,
			    boundary->text, boundary->size);
		boundary->depth = MIN(boundary->depth, search->open->len);
		g_array_set_size(search->open, boundary->depth);
		g_array_append_val(search->open, index);
	}
	if (boundary->depth + 1 < search->open->len)
		check_unclosed(search, boundary->depth + 1);
	boundary->seen = true;
	g_array_set_size(search->open, boundary->depth + !close);
	if (close)
		search->zone = ZONE_EPILOGUE;
	ms_coded_start(&search->coded, &search->doubts, MS_HEADING_OTHER,
	    true);
}

/* LINE is no delimiter; is it almost one? */
static bool
is_near(const struct search *search, const unsigned char *line, size_t size)
{
	guint count = search->boundaries->len;

	while (size > 0 && *line <= ' ')
		line++, size--;
	for (guint i = count > NEAR_MAX ? count - NEAR_MAX : 0; i < count;
	    i++) {
		const struct boundary *known = boundary_at(search, i);

		if (known->size == 0 || size < known->size + 2)
			continue;
		if (line[1] == '-' && g_ascii_strncasecmp((const char *)line +
		    2, known->text, known->size) == 0)
			return true;
		/* A short one may stand anywhere by chance. */
		if (known->size > 5 && memmem(line, size, known->text,
		    known->size))
			return true;
	}
	return false;
}

/* A line that starts with hyphens, perhaps behind blanks. True if it was a
 * delimiter behind which a header begins. */
static bool
take_hyphens(struct search *search, const unsigned char *line, size_t size,
    const unsigned char *next)
{
	const unsigned char *text = line + 2;
	size_t length = size - 2;
	guint number = 0;
	bool close = false;

	if (size < 2 || line[0] != '-' || line[1] != '-') {
		if (is_near(search, line, size))
			doubt(search, MS_DOUBT_ODD_DELIMITER, line, size);
		return false;
	}
	while (length > 0 && (text[length - 1] == ' ' ||
	    text[length - 1] == '\t'))
		length--;
	number = look_up(search, text, length);
	if (number == 0 && length >= 2 && text[length - 1] == '-' &&
	    text[length - 2] == '-') {
		number = look_up(search, text, length - 2);
		close = number > 0;
	}
	if (number > 0) {
		delimit(search, number, close);
		return !close;
	}
	if (is_near(search, line, size))
		doubt(search, MS_DOUBT_ODD_DELIMITER, line, size);
	else if (is_content_field(next,
	    search->size - (size_t)(next - search->data)))
		doubt(search, MS_DOUBT_UNDECLARED_BOUNDARY, line, size);
	return false;
}

/* A CR inside LINE ends a line for some. */
static void
check_cr(struct search *search, const unsigned char *line, size_t size)
{
	const unsigned char *end = line + size, *p = line;

	while ((p = memchr(p, '\r', (size_t)(end - p)))) {
		p++;
		if ((end - p >= 2 && p[0] == '-' && p[1] == '-') ||
		    is_content_field(p, (size_t)(end - p)))
			doubt(search, MS_DOUBT_BARE_CR, p,
			    (size_t)(end - p));
	}
}

static void
take_text(struct search *search, const unsigned char *line, size_t size)
{
	if (search->zone == ZONE_LEAF) {
		ms_coded_line(&search->coded, line, size, search->line);
		return;
	}
	if (is_content_field(line, size) || ms_coded_looks_so(line, size))
		doubt(search, search->zone == ZONE_PREAMBLE ?
		    MS_DOUBT_PART_IN_PREAMBLE : MS_DOUBT_PART_IN_EPILOGUE,
		    line, size);
}

/* One line of a body. True if a header begins behind it. */
static bool
take_line(struct search *search)
{
	const unsigned char *line = search->data + search->at, *eol, *p;
	size_t left = search->size - search->at, size;
	bool crlf = false, header = false;

	eol = memchr(line, '\n', left);
	size = eol ? (size_t)(eol - line) : left;
	search->at += size + (eol ? 1 : 0);
	if (eol && size > 0 && line[size - 1] == '\r') {
		crlf = true;
		size--;
	}
	for (p = line; p < line + size && *p <= ' '; p++)
		continue;
	if (p < line + size && *p == '-') {
		header = take_hyphens(search, line, size,
		    search->data + search->at);
		if (header && eol && (crlf != search->crlf ||
		    search->was_crlf != crlf))
			doubt(search, MS_DOUBT_MIXED_LINE_ENDS, line, size);
	}
	if (eol)
		search->was_crlf = crlf;
	if (!header) {
		if (p < line + size && *p != '-' && size > 5 &&
		    size <= search->longest + 4 && is_named(search, line, size))
			doubt(search, MS_DOUBT_ODD_DELIMITER, line, size);
		check_cr(search, line, size);
		take_text(search, line, size);
	}
	search->line++;
	return header;
}

/* Is there any text from AT up to what may be a delimiter? */
static bool
has_text(const struct search *search, size_t at)
{
	while (at < search->size && search->data[at] <= ' ')
		at++;
	return at < search->size;
}

static void
check_seen(struct search *search)
{
	for (guint i = 0; i < search->boundaries->len; i++) {
		const struct boundary *boundary = boundary_at(search, i);

		if (!boundary->seen && has_text(search, boundary->body))
			ms_doubt_add(&search->doubts,
			    MS_DOUBT_BOUNDARY_NEVER_SEEN, boundary->line,
			    boundary->text, boundary->size);
	}
}

static void
free_boundary(gpointer data)
{
	g_free(((struct boundary *)data)->text);
}

bool
ms_ambiguity_find(const unsigned char *data, size_t size,
    ms_doubt_tell *tell, void *arg, bool *footer)
{
	struct search search = {
		.data = data,
		.size = size,
		.doubts = { tell, arg, 0, false },
		.boundaries = g_array_new(FALSE, FALSE,
		    sizeof(struct boundary)),
		.index = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
		    (GDestroyNotify)g_bytes_unref, NULL),
		.open = g_array_new(FALSE, FALSE, sizeof(guint)),
		.line = 1,
	};

	g_array_set_clear_func(search.boundaries, free_boundary);
	enter(&search, true);
	while (search.at < size)
		if (take_line(&search) && search.at < size)
			enter(&search, false);
	ms_coded_end(&search.coded);
	check_seen(&search);
	g_hash_table_unref(search.index);
	g_array_unref(search.open);
	g_array_unref(search.boundaries);
	*footer = search.doubts.footer;
	return search.doubts.told != 0;
}
