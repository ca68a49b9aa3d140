#include "scan/markup.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
on_text(void *arg, const char *data, size_t size)
{
	g_string_append_len(arg, data, (gssize)size);
}

static const struct {
	const char *html, *want;
} rows[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "a \r\n\t b", "a b" },
	{ "vi<b></b>rus", "virus" },
	{ "vi<B\n>r</B >us", "virus" },
	{ "vi<!-- x -->rus", "virus" },
	{ "vi<!-- - -- > --!>rus", "virus" },
	{ "vi<!-->rus<!--->!", "virus!" },
	{ "vi<!--a", "vi" },
	{ "vi<!x>r<?y>u</>s</ z>", "virus" },
	{ "vi<!>rus", "virus" },
	{ "&#118;i&#x72us", "virus" },
	{ "&#118irus", "virus" },
	{ "vi&shyrus", "vi\302\255rus" },
	{ "a&amp;b&ampc&nosuch;d&", "a&b&c&nosuch;d&" },
	{ "a&lt;b>c", "a<b>c" },
	{ "a&b<i>c", "a&bc" },
	{ "vi<b title=\"x>y\">rus", "virus" },
	{ "vi<b title = 'x>y'>rus", "virus" },
	{ "<b a=b=\">vi<b></b>rus<b c=b=\">", "virus" },
	{ "vi<b \">rus", "virus" },
	{ "vi<b =\">rus", "virus" },
	{ "vi<b/x=\">\">rus", "virus" },
	{ "vi<b x \n=\">\">rus", "virus" },
	{ "vi<style>a</styl></style x>rus", "virus" },
	{ "vi<script><</script>rus", "virus" },
	{ "vi<SCRIPT>a<</SCRIPT>rus", "virus" },
	{ "vi<style>a", "vi" },
	{ "a<p>b<br>c<td>d</td>", "a\nb\nc\nd" },
	{ "a < b <", "a < b <" },
	{ "<<b>a<>", "<a<>" },
	{ "<b", "" },
	{ "a</", "a" },
};

static void
test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GString *text = g_string_new(NULL);
		struct ms_markup markup;

		ms_markup_start(&markup, on_text, text);
		ms_markup_feed(&markup, rows[i].html, strlen(rows[i].html));
		ms_markup_end(&markup);
		if (strcmp(text->str, rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].html, text->str);
		(void)g_string_free(text, TRUE);
	}
}

/* A name that is too long is one all the same. */
static void
test_long(void **state)
{
	GString *html = g_string_new("vi<");
	GString *text = g_string_new(NULL);
	struct ms_markup markup;

	(void)state;
	for (int i = 0; i < 1000; i++)
		g_string_append_c(html, 'x');
	g_string_append(html, ">rus&");
	for (int i = 0; i < 100; i++)
		g_string_append_c(html, 'x');
	ms_markup_start(&markup, on_text, text);
	ms_markup_feed(&markup, html->str, html->len);
	ms_markup_end(&markup);
	assert_int_equal(text->len, 5 + 1 + 100);
	assert_memory_equal(text->str, "virus&x", 7);
	(void)g_string_free(text, TRUE);
	(void)g_string_free(html, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
