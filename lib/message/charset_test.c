#include "message/charset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) text, sizeof text - 1

static void
test_append(void **state)
{
	static const struct {
		const char *charset;
		enum ms_charset_how how;
		const char *data;
		size_t size;
		const char *want;
		bool differs, unknown;
	} rows[] = {
		{ "", MS_CHARSET_DECLARED, BYTES("a.exe"), "a.exe", false,
		  false },
		{ "UTF-8", MS_CHARSET_DECLARED, BYTES("\303\244"),
		  "\303\244", false, false },
		{ "iso-8859-1", MS_CHARSET_DECLARED, BYTES("\344"),
		  "\303\244", false, false },
		{ "iso-8859-1", MS_CHARSET_NONE, BYTES("\344"), "\344",
		  false, false },
		{ "utf-16le", MS_CHARSET_DECLARED, BYTES("a\0.\0"), "a.",
		  true, false },
		{ "utf-7", MS_CHARSET_DECLARED, BYTES("a+AC4-b"), "a.b", true,
		  false },
		{ "ibm037", MS_CHARSET_DECLARED, BYTES("\201K"), "a.", true,
		  false },
		{ "ebcdic-none", MS_CHARSET_DECLARED, BYTES("\201K"),
		  "\201K", true, true },
		{ "ebcdic-none", MS_CHARSET_EBCDIC, BYTES("\201K"), "a.",
		  true, true },
		{ "ibm037", MS_CHARSET_NONE, BYTES("a"), "a", true, false },
		{ "utf-16//ignore", MS_CHARSET_DECLARED, BYTES("ab"), "ab",
		  true, true },
		{ "iso-2022-jp", MS_CHARSET_DECLARED, BYTES("a.\033$B"
		  "\033(Bexe"), "a.exe", true, false },
		/* What is no character is left out. */
		{ "shift_jis", MS_CHARSET_DECLARED, BYTES("a\377b"), "ab",
		  true, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_charset_way way = { rows[i].how, false, false };
		GString *out = g_string_new("<");
		char *want = g_strconcat("<", rows[i].want, NULL);

		print_message("  %zu, %s\n", i, rows[i].charset);
		ms_charset_append(&way, rows[i].charset,
		    strlen(rows[i].charset), rows[i].data, rows[i].size, out);
		assert_string_equal(want, out->str);
		assert_int_equal(rows[i].differs, way.differs);
		assert_int_equal(rows[i].unknown, way.unknown);
		g_free(want);
		(void)g_string_free(out, TRUE);
	}
}

static void
test_add(void **state)
{
	GPtrArray *readings = g_ptr_array_new_with_free_func(g_free);

	(void)state;
	ms_charset_add(BYTES(""), readings);
	ms_charset_add(BYTES("a"), readings);
	ms_charset_add(BYTES("a\0b"), readings);
	ms_charset_add(BYTES("\0c\0"), readings);
	ms_charset_add(BYTES("\0\0"), readings);
	assert_int_equal(4, readings->len);
	assert_string_equal("a", readings->pdata[0]);
	assert_string_equal("a", readings->pdata[1]);
	assert_string_equal("ab", readings->pdata[2]);
	assert_string_equal("c", readings->pdata[3]);
	g_ptr_array_unref(readings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_add),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
