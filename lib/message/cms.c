#include "message/cms.h"

#include <glib.h>

#include <string.h>

/* Tags (X.690 8.1.2), with the bit for "constructed". */
enum {
	TAG_OCTETS = 0x04,
	TAG_OID = 0x06,
	TAG_OCTETS_IN_PIECES = 0x24,
	TAG_SEQUENCE = 0x30,
	TAG_CONTENT = 0xa0
};

#define CONSTRUCTED 0x20

/* A tag and a length. */
struct header {
	unsigned tag;
	size_t size;
	bool open;		/* the end is marked, the length not known */
};

/* What the identifiers of content types say. */
static const struct {
	const char *oid;
	size_t size;
	enum ms_status status;	/* MS_OK: the content is in clear */
	const char *name;
} types[] = {
#define TYPE(oid, status, name) { oid, sizeof oid - 1, status, name }
	/* 1.2.840.113549.1.7.x */
	TYPE("\052\206\110\206\367\015\001\007\002", MS_OK, "signed data"),
	TYPE("\052\206\110\206\367\015\001\007\003", MS_E_ENCRYPTED,
	    "S/MIME, enveloped data"),
	TYPE("\052\206\110\206\367\015\001\007\004", MS_E_ENCRYPTED,
	    "S/MIME, signed and enveloped data"),
	TYPE("\052\206\110\206\367\015\001\007\005", MS_OK, "digested data"),
	TYPE("\052\206\110\206\367\015\001\007\006", MS_E_ENCRYPTED,
	    "S/MIME, encrypted data"),
	/* 1.2.840.113549.1.9.16.1.x */
	TYPE("\052\206\110\206\367\015\001\011\020\001\002", MS_OK,
	    "authenticated data"),
	TYPE("\052\206\110\206\367\015\001\011\020\001\011",
	    MS_E_UNSUPPORTED, "S/MIME, compressed data"),
	TYPE("\052\206\110\206\367\015\001\011\020\001\027", MS_E_ENCRYPTED,
	    "S/MIME, authenticated and enveloped data"),
#undef TYPE
};

/* Cut a tag and a length off REST. */
static bool
take_header(struct ms_block_text *rest, struct header *header)
{
	size_t count;

	if (rest->size < 2 || (rest->data[0] & 31) == 31)
		return false;
	header->tag = rest->data[0];
	count = rest->data[1];
	header->open = count == 0x80;
	rest->data += 2, rest->size -= 2;
	header->size = header->open ? 0 : count;
	if (count <= 0x80)
		return true;
	count &= 127;
	if (count > rest->size || count > 8)
		return false;
	header->size = 0;
	for (size_t i = 0; i < count; i++)
		header->size = header->size << 8 | rest->data[i];
	rest->data += count, rest->size -= count;
	return true;
}

/* Cut TAG off REST; INSIDE is what it holds, as far as it is here, or all of
 * the rest if the end is marked. */
static bool
enter(struct ms_block_text *rest, unsigned tag, struct ms_block_text *inside)
{
	struct header header;

	if (!take_header(rest, &header) || header.tag != tag)
		return false;
	*inside = *rest;
	if (!header.open)
		inside->size = MIN(header.size, rest->size);
	rest->data += inside->size, rest->size -= inside->size;
	return true;
}

/* Pass over one value, and what is in it. */
static bool
skip(struct ms_block_text *rest)
{
	size_t open = 0;
	struct header header;

	do {
		if (!take_header(rest, &header) || header.size > rest->size)
			return false;
		rest->data += header.size, rest->size -= header.size;
		if (header.open)
			open++;
		else if (header.tag == 0 && header.size == 0 && open > 0)
			open--;
	} while (open > 0);
	return true;
}

/* The index in types, and in INSIDE what the type is the type of; -1. */
static int
find_type(const unsigned char *data, size_t size,
    struct ms_block_text *inside)
{
	struct ms_block_text rest = { data, size }, info, oid;

	if (!enter(&rest, TAG_SEQUENCE, &info) ||
	    !enter(&info, TAG_OID, &oid))
		return -1;
	*inside = info;
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		if (oid.size == types[i].size &&
		    memcmp(oid.data, types[i].oid, oid.size) == 0)
			return (int)i;
	return -1;
}

bool
ms_cms_is(const unsigned char *data, size_t size)
{
	struct ms_block_text inside;

	return find_type(data, size, &inside) >= 0;
}

/* Types of content, and of nothing else: 1.2.840.113549.1.7, and
 * 1.2.840.113549.1.9.16.1. */
