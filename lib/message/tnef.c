#include "message/tnef.h"

#include <glib.h>

#include <string.h>

#define SIGNATURE 0x223e9f78

/* Attributes that lead to content, by the number in their lower half: the
 * upper half is a type that nobody goes by. */
enum {
	ATTRIBUTE_BODY = 0x800c,
	ATTRIBUTE_DATA = 0x800f,
	ATTRIBUTE_TITLE = 0x8010,
	ATTRIBUTE_METAFILE = 0x8011,
	ATTRIBUTE_RENDERING = 0x9002,	/* the first one of an attachment */
	ATTRIBUTE_MESSAGE_PROPERTIES = 0x9003,
	ATTRIBUTE_ATTACHMENT_PROPERTIES = 0x9005
};

/* Properties (MS-OXPROPS). */
enum {
	PROPERTY_BODY = 0x1000,
	PROPERTY_RTF = 0x1009,
	PROPERTY_HTML = 0x1013,
	PROPERTY_DISPLAY_NAME = 0x3001,
	PROPERTY_DATA = 0x3701,
	PROPERTY_FILENAME = 0x3704,
	PROPERTY_LONG_FILENAME = 0x3707
};

/* Types of properties (MS-OXCDATA 2.11.1). */
enum {
	TYPE_OBJECT = 0x000d,
	TYPE_STRING8 = 0x001e,
	TYPE_UNICODE = 0x001f,
	TYPE_BINARY = 0x0102,
	TYPE_MANY = 0x1000	/* several of them */
};

/* Of a longer name in UTF-16, the end is read. */
#define WIDE_MAX 2048

/* Better names have higher numbers. */
enum rank { NO_NAME, DISPLAY_NAME, TITLE, FILENAME, LONG_FILENAME };

/* What is known of the attachment that is being read. */
struct attachment {
	char name[MS_BLOCK_NAME_MAX + 1];
	enum rank rank;
	struct ms_block_text data;	/* not visited: a name may follow */
	bool shown;		/* some data was */
};

struct reader {
	struct ms_block_walk walk;
	struct attachment attachment;
	bool damaged;		/* and told */
};

/* One property. */
struct property {
	unsigned type, id;
	uint32_t count;		/* of values */
};

static void
tell_damage(struct reader *reader, const char *what)
{
	if (!reader->damaged)
		ms_block_trouble(&reader->walk, NULL, MS_E_FORMAT, "%s", what);
	reader->damaged = true;
}

/* Cut SIZE bytes off REST; PIECE is shorter if REST is. */
static bool
take(struct ms_block_text *rest, size_t size, struct ms_block_text *piece)
{
	bool whole = size <= rest->size;

	piece->data = rest->data;
	piece->size = MIN(size, rest->size);
	/* Of a value that is not there, not even a place is known. */
	if (piece->size > 0)
		rest->data += piece->size;
	rest->size -= piece->size;
	return whole;
}

/* A number of SIZE bytes, the least significant first; 0 behind the end. */
static bool
take_number(struct ms_block_text *rest, size_t size, uint32_t *value)
{
	struct ms_block_text piece;
	bool whole = take(rest, size, &piece);

	*value = 0;
	for (size_t i = 0; whole && i < size; i++)
		*value |= (uint32_t)piece.data[i] << 8 * i;
	return whole;
}

/* Visit bytes of the input as they are. */
static enum ms_status
visit_slice(const struct reader *reader, const char *name,
    const struct ms_block_text *slice, struct ms_error *err)
{
	enum ms_status status;

	if (slice->size == 0)
		return MS_OK;
	status = ms_budget_bytes(reader->walk.input->budget, slice->size,
	    err);
	return status == MS_OK ? ms_block_visit(&reader->walk, name,
	    slice->data, slice->size, err) : status;
}

/* By NAME some programs know the attachment, which is not visited by it. */
static void
tell_name(const struct reader *reader, const char *name)
{
	const struct ms_block_walk *walk = &reader->walk;

	if (walk->visitor->name)
		walk->visitor->name(walk->arg, name);
}

/* The attachment is complete, or more of its data comes. */
static enum ms_status
visit_attachment(struct reader *reader, struct ms_error *err)
{
	struct attachment *attachment = &reader->attachment;
	struct ms_block_text data = attachment->data;

	attachment->data.size = 0;
	attachment->shown |= data.size > 0;
	return visit_slice(reader, attachment->rank > NO_NAME ?
	    attachment->name : "unnamed", &data, err);
}

