#include "message/yenc.h"

#include <glib.h>

#include <string.h>

/* What a "=ybegin" line says. */
struct begin {
	char name[MS_BLOCK_NAME_MAX + 1];
	uint64_t part, total;	/* 0: not said */
};

/* One piece of a file. */
struct piece {
	char *name;
	uint64_t part, total;
	struct ms_block_text body;	/* encoded, with its =ypart line */
};

/* The number behind " KEY=" in LINE, up to the name, which may contain
 * anything; 0 if there is none. */
static uint64_t
number(const struct ms_block_text *line, const char *key)
{
	const unsigned char *end = memmem(line->data, line->size, " name=", 6);
	size_t size = end ? (size_t)(end - line->data) : line->size;
	const unsigned char *at = memmem(line->data, size, key, strlen(key));
	uint64_t value = 0;

	if (!at)
		return 0;
	end = line->data + size;
	for (at += strlen(key); at < end && *at >= '0' && *at <= '9'; at++)
		value = MIN(value * 10 + (*at - '0'), (uint64_t)1 << 40);
	return value;
}

static bool
is_begin(const struct ms_block_text *line, struct begin *begin)
{
	const unsigned char *name;

	if (!ms_block_starts(line, "=ybegin ") ||
	    (!memmem(line->data, line->size, " line=", 6) &&
	    !memmem(line->data, line->size, " size=", 6)))
		return false;
	name = memmem(line->data, line->size, " name=", 6);
	begin->part = number(line, " part=");
	begin->total = number(line, " total=");
	if (name)
		ms_block_name(name + 6, line->size -
		    (size_t)(name + 6 - line->data), begin->name);
	else
		ms_block_name("", 0, begin->name);
	return true;
}

/* Cut the body off REST, which is then at "=yend", or where the next block
 * begins. */
static struct ms_block_text
cut_body(struct ms_block_text *rest)
{
	struct ms_block_text body = *rest, line, ahead = *rest;

	while (ms_block_line(&ahead, &line) &&
	    !ms_block_starts(&line, "=yend") &&
	    !ms_block_starts(&line, "=ybegin "))
		*rest = ahead;
	body.size -= rest->size;
	return body;
}

static enum ms_status
decode_line(const struct ms_block_input *input,
    const struct ms_block_text *line, bool *escaped, struct ms_error *err)
{
	unsigned char out[4096];
	enum ms_status status = MS_OK;
	size_t n = 0;

	for (size_t at = 0; status == MS_OK && at < line->size; at++) {
		unsigned c = line->data[at];

		if (!*escaped && c == '=') {
			*escaped = true;
			continue;
		}
		if (c == '\r')
			continue;
		out[n++] = (unsigned char)(c - 42 - (*escaped ? 64 : 0));
		*escaped = false;
		if (n == sizeof out) {
			status = ms_block_keep(input, out, n, err);
			n = 0;
		}
	}
	return status == MS_OK ? ms_block_keep(input, out, n, err) : status;
}

/* Append what BODY holds to the spool. */
static enum ms_status
decode(const struct ms_block_input *input, struct ms_block_text body,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;
	struct ms_block_text line;
	bool escaped = false;

	while (status == MS_OK && ms_block_line(&body, &line))
		if (!ms_block_starts(&line, "=ypart "))
			status = decode_line(input, &line, &escaped, err);
	return status;
}

static void
free_piece(gpointer data)
{
	struct piece *piece = data;

	g_free(piece->name);
	g_free(piece);
}

static void
note_piece(GPtrArray *pieces, const struct begin *begin,
    struct ms_block_text body)
{
	struct piece *piece = g_new(struct piece, 1);

	*piece = (struct piece){ g_strdup(begin->name), begin->part,
		begin->total, body };
	g_ptr_array_add(pieces, piece);
}

/* By name, then by number. */
static gint
compare(gconstpointer a, gconstpointer b)
{
	const struct piece *left = *(const struct piece *const *)a;
	const struct piece *right = *(const struct piece *const *)b;
	int names = strcmp(left->name, right->name);

	if (names != 0)
		return names;
	return (left->part > right->part) - (left->part < right->part);
}

/* Visit the file that COUNT pieces of one name make, in order, of which the
 * first of each number counts. */
static enum ms_status
join(const struct ms_block_walk *walk, struct piece **pieces, guint count,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;
	uint64_t next = 1, total = 0;

	for (guint i = 0; i < count; i++) {
		total = MAX(total, pieces[i]->total);
		next += pieces[i]->part == next;
	}
	total = MAX(total, pieces[count - 1]->part);
	if (next <= total) {
		ms_block_trouble(walk, pieces[0]->name, MS_E_UNSUPPORTED,
		    "part %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
		    " of this yEnc file is not here", next, total);
		return MS_OK;
	}
	/* One alone has been visited. */
	if (total < 2)
		return MS_OK;
	ms_spool_clear(walk->input->spool);
	next = 1;
	for (guint i = 0; status == MS_OK && i < count; i++) {
		if (pieces[i]->part != next)
			continue;
		status = decode(walk->input, pieces[i]->body, err);
		next++;
	}
	return ms_block_done(walk, pieces[0]->name, status, err);
}

static enum ms_status
join_all(const struct ms_block_walk *walk, GPtrArray *pieces,
    struct ms_error *err)
{
	struct piece **all = (struct piece **)pieces->pdata;
	enum ms_status status = MS_OK;
	guint end;

	g_ptr_array_sort(pieces, compare);
	for (guint at = 0; status == MS_OK && at < pieces->len; at = end) {
		for (end = at + 1; end < pieces->len &&
		    strcmp(all[at]->name, all[end]->name) == 0; end++)
			continue;
		status = join(walk, all + at, end - at, err);
	}
	return status;
}

enum ms_status
ms_yenc_walk(const struct ms_block_input *input,
    const struct ms_block_visitor *visitor, void *arg, struct ms_error *err)
{
	const struct ms_block_walk walk = { input, visitor, arg };
	struct ms_block_text rest = { input->data, input->size }, line, body;
	GPtrArray *pieces = g_ptr_array_new_with_free_func(free_piece);
	enum ms_status status = MS_OK;
	struct begin begin;

	while (status == MS_OK && ms_block_seek(&rest, "=ybegin ") &&
	    ms_block_line(&rest, &line)) {
		if (!is_begin(&line, &begin))
			continue;
		body = cut_body(&rest);
		ms_spool_clear(input->spool);
		status = decode(input, body, err);
		status = ms_block_done(&walk, begin.name, status, err);
		if (begin.part > 0)
			note_piece(pieces, &begin, body);
	}
	if (status == MS_OK)
		status = join_all(&walk, pieces, err);
	g_ptr_array_unref(pieces);
	return status == MS_END ? MS_OK : status;
}
