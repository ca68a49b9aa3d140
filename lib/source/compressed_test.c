#include "source/compressed.h"

#include "source/record.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* What the boxed half sends of these bytes: "name=bytes." of each member, with
 * "!reason" instead of "." for a damaged one, then "end" or "!reason". */
static char *
run(const void *data, size_t size)
{
	int in = memfd_create("archive", MFD_CLOEXEC);
	int out = memfd_create("records", MFD_CLOEXEC);
	struct ms_record record = { 0 };
	GString *text = g_string_new(NULL);
	char block[64];
	size_t got;

	assert_int_equal(size, write(in, data, size));
	ms_compressed_run(in, out);
	assert_int_equal(0, lseek(out, 0, SEEK_SET));
	while (ms_record_read(out, &record, NULL) == MS_OK) {
		switch (record.type) {
		case MS_RECORD_MEMBER:
			g_string_append_printf(text, "%s=", record.text);
			break;
		case MS_RECORD_DATA:
			while (ms_record_read_data(out, &record, block,
			    sizeof block, &got, NULL) == MS_OK && got > 0)
				g_string_append_len(text, block,
				    (gssize)got);
			break;
		case MS_RECORD_DONE:
			g_string_append(text, ".");
			break;
		case MS_RECORD_END:
			g_string_append(text, "end");
			break;
		default:
			g_string_append_printf(text, "!%s ", record.text);
			break;
		}
	}
	(void)close(in);
	(void)close(out);
	return g_string_free(text, FALSE);
}

static void
check(GByteArray *bytes, const char *want)
{
	char *got = run(bytes->data, bytes->len);

	assert_string_equal(want, got);
	g_free(got);
	g_byte_array_unref(bytes);
}

static void
number(GByteArray *to, uint32_t n, int size)
{
	for (int i = 0; i < size; i++) {
		guint8 byte = (uint64_t)n >> (8 * i) & 255;

		g_byte_array_append(to, &byte, 1);
	}
}

static uint32_t
crc(const char *text)
{
	uint32_t sum = ~(uint32_t)0;

	for (; *text; text++) {
		sum ^= (unsigned char)*text;
		for (int i = 0; i < 8; i++)
			sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
	}
	return ~sum;
}

/* The fields that the two headers of a zip member share. */
static void
zip_fields(GByteArray *to, const char *name, const char *data, size_t size)
{
	number(to, 20, 2);
	number(to, 0, 8);
	number(to, crc(data), 4);
	number(to, (uint32_t)strlen(data), 4);
	number(to, (uint32_t)size, 4);
	number(to, (uint32_t)strlen(name), 2);
}

struct zip {
	GByteArray *bytes, *directory;
	uint32_t count;
};

static struct zip
zip_new(void)
{
	return (struct zip){ g_byte_array_new(), g_byte_array_new(), 0 };
}

static void
zip_header(struct zip *zip, const char *name, const char *data, size_t size)
{
	g_byte_array_append(zip->bytes, (const guint8 *)"PK\3\4", 4);
	zip_fields(zip->bytes, name, data, size);
	number(zip->bytes, 0, 2);
	g_byte_array_append(zip->bytes, (const guint8 *)name,
	    (guint)strlen(name));
	g_byte_array_append(zip->bytes, (const guint8 *)data,
	    (guint)strlen(data));
}

/* A stored member that states a size, with a line in the directory or not. */
static void
zip_add(struct zip *zip, const char *name, const char *data, size_t size,
    bool listed)
{
	uint32_t at = zip->bytes->len;

	zip_header(zip, name, data, size);
	if (!listed)
		return;
	zip->count++;
	g_byte_array_append(zip->directory, (const guint8 *)"PK\1\2", 4);
	number(zip->directory, 0x0314, 2);
	zip_fields(zip->directory, name, data, size);
	number(zip->directory, 0, 8);
	number(zip->directory, (uint32_t)0100644 << 16, 4);
	number(zip->directory, at, 4);
	g_byte_array_append(zip->directory, (const guint8 *)name,
	    (guint)strlen(name));
}

/* BEHIND stands after the directory: a member without a line in it. */
static GByteArray *
zip_end(struct zip *zip, const char *behind)
{
	uint32_t at = zip->bytes->len, size = zip->directory->len;

	g_byte_array_append(zip->bytes, zip->directory->data, size);
	if (behind)
		zip_header(zip, "behind", behind, strlen(behind));
	g_byte_array_append(zip->bytes, (const guint8 *)"PK\5\6\0\0\0\0", 8);
	number(zip->bytes, zip->count, 2);
	number(zip->bytes, zip->count, 2);
	number(zip->bytes, size, 4);
	number(zip->bytes, at, 4);
	number(zip->bytes, 0, 2);
	g_byte_array_unref(zip->directory);
	return zip->bytes;
}

