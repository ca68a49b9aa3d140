#include "message/locked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

/* What gpg made of "hi": for a key, for a password, signed and packed. */
#define BEGIN "-----BEGIN PGP MESSAGE-----\n"
#define END "-----END PGP MESSAGE-----\n"
#define FOR_KEY \
	"hF4Dlzpe7kTS7eISAQdAFKKKptJuhlJt0OU1/XSQnxctr0YO+gr5zN53EVhswk0w\n" \
	"Y9O+89ak8NDKYY90UHcW80C1mFPY5BLoNrcnjGnKZJ3pVEBJneXCzBPzPam2HoVc\n"
#define FOR_PASSWORD \
	"jA0ECQMC8tNnQB/BIYb/0joB9U1rQMfqROOceBDBJVxrRc4nPyzaTGK36JNnFb67\n" \
	"=QjTo\n"
#define SIGNED \
	"owGbwMvMwCEWmFSwbeNE3tuMa7iTmDIysxne5GZkcnWUsjCIcTDIiimy/BeeIvQl\n"

#define PGP "OpenPGP message"

static void
check(const char *name, const void *data, size_t size, const char *want)
{
	const char *what = "";
	enum ms_status status = ms_locked(data, size, &what);

	print_message("  %s\n", name);
	assert_int_equal(!want ? MS_OK : strstr(want, "packed") ?
	    MS_E_UNSUPPORTED : MS_E_ENCRYPTED, status);
	if (want)
		assert_string_equal(want, what);
}

