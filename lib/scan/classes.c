#include "scan/classes.h"

#include "base/little.h"
#include "unpack/zipdir.h"

#include <glib.h>

#include <stdint.h>
#include <string.h>

/* So far into a text, a script has shown that it is one. */
#define SCRIPT_WINDOW ((size_t)64 << 10)

static const char *const names[MS_CLASSES] = {
	[MS_CLASS_EXECUTABLE] = "executable",
	[MS_CLASS_SCRIPT] = "script",
	[MS_CLASS_ARCHIVE] = "archive",
	[MS_CLASS_DISK_IMAGE] = "disk-image",
	[MS_CLASS_OFFICE] = "office",
	[MS_CLASS_OFFICE_MACRO] = "office-macro",
	[MS_CLASS_PDF] = "pdf",
	[MS_CLASS_HTML] = "html",
	[MS_CLASS_IMAGE] = "image",
	[MS_CLASS_AUDIO] = "audio",
	[MS_CLASS_VIDEO] = "video",
};

/* Media types that say it all; with a slash at its end, all that begin so. */
static const struct {
	enum ms_class class;
	const char *type;
} types[] = {
	{ MS_CLASS_EXECUTABLE, "application/x-elf" },
	{ MS_CLASS_EXECUTABLE, "application/java-vm" },
	{ MS_CLASS_EXECUTABLE, "application/wasm" },
	{ MS_CLASS_EXECUTABLE, "application/vnd.symbian.install" },
	{ MS_CLASS_EXECUTABLE, "application/vnd.ms-htmlhelp" },
	{ MS_CLASS_EXECUTABLE, "application/x-rpm" },
	{ MS_CLASS_EXECUTABLE, "application/x-shockwave-flash" },
	{ MS_CLASS_ARCHIVE, "application/zip" },
	{ MS_CLASS_ARCHIVE, "application/x-7z-compressed" },
	{ MS_CLASS_ARCHIVE, "application/vnd.rar" },
	{ MS_CLASS_ARCHIVE, "application/vnd.ms-cab-compressed" },
	{ MS_CLASS_ARCHIVE, "application/x-xar" },
	{ MS_CLASS_ARCHIVE, "application/x-arj" },
	{ MS_CLASS_ARCHIVE, "application/x-egg" },
	{ MS_CLASS_ARCHIVE, "application/x-alz" },
	{ MS_CLASS_ARCHIVE, "application/x-ms-compress-szdd" },
	{ MS_CLASS_ARCHIVE, "application/x-ace-compressed" },
	{ MS_CLASS_ARCHIVE, "application/x-stuffit" },
	{ MS_CLASS_ARCHIVE, "application/x-stuffitx" },
	{ MS_CLASS_ARCHIVE, "application/x-zoo" },
	{ MS_CLASS_ARCHIVE, "application/x-lrzip" },
	{ MS_CLASS_ARCHIVE, "application/x-lzop" },
	{ MS_CLASS_ARCHIVE, "application/x-grzip" },
	{ MS_CLASS_ARCHIVE, "application/x-archive" },
	{ MS_CLASS_ARCHIVE, "application/x-cpio" },
	{ MS_CLASS_ARCHIVE, "application/x-lha" },
	{ MS_CLASS_ARCHIVE, "application/x-rpm" },
	{ MS_CLASS_ARCHIVE, "application/x-tar" },
	{ MS_CLASS_ARCHIVE, "application/gzip" },
	{ MS_CLASS_ARCHIVE, "application/x-bzip2" },
	{ MS_CLASS_ARCHIVE, "application/x-xz" },
	{ MS_CLASS_ARCHIVE, "application/zstd" },
	{ MS_CLASS_ARCHIVE, "application/x-lz4" },
	{ MS_CLASS_ARCHIVE, "application/x-lzip" },
	{ MS_CLASS_ARCHIVE, "application/x-lzma" },
	{ MS_CLASS_ARCHIVE, "application/x-compress" },
	{ MS_CLASS_DISK_IMAGE, "application/x-iso9660-image" },
	{ MS_CLASS_DISK_IMAGE, "application/x-udf-image" },
	{ MS_CLASS_DISK_IMAGE, "application/x-vhdx-disk" },
	{ MS_CLASS_DISK_IMAGE, "application/x-vhd-disk" },
	{ MS_CLASS_DISK_IMAGE, "application/x-vmdk-disk" },
	{ MS_CLASS_DISK_IMAGE, "application/x-qemu-disk" },
	{ MS_CLASS_OFFICE, "application/x-ole-storage" },
	{ MS_CLASS_OFFICE, "application/rtf" },
	{ MS_CLASS_PDF, "application/pdf" },
	{ MS_CLASS_HTML, "text/html" },
	{ MS_CLASS_IMAGE, "image/" },
	{ MS_CLASS_AUDIO, "audio/" },
	{ MS_CLASS_VIDEO, "video/" },
};

