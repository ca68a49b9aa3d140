#include "unpack/zipnames.h"

#include "unpack/zip_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
visit(void *arg, const char *name, size_t size)
{
	g_string_append_len(arg, name, (gssize)size);
	g_string_append_c(arg, ';');
}

static void
check(const GString *zip, const char *want)
{
	GString *seen = g_string_new(NULL);

	assert_true(ms_zipnames((const unsigned char *)zip->str, zip->len,
	    100, visit, seen));
	assert_string_equal(want, seen->str);
	(void)g_string_free(seen, TRUE);
}

static void
test_members(void **state)
{
	static const struct {
		const char *title, *before;
		struct zip_test_member member;
		const char *want;
	} rows[] = {
		{ "plain", "", { .header = "a", .entry = "a" }, "" },
		{ "plain behind something", "GIF89a", { .header = "a",
		  .entry = "a" }, "a;a;a;" },
		{ "differ", "", { .header = "a", .entry = "b" }, "a;b;a;" },
		{ "behind something", "GIF89a", { .header = "a",
		  .entry = "b" }, "a;b;a;" },
		{ "path in the entry", "", { .header = "a", .entry = "a",
		  .entry_path = "b" }, "a;a;b;a;" },
		{ "path in the header", "", { .header = "a", .entry = "a",
		  .header_path = "b" }, "a;b;a;a;b;" },
		{ "no entry", "", { .header = "a" }, "a;" },
		{ "no header", "", { .entry = "a" }, "a;" },
		{ "empty directory", "", { .header = "d/", .entry = "d\\" },
		  "" },
		{ "a directory that is none", "", { .header = "d/",
		  .entry = "d\\", .text = "x" }, "d/;d\\;d/;" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GString *zip = g_string_new(rows[i].before);
		struct zip_test_member member = rows[i].member;

		print_message("  %s\n", rows[i].title);
		if (!member.text)
			member.text = "";
		zip_test_append(zip, &member, 1, zip->len);
		check(zip, rows[i].want);
		(void)g_string_free(zip, TRUE);
	}
}

/* Two directories: some read the last one, some the first, some both. */
static void
test_directories(void **state)
{
	static const struct zip_test_member a = { .header = "a", .entry = "b",
		.text = "x" }, b = { .header = "c", .entry = "d",
		.text = "y" };
	GString *zip = g_string_new(NULL);

	(void)state;
	zip_test_append(zip, &a, 1, 0);
	zip_test_append(zip, &b, 1, zip->len);
	check(zip, "a;c;d;c;b;a;");
	(void)g_string_free(zip, TRUE);
}

/* A zip in a zip that is not compressed has names of its own. */
static void
test_inner(void **state)
{
	struct zip_test_member outer = { .header = "o", .entry = "o" };
	static const struct zip_test_member inner = { .header = "a",
		.entry = "b", .text = "x" };
	GString *zip = g_string_new(NULL), *all = g_string_new(NULL);

	(void)state;
	zip_test_append(zip, &inner, 1, 0);
	outer.text = zip->str;
	outer.size = zip->len;
	zip_test_append(all, &outer, 1, 0);
	check(all, "o;o;o;");
	(void)g_string_free(all, TRUE);
	(void)g_string_free(zip, TRUE);
}

/* Without a record, or with one that is far away. */
static void
test_damaged(void **state)
{
	static const struct zip_test_member member = { .header = "a",
		.entry = "b", .text = "x" };
	GString *zip = g_string_new(NULL);
	char *rest = g_strnfill(70000, 'x');

	(void)state;
	zip_test_append(zip, &member, 1, 0);
	g_string_append(zip, rest);
	check(zip, "a;b;a;");
	g_string_truncate(zip, zip->len - 70000 - 22);
	check(zip, "a;b;a;");
	g_free(rest);
	(void)g_string_free(zip, TRUE);
}

static void
test_max(void **state)
{
	struct zip_test_member members[10];
	GString *zip = g_string_new(NULL), *seen = g_string_new(NULL);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
		members[i] = (struct zip_test_member){ .header = "a",
			.entry = "b", .text = "" };
	zip_test_append(zip, members, G_N_ELEMENTS(members), 0);
	assert_true(ms_zipnames((const unsigned char *)zip->str, zip->len,
	    10, visit, seen));
	assert_false(ms_zipnames((const unsigned char *)zip->str, zip->len,
	    9, visit, seen));
	(void)g_string_free(seen, TRUE);
	(void)g_string_free(zip, TRUE);
}

/* A header may have many names, and many entries may lead to it. */
static void
test_many_paths(void **state)
{
	GString *path = g_string_new("a");
	struct zip_test_member member = { .header = "a", .entry = "b",
		.text = "x" };
	GString *zip = g_string_new(NULL), *seen = g_string_new(NULL);
	const char field[] = { 'u', 'p', 6, 0, 1, 0, 0, 0, 0, 'c' };

	(void)state;
	for (int i = 0; i < 100; i++)
		g_string_append_len(path, field, sizeof field);
	member.header_path = g_strnfill(path->len, 'x');
	zip_test_append(zip, &member, 1, 0);
	/* The one field of the header becomes another one, and these. */
	memcpy(zip->str + 31, "\0\0\6\0", 4);
	memcpy(zip->str + 31 + 10, path->str + 1, path->len - 1);
	assert_false(ms_zipnames((const unsigned char *)zip->str, zip->len,
	    30, visit, seen));
	assert_in_range(seen->len, 4, 4 + 2 * 90);
	assert_true(ms_zipnames((const unsigned char *)zip->str, zip->len,
	    100, visit, seen));
	g_free((char *)(uintptr_t)member.header_path);
	(void)g_string_free(seen, TRUE);
	(void)g_string_free(zip, TRUE);
	(void)g_string_free(path, TRUE);
}

/* Cut anywhere, it is read to where it is cut. */
static void
test_cut(void **state)
{
	static const struct zip_test_member member = { .header = "abc",
		.entry = "def", .header_path = "ghi", .entry_path = "jkl",
		.text = "x" };
	GString *zip = g_string_new(NULL);

	(void)state;
	zip_test_append(zip, &member, 1, 0);
	for (size_t n = 0; n < zip->len; n++) {
		unsigned char *copy = g_memdup2(zip->str, MAX(n, (size_t)1));
		GString *seen = g_string_new(NULL);

		assert_true(ms_zipnames(copy, n, 100, visit, seen));
		assert_true(n < 46 || g_str_has_prefix(seen->str,
		    "abc;ghi;"));
		(void)g_string_free(seen, TRUE);
		g_free(copy);
	}
	(void)g_string_free(zip, TRUE);
}

/* The record of a large zip leads to the directory as well. */
static void
test_large(void **state)
{
	static const struct zip_test_member member = { .header = "a",
		.entry = "b", .text = "x" };
	GString *zip = g_string_new(NULL);
	size_t end, begin;
	char record[22];

	(void)state;
	zip_test_append(zip, &member, 1, 0);
	end = zip->len - sizeof record;
	memcpy(record, zip->str + end, sizeof record);
	memset(record + 8, 0xff, 12);
	begin = end - 47;
	g_string_truncate(zip, end);
	g_string_append(zip, "PK\006\006");
	zip_test_put(zip, 44, 8);
	zip_test_put(zip, 0, 12);
	zip_test_put(zip, 1, 8);
	zip_test_put(zip, 1, 8);
	zip_test_put(zip, 47, 8);
	zip_test_put(zip, begin, 8);
	assert_int_equal(56, zip->len - end);
	g_string_append(zip, "PK\006\007");
	zip_test_put(zip, 0, 4);
	zip_test_put(zip, end, 8);
	zip_test_put(zip, 1, 4);
	g_string_append_len(zip, record, sizeof record);
	check(zip, "a;b;a;");
	(void)g_string_free(zip, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_inner),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_max),
		cmocka_unit_test(test_many_paths),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
