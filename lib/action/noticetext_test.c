#include "action/noticetext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
test_expand(void **state)
{
	static const struct ms_noticetext_value values[] = {
		{ "virus", "Eicar" }, { "quarantine", "Q1" },
		{ "sender", "a@x\r\nBcc: b@x" }, { "subject", "\303\274\377" },
		{ NULL, NULL },
	};
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" }, { "plain \303\274\n", "plain \303\274\n" },
		{ "%v in %q", "Eicar in Q1" },
		{ "${virus}$virus$", "EicarEicar" },
		{ "%h", "A: b\nC: d\n" },
		{ "100%% \\% \\$ \\\\ \\n", "100% % $ \\ \\n" },
		{ "$$", NULL }, { "$", NULL }, { "%", NULL }, { "%x", NULL },
		{ "${nothing}", NULL }, { "${virus", NULL },
		{ "$virus\n$", NULL }, { "\377", NULL },
		/* What a stranger has written makes no lines. */
		{ "${sender}!", "a@x? Bcc: b@x!" },
		{ "${subject}", "\303\274?" },
		{ "${client}", "unknown" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *out = g_string_new(NULL);
		struct ms_error err = { "" };
		const enum ms_status status = ms_noticetext_check(
		    cases[i].text, &err);

		print_message("  %s\n", cases[i].text);
		assert_int_equal(status, cases[i].want ? MS_OK : MS_E_USAGE);
		assert_int_equal(err.text[0] != '\0', !cases[i].want);
		if (cases[i].want) {
			ms_noticetext_expand(cases[i].text, values,
			    "A: b\nC: d\n", out);
			assert_string_equal(out->str, cases[i].want);
		}
		(void)g_string_free(out, TRUE);
	}
}

static void
test_names(void **state)
{
	struct ms_error err;

	(void)state;
	assert_true(ms_noticetext_names() > 10);
	for (size_t i = 0; i < ms_noticetext_names(); i++) {
		char *text = g_strdup_printf("${%s}", ms_noticetext_name(i));

		assert_int_equal(ms_noticetext_check(text, &err), MS_OK);
		assert_false(ms_noticetext_has_header(text));
		g_free(text);
	}
	assert_int_equal(ms_noticetext_check("a\nb\n%z %v", &err),
	    MS_E_USAGE);
	assert_true(g_str_has_prefix(err.text, "line 3: \"%z\""));
	assert_true(ms_noticetext_has_header("${virus} %h"));
	assert_false(ms_noticetext_has_header("%%h \\%h"));
}

/* Long values are cut, and not within a character. */
static void
test_values(void **state)
{
	GString *value = g_string_new(NULL), *out = g_string_new(NULL);

	(void)state;
	ms_noticetext_value(NULL, out);
	assert_string_equal(out->str, "unknown");
	for (int i = 0; i < 3000; i++)
		g_string_append(value, "\342\202\254");
	g_string_truncate(out, 0);
	ms_noticetext_value(value->str, out);
	assert_true(g_utf8_validate(out->str, -1, NULL));
	assert_true(g_str_has_suffix(out->str, "..."));
	assert_in_range(out->len, 1900, 2003);
	(void)g_string_free(value, TRUE);
	(void)g_string_free(out, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expand),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
