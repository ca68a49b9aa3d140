#include "unpack/aliases.h"

#include "unpack/zip_test.h"

#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct ms_budget_limits roomy = {
	.part_bytes = 1 << 20,
	.total_bytes = 1 << 20,
	.ratio = 1000,
	.parts = 20,
	.mime_depth = 10,
	.archive_depth = 10,
	.time_ms = 3600 * 1000,
};

static enum ms_status
see(void *arg, const struct ms_member *member, struct ms_error *err)
{
	(void)err;
	g_string_append_printf(arg, "%s;", member->name);
	return MS_OK;
}

static void
hear(void *arg, const char *name, enum ms_status status,
    const struct ms_error *why)
{
	(void)why;
	g_string_append_printf(arg, "%s!%d;", name ? name : "-", status);
}

static void
hear_name(void *arg, const char *name)
{
	g_string_append_printf(arg, "%s~;", name);
}

/* What comes of BYTES: "name;" for members, "name!status;" for trouble and
 * "name~;" for other names, which are asked for if NAMES. */
static void
check(const GString *bytes, bool names, const char *want)
{
	const struct ms_unpack_visitor visitor = { see, hear, NULL,
		names ? hear_name : NULL };
	const struct ms_spool_config config = { .heap_max = 1 << 20 };
	struct ms_budget budget;
	struct ms_unpack_input input = {
		.data = (const unsigned char *)bytes->str,
		.size = bytes->len,
		.format = ms_sniff((const unsigned char *)bytes->str,
		    bytes->len)->format,
		.spool = ms_spool_new(&config),
		.budget = &budget,
	};
	GString *seen = g_string_new(NULL);
	struct ms_error err;

	ms_budget_init(&budget, &roomy);
	assert_int_equal(MS_OK, ms_unpack(&input, &visitor, seen, &err));
	assert_string_equal(want, seen->str);
	(void)g_string_free(seen, TRUE);
	ms_spool_free(input.spool);
}

