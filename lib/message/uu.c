#include "message/uu.h"

#include <glib.h>

#include <string.h>

/* Of a block that begins. */
struct begin {
	char name[MS_BLOCK_NAME_MAX + 1];
	bool base64;
};

/* How many of the SIZE bytes at DATA are in TEXT, and stand first. */
static size_t
span(const unsigned char *data, size_t size, const char *text)
{
	size_t n = 0;

	while (n < size && data[n] != '\0' && strchr(text, data[n]))
		n++;
	return n;
}

/* Bytes that an encoded line says it holds; 0 in one that ends a block. */
static size_t
stated(const struct ms_block_text *line)
{
	return line->size > 0 ? (line->data[0] - 32u) & 63 : 0;
}

/*
 * Could LINE be encoded? Blanks at its end may have been stripped, of which a
 * file of zeros has many, and some encoders add a character or two for
 * a checksum.
 */
static bool
looks_encoded(const struct ms_block_text *line)
{
	size_t want = (stated(line) + 2) / 3 * 4 + 1;
	bool blank_end = line->size < want;

	if (stated(line) == 0 || line->size < 2 || line->size > want + 2)
		return false;
	/* 45 bytes is what all encoders put on a line. */
	if (blank_end && line->size < want - want / 4 && stated(line) != 45)
		return false;
	for (size_t i = 0; i < line->size; i++)
		if (line->data[i] < 32 || line->data[i] > 96)
			return false;
	return true;
}

static bool
looks_base64(const struct ms_block_text *line)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/=";

	return line->size >= 4 &&
	    span(line->data, line->size, alphabet) == line->size;
}

/* The name behind the mode, which "-encoded" says is in base64 itself. */
static void
take_name(struct begin *begin, const struct ms_block_text *text,
    bool encoded)
{
	gint state = 0;
	guint save = 0;
	guchar name[MS_BLOCK_NAME_MAX + 3];
	gsize n;

	ms_block_name(text->data, text->size, begin->name);
	if (!encoded)
		return;
	n = g_base64_decode_step(begin->name, strlen(begin->name), name,
	    &state, &save);
	ms_block_name(name, n, begin->name);
}

/* Is LINE "begin 644 name"? AHEAD is the text behind it. */
static bool
is_begin(const struct ms_block_text *line, struct ms_block_text ahead,
    struct begin *begin)
{
	struct ms_block_text rest = *line, next = { NULL, 0 };
	size_t digits, octal, blanks;
	bool encoded, strict;

	if (!ms_block_starts(line, "begin"))
		return false;
	rest.data += 5, rest.size -= 5;
	begin->base64 = ms_block_starts(&rest, "-base64");
	rest.data += begin->base64 ? 7 : 0, rest.size -= begin->base64 ? 7 : 0;
	encoded = ms_block_starts(&rest, "-encoded");
	rest.data += encoded ? 8 : 0, rest.size -= encoded ? 8 : 0;
	blanks = span(rest.data, rest.size, " \t");
	rest.data += blanks, rest.size -= blanks;
	digits = span(rest.data, rest.size, "0123456789");
	octal = span(rest.data, rest.size, "01234567");
	if (blanks == 0 || digits == 0)
		return false;
	strict = blanks == 1 && digits == octal &&
	    (digits == 3 || digits == 4) && rest.size > digits &&
	    rest.data[digits] == ' ';
	rest.data += digits, rest.size -= digits;
	if (rest.size > 0 && span(rest.data, 1, " \t") == 0)
		return false;
	take_name(begin, &rest, encoded);
	if (strict)
		return true;
	(void)ms_block_line(&ahead, &next);
	return begin->base64 ? looks_base64(&next) : looks_encoded(&next);
}

/* The bytes of one encoded line in OUT, which holds 63; 0 at the last. A
 * line shorter than it says counts as if padded with blanks, which mail
 * programs used to strip. */
static size_t
decode_line(const struct ms_block_text *line, unsigned char out[63])
{
	size_t count = stated(line), at = 1;

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
is_end(const struct ms_block_text *line)
{
	return line->size == 3 && ms_block_starts(line, "end");
}

/* An empty line ends a block, as one with a blank in it does that was
 * stripped, but not where encoded lines go on. */
static bool
is_gap(const struct ms_block_text *line, struct ms_block_text ahead)
{
	struct ms_block_text next;

	return line->size == 0 && ms_block_line(&ahead, &next) &&
	    !is_end(&next) && looks_encoded(&next);
}

/* Decode up to "end" or an empty group; REST is then behind it. A line that
 * begins another block ends this one: no encoder writes a count of 'b'. */
static enum ms_status
decode_uu(const struct ms_block_input *input, struct ms_block_text *rest,
    struct ms_error *err)
{
	unsigned char out[63 + 3];
	enum ms_status status = MS_OK;
	struct ms_block_text line, ahead = *rest;
	struct begin begin;

	while (status == MS_OK && ms_block_line(&ahead, &line) &&
	    !is_begin(&line, ahead, &begin)) {
		size_t n = is_end(&line) ? 0 : decode_line(&line, out);

		*rest = ahead;
		if (n == 0 && !is_gap(&line, ahead))
			break;
		status = ms_block_keep(input, out, n, err);
	}
	return status;
}

/* Decode up to "====", or to a line that is no base64. */
static enum ms_status
decode_base64(const struct ms_block_input *input, struct ms_block_text *rest,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;
	struct ms_block_text line, ahead = *rest;
	unsigned char out[3 * 1024 + 3];
	gint state = 0;
	guint save = 0;

	while (status == MS_OK && ms_block_line(&ahead, &line)) {
		if (line.size > 0 && !looks_base64(&line))
			break;
		*rest = ahead;
		if (line.size >= 4 && memcmp(line.data, "====", 4) == 0)
			break;
		for (size_t at = 0; status == MS_OK && at < line.size;
		    at += 4096) {
			size_t n = g_base64_decode_step(
			    (const gchar *)line.data + at,
			    MIN(line.size - at, (size_t)4096), out, &state,
			    &save);

			status = ms_block_keep(input, out, n, err);
		}
	}
	return status;
}

enum ms_status
ms_uu_walk(const struct ms_block_input *input,
    const struct ms_block_visitor *visitor, void *arg, struct ms_error *err)
{
	const struct ms_block_walk walk = { input, visitor, arg };
	struct ms_block_text rest = { input->data, input->size }, line;
	enum ms_status status = MS_OK;
	struct begin begin;

	while (status == MS_OK && ms_block_seek(&rest, "begin") &&
	    ms_block_line(&rest, &line)) {
		if (!is_begin(&line, rest, &begin))
			continue;
		ms_spool_clear(input->spool);
		status = begin.base64 ? decode_base64(input, &rest, err) :
		    decode_uu(input, &rest, err);
		status = ms_block_done(&walk, begin.name, status, err);
	}
	return status == MS_END ? MS_OK : status;
}
