#include "unpack/listing.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define IMAGE_MAX (2u << 20)

static void
put(GString *out, guint64 value, int size)
{
	for (int i = 0; i < size; i++) {
		g_string_append_c(out, (char)(value & 0xff));
		value >>= 8;
	}
}

static void
hear(void *arg, const char *name)
{
	g_string_append_printf(arg, "%s;", name);
}

/* List the SIZE bytes at DATA as what they look like, with at most PARTS
 * names. */
static enum ms_status
list(const char *data, size_t size, uint64_t parts, GString *seen)
{
	const struct ms_budget_limits limits = { .parts = parts,
		.time_ms = 3600 * 1000 };
	struct ms_budget budget;
	unsigned char *copy = g_memdup2(data, MAX(size, (size_t)1));
	const struct ms_listing_input input = { ms_sniff(copy, size), copy,
		size, &budget };
	struct ms_error err;
	enum ms_status status;

	ms_budget_init(&budget, &limits);
	status = ms_listing(&input, hear, seen, &err);
	g_free(copy);
	return status;
}

/* What is in BYTES, and that it is read in bounds wherever it is cut. */
static void
check(GString *bytes, const char *want, size_t step)
{
	GString *seen = g_string_new(NULL);

	assert_int_equal(MS_OK, list(bytes->str, bytes->len, 100, seen));
	assert_string_equal(want, seen->str);
	for (size_t n = 40; n < bytes->len; n += step)
		(void)list(bytes->str, n, 100, seen);
	g_string_truncate(seen, 0);
	assert_int_equal(MS_E_LIMIT, list(bytes->str, bytes->len, 1, seen));
	(void)g_string_free(seen, TRUE);
	(void)g_string_free(bytes, TRUE);
}

static void
test_cab(void **state)
{
	static const char *const names[] = { "a.exe", "d\\b.txt", "c.com" };
	GString *cab = g_string_new_len("MSCF\0\0\0\0", 8);

	(void)state;
	put(cab, 100, 8);
	put(cab, 44, 8);		/* where files are described */
	put(cab, 0x0103, 2);
	put(cab, 1, 2);
	put(cab, 3, 2);			/* files */
	put(cab, 0, 6 + 8);
	assert_int_equal(44, cab->len);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		put(cab, 1, 4);
		put(cab, 0, 12);
		g_string_append_len(cab, names[i],
		    (gssize)strlen(names[i]) + 1);
	}
	check(cab, "a.exe;d\\b.txt;c.com;", 1);
}

static void
put_arj(GString *arj, const char *name, int type, guint32 data)
{
	put(arj, 0xea60, 2);
	put(arj, 30 + strlen(name) + 2, 2);
	put(arj, 30, 1);
	put(arj, 0, 5);
	put(arj, (guint64)type, 1);
	put(arj, 0, 5);
	put(arj, data, 4);
	put(arj, 0, 14);
	g_string_append_len(arj, name, (gssize)strlen(name) + 1);
	put(arj, 0, 1);		/* no comment */
	put(arj, 0, 4);		/* a sum */
	put(arj, 0, 2);
}

static void
test_arj(void **state)
{
	GString *arj = g_string_new(NULL);

	(void)state;
	put_arj(arj, "archive.arj", 2, 0);
	put_arj(arj, "a.exe", 0, 3);
	g_string_append(arj, "xyz");
	put_arj(arj, "dir.exe", 3, 0);
	/* One with an extended header. */
	put_arj(arj, "b.txt", 0, 1);
	g_string_truncate(arj, arj->len - 2);
	put(arj, 2, 2);
	g_string_append(arj, "ee");
	put(arj, 0, 4);
	put(arj, 0, 2);
	g_string_append(arj, "x");
	put_arj(arj, "c.com", 0, 0);
	put(arj, 0xea60, 2);
	put(arj, 0, 2);
	check(arj, "a.exe;b.txt;c.com;", 1);
}