struct bytes {
	const unsigned char *data;
	size_t size;
};

static bool
begins(const struct bytes *b, const char *with, size_t size)
{
	return b->size >= size && memcmp(b->data, with, size) == 0;
}

#define BEGINS(b, text) begins(b, text, sizeof text - 1)

/* Does TEXT, in ASCII, stand in the first bytes, in any case? */
static bool
contains(const struct bytes *b, const char *text)
{
	size_t length = strlen(text), size = MIN(b->size, SCRIPT_WINDOW);

	for (size_t i = 0; i + length <= size; i++)
		if (g_ascii_tolower(b->data[i]) == g_ascii_tolower(*text) &&
		    g_ascii_strncasecmp((const char *)b->data + i, text,
		    length) == 0)
			return true;
	return false;
}

/* An installer, a patch or a transform of Windows: the class of the first
 * entry in the directory of an OLE file ([MS-CFB] 2.2, 2.6.1). */
static bool
is_installer(const struct bytes *b)
{
	static const char rest[] = "\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";
	unsigned shift;
	uint64_t at;

	if (b->size < 512 || !BEGINS(b, "\320\317\021\340\241\261\032\341"))
		return false;
	shift = b->data[30];
	if (shift != 9 && shift != 12)
		return false;
	at = (ms_little(b->data + 48, 4) + 1) << shift;
	if (at > b->size || b->size - at < 96)
		return false;
	return (b->data[at + 80] == 0x84 || b->data[at + 80] == 0x86 ||
	    b->data[at + 80] == 0x82) &&
	    b->data[at + 81] == 0x10 && b->data[at + 82] == 0x0c &&
	    memcmp(b->data + at + 83, rest, 13) == 0;
}

/* The header of a program of Windows, where that of DOS says it is. */
static bool
is_pe(const struct bytes *b)
{
	const uint64_t at = b->size >= 64 ?
	    ms_little(b->data + 60, 4) : UINT32_MAX;

	return at < b->size && b->size - at >= 4 &&
	    memcmp(b->data + at, "PE\0\0", 4) == 0;
}

/* A header that no text is: "MZ" alone may begin a word. */
static bool
is_dos(const struct bytes *b)
{
	return (BEGINS(b, "MZ") || BEGINS(b, "ZM")) && b->size >= 28 &&
	    (memchr(b->data, '\0', MIN(b->size, (size_t)64)) || is_pe(b));
}

static bool
is_executable(const struct bytes *b)
{
	return is_dos(b) || is_installer(b) ||
	    BEGINS(b, "\376\355\372\316") || BEGINS(b, "\376\355\372\317") ||
	    BEGINS(b, "\316\372\355\376") || BEGINS(b, "\317\372\355\376") ||
	    BEGINS(b, "dex\n03") ||
	    /* A shortcut. */
	    BEGINS(b, "L\000\000\000\001\024\002\000");
}

/* The text, if it is in UTF-16, as ASCII in ROOM of SIZE bytes. */
static void
narrow(struct bytes *b, unsigned char *room, size_t size)
{
	size_t n = 0;

	if (!BEGINS(b, "\377\376") && !BEGINS(b, "\376\377"))
		return;
	for (size_t i = 2; i < b->size && n < size; i++)
		if (b->data[i] != '\0')
			room[n++] = b->data[i];
	*b = (struct bytes){ room, n };
}