static bool
is_content_type(const struct ms_block_text *oid)
{
	static const char prefix[] = "\052\206\110\206\367\015\001";

	return oid->size > 8 && memcmp(oid->data, prefix, 7) == 0 &&
	    (oid->data[7] == 7 || (oid->size > 10 &&
	    memcmp(oid->data + 7, "\011\020\001", 3) == 0));
}

/*
 * The content, as found among the members of REST: the first sequence of a
 * type of content, or of any type with something in [0]. Algorithms are
 * sequences of a type as well, but have no [0] behind it. CONTENT is empty if
 * it is elsewhere. false: REST ends before the place where it would be.
 */
static bool
find_content(struct ms_block_text *rest, struct ms_block_text *content)
{
	content->size = 0;
	while (rest->size > 0 && rest->data[0] != 0) {
		struct ms_block_text next = *rest, member, oid;

		if (enter(&next, TAG_SEQUENCE, &member) &&
		    enter(&member, TAG_OID, &oid) &&
		    (enter(&member, TAG_CONTENT, content) ||
		    is_content_type(&oid)))
			return true;
		if (!skip(rest))
			return false;
	}
	return true;
}

/* One piece of an octet string; *WHOLE: all of it is here. */
static enum ms_status
keep_piece(const struct ms_block_input *input, struct ms_block_text *rest,
    size_t size, bool *whole, struct ms_error *err)
{
	enum ms_status status;

	*whole = size <= rest->size;
	size = MIN(size, rest->size);
	status = ms_block_keep(input, rest->data, size, err);
	rest->data += size, rest->size -= size;
	return status;
}

/*
 * The octet string at REST, or its pieces, which may be in pieces themselves:
 * lengths of what is around pieces are not gone by, only marked ends.
 */
static enum ms_status
keep_octets(const struct ms_block_input *input, struct ms_block_text rest,
    bool *whole, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	bool in_pieces = false;
	struct header header;
	size_t open = 0;

	*whole = true;
	while (status == MS_OK && *whole && rest.size > 0) {
		if (!take_header(&rest, &header)) {
			*whole = false;
		} else if (header.tag == TAG_OCTETS && !header.open) {
			status = keep_piece(input, &rest, header.size, whole,
			    err);
			if (!in_pieces)
				return status;
		} else if (header.tag == TAG_OCTETS_IN_PIECES) {
			in_pieces = true;
			open += header.open;
		} else if (header.tag != 0 || open <= 1) {
			*whole = header.tag == 0 || open == 0;
			return status;
		} else {
			open--;
		}
	}
	*whole = *whole && open == 0;
	return status;
}

/* CONTENT is an octet string, or, before RFC 2630, anything. */
static enum ms_status
visit_content(const struct ms_block_walk *walk,
    const struct ms_block_text *content, struct ms_error *err)
{
	const struct ms_block_input *input = walk->input;
	enum ms_status status;
	bool whole = true;

	ms_spool_clear(input->spool);
	if ((content->data[0] & ~(unsigned)CONSTRUCTED) == TAG_OCTETS)
		status = keep_octets(input, *content, &whole, err);
	else
		status = ms_block_keep(input, content->data, content->size,
		    err);
	if (status == MS_OK && !whole)
		ms_block_trouble(walk, "content", MS_E_FORMAT,
		    "Truncated S/MIME content");
	return ms_block_done(walk, "content", status, err);
}

enum ms_status
ms_cms_walk(const struct ms_block_input *input,
    const struct ms_block_visitor *visitor, void *arg, struct ms_error *err)
{
	const struct ms_block_walk walk = { input, visitor, arg };
	struct ms_block_text inside, explicit, members, content;
	int type = find_type(input->data, input->size, &inside);
	enum ms_status status = MS_OK;

	if (type < 0) {
		ms_block_trouble(&walk, NULL, MS_E_FORMAT, "no S/MIME");
	} else if (types[type].status != MS_OK) {
		ms_block_trouble(&walk, NULL, types[type].status, "%s",
		    types[type].name);
	} else if (!enter(&inside, TAG_CONTENT, &explicit) ||
	    !enter(&explicit, TAG_SEQUENCE, &members) ||
	    !find_content(&members, &content)) {
		ms_block_trouble(&walk, NULL, MS_E_FORMAT,
		    "the %s could not be read", types[type].name);
	} else if (content.size > 0) {
		status = visit_content(&walk, &content, err);
	}
	return status == MS_END ? MS_OK : status;
}