/* No more comes of it. */
static enum ms_status
end_attachment(struct reader *reader, struct ms_error *err)
{
	struct attachment *attachment = &reader->attachment;
	enum ms_status status = visit_attachment(reader, err);

	if (!attachment->shown && attachment->rank > NO_NAME)
		tell_name(reader, attachment->name);
	attachment->rank = NO_NAME;
	attachment->shown = false;
	return status;
}

static enum ms_status
take_data(struct reader *reader, const struct ms_block_text *data,
    struct ms_error *err)
{
	enum ms_status status = visit_attachment(reader, err);

	reader->attachment.data = *data;
	return status;
}

/* UTF-16 to UTF-8 in TO, which has room for 3 bytes for each 2; surrogates
 * without their other half are as any other letter. */
static size_t
to_utf8(const unsigned char *from, size_t size, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		gunichar c = from[i] | (gunichar)from[i + 1] << 8;
		gunichar low = i + 3 < size ?
		    from[i + 2] | (gunichar)from[i + 3] << 8 : 0;

		if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 &&
		    low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		n += (size_t)g_unichar_to_utf8(c, to + n);
	}
	return n;
}

static void
take_name(struct reader *reader, enum rank rank, unsigned type,
    const struct ms_block_text *value)
{
	struct attachment *attachment = &reader->attachment;
	const size_t size = MIN(value->size, (size_t)WIDE_MAX);
	char wide[3 * WIDE_MAX / 2 + 6], name[MS_BLOCK_NAME_MAX + 1];
	bool better = rank >= attachment->rank;

	if (value->size == 0)
		return;
	if (type != TYPE_UNICODE)
		ms_block_name(value->data, value->size, name);
	else
		ms_block_name(wide, to_utf8(value->data +
		    ((value->size - size) & ~(size_t)1), size, wide), name);
	if (!better)
		tell_name(reader, name);
	else if (attachment->rank > NO_NAME &&
	    strcmp(attachment->name, name) != 0)
		tell_name(reader, attachment->name);
	if (better) {
		attachment->rank = rank;
		memcpy(attachment->name, name, sizeof name);
	}
}

/* Visit a text; UTF-16 as UTF-8, so that signatures for text see text. */
static enum ms_status
visit_text(const struct reader *reader, const char *name, unsigned type,
    const struct ms_block_text *value, struct ms_error *err)
{
	const struct ms_block_input *input = reader->walk.input;
	enum ms_status status = MS_OK;
	char out[3 * 1024 + 6];

	if (type != TYPE_UNICODE || value->size == 0)
		return visit_slice(reader, name, value, err);
	ms_spool_clear(input->spool);
	for (size_t at = 0; status == MS_OK && at < value->size; at += 2048) {
		size_t step = MIN(value->size - at, (size_t)2048);

		status = ms_block_keep(input, out, to_utf8(value->data + at,
		    step, out), err);
	}
	return ms_block_done(&reader->walk, name, status, err);
}