static void
test_two_lists(void **state)
{
	struct zip zip = zip_new();

	(void)state;
	zip_add(&zip, "a", "one", 3, true);
	zip_add(&zip, "b", "two", 3, true);
	check(zip_end(&zip, NULL), "a=one.b=two.end");
	/* Before, between and after those that are listed; under a name that
	 * is listed; the same once more. */
	zip = zip_new();
	zip_add(&zip, "x", "new", 3, false);
	zip_add(&zip, "a", "one", 3, true);
	zip_add(&zip, "a", "two", 3, false);
	zip_add(&zip, "b", "two", 3, true);
	zip_add(&zip, "b", "two", 3, false);
	zip_add(&zip, "y", "", 0, false);
	check(zip_end(&zip, NULL), "a=one.b=two.x=new.a=two.y=.end");
	/* Nothing is. */
	zip = zip_new();
	zip_add(&zip, "x", "new", 3, false);
	check(zip_end(&zip, NULL), "x=new.end");
	/* The bytes of a header in a member are none. */
	zip = zip_new();
	zip_add(&zip, "a", "PK\3\4 and PK\3\4", 13, true);
	zip_add(&zip, "b", "two", 3, true);
	check(zip_end(&zip, NULL), "a=PK\3\4 and PK\3\4.b=two.end");
	/* The other list ends before it. */
	zip = zip_new();
	zip_add(&zip, "x", "", 0, false);
	g_byte_array_append(zip.bytes, (const guint8 *)"PK\1\2", 4);
	zip_add(&zip, "a", "one", 3, true);
	check(zip_end(&zip, NULL), "a=one.x=.!has members that its "
	    "directory does not list ");
	/* Where nobody looks. */
	zip = zip_new();
	zip_add(&zip, "a", "one", 3, true);
	check(zip_end(&zip, "hidden"), "a=one.!has members that its "
	    "directory does not list ");
}

static void
test_short(void **state)
{
	struct zip zip = zip_new();

	(void)state;
	zip_add(&zip, "a", "one", 30, true);
	zip_add(&zip, "b", "two", 3, true);
	check(zip_end(&zip, NULL),
	    "a=one!ends before its stated size b=two.end");
}

/* Compressed bytes with frames without content in front. */
static GByteArray *
framed(const char *filter, const char *frames, size_t size, size_t fill)
{
	static unsigned char buffer[4096];
	GByteArray *bytes = g_byte_array_new();
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	size_t used = 0;

	g_byte_array_append(bytes, (const guint8 *)frames, (guint)size);
	g_byte_array_set_size(bytes, (guint)(size + fill));
	assert_int_equal(ARCHIVE_OK, archive_write_set_format_raw(a));
	if (filter)
		assert_int_equal(ARCHIVE_OK,
		    archive_write_add_filter_by_name(a, filter));
	assert_int_equal(ARCHIVE_OK, archive_write_open_memory(a, buffer,
	    sizeof buffer, &used));
	archive_entry_set_filetype(e, AE_IFREG);
	assert_int_equal(ARCHIVE_OK, archive_write_header(a, e));
	assert_int_equal(4, archive_write_data(a, "text", 4));
	archive_entry_free(e);
	(void)archive_write_free(a);
	return g_byte_array_append(bytes, buffer, (guint)used);
}

static void
test_frames(void **state)
{
#define FRAMES(bytes) bytes, sizeof bytes - 1
	static const struct {
		const char *filter, *frames;
		size_t size, fill;
		const char *want;
	} cases[] = {
		{ "zstd", FRAMES(""), 0, "=text.end" },
		{ "zstd", FRAMES("\x53\x2a\x4d\x18\2\0\0\0xy"), 0,
		    "=text.end" },
		{ "lz4", FRAMES("\x53\x2a\x4d\x18\2\0\0\0xy"), 0,
		    "=text.end" },
		{ "zstd", FRAMES("\x50\x2a\x4d\x18\0\0\0\0"
		    "\x5f\x2a\x4d\x18\1\0\0\0x"), 0, "=text.end" },
		{ "zstd", FRAMES("\x50\x2a\x4d\x18\0\0\2\0"), 131072,
		    "=text.end" },
		{ "gzip", FRAMES("\x50\x2a\x4d\x18\0\0\0\0"), 0,
		    "=text.end" },
		{ NULL, FRAMES("\x50\x2a\x4d\x18\2\0\0\0xyPK\3\4"), 0,
		    "!no archive that can be opened " },
		{ "zstd", FRAMES("\x50\x2a\x4d\x18\0\0\0\1"), 0,
		    "!no archive that can be opened " },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GByteArray *bytes = framed(cases[i].filter, cases[i].frames,
		    cases[i].size, cases[i].fill);

		print_message("  %zu\n", i);
		assert_true(ms_compressed_is(bytes->data, MIN(bytes->len,
		    65536)) == (cases[i].filter != NULL));
		check(bytes, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_lists),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
