#include "message/declared.h"

#include <gmime/gmime.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Fields, and what they say. */
static void
test_declared(void **state)
{
	static const struct {
		const char *fields, *type, *charset;
		bool shown;
	} cases[] = {
		{ "X: y\n", "text/plain", NULL, true },
		{ "Content-Type: TEXT/Html; charset=x\n", "text/html", "x",
		  true },
		{ "Content-Disposition: inline\n", "text/plain", NULL, true },
		{ "Content-Disposition: INLINE\n", "text/plain", NULL, true },
		{ "Content-Disposition: attachment\n", "text/plain", NULL,
		  false },
		{ "Content-Disposition: inline; filename=f\n", "text/plain",
		  NULL, false },
		{ "Content-Disposition:\n", "text/plain", NULL, false },
		{ "Content-Description: f\n", "text/plain", NULL, false },
		{ "content-location: f\n", "text/plain", NULL, false },
	};

	(void)state;
	g_mime_init();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = g_strconcat(cases[i].fields, "\nbody\n", NULL);
		GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text,
		    strlen(text));
		GMimeParser *parser =
		    g_mime_parser_new_with_stream(stream);
		GMimeObject *part = g_mime_parser_construct_part(parser,
		    NULL);
		char *type = ms_declared_type(part);
		const char *charset = ms_declared_parameter(part, "charset");

		print_message("  %s", cases[i].fields);
		assert_string_equal(cases[i].type, type);
		assert_int_equal(g_strcmp0(cases[i].charset, charset), 0);
		assert_int_equal(cases[i].shown, ms_declared_inline(part));
		g_free(type);
		g_object_unref(part);
		g_object_unref(parser);
		g_object_unref(stream);
		g_free(text);
	}
	g_mime_shutdown();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_declared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
