#include "unpack/sniff.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define CASE(text, name, kind, format) \
	{ text, sizeof text - 1, name, MS_SNIFF_ ## kind, \
	  MS_SNIFF_ ## format }

static const struct {
	const char *text;
	size_t size;
	const char *name;
	enum ms_sniff_kind kind;
	enum ms_sniff_format format;
} cases[] = {
	CASE("", "inode/x-empty", OPAQUE, NONE),
	CASE("PK\003\004 and on", "application/zip", ARCHIVE, ZIP),
	CASE("PK\005\006", "application/zip", ARCHIVE, ZIP),
	CASE("PK\007\010PK\003\004", "application/zip", ARCHIVE, ZIP),
	CASE("PK\003", "application/octet-stream", OPAQUE, NONE),
	CASE("PK\001\002", "application/octet-stream", OPAQUE, NONE),
	CASE("7z\274\257\047\034", "application/x-7z-compressed", ARCHIVE,
	    7ZIP),
	CASE("Rar!\032\007\000", "application/vnd.rar", ARCHIVE, RAR),
	CASE("Rar!\032\007\001\000", "application/vnd.rar", ARCHIVE, RAR5),
	CASE("!<arch>\n", "application/x-archive", ARCHIVE, AR),
	CASE("070701", "application/x-cpio", ARCHIVE, CPIO),
	CASE("\307\161", "application/x-cpio", ARCHIVE, CPIO),
	CASE("ab-lh5-", "application/x-lha", ARCHIVE, LHA),
	CASE("\037\213\010", "application/gzip", ARCHIVE, GZIP),
	CASE("BZh9", "application/x-bzip2", ARCHIVE, BZIP2),
	CASE("\3757zXZ\000", "application/x-xz", ARCHIVE, XZ),
	CASE("\050\265\057\375", "application/zstd", ARCHIVE, ZSTD),
	CASE("\004\042\115\030", "application/x-lz4", ARCHIVE, LZ4),
	CASE("LZIP", "application/x-lzip", ARCHIVE, LZIP),
	CASE("\037\235", "application/x-compress", ARCHIVE, COMPRESS),
	CASE("\x5d\0\0\x80\0\377\377\377\377\377\377\377\377\0",
	    "application/x-lzma", ARCHIVE, LZMA),
	CASE("\x5d\0\0\x80\0\377\377\377\377\377\377\377\0\0",
	    "application/octet-stream", OPAQUE, NONE),
	CASE("MSCF\0\0\0\0", "application/vnd.ms-cab-compressed", ENGINE,
	    NONE),
	CASE("xar!", "application/x-xar", ENGINE, NONE),
	CASE("\170\237\076\042", "application/ms-tnef", TNEF, NONE),
	CASE("\060\200\006\011\052\206\110\206\367\015\001\007\002",
	    "application/pkcs7-mime", CMS, NONE),
	/* What is signed has a header itself. */
	CASE("\060\200\006\011\052\206\110\206\367\015\001\007\002:\n"
	    "From: a\nTo: b\n\nhello\n", "application/pkcs7-mime", CMS,
	    NONE),
	CASE("ALZ\001", "application/x-alz", ENGINE, NONE),
	CASE("SZDD\210\360\0473", "application/x-ms-compress-szdd", ENGINE,
	    NONE),
	CASE("01234567\031\004\000\020", "application/vnd.symbian.install",
	    ENGINE, NONE),
	CASE("0123456**ACE**", "application/x-ace-compressed", CLOSED, NONE),
	CASE("0123456789rLau", "application/x-stuffit", CLOSED, NONE),
	CASE("StuffIt (c)1997", "application/x-stuffitx", CLOSED, NONE),
	CASE("01234567890123456789\334\247\304\375", "application/x-zoo",
	    CLOSED, NONE),
	CASE("vhdxfile", "application/x-vhdx-disk", CLOSED, NONE),
	CASE("conectix\000\000\000\002", "application/x-vhd-disk", CLOSED,
	    NONE),
	CASE("conectix is a company", "text/plain", TEXT, NONE),
	CASE("KDMV", "application/x-vmdk-disk", CLOSED, NONE),
	CASE("QFI\373", "application/x-qemu-disk", CLOSED, NONE),
	CASE("\355\253\356\333", "application/x-rpm", ARCHIVE, RPM),
	CASE("MZ\220", "application/vnd.microsoft.portable-executable",
	    OPAQUE, NONE),
	CASE("%PDF-1.4", "application/pdf", OPAQUE, NONE),
	CASE("\377\330\377\340", "image/jpeg", OPAQUE, NONE),
	CASE("hello\n", "text/plain", TEXT, NONE),
	CASE("\xe4\xf6\xfc\n", "text/plain", TEXT, NONE),
	CASE("\033[31mred\033[0m\f", "text/plain", TEXT, NONE),
	CASE("hello\0", "application/octet-stream", OPAQUE, NONE),
	CASE("\001", "application/octet-stream", OPAQUE, NONE),
	CASE("<html>", "text/html", TEXT, NONE),
	CASE(" \n<!DOCTYPE HTML>", "text/html", TEXT, NONE),
	CASE("<htm", "text/plain", TEXT, NONE),
	CASE("From: a\nTo: b\n\nhello\n", "message/rfc822", MESSAGE, NONE),
	CASE("FROM: a\r\nX-Y: z\r\n more\r\nDATE: b\r\n\r\n",
	    "message/rfc822", MESSAGE, NONE),
	CASE("From: a\n\nTo: b\n", "text/plain", TEXT, NONE),
	CASE("From: a\nFrom: b\n\n", "text/plain", TEXT, NONE),
	CASE("From: a\nhello\nTo: b\n", "text/plain", TEXT, NONE),
	CASE("Received: x\nSubject: a\0b\n", "message/rfc822", MESSAGE,
	    NONE),
};

/* In a piece of memory of its own, so that a look beyond is seen. */
static const struct ms_sniff_type *
sniff(const void *text, size_t size)
{
	unsigned char *copy = g_memdup2(text, size);
	const struct ms_sniff_type *type = ms_sniff(copy, size);

	g_free(copy);
	return type;
}

static void
test_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_sniff_type *type = sniff(cases[i].text,
		    cases[i].size);

		print_message("  %zu %s\n", i, cases[i].name);
		assert_string_equal(cases[i].name, type->name);
		assert_int_equal(cases[i].kind, type->kind);
		assert_int_equal(cases[i].format, type->format);
		assert_ptr_equal(type->name, ms_sniff_name(cases[i].name));
	}
	assert_null(ms_sniff_name("application/x-nonsense"));
	assert_null(ms_sniff_name(""));
}

