#include "message/structure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
tell(void *arg, const char *reason, const char *detail)
{
	(void)detail;
	g_string_append_printf(arg, "!%s", reason);
}

static const struct {
	const char *text, *want;
} readings[] = {
	{ "", "!odd-content-type" },
	{ "Text/Plain", "text/plain" },
	{ " text/plain ;", "text/plain" },
	{ "text/plain; Charset=x ;\tb=\"y z\"",
	  "text/plain;charset=x;b=y z" },
	{ "text/plain;x=\"a\\\"b\"",
	  "text/plain;x=a\"b!odd-parameter" },
	{ "text/plain;name=\"a\\b\"", "text/plain;name=ab" },
	{ "text/plain;name=a b", "text/plain;name=a b" },
	{ "text/plain;x=a b", "text/plain;x=a b!odd-parameter" },
	{ "text/plain;x=----=_y/z:1", "text/plain;x=----=_y/z:1" },
	{ "text/plain;name*0*=a''b;name*1=c",
	  "text/plain;name*=a''b;name*=c" },
	{ "text/plain;name=a;name*=b''c",
	  "text/plain;name=a;name*=b''c" },
	{ "text/plain;name*1=a", "text/plain;name*=a"
	  "!duplicate-parameter" },
	{ "x/y;boundary=a;boundary=b",
	  "x/y;boundary=a;boundary=b!duplicate-boundary" },
	{ "x/y;boundary*=a", "x/y;boundary*=a"
	  "!encoded-parameter-in-structure" },
	{ "x/y;boundary = a", "x/y;boundary=a!odd-parameter" },
	{ "x/y;x=\"; boundary=z\"", "x/y;x=; boundary=z"
	  "!misplaced-boundary" },
	{ "x/y;a", "x/y!odd-parameter" },
	{ "x/y;=a", "x/y;=a!odd-parameter" },
	{ "x/y;a=", "x/y;a=" },
	{ "x/y;a:b=c;d=e", "x/y;a:b=c;d=e!odd-parameter" },
	{ "x/y;a=\"b", "x/y;a=b!odd-parameter" },
	{ "x/y;a=\"b\" c;d=e", "x/y;a=b;d=e!odd-parameter" },
	{ "x/y (c (d)) ;a=b", "x/y;a=b!comment-in-structure" },
	{ "(c) x/y;a(d)=(e)b", "x/y;a=b!comment-in-structure" },
	{ "x", "x" },
	{ "multipart;a=b", "multipart;a=b!odd-content-type" },
	{ "x/y/z", "x/y/z!odd-content-type" },
	{ "x/;a=b", "x/;a=b!odd-content-type" },
	{ "/y", "/y!odd-content-type" },
	{ "x/y a=b;c=d", "x/y;c=d!odd-content-type" },
	{ "=?x?Q?x/y?=", "=?x?q?x/y?=!encoded-word-in-structure"
	  "!odd-content-type" },
	{ "x/y;a==?x?Q?b?=", "x/y;a==?x?Q?b?="
	  "!encoded-word-in-structure" },
};

/* What was read: the value, "name=value" for each parameter ("name*=value" if
 * RFC 2231 had to do with it), and "!reason" for each doubt. */
static void
test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(readings); i++) {
		GString *got = g_string_new(NULL), *told = g_string_new(NULL);
		struct ms_doubts doubts = { tell, told, 0, false };
		struct ms_structure structure;

		print_message("  %s\n", readings[i].text);
		ms_structure_read(&structure,
		    (const unsigned char *)readings[i].text,
		    strlen(readings[i].text), true, &doubts, 1);
		g_string_append(got, structure.value);
		for (guint k = 0; k < structure.parameters->len; k++) {
			const struct ms_parameter *parameter = &g_array_index(
			    structure.parameters, struct ms_parameter, k);

			g_string_append_printf(got, ";%s%s=%s",
			    parameter->name, parameter->pieces ? "*" : "",
			    parameter->value);
			assert_non_null(ms_structure_get(&structure,
			    parameter->name));
		}
		g_string_append(got, told->str);
		assert_string_equal(readings[i].want, got->str);
		assert_null(ms_structure_get(&structure, "no such one"));
		ms_structure_clear(&structure);
		g_string_free(got, TRUE);
		g_string_free(told, TRUE);
	}
}

/* Many parameters take no time, and are in doubt. */
static void
test_many(void **state)
{
	GString *text = g_string_new("x/y"), *told = g_string_new(NULL);
	struct ms_doubts doubts = { tell, told, 0, false };
	struct ms_structure structure;

	(void)state;
	for (int i = 0; i < 200000; i++)
		g_string_append_printf(text, ";a%d=b", i);
	ms_structure_read(&structure, (const unsigned char *)text->str,
	    text->len, true, &doubts, 1);
	assert_int_equal(200, structure.parameters->len);
	assert_string_equal("!odd-parameter", told->str);
	ms_structure_clear(&structure);
	g_string_free(text, TRUE);
	g_string_free(told, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