static GString *
make_iso(const char *options)
{
	static const char *const names[] = { "a.exe", "dir/long name.txt",
		"dir/deep/b.com" };
	GString *iso = g_string_sized_new(IMAGE_MAX);
	struct archive *a = archive_write_new();
	size_t used = 0;

	assert_int_equal(ARCHIVE_OK, archive_write_set_format_iso9660(a));
	assert_int_equal(ARCHIVE_OK, archive_write_set_options(a, options));
	assert_int_equal(ARCHIVE_OK, archive_write_open_memory(a, iso->str,
	    IMAGE_MAX, &used));
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		struct archive_entry *entry = archive_entry_new();

		archive_entry_set_pathname(entry, names[i]);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_size(entry, 1);
		assert_int_equal(ARCHIVE_OK, archive_write_header(a, entry));
		assert_int_equal(1, archive_write_data(a, "x", 1));
		archive_entry_free(entry);
	}
	assert_int_equal(ARCHIVE_OK, archive_write_close(a));
	assert_int_equal(ARCHIVE_OK, archive_write_free(a));
	iso->len = used;
	return iso;
}

static void
test_iso(void **state)
{
	(void)state;
	check(make_iso("!joliet,!rockridge"),
	    "A.EXE;LONG_NAM.TXT;B.COM;", 1021);
	check(make_iso("joliet,!rockridge"), "a.exe;long name.txt;b.com;"
	    "A.EXE;LONG_NAM.TXT;B.COM;", 1021);
	check(make_iso("!joliet,rockridge"), "A.EXE;a.exe;LONG_NAM.TXT;"
	    "long name.txt;B.COM;b.com;", 1021);
}

/* Directories that are in each other, and many of no use. */
static void
test_loop(void **state)
{
	GString *iso = make_iso("!joliet,!rockridge");
	GString *seen = g_string_new(NULL);
	const char *root = iso->str + 16 * 2048 + 156;
	const size_t at = 2048 * (size_t)(unsigned char)root[2];
	char *record = iso->str + at;

	(void)state;
	/* The second record is the first that is not the root itself. */
	for (int i = 0; i < 2; i++)
		record += *record;
	record[25] |= 2;
	memcpy(record + 2, root + 2, 16);
	assert_int_equal(MS_OK, list(iso->str, iso->len, 100, seen));
	assert_null(strstr(seen->str, "A.EXE"));
	assert_non_null(strstr(seen->str, "B.COM;"));
	(void)g_string_free(seen, TRUE);
	(void)g_string_free(iso, TRUE);
}

/* The identifier of a file called NAME, of SIZE bytes. */
static void
put_identifier(GString *image, const char *name, size_t size, int flags)
{
	const size_t at = image->len;
	unsigned char sum = 0;

	put(image, 0x0101, 2);
	put(image, 3, 2);
	put(image, 0, 14);
	put(image, (guint64)flags, 1);
	put(image, size, 1);
	put(image, 0, 16 + 2);
	g_string_append_len(image, name, (gssize)size);
	while (image->len % 4 > 0)
		put(image, 0, 1);
	for (size_t i = 0; i < 16; i++)
		sum = (unsigned char)(sum + (unsigned char)image->str[at + i]);
	image->str[at + 4] = (char)sum;
}

static void
test_udf(void **state)
{
	GString *image = g_string_new(NULL);

	(void)state;
	put(image, 0, 1);
	while (image->len < 16 * 2048)
		g_string_append_len(image, image->str, (gssize)image->len);
	g_string_append_len(image, "\0BEA01\1\0", 8);
	put_identifier(image, "", 0, 10);	/* of what is around it */
	put_identifier(image, "\010a.exe", 6, 0);
	put_identifier(image, "\020\0b\0.\0c\0o\0m", 11, 4);
	put_identifier(image, "\010d.exe", 6, 2);
	check(image, "a.exe;b.com;", 1021);
}

static void
test_others(void **state)
{
	static const char *const rows[] = { "xar!", "EGGA", "ALZ\001" };
	GString *seen = g_string_new(NULL);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		assert_int_equal(MS_E_UNSUPPORTED, list(rows[i],
		    strlen(rows[i]), 100, seen));
	assert_int_equal(MS_OK, list("ITSF", 4, 100, seen));
	assert_string_equal("", seen->str);
	(void)g_string_free(seen, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cab),
		cmocka_unit_test(test_arj),
		cmocka_unit_test(test_iso),
		cmocka_unit_test(test_loop),
		cmocka_unit_test(test_udf),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
