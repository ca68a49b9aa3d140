#include "message/binhex.h"

#include <glib.h>

#include <string.h>

/* Decoders look for no more than this of the line. */
static const char announcement[] = "(This file must be converted with BinHex";

/* The sixty-four characters, by their values. */
static const char alphabet[] = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUV"
    "XYZ[`abcdefhijklmpqr";

/* This byte and a count stand for a run of the byte before them; with a count
 * of 0, for itself. */
#define REPEAT 0x90

struct decoder {
	const struct ms_block_input *input;
	unsigned bits, have;	/* left of the characters so far */
	int last;		/* byte, or -1 */
	bool repeat;		/* REPEAT has been read, its count has not */
	unsigned char out[4096];
	size_t n;
};

static enum ms_status
flush(struct decoder *decoder, struct ms_error *err)
{
	enum ms_status status = ms_block_keep(decoder->input, decoder->out,
	    decoder->n, err);

	decoder->n = 0;
	return status;
}

/* One byte before the run-length encoding is undone. */
static enum ms_status
feed_byte(struct decoder *decoder, unsigned c, struct ms_error *err)
{
	unsigned count = 1;

	if (decoder->repeat) {
		decoder->repeat = false;
		/* One of the run is there already. */
		count = c > 0 ? c - 1 : 1;
		if (c == 0)
			decoder->last = REPEAT;
	} else if (c == REPEAT) {
		decoder->repeat = true;
		return MS_OK;
	} else {
		decoder->last = (int)c;
	}
	if (decoder->last < 0)
		return MS_OK;
	if (decoder->n + count > sizeof decoder->out) {
		enum ms_status status = flush(decoder, err);

		if (status != MS_OK)
			return status;
	}
	memset(decoder->out + decoder->n, decoder->last, count);
	decoder->n += count;
	return MS_OK;
}

/* Decode between the colons; REST is then behind the second one, or at a
 * character that is not of BinHex. Blanks and line ends do not count. */
static enum ms_status
decode(struct decoder *decoder, struct ms_block_text *rest,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	while (status == MS_OK && rest->size > 0) {
		unsigned char c = *rest->data;
		const char *at = c != '\0' ? strchr(alphabet, c) : NULL;

		if (!at && !g_ascii_isspace(c))
			break;
		rest->data++, rest->size--;
		if (!at)
			continue;
		decoder->bits = (decoder->bits << 6 |
		    (unsigned)(at - alphabet)) & 0xffff;
		decoder->have += 6;
		if (decoder->have < 8)
			continue;
		decoder->have -= 8;
		status = feed_byte(decoder,
		    decoder->bits >> decoder->have & 0xff, err);
	}
	return status == MS_OK ? flush(decoder, err) : status;
}

static uint32_t
big_endian(const unsigned char *data)
{
	return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 |
	    (uint32_t)data[2] << 8 | data[3];
}

/* One fork: SIZE bytes by the header, of which AVAILABLE are at DATA. */
struct fork {
	const char *suffix;
	const unsigned char *data;
	size_t available;
	uint32_t size;
};

static enum ms_status
visit_fork(const struct ms_block_walk *walk, const char *file,
    const struct fork *fork, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	char *name;

	if (fork->size == 0)
		return MS_OK;
	name = g_strconcat(file, fork->suffix, NULL);
	if (fork->size > fork->available)
		ms_block_trouble(walk, name, MS_E_FORMAT, "Truncated BinHex: "
		    "%zu bytes of %" G_GUINT32_FORMAT, fork->available,
		    fork->size);
	status = ms_block_visit(walk, name, fork->data,
	    MIN(fork->available, (size_t)fork->size), err);
	g_free(name);
	return status;
}

/* What the spool has: a header of 22 bytes and the name, the data fork, two
 * bytes, the resource fork. */
static enum ms_status
visit_file(const struct ms_block_walk *walk, struct ms_error *err)
{
	struct fork content = { .suffix = "" };
	struct fork resource = { .suffix = ".rsrc" };
	size_t size = (size_t)ms_spool_size(walk->input->spool), at;
	char name[MS_BLOCK_NAME_MAX + 1];
	const unsigned char *data;
	enum ms_status status = ms_spool_map(walk->input->spool, &data, err);

	if (status != MS_OK)
		return status;
	/* Prose about BinHex is no file. */
	if (size < 22)
		return MS_OK;
	if (size < data[0] + 22u) {
		ms_block_trouble(walk, NULL, MS_E_FORMAT,
		    "Truncated BinHex: no whole header");
		return ms_block_visit(walk, "unnamed", data, size, err);
	}
	at = data[0] + 22u;
	ms_block_name(data + 1, data[0], name);
	content.size = big_endian(data + at - 10);
	content.data = data + at;
	content.available = size - at;
	status = visit_fork(walk, name, &content, err);
	at += MIN(size - at, (size_t)content.size + 2);
	resource.size = big_endian(content.data - 6);
	resource.data = data + at;
	resource.available = size - at;
	return status == MS_OK ? visit_fork(walk, name, &resource, err) :
	    status;
}

enum ms_status
ms_binhex_walk(const struct ms_block_input *input,
    const struct ms_block_visitor *visitor, void *arg, struct ms_error *err)
{
	const struct ms_block_walk walk = { input, visitor, arg };
	struct ms_block_text rest = { input->data, input->size };
	enum ms_status status = MS_OK;

	while (status == MS_OK && ms_block_seek(&rest, announcement) &&
	    ms_block_seek(&rest, ":")) {
		struct decoder decoder = { .input = input, .last = -1 };

		rest.data++, rest.size--;
		ms_spool_clear(input->spool);
		status = decode(&decoder, &rest, err);
		status = ms_block_pass(&walk, NULL, status, err);
		if (status == MS_OK)
			status = visit_file(&walk, err);
	}
	return status == MS_END ? MS_OK : status;
}
