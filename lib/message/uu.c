#include "message/uu.h"

#include "base/find.h"

#include <stdbool.h>
#include <string.h>

#define NAME_MAX_BYTES 255

struct line {
	const unsigned char *data;
	size_t size;		/* without its line end */
};

/* Cut the next line off *REST. */
static bool
next_line(struct line *rest, struct line *line)
{
	const unsigned char *eol;

	if (rest->size == 0)
		return false;
	eol = memchr(rest->data, '\n', rest->size);
	line->data = rest->data;
	line->size = eol ? (size_t)(eol - rest->data) : rest->size;
	rest->size -= line->size + (eol ? 1 : 0);
	rest->data += line->size + (eol ? 1 : 0);
	if (line->size > 0 && line->data[line->size - 1] == '\r')
		line->size--;
	return true;
}

/* Is LINE "begin 644 name"? Then NAME gets the name, cut to its size. */
static bool
is_begin(const struct line *line, char name[NAME_MAX_BYTES + 1])
{
	size_t at = 6, digits = 0, size;

	if (line->size < 10 || memcmp(line->data, "begin ", 6) != 0)
		return false;
	while (at < line->size && line->data[at] >= '0' &&
	    line->data[at] <= '7')
		at++, digits++;
	if (digits < 3 || digits > 4 || at >= line->size ||
	    line->data[at] != ' ')
		return false;
	while (at < line->size && line->data[at] == ' ')
		at++;
	size = MIN(line->size - at, (size_t)NAME_MAX_BYTES);
	memcpy(name, line->data + at, size);
	name[size] = '\0';
	return true;
}

/* The bytes of one encoded line in OUT, which holds 63; 0 at the last. A
 * line shorter than it says counts as if padded with blanks, which mail
 * programs used to strip. */
static size_t
decode_line(const struct line *line, unsigned char out[63])
{
	size_t count = line->size > 0 ? (line->data[0] - 32u) & 63 : 0;
	size_t at = 1;

	for (size_t i = 0; i < count; i += 3) {
		unsigned group = 0;

		for (int k = 0; k < 4; k++, at++) {
			unsigned c = at < line->size ? line->data[at] : 32;

			group = group << 6 | ((c - 32) & 63);
		}
		out[i] = (unsigned char)(group >> 16);
		out[i + 1] = (unsigned char)(group >> 8);
		out[i + 2] = (unsigned char)group;
	}
	return count;
}

static bool
is_end(const struct line *line)
{
	return line->size == 3 && memcmp(line->data, "end", 3) == 0;
}

/* Decode up to "end" or an empty group; REST is then behind it. A line that
 * begins another block ends this one: no encoder writes a count of 'b'. */
static enum ms_status
decode_block(const struct ms_uu_input *input, struct line *rest,
    struct ms_error *err)
{
	unsigned char out[63 + 3];
	char name[NAME_MAX_BYTES + 1];
	enum ms_status status = MS_OK;
	struct line line, ahead = *rest;

	ms_spool_clear(input->spool);
	while (status == MS_OK && next_line(&ahead, &line) &&
	    !is_begin(&line, name)) {
		size_t n = is_end(&line) ? 0 : decode_line(&line, out);

		*rest = ahead;
		if (n == 0)
			break;
		status = ms_budget_size(input->budget,
		    ms_spool_size(input->spool) + n, err);
		if (status == MS_OK)
			status = ms_budget_bytes(input->budget, n, err);
		if (status == MS_OK)
			status = ms_spool_write(input->spool, out, n, err);
	}
	return status;
}

static enum ms_status
visit_block(const struct ms_uu_input *input, const char *name,
    ms_uu_visit *visit, void *arg, struct ms_error *err)
{
	struct ms_uu_block block = { .name = name };
	enum ms_status status;

	block.size = ms_spool_size(input->spool);
	status = ms_spool_map(input->spool, &block.data, err);
	if (status == MS_OK)
		status = ms_budget_part(input->budget, err);
	if (status == MS_OK)
		status = visit(arg, &block, err);
	return status;
}

/* The next place where a line may start with "begin ", or NULL. */
static bool
seek_begin(struct line *rest)
{
	const unsigned char *p;

	if (rest->size >= 6 && memcmp(rest->data, "begin ", 6) == 0)
		return true;
	p = rest->size > 0 ?
	    ms_find(rest->data, rest->size, "\nbegin ", 7) : NULL;
	if (!p)
		return false;
	rest->size -= (size_t)(p + 1 - rest->data);
	rest->data = p + 1;
	return true;
}

enum ms_status
ms_uu_walk(const struct ms_uu_input *input, ms_uu_visit *visit, void *arg,
    struct ms_error *err)
{
	struct line rest = { input->data, input->size }, line;
	char name[NAME_MAX_BYTES + 1];
	enum ms_status status = MS_OK;

	while (status == MS_OK && seek_begin(&rest) &&
	    next_line(&rest, &line)) {
		if (!is_begin(&line, name))
			continue;
		status = decode_block(input, &rest, err);
		if (status == MS_OK)
			status = visit_block(input, name, visit, arg, err);
	}
	return status == MS_END ? MS_OK : status;
}
