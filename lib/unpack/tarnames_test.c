#include "unpack/tarnames.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *name, *prefix;
	char type;
	const char *magic;	/* NULL: of ustar */
	unsigned size;
	bool wrong;		/* the sum is */
};

static void
put(GString *tar, const struct row *row)
{
	char block[512] = "";
	unsigned sum = 0;

	/* A name that fills its field has no NUL behind it. */
	memcpy(block, row->name, MIN(strlen(row->name), (size_t)100));
	(void)g_snprintf(block + 124, 12, "%011o", row->size);
	memset(block + 148, ' ', 8);
	block[156] = row->type;
	memcpy(block + 257, row->magic ? row->magic : "ustar\00000", 8);
	if (row->prefix)
		(void)g_strlcpy(block + 345, row->prefix, 155);
	for (size_t i = 0; i < sizeof block; i++)
		sum += (unsigned char)block[i];
	(void)g_snprintf(block + 148, 8, "%06o", sum + row->wrong);
	g_string_append_len(tar, block, sizeof block);
	memset(block, 'x', sizeof block);
	for (unsigned n = 0; n < row->size; n += 512)
		g_string_append_len(tar, block, sizeof block);
}

static void
visit(void *arg, const char *name, size_t size)
{
	g_string_append_len(arg, name, (gssize)size);
	g_string_append_c(arg, ';');
}

#define NAME_100 "0123456789012345678901234567890123456789012345678901234567" \
	"89012345678901234567890123456789012345.exe"

static void
test_all(void **state)
{
	static const struct row rows[] = {
		{ "first", NULL, '0', NULL, 3, false },
		{ "pax", NULL, 'x', NULL, 600, false },
		{ "a.exe", NULL, '0', NULL, 513, false },
		{ "second", NULL, '0', NULL, 0, false },
		{ "target", NULL, 'K', NULL, 1, false },
		{ "name", NULL, 'L', NULL, 1, false },
		{ "b.exe", "dir", '0', NULL, 0, false },
		{ "name", NULL, 'L', NULL, 1, false },
		{ "c.exe", "0", '2', "ustar  ", 0, false },
		{ "all", NULL, 'g', NULL, 1, false },
		{ "third", NULL, '0', NULL, 0, false },
		{ "pax", NULL, 'x', NULL, 1, false },
		{ "dir", NULL, '5', NULL, 0, false },
		{ "damaged", NULL, '0', NULL, 0, true },
		{ "d.exe", NULL, '\0', "xxxxxxxx", 0, false },
		{ NAME_100 "more", NULL, '0', NULL, 0, false },
	};
	GString *tar = g_string_new(NULL), *seen = g_string_new(NULL);
	const unsigned char *data;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		put(tar, &rows[i]);
	data = (const unsigned char *)tar->str;
	assert_true(ms_tarnames(data, tar->len, 15, visit, seen));
	assert_string_equal("a.exe;dir/b.exe;c.exe;d.exe;" NAME_100 ";",
	    seen->str);
	g_string_truncate(seen, 0);
	assert_false(ms_tarnames(data, tar->len, 14, visit, seen));
	assert_string_equal("a.exe;dir/b.exe;c.exe;d.exe;", seen->str);
	for (size_t n = 0; n < tar->len; n += 101) {
		unsigned char *copy = g_memdup2(data, MAX(n, (size_t)1));

		assert_true(ms_tarnames(copy, n, 100, visit, seen));
		g_free(copy);
	}
	(void)g_string_free(seen, TRUE);
	(void)g_string_free(tar, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
