#include "report/outline.h"

#include <inttypes.h>
#include <string.h>

#include "base/quote.h"
#include "report/line.h"
#include "report/text.h"

/* What is written at once. */
#define PIECE_BYTES 65536

/* Header fields are for finding a message again. */
#define FIELD_MAX 200

/* Hexadecimal digits of a digest that tell contents apart for people. */
#define DIGEST_DIGITS 16

/* How the lines of the tree are drawn. */
struct strokes {
	const char *child, *last, *on, *none;
};

/* Where a part stands, and which bytes of its path are its own piece. */
struct place {
	guint level;
	bool more;		/* others follow beside it */
	size_t start, end;
};

/* One message on its way to the stream. */
struct outline {
	struct ms_report *report;
	const struct ms_facts *facts;
	const struct strokes *strokes;
	GString *out;
	GHashTable *notes;	/* path to GPtrArray of lines about it */
	GHashTable *homes;	/* set of paths that lines can stand below */
	GHashTable *seen;	/* digest to the path that had it first */
	GArray *places;		/* struct place of each part */
	GByteArray *open;	/* of each level: whether others follow
				 * beside the part that is being drawn, or
				 * that is around it */
};

static const struct strokes ascii = { "|-- ", "`-- ", "|   ", "    " };
static const struct strokes utf8 = { "\342\224\234\342\224\200\342\224\200 ",
	"\342\224\224\342\224\200\342\224\200 ", "\342\224\202   ", "    " };

/* TEXT in double quotes, with nothing in it that could end them. */
static void
append_name(GString *out, const char *text)
{
	char *quoted = ms_quote_string(text);

	g_string_append_c(out, '"');
	for (const char *c = quoted; *c != '\0'; c++)
		if (*c == '"')
			g_string_append(out, "\\x22");
		else
			g_string_append_c(out, *c);
	g_string_append_c(out, '"');
	g_free(quoted);
}

/* TEXT as it is if it is one plain word, else as a name. */
static void
append_word(GString *out, const char *text)
{
	bool plain = *text != '\0';

	for (const char *c = text; *c != '\0' && plain; c++)
		plain = g_ascii_isalnum(*c) || strchr("-_.+/:", *c);
	if (plain)
		g_string_append(out, text);
	else
		append_name(out, text);
}

static void
append_bytes(GString *out, uint64_t size)
{
	g_string_append_printf(out, "%" PRIu64 " byte%s", size,
	    size == 1 ? "" : "s");
}

static void
free_notes(gpointer data)
{
	g_ptr_array_unref(data);
}

/* The length of PATH, or of what is around it if nothing at PATH is listed,
 * and so on outwards. */
static size_t
find_home(const struct outline *outline, const char *path)
{
	char *home = g_strdup(path);
	char *slash;
	size_t size;

	while (!g_hash_table_contains(outline->homes, home) &&
	    (slash = strrchr(home, '/')))
		*slash = '\0';
	size = g_hash_table_contains(outline->homes, home) ? strlen(home) :
	    0;
	g_free(home);
	return size;
}

/* Keep "MARK WORD: TEXT" for PATH, or for what is around it with a name that
 * says so; WORD is ours. */
static void
note(struct outline *outline, const char *path, const char *mark,
    const char *word, const char *text)
{
	size_t size = find_home(outline, path);
	char *home = g_strndup(path, size);
	GPtrArray *lines = g_hash_table_lookup(outline->notes, home);
	GString *line = g_string_new(mark);

	g_string_append_c(line, ' ');
	if (path[size] != '\0') {
		append_name(line, path + size + (path[size] == '/'));
		g_string_append_c(line, ' ');
	}
	g_string_append(line, word);
	if (text && *text != '\0') {
		g_string_append(line, ": ");
		ms_line_quoted(line, text);
	}
	if (!lines) {
		lines = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(outline->notes, g_strdup(home), lines);
	}
	g_ptr_array_add(lines, g_string_free(line, FALSE));
	g_free(home);
}

static void
collect_notes(struct outline *outline)
{
	const struct ms_facts *facts = outline->facts;

	for (guint i = 0; i < facts->findings->len; i++) {
		const struct ms_finding *f = facts->findings->pdata[i];

		note(outline, f->part, "!", "found", f->name);
	}
	for (guint i = 0; i < facts->gaps->len; i++) {
		const struct ms_gap *gap = facts->gaps->pdata[i];

		note(outline, gap->part, "!",
		    ms_facts_reason_name(gap->reason), gap->detail);
	}
	for (guint i = 0; i < facts->ambiguities->len; i++) {
		const struct ms_ambiguity *a = facts->ambiguities->pdata[i];
		char *text = a->detail && *a->detail != '\0' ?
		    g_strdup_printf("%s: %s", a->reason, a->detail) :
		    g_strdup(a->reason);

		note(outline, a->part, "~", "ambiguous", text);
		g_free(text);
	}
}

/* The bytes of the part's path up to its own piece of it: what stands behind
 * BASE, the path of the container that it is in. */
