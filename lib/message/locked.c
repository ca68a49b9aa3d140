#include "message/locked.h"

#include "message/block.h"

#include <glib.h>

#include <string.h>

/* How much of a manifest is looked at. */
#define MANIFEST_WINDOW (1u << 20)

/* OpenPGP packets by their tags (RFC 4880 4.3). */
enum {
	PACKET_SESSION_KEY = 1,
	PACKET_SIGNATURE = 2,
	PACKET_PASSWORD_KEY = 3,
	PACKET_ONE_PASS = 4,
	PACKET_COMPRESSED = 8,
	PACKET_ENCRYPTED = 9,
	PACKET_MARKER = 10,
	PACKET_LITERAL = 11,
	PACKET_PROTECTED = 18,
	PACKET_AEAD = 20
};

static const char pgp_name[] = "OpenPGP message";
static const char packed_name[] = "OpenPGP message, packed";

/* The tag of the packet that begins TEXT, or 0; *NEXT is the offset of the
 * one behind it, if all of it is of known length. */
static unsigned
packet(const struct ms_block_text *text, size_t *next)
{
	const unsigned char *p = text->data;
	size_t octets;

	*next = 0;
	if (text->size < 2 || !(p[0] & 0x80))
		return 0;
	if (p[0] & 0x40) {
		if (p[1] < 192)
			*next = 2u + p[1];
		else if (p[1] < 224 && text->size > 2)
			*next = 3 + ((p[1] - 192u) << 8) + p[2] + 192;
		return p[0] & 63;
	}
	octets = (size_t)1 << (p[0] & 3);
	if (octets == 8 || text->size < 1 + octets)
		return p[0] >> 2 & 15;
	for (size_t i = 0; i < octets; i++)
		*next = *next << 8 | p[1 + i];
	*next += 1 + octets;
	return p[0] >> 2 & 15;
}

static enum ms_status
judge_packet(unsigned tag)
{
	switch (tag) {
	case PACKET_SESSION_KEY:
	case PACKET_PASSWORD_KEY:
	case PACKET_ENCRYPTED:
	case PACKET_PROTECTED:
	case PACKET_AEAD:
		return MS_E_ENCRYPTED;
	case PACKET_COMPRESSED:
	case PACKET_ONE_PASS:
	case PACKET_SIGNATURE:
	case PACKET_LITERAL:
		return MS_E_UNSUPPORTED;
	default:
		return MS_OK;
	}
}

/* The first bytes behind an armour's header, which may be missing. */
static size_t
decode_armour(struct ms_block_text rest, unsigned char out[72])
{
	struct ms_block_text line;
	gint state = 0;
	guint save = 0;
	size_t n = 0;

	while (ms_block_line(&rest, &line) && n < 6) {
		if (line.size == 0 || memchr(line.data, ':', line.size))
			continue;
		if (line.data[0] == '-' || line.data[0] == '=')
			break;
		n += g_base64_decode_step((const gchar *)line.data,
		    MIN(line.size, (size_t)64), out + n, &state, &save);
	}
	return n;
}

static enum ms_status
find_armour(const unsigned char *data, size_t size)
{
	struct ms_block_text rest = { data, size }, line;
	enum ms_status found = MS_OK;

	while (found != MS_E_ENCRYPTED &&
	    ms_block_seek(&rest, "-----BEGIN PGP MESSAGE") &&
	    ms_block_line(&rest, &line)) {
		unsigned char bytes[72];
		struct ms_block_text text = { bytes, 0 };
		enum ms_status status;
		size_t next;

		text.size = decode_armour(rest, bytes);
		status = judge_packet(packet(&text, &next));
		if (status != MS_OK)
			found = status;
	}
	return found;
}

/* Does TEXT begin with what encrypts a session key, as such a packet looks? */
static bool
is_key_packet(const struct ms_block_text *text, unsigned tag, size_t next)
{
	size_t body;

	/* There is a whole packet, with something behind it. */
	if (next < 3 || next >= text->size || next > 65536)
		return false;
	body = text->data[0] & 0x40 ? (text->data[1] < 192 ? 2 : 3) :
	    1 + ((size_t)1 << (text->data[0] & 3));
	if (next <= body)
		return false;
	if (tag == PACKET_SESSION_KEY)
		return text->data[body] == 3 || text->data[body] == 6;
	return tag == PACKET_PASSWORD_KEY && text->data[body] >= 4 &&
	    text->data[body] <= 6;
}

/* Binary, without armour: a packet with a key in it, and another that may
 * follow it. One alone would be said of too much that is something else. */
static bool
is_binary_pgp(const unsigned char *data, size_t size)
{
	struct ms_block_text text = { data, size };
	size_t next;
	unsigned tag = packet(&text, &next);

	if (tag == PACKET_MARKER && next == 5 && size > 5 &&
	    memcmp(data + 2, "PGP", 3) == 0) {
		text.data += 5, text.size -= 5;
		tag = packet(&text, &next);
	}
	if (!is_key_packet(&text, tag, next))
		return false;
	text.data += next, text.size -= next;
	tag = packet(&text, &next);
	return tag == PACKET_SESSION_KEY || tag == PACKET_PASSWORD_KEY ||
	    tag == PACKET_ENCRYPTED || tag == PACKET_PROTECTED ||
	    tag == PACKET_AEAD;
}

