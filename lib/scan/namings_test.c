#include "scan/namings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static gboolean
has(const GPtrArray *forms, const char *text)
{
	for (guint i = 0; i < forms->len; i++)
		if (strcmp(forms->pdata[i], text) == 0)
			return TRUE;
	return FALSE;
}

static void
test_forms(void **state)
{
	static const struct {
		const char *name, *form;
	} rows[] = {
		{ "A.EXE", "a.exe" },
		{ "a.exe.", "a.exe" },
		{ "a.exe . .", "a.exe" },
		{ "\"a.exe\"", "a.exe" },
		{ "a.exe;", "a.exe" },
		{ "dir/a.exe", "a.exe" },
		{ "..\\..\\a.exe", "a.exe" },
		{ "a\357\274\216exe", "a.exe" },	/* full-width dot */
		{ "a.\357\275\205\357\275\230\357\275\205", "a.exe" },
		{ "a\343\200\202exe", "a.exe" },	/* ideographic */
		{ "a\342\200\244exe", "a.exe" },	/* one dot leader */
		{ "a.e\342\200\213xe", "a.exe" },	/* zero width */
		{ "a\342\200\256.exe", "a.exe" },	/* right to left */
		{ "a.e\302\255xe", "a.exe" },	/* soft hyphen */
		{ "a.\001e\177xe", "a.exe" },
		{ "a.exe\t\r\n", "a.exe" },
		{ "a.exe\302\240", "a.exe" },	/* no-break space */
		{ "a%2Eexe", "a.exe" },
		{ "a.exe%00.txt", "a.exe" },
		{ "a.exe%20", "a.exe" },
		{ "a.exe:stream", "a.exe" },
		{ "a.exe::$DATA", "a.exe" },
		{ "\344.exe", "\303\244.exe" },	/* ISO 8859-1 */
		{ "\303\204.EXE", "\303\244.exe" },
		{ "a.exe/", "a.exe" },
		{ "dir\\a.exe\\", "a.exe" },
		{ "a.exe/ . /", "a.exe" },
		{ "a.exe|", "a.exe" },
		{ "a.exe?*", "a.exe" },
		{ "a.exe\343\205\244", "a.exe" },	/* Hangul filler */
		{ "a.exe\342\240\200", "a.exe" },	/* Braille blank */
		{ "a.e\363\240\204\200xe", "a.exe" },	/* variant */
		{ "a.e\357\277\275xe", "a.exe" },	/* replacement */
		{ "a.exe\377", "a.exe" },
		{ "a.e%FFxe", "a.exe" },
		{ "a.exe", "a.exe" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GPtrArray *forms = g_ptr_array_new_with_free_func(g_free);

		ms_namings(rows[i].name, forms);
		if (!has(forms, rows[i].form))
			fail_msg("%zu: %s: no %s", i, rows[i].name,
			    rows[i].form);
		g_ptr_array_unref(forms);
	}
}

/* However long it is, its end counts, and nothing takes long. */
static void
test_long(void **state)
{
	static const char *const fill[] = { "a", " ", ".", "\xcc\x81\xcc\xa3",
		"\357\267\272", "/", ":", "%41" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(fill); i++) {
		GPtrArray *forms = g_ptr_array_new_with_free_func(g_free);
		GString *name = g_string_new("x");
		gboolean found = FALSE;

		while (name->len < 200000)
			g_string_append(name, fill[i]);
		g_string_append(name, ".exe");
		for (int k = 0; k < 5000; k++)
			g_string_append_c(name, ' ');
		ms_namings(name->str, forms);
		for (guint k = 0; k < forms->len; k++)
			found |= g_str_has_suffix(forms->pdata[k], ".exe");
		assert_true(found);
		(void)g_string_free(name, TRUE);
		g_ptr_array_unref(forms);
	}
}

static void
test_double(void **state)
{
	static const char *const bad[] = { "a.pdf.exe", "a.pdf.html",
		"a.txt      .scr", "x.y.jpg.js",
		"a.txt.{3050f4d8-98b5-11cf-bb82-00aa00bdce0b}", "a.doc.com" };
	static const char *const good[] = { "a.exe", "a.tar.gz", "a.pdf",
		"pdf.exe", ".pdf", "a.b.pdf", "v1.2.exe", "a.pdf.", "",
		"report.2024.doc", "a.pdf.zip", ".exe", "a.{x}",
		"www.example.com" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		if (!ms_namings_is_double(bad[i]))
			fail_msg("%s", bad[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
		if (ms_namings_is_double(good[i]))
			fail_msg("%s", good[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_double),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
