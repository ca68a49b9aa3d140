#include "unpack/sniff.h"

#include "message/cms.h"

#include <glib.h>

#include <stdint.h>
#include <string.h>

/* How much text is looked at to call it text. */
#define TEXT_WINDOW 4096

/* How much of a header is looked at for fields that mail has. */
#define HEADER_WINDOW (1u << 20)

struct magic {
	size_t offset;
	const char *bytes;
	size_t size;
	struct ms_sniff_type type;
};

#define MAGIC(offset, bytes, name) \
	{ offset, bytes, sizeof bytes - 1, \
	  { name, MS_SNIFF_OPAQUE, MS_SNIFF_NONE } }
#define OPENS(offset, bytes, name, format) \
	{ offset, bytes, sizeof bytes - 1, \
	  { name, MS_SNIFF_ARCHIVE, MS_SNIFF_ ## format } }

#define ENGINE(offset, bytes, name) \
	{ offset, bytes, sizeof bytes - 1, \
	  { name, MS_SNIFF_ENGINE, MS_SNIFF_NONE } }

#define CLOSED(offset, bytes, name) \
	{ offset, bytes, sizeof bytes - 1, \
	  { name, MS_SNIFF_CLOSED, MS_SNIFF_NONE } }

/*
 * The first row that fits wins, but no name of a tar's first member does.
 * libarchive knows CAB, XAR and ISO 9660 as
 * well, but its LZX decoder frees memory that is not its own, its XAR reader
 * can loop for ever, and a loop of Rock Ridge continuations makes it take
 * all memory (3.6.2), so they are left to the engine.
 */
static const struct magic magics[] = {
	OPENS(0, "PK\003\004", "application/zip", ZIP),
	OPENS(0, "PK\005\006", "application/zip", ZIP),
	OPENS(0, "PK\007\010PK\003\004", "application/zip", ZIP),
	OPENS(0, "PK00PK\003\004", "application/zip", ZIP),
	OPENS(0, "7z\274\257\047\034", "application/x-7z-compressed", 7ZIP),
	OPENS(0, "Rar!\032\007\001\000", "application/vnd.rar", RAR5),
	OPENS(0, "Rar!\032\007\000", "application/vnd.rar", RAR),
	ENGINE(0, "MSCF\000\000\000\000",
	    "application/vnd.ms-cab-compressed"),
	ENGINE(0, "xar!", "application/x-xar"),
	ENGINE(0, "\140\352", "application/x-arj"),
	ENGINE(0, "EGGA", "application/x-egg"),
	ENGINE(0, "ALZ\001", "application/x-alz"),
	ENGINE(0, "SZDD\210\360\0473", "application/x-ms-compress-szdd"),
	ENGINE(8, "\031\004\000\020", "application/vnd.symbian.install"),
	CLOSED(7, "**ACE**", "application/x-ace-compressed"),
	CLOSED(10, "rLau", "application/x-stuffit"),
	CLOSED(0, "StuffIt (c)", "application/x-stuffitx"),
	CLOSED(20, "\334\247\304\375", "application/x-zoo"),
	CLOSED(0, "vhdxfile", "application/x-vhdx-disk"),
	CLOSED(0, "conectix\000\000\000", "application/x-vhd-disk"),
	CLOSED(0, "KDMV", "application/x-vmdk-disk"),
	CLOSED(0, "QFI\373", "application/x-qemu-disk"),
	CLOSED(0, "LRZI", "application/x-lrzip"),
	CLOSED(0, "\211LZO\000\r\n\032\n", "application/x-lzop"),
	CLOSED(0, "GRZipII\000", "application/x-grzip"),
	CLOSED(0, "Dovecot-LZ4\015\052\233\305", "application/x-dovecot-lz4"),
	CLOSED(0, "CRYPTED\003\007", "application/x-dovecot-crypt"),
	OPENS(0, "\355\253\356\333", "application/x-rpm", RPM),
	ENGINE(0, "ITSF", "application/vnd.ms-htmlhelp"),
	{ 0, "\170\237\076\042", 4,
	  { "application/ms-tnef", MS_SNIFF_TNEF, MS_SNIFF_NONE } },
	OPENS(0, "!<arch>\n", "application/x-archive", AR),
	OPENS(0, "070701", "application/x-cpio", CPIO),
	OPENS(0, "070702", "application/x-cpio", CPIO),
	OPENS(0, "070707", "application/x-cpio", CPIO),
	OPENS(0, "\307\161", "application/x-cpio", CPIO),
	OPENS(0, "\161\307", "application/x-cpio", CPIO),
	OPENS(2, "-lh", "application/x-lha", LHA),
	OPENS(2, "-lz", "application/x-lha", LHA),
	OPENS(0, "\037\213\010", "application/gzip", GZIP),
	OPENS(0, "BZh", "application/x-bzip2", BZIP2),
	OPENS(0, "\3757zXZ\000", "application/x-xz", XZ),
	OPENS(0, "\050\265\057\375", "application/zstd", ZSTD),
	OPENS(0, "\004\042\115\030", "application/x-lz4", LZ4),
	OPENS(0, "\002\041\114\030", "application/x-lz4", LZ4),
	OPENS(0, "LZIP", "application/x-lzip", LZIP),
	OPENS(0, "\037\235", "application/x-compress", COMPRESS),
	OPENS(257, "ustar", "application/x-tar", TAR),
	ENGINE(32769, "CD001", "application/x-iso9660-image"),
	ENGINE(32769, "BEA01", "application/x-udf-image"),
	MAGIC(0, "MZ", "application/vnd.microsoft.portable-executable"),
	MAGIC(0, "\177ELF", "application/x-elf"),
	MAGIC(0, "%PDF-", "application/pdf"),
	MAGIC(0, "\320\317\021\340\241\261\032\341",
	    "application/x-ole-storage"),
	MAGIC(0, "\377\330\377", "image/jpeg"),
	MAGIC(0, "\211PNG\r\n\032\n", "image/png"),
	MAGIC(0, "GIF8", "image/gif"),
	MAGIC(0, "II*\000", "image/tiff"),
	MAGIC(0, "MM\000*", "image/tiff"),
	MAGIC(0, "BM", "image/bmp"),
	MAGIC(0, "{\\rtf", "application/rtf"),
	MAGIC(0, "FWS", "application/x-shockwave-flash"),
	MAGIC(0, "CWS", "application/x-shockwave-flash"),
	MAGIC(0, "\312\376\272\276", "application/java-vm"),
	MAGIC(0, "\000asm", "application/wasm"),
	MAGIC(0, "ID3", "audio/mpeg"),
	MAGIC(0, "OggS", "application/ogg"),
	MAGIC(0, "RIFF", "application/x-riff"),
	MAGIC(4, "ftyp", "video/mp4"),
	MAGIC(0, "<?xml", "application/xml"),
};

static const struct ms_sniff_type type_empty =
    { "inode/x-empty", MS_SNIFF_OPAQUE, MS_SNIFF_NONE };
static const struct ms_sniff_type type_binary =
    { "application/octet-stream", MS_SNIFF_OPAQUE, MS_SNIFF_NONE };
static const struct ms_sniff_type type_text =
    { "text/plain", MS_SNIFF_TEXT, MS_SNIFF_NONE };
static const struct ms_sniff_type type_html =
    { "text/html", MS_SNIFF_TEXT, MS_SNIFF_NONE };
static const struct ms_sniff_type type_message =
    { "message/rfc822", MS_SNIFF_MESSAGE, MS_SNIFF_NONE };
static const struct ms_sniff_type type_tar =
    { "application/x-tar", MS_SNIFF_ARCHIVE, MS_SNIFF_TAR };
static const struct ms_sniff_type type_vhd =
    { "application/x-vhd-disk", MS_SNIFF_CLOSED, MS_SNIFF_NONE };
static const struct ms_sniff_type type_cms =
    { "application/pkcs7-mime", MS_SNIFF_CMS, MS_SNIFF_NONE };
static const struct ms_sniff_type type_lzma =
    { "application/x-lzma", MS_SNIFF_ARCHIVE, MS_SNIFF_LZMA };

/* Fields that begin a mail; two different ones make a message. */
static const char *const fields[] = {
	"received:", "return-path:", "delivered-to:", "from:", "to:",
	"subject:", "date:", "message-id:", "mime-version:", "reply-to:",
	"content-type:", "content-transfer-encoding:", "x-mailer:", "cc:",
	"dkim-signature:", "sender:", "x-originating-ip:",
};

/* The name of the archives before POSIX: only a checksum tells them
 * (512-byte header, octal sum of its bytes with the field itself blank). */
static bool
has_tar_sum(const unsigned char *data, size_t size)
{
	unsigned long sum = 0, stated = 0;
	size_t i;

	if (size < 512 || data[0] == '\0')
		return false;
	for (i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : data[i];
	for (i = 148; i < 156 && data[i] == ' '; i++)
		continue;
	for (; i < 156 && data[i] >= '0' && data[i] <= '7'; i++)
		stated = stated * 8 + (data[i] - '0');
	return stated == sum;
}

bool
ms_sniff_is_sure(enum ms_sniff_format format, const unsigned char *data,
    size_t size)
{
	switch (format) {
	case MS_SNIFF_BZIP2:
		return size >= 10 && data[3] >= '1' && data[3] <= '9' &&
		    (memcmp(data + 4, "1AY&SY", 6) == 0 ||
		    memcmp(data + 4, "\027\162\105\070\120\220", 6) == 0);
	case MS_SNIFF_LHA:
		return size > 6 && data[6] == '-';
	case MS_SNIFF_CPIO:
		/* Behind the digits of its magic stand those of a number. */
		for (size_t i = 6; data[0] == '0' && i < 14 && i < size; i++)
			if (!g_ascii_isxdigit(data[i]))
				return false;
		return true;
	case MS_SNIFF_TAR:
		return has_tar_sum(data, size) &&
		    memcmp(data + 257, "ustar", 5) == 0;
	default:
		return true;
	}
}

/* A disk of fixed size has its description at the end only (Virtual Hard Disk
 * Image Format Specification). */
static bool
is_fixed_vhd(const unsigned char *data, size_t size)
{
	return size >= 1024 && memcmp(data + size - 512,
	    "conectix\0\0\0", 11) == 0;
}

/* LZMA alone has no magic: a byte of properties, a dictionary size that is a
 * power of two or the sum of two, and a size that is unknown or sane. */
static bool
is_lzma(const unsigned char *data, size_t size)
{
	uint32_t dictionary;

	if (size <= 13 || data[0] >= 225)
		return false;
	dictionary = data[1] | (uint32_t)data[2] << 8 |
	    (uint32_t)data[3] << 16 | (uint32_t)data[4] << 24;
	if (dictionary < 4096)
		return false;
	dictionary /= dictionary & -dictionary;
	return (dictionary == 1 || dictionary == 3) &&
	    ((data[5] == 0xff && data[12] == 0xff) ||
	    (data[10] == 0 && data[11] == 0 && data[12] == 0));
}

/* UTF-8 or an 8-bit charset, but no control bytes that text has not. */
static bool
is_text(const unsigned char *data, size_t size)
{
	size = MIN(size, (size_t)TEXT_WINDOW);
	for (size_t i = 0; i < size; i++)
		if (data[i] < 32 && !memchr("\t\n\f\r\033\b", data[i], 6))
			return false;
	return true;
}

static bool
has_field(const unsigned char *line, size_t size, unsigned *seen)
{
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		size_t length = strlen(fields[i]);

		if (size >= length && g_ascii_strncasecmp((const char *)line,
		    fields[i], length) == 0) {
			*seen |= 1u << i;
			return true;
		}
	}
	return false;
}

/* Do they begin with header fields, MIN_KNOWN of them such as mail has? */
static bool
is_message(const unsigned char *data, size_t size, int min_known)
{
	const unsigned char *p = data, *end = data + MIN(size,
	    (size_t)HEADER_WINDOW);
	unsigned seen = 0;

	while (p < end) {
		const unsigned char *eol = memchr(p, '\n', (size_t)(end - p));
		size_t length = (size_t)((eol ? eol : end) - p);

		if (length == 0 || p[0] == '\r')
			break;
		if (p[0] != ' ' && p[0] != '\t' &&
		    !has_field(p, length, &seen) &&
		    !memchr(p, ':', length))
			break;
		if (__builtin_popcount(seen) >= min_known)
			return true;
		p += length + 1;
	}
	return false;
}

/* Is NAME that of a message kept in a file? */
static bool
is_message_name(const char *name)
{
	static const char *const suffixes[] = { ".eml", ".mht", ".mhtml",
		".nws" };
	size_t size = strlen(name);

	for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		size_t length = strlen(suffixes[i]);

		if (size > length && g_ascii_strcasecmp(name + size - length,
		    suffixes[i]) == 0)
			return true;
	}
	return false;
}

/* The same in UTF-16, with or without a byte order mark: header fields have
 * every second byte empty. */
static bool
is_wide_message(const unsigned char *data, size_t size)
{
	unsigned char narrow[1024];
	size_t count = 0;

	if (size < 4 || (data[0] != '\0') + (data[1] != '\0') +
	    (data[2] != '\0') + (data[3] != '\0') > 3)
		return false;
	for (size_t i = data[0] >= 0xfe ? 2 : 0; i < size &&
	    count < sizeof narrow; i++)
		if (data[i] != '\0')
			narrow[count++] = data[i];
	return is_message(narrow, count, 1);
}

bool
ms_sniff_may_be_message(const unsigned char *data, size_t size,
    const char *content_type, const char *name)
{
	return (content_type && g_str_has_prefix(content_type, "message/")) ||
	    (name && is_message_name(name)) ||
	    is_message(data, size, 1) || is_wide_message(data, size);
}

bool
ms_sniff_is_called_message(const char *content_type, const char *name)
{
	if (content_type && g_str_has_prefix(content_type, "message/"))
		return strcmp(content_type, "message/partial") != 0 &&
		    strcmp(content_type, "message/external-body") != 0;
	return name && is_message_name(name);
}

bool
ms_sniff_is_bare_part(const unsigned char *data, size_t size)
{
	const unsigned char *p = data, *end = p + size;

	while (p < end && (*p == '\r' || *p == '\n'))
		p++;
	if (end - p < 2 || p[0] != '-' || p[1] != '-')
		return false;
	p = memchr(p, '\n', MIN((size_t)(end - p), (size_t)256));
	return p && end - p > 9 &&
	    g_ascii_strncasecmp((const char *)p + 1, "content-", 8) == 0;
}

size_t
ms_sniff_skippable(const unsigned char *data, size_t size)
{
	size_t at = 0;

	while (size - at >= 8 && (data[at] & 0xf0) == 0x50 &&
	    memcmp(data + at + 1, "\052\115\030", 3) == 0) {
		size_t length = data[at + 4] | (size_t)data[at + 5] << 8 |
		    (size_t)data[at + 6] << 16 | (size_t)data[at + 7] << 24;

		if (length > size - at - 8)
			break;
		at += 8 + length;
	}
	return at;
}

static bool
is_html(const unsigned char *data, size_t size)
{
	size_t i = 0;

	while (i < size && g_ascii_isspace(data[i]))
		i++;
	data += i;
	size -= i;
	return (size >= 5 &&
	    g_ascii_strncasecmp((const char *)data, "<html", 5) == 0) ||
	    (size >= 14 &&
	    g_ascii_strncasecmp((const char *)data, "<!doctype html", 14) == 0);
}

static const struct ms_sniff_type *
sniff_text(const unsigned char *data, size_t size)
{
	if (is_html(data, size))
		return &type_html;
	return is_text(data, size) ? &type_text : &type_binary;
}

static const struct ms_sniff_type *
sniff_magic(const unsigned char *data, size_t size)
{
	for (size_t i = 0; i < G_N_ELEMENTS(magics); i++) {
		const struct magic *magic = &magics[i];

		if (size >= magic->offset + magic->size &&
		    memcmp(data + magic->offset, magic->bytes,
		    magic->size) == 0 &&
		    (ms_sniff_is_sure(magic->type.format, data, size) ||
		    !has_tar_sum(data, size)))
			return &magic->type;
	}
	return NULL;
}

const struct ms_sniff_type *
ms_sniff(const unsigned char *data, size_t size)
{
	const struct ms_sniff_type *type = sniff_magic(data, size);
	size_t skip = ms_sniff_skippable(data, size);

	if (size == 0)
		return &type_empty;
	if (skip > 0) {
		type = sniff_magic(data + skip, size - skip);
		return type && (type->format == MS_SNIFF_ZSTD ||
		    type->format == MS_SNIFF_LZ4) ? type : &type_binary;
	}
	if (type && type->kind != MS_SNIFF_OPAQUE)
		return type;
	/* What is signed is most often mail with a header. */
	if (ms_cms_is(data, size))
		return &type_cms;
	/* Two letters make no picture of what is mail by its fields. */
	if (is_message(data, size, 2))
		return &type_message;
	if (is_fixed_vhd(data, size))
		return &type_vhd;
	if (type)
		return type;
	if (has_tar_sum(data, size))
		return &type_tar;
	if (is_lzma(data, size))
		return &type_lzma;
	return sniff_text(data, size);
}

bool
ms_sniff_is_store(const struct ms_sniff_type *type)
{
	return type->format >= MS_SNIFF_BZIP2 ||
	    g_str_has_prefix(type->name, "application/x-dovecot-");
}

const char *
ms_sniff_name(const char *name)
{
	static const struct ms_sniff_type *const others[] = {
		&type_empty, &type_binary, &type_text, &type_html,
		&type_message, &type_tar, &type_lzma, &type_cms,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		if (strcmp(others[i]->name, name) == 0)
			return others[i]->name;
	for (size_t i = 0; i < G_N_ELEMENTS(magics); i++)
		if (strcmp(magics[i].type.name, name) == 0)
			return magics[i].type.name;
	return NULL;
}