/* An OLE file: what is needed to find where its streams begin. */
struct ole {
	const unsigned char *data;
	size_t size;
	size_t sector;		/* bytes */
	size_t small;		/* where streams of less than 4096 bytes lie */
};

#define OLE_MAGIC "\320\317\021\340\241\261\032\341"
#define ENTRY 128	/* bytes in the directory */
#define SMALL_STREAM 4096
#define SMALL_SECTOR 64

static uint32_t
number(const unsigned char *data, size_t octets)
{
	uint32_t value = 0;

	for (size_t i = 0; i < octets; i++)
		value |= (uint32_t)data[i] << 8 * i;
	return value;
}

/* Is ENTRY a stream (or what KIND says) called NAME? */
static bool
is_entry(const unsigned char *entry, unsigned kind, const char *name)
{
	size_t length = strlen(name);

	if (entry[66] != kind || number(entry + 64, 2) != 2 * (length + 1))
		return false;
	for (size_t i = 0; i < length; i++)
		if (entry[2 * i] != (unsigned char)name[i] ||
		    entry[2 * i + 1] != 0)
			return false;
	return true;
}

/* What there is of the first sector of ENTRY's stream, of which nothing else
 * is needed. */
static struct ms_block_text
stream_start(const struct ole *ole, const unsigned char *entry)
{
	struct ms_block_text start = { ole->data, 0 };
	uint32_t sector = number(entry + 116, 4);
	uint32_t size = number(entry + 120, 4);
	uint64_t at = ((uint64_t)sector + 1) * ole->sector;

	if (size < SMALL_STREAM)
		at = ole->small + (uint64_t)sector * SMALL_SECTOR;
	if (at >= ole->size || (size < SMALL_STREAM && ole->small == 0))
		return start;
	start.data += at;
	start.size = MIN(ole->size - (size_t)at, MIN((size_t)size,
	    (size_t)512));
	return start;
}

/* MS-DOC 2.5.2: fEncrypted of the FIB. */
static bool
is_locked_word(const struct ms_block_text *start)
{
	return start->size >= 12 && number(start->data, 2) == 0xa5ec &&
	    start->data[11] & 1;
}

/* MS-XLS 2.4.117: FilePass among the first records. */
static bool
is_locked_excel(const struct ms_block_text *start)
{
	size_t at = 0;

	for (int i = 0; i < 8 && at + 4 <= start->size; i++) {
		uint32_t record = number(start->data + at, 2);

		if (i == 0 && (record & 0xff) != 9)
			return false;
		if (record == 0x2f)
			return true;
		at += 4 + number(start->data + at + 2, 2);
	}
	return false;
}

/* MS-PPT 2.3.2: the token of the CurrentUserAtom. */
static bool
is_locked_slides(const struct ms_block_text *start)
{
	return start->size >= 16 &&
	    number(start->data + 12, 4) == 0xf3d1c4df;
}

static bool
is_locked_by_name(const struct ms_block_text *start)
{
	(void)start;
	return true;
}

/* Streams whose names or first bytes tell. */
static const struct {
	const char *name;
	bool (*is_locked)(const struct ms_block_text *start);
} streams[] = {
	{ "EncryptedPackage", is_locked_by_name },
	{ "EncryptedSummary", is_locked_by_name },
	{ "WordDocument", is_locked_word },
	{ "Workbook", is_locked_excel },
	{ "Book", is_locked_excel },
	{ "Current User", is_locked_slides },
};

/*
 * The directory lies anywhere, but its entries always at multiples of their
 * size, so they are looked for there and no chain of sectors is followed.
 */
static bool
is_locked_ole(const unsigned char *data, size_t size)
{
	struct ole ole = { data, size, 512, 0 };

	if (size < 512 || memcmp(data, OLE_MAGIC, 8) != 0)
		return false;
	if (number(data + 30, 2) == 12)
		ole.sector = 4096;
	for (size_t at = 512; at + ENTRY <= size; at += ENTRY) {
		const unsigned char *entry = data + at;

		if (is_entry(entry, 5, "Root Entry"))
			ole.small = (size_t)MIN(((uint64_t)number(entry + 116,
			    4) + 1) * ole.sector, (uint64_t)size);
		for (size_t i = 0; entry[66] == 2 &&
		    i < G_N_ELEMENTS(streams); i++) {
			struct ms_block_text start;

			if (!is_entry(entry, 2, streams[i].name))
				continue;
			start = stream_start(&ole, entry);
			if (streams[i].is_locked(&start))
				return true;
		}
	}
	return false;
}

/* META-INF/manifest.xml of an OpenDocument file. */
static bool
is_locked_manifest(const unsigned char *data, size_t size)
{
	static const char mark[] = "<manifest:encryption-data";

	return size > 5 && memcmp(data, "<?xml", 5) == 0 &&
	    memmem(data, MIN(size, (size_t)MANIFEST_WINDOW), mark,
	    sizeof mark - 1);
}

enum ms_status
ms_locked(const unsigned char *data, size_t size, const char **what)
{
	enum ms_status status = find_armour(data, size);

	*what = status == MS_E_UNSUPPORTED ? packed_name : pgp_name;
	if (status != MS_OK)
		return status;
	if (is_binary_pgp(data, size))
		return MS_E_ENCRYPTED;
	*what = "Office document with a password";
	if (is_locked_ole(data, size))
		return MS_E_ENCRYPTED;
	*what = "OpenDocument file with a password";
	return is_locked_manifest(data, size) ? MS_E_ENCRYPTED : MS_OK;
}