/* What the dictionary of compressed RTF starts with (MS-OXRTFCP 2.1.2.1). */
static const char rtf_start[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman "
    "\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New "
    "RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0"
    "\\fs20\\b\\i\\u\\tab\\tx";

#define RTF_COMPRESSED 0x75465a4c
#define RTF_STORED 0x414c454d
#define RTF_WINDOW 4096

struct rtf {
	unsigned char window[RTF_WINDOW];
	unsigned at;		/* where in it the next byte goes */
	unsigned char out[4096];
	size_t n;
};

static void
put_rtf(struct rtf *rtf, unsigned char c)
{
	rtf->window[rtf->at] = c;
	rtf->at = (rtf->at + 1) % RTF_WINDOW;
	rtf->out[rtf->n++] = c;
}

/* One byte, or a piece of the window; false: that was the end. */
static bool
step_rtf(struct rtf *rtf, struct ms_block_text *rest, bool reference)
{
	unsigned from, count;

	if (rest->size < 1u + reference)
		return false;
	if (!reference) {
		put_rtf(rtf, rest->data[0]);
		rest->data++, rest->size--;
		return true;
	}
	from = (unsigned)rest->data[0] << 4 | rest->data[1] >> 4;
	count = (rest->data[1] & 15u) + 2;
	rest->data += 2, rest->size -= 2;
	if (from == rtf->at)
		return false;
	for (unsigned i = 0; i < count; i++)
		put_rtf(rtf, rtf->window[(from + i) % RTF_WINDOW]);
	return true;
}

static enum ms_status
decompress_rtf(const struct ms_block_input *input, struct ms_block_text rest,
    struct ms_error *err)
{
	struct rtf rtf = { .at = sizeof rtf_start - 1 };
	enum ms_status status = MS_OK;
	bool more = true;

	memcpy(rtf.window, rtf_start, sizeof rtf_start - 1);
	while (status == MS_OK && more && rest.size > 0) {
		unsigned flags = *rest.data;

		rest.data++, rest.size--;
		for (int bit = 0; more && bit < 8; bit++)
			more = step_rtf(&rtf, &rest, flags >> bit & 1);
		if (rtf.n > sizeof rtf.out - 8 * 17 || !more) {
			status = ms_block_keep(input, rtf.out, rtf.n, err);
			rtf.n = 0;
		}
	}
	return status == MS_OK ? ms_block_keep(input, rtf.out, rtf.n, err) :
	    status;
}

/* The sizes that it states are not gone by: there is an end mark. */
static enum ms_status
visit_rtf(struct reader *reader, const struct ms_block_text *value,
    struct ms_error *err)
{
	static const char name[] = "body.rtf";
	struct ms_block_text rest = *value;
	uint32_t ignored, type;
	enum ms_status status;

	if (value->size == 0)
		return MS_OK;
	(void)take_number(&rest, 4, &ignored);
	(void)take_number(&rest, 4, &ignored);
	(void)take_number(&rest, 4, &type);
	if (!take_number(&rest, 4, &ignored) ||
	    (type != RTF_COMPRESSED && type != RTF_STORED)) {
		ms_block_trouble(&reader->walk, name, MS_E_FORMAT,
		    "no compressed RTF");
		return visit_slice(reader, name, value, err);
	}
	if (type == RTF_STORED)
		return visit_slice(reader, name, &rest, err);
	ms_spool_clear(reader->walk.input->spool);
	status = decompress_rtf(reader->walk.input, rest, err);
	return ms_block_done(&reader->walk, name, status, err);
}

/* An object has the identifier of its interface in front of it: of what can
 * be stored itself, or of a message, which is TNEF. */
static enum ms_status
take_object(struct reader *reader, unsigned type, struct ms_block_text value,
    struct ms_error *err)
{
	struct ms_block_text interface;

	if (type == TYPE_OBJECT)
		(void)take(&value, 16, &interface);
	return take_data(reader, &value, err);
}

static enum ms_status
take_value(struct reader *reader, const struct property *property,
    const struct ms_block_text *value, struct ms_error *err)
{
	unsigned type = property->type;

	switch (property->id) {
	case PROPERTY_BODY:
		return visit_text(reader, "body.txt", type, value, err);
	case PROPERTY_HTML:
		return visit_text(reader, "body.html", type, value, err);
	case PROPERTY_RTF:
		return visit_rtf(reader, value, err);
	case PROPERTY_DATA:
		return take_object(reader, type, *value, err);
	case PROPERTY_DISPLAY_NAME:
		take_name(reader, DISPLAY_NAME, type, value);
		return MS_OK;
	case PROPERTY_FILENAME:
		take_name(reader, FILENAME, type, value);
		return MS_OK;
	case PROPERTY_LONG_FILENAME:
		take_name(reader, LONG_FILENAME, type, value);
		return MS_OK;
	default:
		return MS_OK;
	}
}

/* Bytes that a value of TYPE has, or 0 if it says itself how many. */
static size_t
fixed_size(unsigned type)
{
	switch (type) {
	case 0x0002:	/* 16 bits, padded */
	case 0x0003:	/* 32 bits */
	case 0x0004:	/* float */
	case 0x000a:	/* error */
	case 0x000b:	/* boolean, padded */
		return 4;
	case 0x0005:	/* double */
	case 0x0006:	/* currency */
	case 0x0007:	/* time */
	case 0x0014:	/* 64 bits */
	case 0x0040:	/* time */
		return 8;
	case 0x0048:	/* GUID */
		return 16;
	default:
		return 0;
	}
}

static bool
is_sized(unsigned type)
{
	return type == TYPE_OBJECT || type == TYPE_STRING8 ||
	    type == TYPE_UNICODE || type == TYPE_BINARY;
}

/* Pass over the name of a property that has one. */
static bool
skip_property_name(struct ms_block_text *rest)
{
	struct ms_block_text skipped;
	uint32_t kind, size;

	if (!take(rest, 16, &skipped) || !take_number(rest, 4, &kind) ||
	    !take_number(rest, 4, &size))
		return false;
	return kind == 0 || take(rest, ((size_t)size + 3) & ~(size_t)3,
	    &skipped);
}

/* What stands in front of the values. */
static bool
take_property(struct ms_block_text *rest, struct property *property)
{
	uint32_t type, id;

	property->count = 1;
	if (!take_number(rest, 2, &type) || !take_number(rest, 2, &id))
		return false;
	property->type = type & ~(unsigned)TYPE_MANY;
	property->id = id;
	if (id >= 0x8000 && !skip_property_name(rest))
		return false;
	if (!is_sized(property->type) && fixed_size(property->type) == 0)
		return false;
	return (!(type & TYPE_MANY) && !is_sized(property->type)) ||
	    take_number(rest, 4, &property->count);
}

/* One value; false: it is cut off. */
static bool
take_property_value(struct ms_block_text *rest, unsigned type,
    struct ms_block_text *value)
{
	struct ms_block_text padding;
	uint32_t size;
	bool whole;

	if (!is_sized(type))
		return take(rest, fixed_size(type), value);
	value->size = 0;
	if (!take_number(rest, 4, &size))
		return false;
	whole = take(rest, size, value);
	/* The padding of the last one may be missing. */
	(void)take(rest, -(size_t)size & 3, &padding);
	return whole;
}

/* A list of properties. Each value takes at least a byte, so that the counts,
 * whatever they say, are no more work than there are bytes. */
static enum ms_status
read_properties(struct reader *reader, struct ms_block_text rest,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;
	struct ms_block_text value;
	struct property property;
	uint32_t count;
	bool whole = take_number(&rest, 4, &count);

	while (status == MS_OK && whole && count-- > 0) {
		whole = take_property(&rest, &property);
		while (status == MS_OK && whole && property.count-- > 0) {
			whole = take_property_value(&rest, property.type,
			    &value);
			if (is_sized(property.type))
				status = take_value(reader, &property, &value,
				    err);
		}
	}
	if (!whole)
		tell_damage(reader, "properties could not be read");
	return status;
}

static enum ms_status
read_attribute(struct reader *reader, unsigned id,
    const struct ms_block_text *data, struct ms_error *err)
{
	switch (id) {
	case ATTRIBUTE_BODY:
		return visit_slice(reader, "body.txt", data, err);
	case ATTRIBUTE_DATA:
		return take_data(reader, data, err);
	case ATTRIBUTE_METAFILE:
		return visit_slice(reader, "icon.wmf", data, err);
	case ATTRIBUTE_TITLE:
		take_name(reader, TITLE, TYPE_STRING8, data);
		return MS_OK;
	case ATTRIBUTE_RENDERING:
		return end_attachment(reader, err);
	case ATTRIBUTE_MESSAGE_PROPERTIES:
	case ATTRIBUTE_ATTACHMENT_PROPERTIES:
		return read_properties(reader, *data, err);
	default:
		return MS_OK;
	}
}

static bool
is_padding(const struct ms_block_text *rest)
{
	for (size_t i = 0; i < rest->size; i++)
		if (!memchr("\0\r\n\t ", rest->data[i], 5))
			return false;
	return true;
}

static uint32_t
sum_of(const struct ms_block_text *data)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < data->size; i++)
		sum += data->data[i];
	return sum & 0xffff;
}