static size_t
skip_base(const struct ms_part *part, const char *base)
{
	size_t size = strlen(base);

	if (size == 0 || strncmp(part->path, base, size) != 0)
		return 0;
	if (part->path[size] == '\0')
		return size;
	return part->path[size] == '/' ? size + 1 : 0;
}

/* Those up to the end of that piece. Behind the position of a MIME part comes
 * its file name, which is told by itself; before it may stand that the part is
 * in a message put together from pieces. */
static size_t
label_end(const struct ms_part *part, size_t start)
{
	const char *label = part->path + start;

	if (part->kind != MS_PART_LEAF)
		return start + strlen(label);
	if (g_str_has_prefix(label, "joined/"))
		label += strlen("joined/");
	return (size_t)(label - part->path) + strcspn(label, "/");
}

/* Where each part stands. A worker may claim any level; what is drawn grows
 * by one at a time. Lines can stand below a part by its path and, from before
 * it had a name, by its position. */
static void
place_parts(struct outline *outline)
{
	const GPtrArray *parts = outline->facts->parts;
	GPtrArray *bases = g_ptr_array_new();
	guint before = 0;

	g_ptr_array_add(bases, (void *)(uintptr_t)"");
	for (guint i = 0; i < parts->len; i++) {
		const struct ms_part *part = parts->pdata[i];
		guint level = CLAMP(part->level, 1, before + 1);
		const char *base = bases->pdata[level - 1];
		struct place place = { .level = level };

		place.start = skip_base(part, base);
		place.end = label_end(part, place.start);
		g_array_append_val(outline->places, place);
		g_hash_table_add(outline->homes, g_strdup(part->path));
		g_hash_table_add(outline->homes, g_strndup(part->path,
		    place.end));
		/* What is in it is in the same container, or in it. */
		g_ptr_array_set_size(bases, (gint)level + 1);
		bases->pdata[level] = ms_facts_has_bytes(part) ? part->path :
		    (void *)(uintptr_t)base;
		before = level;
	}
	g_ptr_array_unref(bases);
}

static struct place *
place_of(const struct outline *outline, guint i)
{
	return &g_array_index(outline->places, struct place, i);
}

/* Which parts have others beside them further down: from the end, with a
 * flag for each level that has been seen since something above it was. */
static void
look_ahead(struct outline *outline)
{
	GByteArray *seen = g_byte_array_new();
	const guint8 no = 0;

	for (guint i = outline->places->len; i-- > 0;) {
		struct place *place = place_of(outline, i);

		if (seen->len > place->level)
			g_byte_array_set_size(seen, place->level);
		while (seen->len < place->level)
			g_byte_array_append(seen, &no, 1);
		place->more = seen->data[place->level - 1];
		seen->data[place->level - 1] = 1;
	}
	g_byte_array_unref(seen);
}

/* The strokes in front of what stands at LEVEL. */
static void
indent(struct outline *outline, guint level)
{
	for (guint k = 0; k + 1 < level; k++)
		g_string_append(outline->out, outline->open->data[k] ?
		    outline->strokes->on : outline->strokes->none);
}

/* The lines kept for PATH, below a part at LEVEL that has or has not (BARE)
 * something in it; they are not needed any more. */
static void
write_notes(struct outline *outline, const char *path, guint level,
    bool bare)
{
	GPtrArray *lines = g_hash_table_lookup(outline->notes, path);

	for (guint i = 0; lines && i < lines->len; i++) {
		indent(outline, level + 1);
		if (level > 0)
			g_string_append(outline->out, bare ?
			    outline->strokes->none : outline->strokes->on);
		else
			g_string_append(outline->out, "  ");
		g_string_append_printf(outline->out, "%s\n",
		    (const char *)lines->pdata[i]);
	}
	if (lines)
		(void)g_hash_table_remove(outline->notes, path);
}

/* Does the detected type say more than the declared one? */
static bool
says_more(const struct ms_part *part)
{
	const char *is = part->detected_type;

	if (strcmp(is, "application/octet-stream") == 0 ||
	    strcmp(is, "inode/x-empty") == 0)
		return false;
	return !part->content_type || (strcmp(is, part->content_type) != 0 &&
	    !(strcmp(is, "text/plain") == 0 &&
	    g_str_has_prefix(part->content_type, "text/")));
}

/* Size, digest, and where the same bytes were before. */
static void
append_content(struct outline *outline, const struct ms_part *part)
{
	GString *out = outline->out;
	const char *first = g_hash_table_lookup(outline->seen, &part->sha256);
	char hex[MS_HASH_HEX];

	g_string_append(out, ", ");
	append_bytes(out, part->size);
	if (part->content_type && says_more(part))
		g_string_append_printf(out, ", looks like %s",
		    part->detected_type);
	ms_hash_hex(&part->sha256, hex);
	if (outline->report->options.digests)
		g_string_append_printf(out, ", sha256 %.*s", DIGEST_DIGITS,
		    hex);
	if (first) {
		g_string_append(out, ", the same as ");
		append_word(out, first);
	} else if (part->size > 0) {
		/* Keys and values are loans of the facts. */
		g_hash_table_insert(outline->seen,
		    (void *)(uintptr_t)&part->sha256, part->path);
	}
}