static bool
is_script(const struct bytes *all, bool is_text)
{
	static const char *const starts[] = { "#!", "<?php", "#@~^",
		"@echo off", "<job", "<package", "<scriptlet", "<hta:",
		"<component" };
	static const char *const within[] = { "<hta:application",
		"wscript.shell", "wscript.createobject",
		"new activexobject(", "scripting.filesystemobject",
		"<script language=\"vbscript\"" };
	unsigned char room[4096];
	struct bytes b = *all;

	narrow(&b, room, sizeof room);
	if (BEGINS(&b, "\357\273\277"))
		b = (struct bytes){ b.data + 3, b.size - 3 };
	while (b.size > 0 && g_ascii_isspace(*b.data)) {
		b.data++;
		b.size--;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(starts); i++)
		if (b.size >= strlen(starts[i]) && g_ascii_strncasecmp(
		    (const char *)b.data, starts[i], strlen(starts[i])) == 0)
			return true;
	for (size_t i = 0; i < G_N_ELEMENTS(within) && !is_text; i++)
		if (contains(&b, within[i]))
			return true;
	return false;
}

/* A zip that begins as documents do ([ECMA-376], ODF 1.2 part 3). */
static bool
is_document(const struct bytes *b)
{
	static const char *const first[] = { "[Content_Types].xml", "_rels/",
		"docProps/", "word/", "xl/", "ppt/",
		"mimetypeapplication/vnd.oasis." };

	if (!BEGINS(b, "PK\003\004") || b->size < 30)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(first); i++)
		if (b->size - 30 >= strlen(first[i]) && memcmp(b->data + 30,
		    first[i], strlen(first[i])) == 0)
			return true;
	return false;
}

/* A zip that stands behind something else, which it is opened as all the same.
 * Documents may have one in them. */
static bool
has_archive(const char *type, const struct bytes *b)
{
	static const char *const fronts[] = { "application/octet-stream",
		"application/vnd.microsoft.portable-executable",
		"application/x-elf", "text/plain", "text/html", "image/",
		"audio/", "video/" };

	for (size_t i = 0; i < G_N_ELEMENTS(fronts); i++)
		if (g_str_has_prefix(type, fronts[i]))
			return ms_zipdir_ends(b->data, b->size);
	return false;
}

/* A project of VBA: the stream of that name in an OLE file, or a file of its
 * own in a document, which is one, too. */
static bool
has_macro(const struct bytes *b)
{
	static const char stream[] = "_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T";

	if (BEGINS(b, "ActiveMime"))
		return true;
	if (BEGINS(b, "<?xml"))
		return contains(b, "macrosPresent=\"yes\"");
	return BEGINS(b, "\320\317\021\340\241\261\032\341") &&
	    memmem(b->data, b->size, stream, sizeof stream);
}

static bool
has_type(enum ms_class class, const char *type)
{
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		if (types[i].class == class &&
		    (strcmp(types[i].type, type) == 0 ||
		    (g_str_has_suffix(types[i].type, "/") &&
		    g_str_has_prefix(type, types[i].type))))
			return true;
	return false;
}

bool
ms_classes_has(enum ms_class class, const char *type,
    const unsigned char *data, size_t size, bool is_text)
{
	const struct bytes b = { data, size };

	switch (class) {
	case MS_CLASS_EXECUTABLE:
		return has_type(class, type) || is_executable(&b);
	case MS_CLASS_SCRIPT:
		return is_script(&b, is_text);
	case MS_CLASS_ARCHIVE:
		return has_type(class, type) ? !is_document(&b) :
		    has_archive(type, &b);
	case MS_CLASS_OFFICE:
		return (has_type(class, type) && !is_installer(&b)) ||
		    is_document(&b) || has_macro(&b);
	case MS_CLASS_OFFICE_MACRO:
		return has_macro(&b);
	default:
		return has_type(class, type);
	}
}

const char *
ms_classes_name(enum ms_class class)
{
	return names[class];
}

enum ms_class
ms_classes_by_name(const char *name)
{
	int i = 0;

	while (i < MS_CLASSES && strcmp(names[i], name) != 0)
		i++;
	return (enum ms_class)i;
}