/* One attribute: level, number, size, data, sum of its bytes. */
static enum ms_status
next_attribute(struct reader *reader, struct ms_block_text *rest,
    struct ms_error *err)
{
	uint32_t level, id = 0, size = 0, sum;
	struct ms_block_text data;
	bool whole;

	(void)take_number(rest, 1, &level);
	if (level != 1 && level != 2) {
		tell_damage(reader, "no attribute where one should be");
		rest->size = 0;
		return MS_OK;
	}
	whole = take_number(rest, 4, &id) && take_number(rest, 4, &size);
	whole = take(rest, size, &data) && whole &&
	    take_number(rest, 2, &sum);
	if (!whole)
		tell_damage(reader, "Truncated TNEF");
	else if (sum != sum_of(&data))
		tell_damage(reader, "the checksum of an attribute is wrong");
	return read_attribute(reader, id & 0xffff, &data, err);
}

enum ms_status
ms_tnef_walk(const struct ms_block_input *input,
    const struct ms_block_visitor *visitor, void *arg, struct ms_error *err)
{
	struct reader reader = { .walk = { input, visitor, arg } };
	struct ms_block_text rest = { input->data, input->size };
	enum ms_status status = MS_OK;
	uint32_t signature, key;

	if (!take_number(&rest, 4, &signature) || signature != SIGNATURE ||
	    !take_number(&rest, 2, &key)) {
		tell_damage(&reader, "no TNEF");
		return MS_OK;
	}
	while (status == MS_OK && !is_padding(&rest))
		status = next_attribute(&reader, &rest, err);
	if (status == MS_OK)
		status = end_attachment(&reader, err);
	return status == MS_END ? MS_OK : status;
}