static void
test_zip(void **state)
{
	static const struct {
		const char *title;
		struct zip_test_member member;
		const char *want, *before;	/* what there is without names;
						 * NULL: the same */
	} rows[] = {
		{ "plain", { .header = "a", .entry = "a" }, "a;", NULL },
		{ "differ", { .header = "a.txt", .entry = "a.exe" },
		  "a.txt;a.exe~;", "a.txt;" },
		{ "the same in another spelling", { .header = "d/a",
		  .entry = "d\\a" }, "d/a;", NULL },
		{ "path in the entry", { .header = "a.txt",
		  .entry = "a.txt", .entry_path = "a.exe" },
		  "a.txt;a.exe~;", "a.txt;" },
		{ "path in the header", { .header = "a.txt",
		  .entry = "a.txt", .header_path = "a.exe" },
		  "a.exe;a.txt~;", "a.exe;" },
		{ "path that nobody should take", { .header = "a.txt",
		  .entry = "a.txt", .header_path = "a.exe",
		  .entry_path = "b.exe", .unchecked = TRUE },
		  "a.txt;a.exe~;b.exe~;", "a.txt;" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct zip_test_member member = rows[i].member;
		GString *zip = g_string_new(NULL);

		print_message("  %s\n", rows[i].title);
		member.text = "x";
		zip_test_append(zip, &member, 1, 0);
		check(zip, true, rows[i].want);
		check(zip, false, rows[i].before ? rows[i].before :
		    rows[i].want);
		(void)g_string_free(zip, TRUE);
	}
}

static void
test_encrypted(void **state)
{
	static const struct zip_test_member member = { .header = "a.txt",
		.entry = "a.exe", .text = "0123456789abcdef", .flags = 1 };
	GString *zip = g_string_new(NULL), *want = g_string_new(NULL);

	(void)state;
	g_string_printf(want, "a.txt!%d;a.exe~;", MS_E_ENCRYPTED);
	zip_test_append(zip, &member, 1, 0);
	check(zip, true, want->str);
	(void)g_string_free(want, TRUE);
	(void)g_string_free(zip, TRUE);
}

static void
test_more(void **state)
{
	struct zip_test_member members[30];
	GString *zip = g_string_new(NULL), *want = g_string_new(NULL);
	const struct ms_budget_limits limits = roomy;
	struct ms_budget budget;
	struct ms_unpack_input input = { .format = MS_SNIFF_ZIP,
		.budget = &budget };
	struct ms_aliases *aliases;
	struct ms_error err;
	bool more;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
		members[i] = (struct zip_test_member){ .header = "a",
			.entry = "b", .text = "" };
	ms_budget_init(&budget, &limits);
	for (size_t count = 20; count <= 30; count += 10) {
		g_string_truncate(zip, 0);
		g_string_truncate(want, 0);
		zip_test_append(zip, members, count, 0);
		input.data = (const unsigned char *)zip->str;
		input.size = zip->len;
		aliases = ms_aliases_new(&input, &more);
		assert_int_equal(count > 20, more);
		ms_aliases_drop(aliases, "a");
		assert_int_equal(MS_OK, ms_aliases_tell(aliases, &budget,
		    hear_name, want, &err));
		assert_string_equal("b~;", want->str);
		ms_aliases_free(aliases);
	}
	(void)g_string_free(want, TRUE);
	(void)g_string_free(zip, TRUE);
}

/* Of a long name, the end is compared, and of one with a NUL both. */
static void
test_odd_names(void **state)
{
	char *path = g_strnfill(3000, 'p');
	char *longer = g_strconcat(path, "/a.exe", NULL);
	const struct zip_test_member member = { .header = "b", .entry = "b",
		.entry_path = longer, .text = "x" };
	GString *zip = g_string_new(NULL);
	GString *seen = g_string_new(NULL);
	struct ms_budget budget;
	struct ms_unpack_input input = { .format = MS_SNIFF_ZIP,
		.budget = &budget };
	struct ms_aliases *aliases;
	struct ms_error err;
	bool more;

	(void)state;
	ms_budget_init(&budget, &roomy);
	zip_test_append(zip, &member, 1, 0);
	memcpy(strstr(zip->str + zip->len - 100, "/a.exe"), "/a\0exe", 6);
	input.data = (const unsigned char *)zip->str;
	input.size = zip->len;
	aliases = ms_aliases_new(&input, &more);
	ms_aliases_drop(aliases, "b");
	assert_int_equal(MS_OK, ms_aliases_tell(aliases, &budget, hear_name,
	    seen, &err));
	assert_non_null(strstr(seen->str, "p/aexe~;"));
	assert_non_null(strstr(seen->str, "p/a~;"));
	assert_in_range(seen->len, 2000, 2100);
	ms_aliases_free(aliases);
	(void)g_string_free(seen, TRUE);
	(void)g_string_free(zip, TRUE);
	g_free(longer);
	g_free(path);
}

/* What has no content has a name. */
static void
test_links(void **state)
{
	static const struct {
		const char *name;
		unsigned type;
		const char *hard;
	} rows[] = {
		{ "a.txt", AE_IFREG, NULL }, { "a.exe", AE_IFREG, "a.txt" },
		{ "b.exe", AE_IFLNK, NULL }, { "c.exe", AE_IFIFO, NULL },
		{ "d.exe", AE_IFDIR, NULL },
	};
	GString *tar = g_string_sized_new(65536);
	struct archive *a = archive_write_new();
	size_t used = 0;

	(void)state;
	assert_int_equal(ARCHIVE_OK, archive_write_set_format_ustar(a));
	assert_int_equal(ARCHIVE_OK, archive_write_open_memory(a, tar->str,
	    65536, &used));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct archive_entry *entry = archive_entry_new();

		archive_entry_set_pathname(entry, rows[i].name);
		archive_entry_set_filetype(entry, rows[i].type);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_size(entry, 0);
		if (rows[i].hard)
			archive_entry_set_hardlink(entry, rows[i].hard);
		if (rows[i].type == AE_IFLNK)
			archive_entry_set_symlink(entry, "x");
		assert_int_equal(ARCHIVE_OK, archive_write_header(a, entry));
		archive_entry_free(entry);
	}
	assert_int_equal(ARCHIVE_OK, archive_write_close(a));
	assert_int_equal(ARCHIVE_OK, archive_write_free(a));
	tar->len = used;
	check(tar, true, "a.txt;a.exe~;b.exe;c.exe~;");
	check(tar, false, "a.txt;b.exe;");
	(void)g_string_free(tar, TRUE);
}

static void
put_header(GString *tar, const char *name, char type, const char *content)
{
	char block[512] = "";
	unsigned sum = 0;

	(void)g_strlcpy(block, name, 100);
	memcpy(block + 100, "0000644", 8);
	(void)g_snprintf(block + 124, 12, "%011o", (unsigned)strlen(content));
	block[156] = type;
	memcpy(block + 257, "ustar\00000", 8);
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < sizeof block; i++)
		sum += (unsigned char)block[i];
	(void)g_snprintf(block + 148, 8, "%06o", sum);
	g_string_append_len(tar, block, sizeof block);
	if (*content == '\0')
		return;
	memset(block, 0, sizeof block);
	(void)g_strlcpy(block, content, sizeof block);
	g_string_append_len(tar, block, sizeof block);
}

/* Names that are not those of pax or GNU, and that are behind the end. */
static void
test_tar(void **state)
{
	GString *tar = g_string_new(NULL);
	char zeros[1024] = "";

	(void)state;
	put_header(tar, "plain", '0', "x");
	put_header(tar, "x", 'x', "14 path=a.txt\n");
	put_header(tar, "a.exe", '0', "x");
	put_header(tar, "L", 'L', "b.txt");
	put_header(tar, "b.exe", '0', "x");
	put_header(tar, "x", 'x', "14 path=c.txt\n");
	put_header(tar, "c.exe", '5', "");
	g_string_append_len(tar, zeros, sizeof zeros);
	put_header(tar, "late.exe", '0', "x");
	put_header(tar, "late", '5', "");
	g_string_append_len(tar, zeros, sizeof zeros);
	check(tar, true, "plain;a.txt;b.txt;a.exe~;b.exe~;late.exe~;");
	check(tar, false, "plain;a.txt;b.txt;");
	(void)g_string_free(tar, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zip),
		cmocka_unit_test(test_encrypted),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_odd_names),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_tar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