static void
append_part(struct outline *outline, const struct ms_part *part,
    const char *label)
{
	GString *out = outline->out;
	const char *type = part->content_type;

	if (part->kind == MS_PART_MEMBER)
		append_name(out, label);
	else if (*label != '\0')
		append_word(out, label);
	if (*label != '\0' || part->kind == MS_PART_MEMBER)
		g_string_append_c(out, ' ');
	append_word(out, type ? type : part->detected_type ?
	    part->detected_type : "");
	if (part->filename) {
		g_string_append_c(out, ' ');
		append_name(out, part->filename);
	}
	if (part->boundary) {
		g_string_append(out, ", boundary ");
		append_name(out, part->boundary);
	}
	if (part->charset) {
		g_string_append(out, ", charset ");
		append_word(out, part->charset);
	}
	if (part->encoding) {
		g_string_append(out, ", ");
		append_word(out, part->encoding);
	}
	if (ms_facts_has_bytes(part))
		append_content(outline, part);
	g_string_append_c(out, '\n');
}

static void
draw_part(struct outline *outline, guint i)
{
	const struct ms_part *part = outline->facts->parts->pdata[i];
	const struct place *place = place_of(outline, i);
	bool bare = i + 1 == outline->places->len ||
	    place_of(outline, i + 1)->level <= place->level;
	char *label = g_strndup(part->path + place->start,
	    place->end - place->start);
	char *position = g_strndup(part->path, place->end);

	g_byte_array_set_size(outline->open, place->level);
	outline->open->data[place->level - 1] = place->more;
	indent(outline, place->level);
	g_string_append(outline->out, place->more ?
	    outline->strokes->child : outline->strokes->last);
	append_part(outline, part, label);
	write_notes(outline, position, place->level, bare);
	write_notes(outline, part->path, place->level, bare);
	g_free(position);
	g_free(label);
}

static void
append_field(GString *out, const char *name, const char *value)
{
	if (!value || *value == '\0')
		return;
	g_string_append_printf(out, "  %s: ", name);
	ms_line_quoted_max(out, value, FIELD_MAX);
	g_string_append_c(out, '\n');
}

static void
draw_head(struct outline *outline, const struct ms_outcome *outcome)
{
	const struct ms_headers *headers = &outcome->facts.headers;
	GString *label = ms_line_label(outcome);
	GString *out = outline->out;

	g_string_append_len(out, label->str, (gssize)label->len);
	g_string_append(out, ": ");
	append_bytes(out, outcome->size);
	g_string_append_c(out, '\n');
	append_field(out, "From", headers->from);
	append_field(out, "Date", headers->date);
	append_field(out, "Subject", headers->subject);
	append_field(out, "Message-ID", headers->message_id);
	write_notes(outline, "", 0, true);
	g_string_free(label, TRUE);
}

static enum ms_status
outline_message(struct ms_report *report, const struct ms_outcome *outcome,
    struct ms_error *err)
{
	struct outline outline = {
		.report = report,
		.facts = &outcome->facts,
		.strokes = report->options.utf8 ? &utf8 : &ascii,
		.out = g_string_sized_new(1024),
		.notes = g_hash_table_new_full(g_str_hash, g_str_equal,
		    g_free, free_notes),
		.seen = g_hash_table_new(ms_hash_key, ms_hash_key_equal),
		.homes = g_hash_table_new_full(g_str_hash, g_str_equal,
		    g_free, NULL),
		.places = g_array_new(FALSE, FALSE, sizeof(struct place)),
		.open = g_byte_array_new(),
	};
	enum ms_status status = MS_OK;

	place_parts(&outline);
	look_ahead(&outline);
	collect_notes(&outline);
	draw_head(&outline, outcome);
	for (guint i = 0; i < outline.places->len && status == MS_OK; i++) {
		draw_part(&outline, i);
		if (outline.out->len >= PIECE_BYTES)
			status = ms_line_write(report->stream, outline.out,
			    err);
	}
	if (outcome->facts.parts_omitted > 0)
		g_string_append_printf(outline.out, "! %" PRIu64
		    " more parts\n", outcome->facts.parts_omitted);
	if (status == MS_OK)
		status = ms_line_write(report->stream, outline.out, err);
	g_byte_array_unref(outline.open);
	g_array_unref(outline.places);
	g_hash_table_unref(outline.homes);
	g_hash_table_unref(outline.seen);
	g_hash_table_unref(outline.notes);
	g_string_free(outline.out, TRUE);
	return status;
}

static enum ms_status
outline_notice(struct ms_report *report, enum ms_report_notice kind,
    const struct ms_origin *origin, const char *text, struct ms_error *err)
{
	return ms_text_ops.notice(report, kind, origin, text, err);
}

static enum ms_status
outline_summary(struct ms_report *report,
    const struct ms_report_totals *totals, struct ms_error *err)
{
	(void)totals;
	return ms_line_flush(report->stream, err);
}

const struct ms_report_ops ms_outline_ops = {
	.name = "tree",
	.message = outline_message,
	.notice = outline_notice,
	.summary = outline_summary,
};