static void
test_text(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
		{ "nothing", "", NULL },
		{ "prose", "It says " BEGIN FOR_KEY END, NULL },
		{ "for a key", BEGIN "\n" FOR_KEY END, PGP },
		{ "for a password", BEGIN "\n" FOR_PASSWORD END, PGP },
		{ "in text", "Hello\r\n\n" BEGIN "\n" FOR_KEY END "Bye\n",
		  PGP },
		{ "with a header", BEGIN "Version: GnuPG v2\nHash: x\n\n"
		  FOR_KEY END, PGP },
		{ "CRLF", "-----BEGIN PGP MESSAGE-----\r\n\r\n" FOR_KEY, PGP },
		{ "without an empty line", BEGIN FOR_KEY, PGP },
		{ "in parts", "-----BEGIN PGP MESSAGE, PART 1/2-----\n\n"
		  FOR_KEY, PGP },
		{ "signed", BEGIN "\n" SIGNED END, PGP ", packed" },
		{ "signed, then encrypted", BEGIN "\n" SIGNED END BEGIN "\n"
		  FOR_KEY END, PGP },
		{ "an example", BEGIN "\n...\n" END, NULL },
		{ "no OpenPGP", BEGIN "\nSGVsbG8gV29ybGQ=\n" END, NULL },
		{ "empty", BEGIN, NULL },
		{ "a signature", "-----BEGIN PGP SIGNATURE-----\n\n" FOR_KEY,
		  NULL },
		{ "a manifest", "<?xml version=\"1.0\"?><manifest:manifest>"
		  "<manifest:encryption-data manifest:checksum=\"x\">",
		  "OpenDocument file with a password" },
		{ "a manifest in clear", "<?xml version=\"1.0\"?>"
		  "<manifest:manifest>", NULL },
		{ "prose on manifests", "<manifest:encryption-data", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		check(cases[i].name, cases[i].text, strlen(cases[i].text),
		    cases[i].want);
}

static void
test_binary(void **state)
{
	static const char key[] = "\204\5\3abcd\322\3\1xy";
	static const char password[] = "\214\4\4\11\3\2\322\3\1xy";
	static const char marker[] = "\250\3PGP\214\4\4\11\3\2\322\3\1xy";
	static const char signature[] = "\210\5\4abcd\322\3\1xy";
	static const char alone[] = "\322\3\1xy";
	static const char other[] = "\204\5\3abcdxyz";
	static const char version[] = "\204\5\1abcd\322\3\1xy";
	static const char cut[] = "\204\377\3abcd";

	(void)state;
	check("key", key, sizeof key - 1, PGP);
	check("password", password, sizeof password - 1, PGP);
	check("marker", marker, sizeof marker - 1, PGP);
	check("signature", signature, sizeof signature - 1, NULL);
	check("alone", alone, sizeof alone - 1, NULL);
	check("something else behind", other, sizeof other - 1, NULL);
	check("old version", version, sizeof version - 1, NULL);
	check("cut off", cut, sizeof cut - 1, NULL);
}

/* Nothing is read that is not there. */
static void
test_cut(void **state)
{
	static const char old[] = "\204\5\3abcd\322\3\1xy";
	static const char new[] = "\301\300\5\3abcd\322\3\1xy";

	(void)state;
	for (size_t i = 0; i < sizeof old; i++) {
		unsigned char *copy = g_memdup2(old, i);
		const char *what;

		(void)ms_locked(copy, i, &what);
		g_free(copy);
		copy = g_memdup2(new, i);
		(void)ms_locked(copy, i, &what);
		g_free(copy);
	}
}

static void
put(unsigned char *at, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (unsigned char)(value >> 8 * i);
}

static void
put_entry(unsigned char *at, const char *name, unsigned kind,
    uint32_t sector, uint32_t size)
{
	for (size_t i = 0; name[i] != '\0'; i++)
		at[2 * i] = (unsigned char)name[i];
	put(at + 64, (uint32_t)(2 * strlen(name) + 2), 2);
	at[66] = (unsigned char)kind;
	put(at + 116, sector, 4);
	put(at + 120, size, 4);
}

#define OFFICE "Office document with a password"

/* A stream called NAME with the bytes START, in sectors of its own or, if it
 * is small, in those of the root. */
static void
test_office(void **state)
{
	static const struct {
		const char *name, *stream;
		uint32_t size;
		const char *start;
		size_t start_size;
		const char *want;
	} cases[] = {
#define ROW(name, stream, size, start, want) \
	{ name, stream, size, start, sizeof start - 1, want }
		ROW("docx", "EncryptedPackage", 5000, "", OFFICE),
		ROW("properties", "EncryptedSummary", 10, "", OFFICE),
		ROW("doc", "WordDocument", 5000,
		    "\xec\xa5\xc1\0\0\0\0\0\0\0\0\1", OFFICE),
		ROW("doc in clear", "WordDocument", 5000,
		    "\xec\xa5\xc1\0\0\0\0\0\0\0\0\2", NULL),
		ROW("xls", "Workbook", 5000,
		    "\11\10\4\0abcd\x86\0\0\0\x2f\0\6\0abcdef", OFFICE),
		ROW("xls in clear", "Workbook", 5000,
		    "\11\10\4\0abcd\x86\0\0\0\x30\0\6\0abcdef", NULL),
		ROW("small xls", "Book", 200, "\11\10\4\0abcd\x2f\0\0\0",
		    OFFICE),
		ROW("no xls", "Workbook", 5000, "\x2f\0\0\0\x2f\0\0\0", NULL),
		ROW("ppt", "Current User", 100,
		    "\0\0\xf6\17\24\0\0\0\24\0\0\0\xdf\xc4\xd1\xf3", OFFICE),
		ROW("ppt in clear", "Current User", 100,
		    "\0\0\xf6\17\24\0\0\0\24\0\0\0\x5f\xc0\x91\xe3", NULL),
		ROW("another name", "EncryptedPackages", 5000, "", NULL),
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		for (size_t sector = 512; sector <= 4096; sector *= 8) {
			unsigned char *ole = calloc(5, sector);

			memcpy(ole, "\320\317\021\340\241\261\032\341", 8);
			put(ole + 30, sector == 512 ? 9 : 12, 2);
			put_entry(ole + sector, "Root Entry", 5, 1, 1000);
			put_entry(ole + sector + 256, cases[i].stream, 2, 2,
			    cases[i].size);
			memcpy(ole + (cases[i].size < 4096 ?
			    2 * sector + 2 * 64 : 3 * sector),
			    cases[i].start, cases[i].start_size);
			check(cases[i].name, ole, 5 * sector, cases[i].want);
			free(ole);
		}
	}
}

/* Sectors that are not there. */
static void
test_office_damaged(void **state)
{
	unsigned char ole[1024] = { 0 };

	(void)state;
	memcpy(ole, "\320\317\021\340\241\261\032\341", 8);
	put(ole + 30, 9, 2);
	put_entry(ole + 512, "Root Entry", 5, 0xfffffffe, 1000);
	put_entry(ole + 640, "WordDocument", 2, 0xffffffff, 0xffffffff);
	put_entry(ole + 768, "Current User", 2, 0xffffffff, 100);
	put_entry(ole + 896, "Workbook", 2, 0, 0xffffffff);
	check("far off", ole, sizeof ole, NULL);
	check("cut off", ole, 700, NULL);
	check("header only", ole, 512, NULL);
	check("less", ole, 100, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_office),
		cmocka_unit_test(test_office_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
