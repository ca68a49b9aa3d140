#include "action/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

static struct ms_signature *
make(const char *text)
{
	struct ms_signature *signature;
	struct ms_error err;

	assert_int_equal(ms_signature_new(text, &signature, &err), MS_OK);
	return signature;
}

static void
test_forms(void **state)
{
	static const struct {
		const char *text, *charset;
		bool eight_bit;
		const char *want;	/* NULL: it cannot be put there */
	} cases[] = {
		{ "Gr\303\274n", "utf-8", true, "Gr\303\274n" },
		{ "Gr\303\274n", "UTF-8", true, "Gr\303\274n" },
		{ "Gr\303\274n", "utf-8", false, "Grun" },
		{ "Gr\303\274n", "Iso-8859-1", true, "Gr\374n" },
		{ "Gr\303\274n", "iso-8859-1", false, "Grun" },
		{ "Gr\303\274n", "", true, "Grun" },
		{ "Gr\303\274n", "us-ascii", true, "Grun" },
		/* What that one does not have. */
		{ "5 \342\202\254", "iso-8859-15", true, "5 \244" },
		{ "5 \342\202\254", "iso-8859-1", true, "5 EUR" },
		{ "\346\227\245", "koi8-r", true, "?" },
		{ "\346\227\245", "shift_jis", true, "\223\372" },
		{ "plain", "utf-8", false, "plain" },
		/* Charsets in which an A is no A, or that nobody knows. */
		{ "plain", "utf-16", true, NULL },
		{ "plain", "utf-7", true, NULL },
		{ "plain", "iso-2022-jp", true, NULL },
		{ "plain", "x-own", true, NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_signature *signature = make(cases[i].text);
		const char *got = ms_signature_text(signature,
		    cases[i].charset, cases[i].eight_bit);

		print_message("  %s: %s\n", cases[i].charset,
		    cases[i].want ? cases[i].want : "none");
		if (cases[i].want) {
			assert_non_null(got);
			assert_string_equal(got, cases[i].want);
		} else {
			assert_null(got);
		}
		assert_int_equal(ms_signature_html(signature,
		    cases[i].charset) != NULL, cases[i].want != NULL);
		ms_signature_free(signature);
	}
}

static void
test_lines(void **state)
{
	static const struct {
		const char *text, *want, *html;
	} cases[] = {
		{ "a", "a", "<p>a</p>" },
		{ "a\n", "a", "<p>a</p>" },
		{ "a\r\nb\r\n\r\n", "a\nb", "<p>a<br>\nb</p>" },
		{ "a \t\n\n  b  \n \n", "a\n\n  b",
		  "<p>a<br>\n<br>\n  b</p>" },
		{ "-- \na", "-- \na", "<p>-- <br>\na</p>" },
		{ "-- \r\na", "-- \na", "<p>-- <br>\na</p>" },
		{ "<b>&amp;", "<b>&amp;", "<p>&#60;b&#62;&#38;amp;</p>" },
		{ "\303\274\342\202\254", "uEUR", "<p>&#252;&#8364;</p>" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_signature *signature = make(cases[i].text);

		assert_string_equal(ms_signature_text(signature, "", false),
		    cases[i].want);
		assert_string_equal(ms_signature_html(signature, ""),
		    cases[i].html);
		ms_signature_free(signature);
	}
}

static void
test_refused(void **state)
{
	static const char *const texts[] = { "", "\n \r\n\t\n", "a\001b",
		"a\033[1mb", "\377\376", "a\303" };
	char *large = g_strnfill(MS_SIGNATURE_MAX + 1, 'x');
	struct ms_signature *signature;
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		err.text[0] = '\0';
		assert_int_equal(ms_signature_new(texts[i], &signature, &err),
		    MS_E_USAGE);
		assert_null(signature);
		assert_true(err.text[0] != '\0');
	}
	assert_int_equal(ms_signature_new(large, &signature, &err),
	    MS_E_USAGE);
	large[MS_SIGNATURE_MAX] = '\0';
	ms_signature_free(make(large));
	g_free(large);
	ms_signature_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