/* What lies further in. */
static void
test_offsets(void **state)
{
	static const struct {
		const char *name;
		size_t at, size;
		const char *bytes, *want;
	} rows[] = {
		{ "tar", 257, 512, "ustar", "application/x-tar" },
		{ "cut tar", 257, 261, "usta", "application/octet-stream" },
		{ "iso", 32769, 40000, "CD001",
		  "application/x-iso9660-image" },
		{ "cut iso", 32769, 32773, "CD00",
		  "application/octet-stream" },
		{ "shifted iso", 32768, 40000, "CD001",
		  "application/octet-stream" },
		{ "mp4", 4, 20, "ftyp", "video/mp4" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *text = g_malloc0(rows[i].size);

		print_message("  %s\n", rows[i].name);
		memcpy(text + rows[i].at, rows[i].bytes,
		    strlen(rows[i].bytes));
		assert_string_equal(rows[i].want,
		    sniff(text, rows[i].size)->name);
		g_free(text);
	}
}

/* What a tar begins with is a name, whatever else begins so. */
static void
test_tar_names(void **state)
{
	static const struct {
		const char *name, *want;
	} rows[] = {
		{ "letter.txt", "application/x-tar" },
		{ "070701.txt", "application/x-tar" },
		{ "0707010000ab12", "application/x-cpio" },
		{ "BZh.txt", "application/x-tar" },
		{ "BZh91AY&SY", "application/x-bzip2" },
		{ "ab-lh.txt", "application/x-tar" },
		{ "ab-lh5-", "application/x-lha" },
		{ "PK\003\004", "application/zip" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char block[512] = "";
		unsigned sum = 8 * ' ';

		memcpy(block, rows[i].name, strlen(rows[i].name));
		memcpy(block + 257, "ustar", 5);
		for (size_t k = 0; k < sizeof block; k++)
			sum += (unsigned char)block[k];
		(void)g_snprintf(block + 148, 8, "%06o", sum);
		print_message("  %s\n", rows[i].name);
		assert_string_equal(rows[i].want, sniff(block, 512)->name);
		/* Without the sum it is what it begins with. */
		block[511] = 1;
		if (i > 0)
			assert_string_not_equal("application/x-tar",
			    sniff(block, 512)->name);
	}
}

/* The archives of 1979 have nothing but a checksum. */
static void
test_old_tar(void **state)
{
	unsigned char header[512] = "name";
	unsigned sum = 0;

	(void)state;
	memset(header + 148, ' ', 8);
	for (size_t i = 0; i < sizeof header; i++)
		sum += header[i];
	(void)g_snprintf((char *)header + 148, 8, "%6o", sum);
	assert_int_equal(MS_SNIFF_TAR, sniff(header, 512)->format);
	assert_int_equal(MS_SNIFF_NONE, sniff(header, 511)->format);
	header[0]++;
	assert_int_equal(MS_SNIFF_NONE, sniff(header, 512)->format);
	memset(header, 0, sizeof header);
	assert_int_equal(MS_SNIFF_NONE, sniff(header, 512)->format);
}

/* Control bytes far behind the beginning do not make text binary. */
static void
test_window(void **state)
{
	char *text = g_strnfill(5000, 'x');

	(void)state;
	text[4096] = '\1';
	assert_string_equal("text/plain", sniff(text, 5000)->name);
	text[4095] = '\1';
	assert_string_equal("application/octet-stream",
	    sniff(text, 5000)->name);
	g_free(text);
}

/* Every type has a name that reads back, whatever the bytes. */
static void
test_random(void **state)
{
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 3000; round++) {
		size_t k = (size_t)rand() % G_N_ELEMENTS(cases);
		unsigned char bytes[64];
		const struct ms_sniff_type *type;
		size_t size = MIN(cases[k].size, sizeof bytes);

		memcpy(bytes, cases[k].text, size);
		if (size > 0 && rand() % 2)
			bytes[(size_t)rand() % size] = (unsigned char)rand();
		if (size > 0)
			size -= (size_t)rand() % size;
		type = sniff(bytes, size);
		assert_ptr_equal(type->name, ms_sniff_name(type->name));
		assert_int_equal(type->kind == MS_SNIFF_ARCHIVE,
		    type->format != MS_SNIFF_NONE);
	}
}

/* What is opened although the first bytes say otherwise. */
static void
test_may_be(void **state)
{
	static const struct {
		const char *data, *type, *name;
		bool want;
	} rows[] = {
		{ "Subject: a\n\nx", NULL, NULL, true },
		{ "BMX: a\nFrom: b\n", NULL, NULL, true },
		{ "X-Foo: a\n\nx", NULL, NULL, false },
		{ "X-Foo: a\n\nx", "message/rfc822", NULL, true },
		{ "X-Foo: a\n\nx", "text/plain", "a.EML", true },
		{ "X-Foo: a\n\nx", "text/plain", ".eml", false },
		{ "hello\nSubject: a\n", NULL, "a.txt", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		print_message("  %zu\n", i);
		assert_int_equal(rows[i].want, ms_sniff_may_be_message(
		    (const unsigned char *)rows[i].data,
		    strlen(rows[i].data), rows[i].type, rows[i].name));
	}
}

static void
test_skippable(void **state)
{
	static const unsigned char frames[] =
	    "\120\052\115\030\2\0\0\0ab\137\052\115\030\0\0\0\0"
	    "\050\265\057\375rest";

	(void)state;
	assert_int_equal(18, ms_sniff_skippable(frames, sizeof frames - 1));
	assert_int_equal(0, ms_sniff_skippable(frames, 9));
	assert_int_equal(0, ms_sniff_skippable(frames + 18, 8));
	assert_int_equal(MS_SNIFF_ZSTD,
	    ms_sniff(frames, sizeof frames - 1)->format);
}

/* A disk that says at its end what it is, whatever it begins with. */
static void
test_fixed_disk(void **state)
{
	static const char *const begins[] = { "GIF89a", "text", "" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(begins); i++) {
		unsigned char disk[2048] = "";

		memcpy(disk, begins[i], strlen(begins[i]));
		memcpy(disk + sizeof disk - 512, "conectix", 8);
		assert_int_equal(MS_SNIFF_CLOSED,
		    ms_sniff(disk, sizeof disk)->kind);
		assert_string_equal("application/x-vhd-disk",
		    ms_sniff(disk, sizeof disk)->name);
		assert_int_not_equal(MS_SNIFF_CLOSED,
		    ms_sniff(disk, sizeof disk - 1)->kind);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed_disk),
		cmocka_unit_test(test_may_be),
		cmocka_unit_test(test_skippable),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_offsets),
		cmocka_unit_test(test_tar_names),
		cmocka_unit_test(test_old_tar),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
