#include "policy/wording.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static const struct ms_wording values = {
	.client = "192.0.2.1",
	.local = "127.0.0.1",
	.date = "Sat, 21 Nov 2026 08:15:00 +0100",
	.virus = "Eicar\r\nX-Evil: 1",
	.part = "2/\x1b]0;\xe2\x80\xae.exe",
	.action = "reject",
	.host = "mx.example.org",
	.version = "1.0",
};

static void
test_expand(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "X: %i %l (%d)\\r\\n\\tby %h %V", "X: 192.0.2.1 127.0.0.1 "
		  "(Sat, 21 Nov 2026 08:15:00 +0100)\r\n\tby mx.example.org "
		  "1.0" },
		{ "%v in %f: %a", "Eicar??X-Evil: 1 in 2/?]0;???.exe: reject" },
		{ "100%% %q \\\\", "100% unknown \\" },
		{ "%%i", "%i" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *out = g_string_new(NULL);

		assert_int_equal(ms_wording_check(cases[i].text, NULL), MS_OK);
		ms_wording_expand(cases[i].text, &values, out);
		assert_string_equal(cases[i].want, out->str);
		g_string_free(out, TRUE);
	}
}

static void
test_check(void **state)
{
	static const struct {
		const char *text, *place;
	} cases[] = {
		{ "ab%x", "byte 3" }, { "%", "byte 1" }, { "%%%", "byte 3" },
		{ "a\\", "byte 2" }, { "\\x", "byte 1" }, { "a\nb", "byte 2" },
		{ "a\x7f", "byte 2" },
	};
	struct ms_error err = { "" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		assert_int_equal(ms_wording_check(cases[i].text, &err),
		    MS_E_USAGE);
		assert_non_null(strstr(err.text, cases[i].place));
	}
}

/* A value does not outgrow what it is put into. */
static void
test_long(void **state)
{
	char *name = g_strnfill(65536, 'x');
	struct ms_wording own = { .virus = name };
	GString *out = g_string_new(NULL);

	(void)state;
	ms_wording_expand("%v", &own, out);
	assert_int_equal(MS_WORDING_VALUE_MAX + 3, out->len);
	assert_true(g_str_has_suffix(out->str, "x..."));
	g_string_free(out, TRUE);
	g_free(name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expand),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
