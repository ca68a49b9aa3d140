#include "message/textform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
test_charsets(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "text/plain", "" },
		{ "text/plain; charset=utf-8", "utf-8" },
		{ "text/plain; charset=\"UTF-8\"; x=y", "utf-8" },
		{ "text/plain; charset=utf-7; charset=us-ascii",
		  "utf-7 us-ascii" },
		{ "text/plain; charset = (a) \"utf-7\"", "utf-7" },
		{ "text/plain; charset=((a) b)(c) utf-7",
		  "utf-7" },
		{ "text/plain; charset=(a(b)) utf-7", "utf-7" },
		{ "text/plain; charset=\r\n\t\"u\\tf-\r\n7 \"", "utf-7" },
		{ "text/plain; charset*=us-ascii'en'utf%2D7", "utf-7" },
		{ "text/plain; charset*0=utf; charset*1=-7", "utf utf-7" },
		{ "text/plain; charset*0*=''utf; charset*1*=%2d7",
		  "utf utf-7" },
		{ "<meta charset='Utf-7'>", "utf-7" },
		{ "<meta content=\"text/html; charset=utf-7\">", "utf-7" },
		{ "charset charset=a Charset=b CHARSET=a;", "a b" },
		{ "charset=", "" },
		{ "charset=\"", "" },
		{ "charset", "" },
		{ "charset (", "" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_textform form;
		char *got;

		ms_textform_init(&form);
		ms_textform_add(&form, (const unsigned char *)rows[i].text,
		    strlen(rows[i].text));
		assert_false(form.flowed || form.delsp || form.more);
		g_ptr_array_add(form.charsets, NULL);
		got = g_strjoinv(" ", (char **)form.charsets->pdata);
		assert_string_equal(got, rows[i].want);
		g_free(got);
		ms_textform_clear(&form);
	}
}

static void
test_flowed(void **state)
{
	static const unsigned char text[] = "Format=\"Flowed\"; DelSp=yes";
	struct ms_textform form;

	(void)state;
	ms_textform_init(&form);
	ms_textform_add(&form, text, 15);
	assert_true(form.flowed);
	assert_false(form.delsp);
	ms_textform_add(&form, text, sizeof text - 1);
	assert_true(form.delsp);
	ms_textform_clear(&form);
}

/* There is an end to it, and it is told. */
static void
test_many(void **state)
{
	struct ms_textform form;

	(void)state;
	ms_textform_init(&form);
	for (int i = 0; i < 2 * MS_TEXTFORM_CHARSETS; i++) {
		char *name = g_strdup_printf("x-%d",
		    i % MS_TEXTFORM_CHARSETS);

		ms_textform_charset(&form, name);
		assert_false(form.more);
		g_free(name);
	}
	ms_textform_charset(&form, "one-more");
	assert_true(form.more);
	assert_int_equal(form.charsets->len, MS_TEXTFORM_CHARSETS);
	ms_textform_clear(&form);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_charsets),
		cmocka_unit_test(test_flowed),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
