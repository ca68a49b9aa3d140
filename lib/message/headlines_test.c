#include "message/headlines.h"

#include <gmime/gmime.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
on_field(void *arg, const char *name, const char *value)
{
	g_string_append_printf(arg, "%s=%s|", name, value);
}

static const struct ms_headlines_visitor visitor = { on_field, NULL };

static void
test_fields(void **state)
{
	static const struct {
		const char *message, *fields;
	} rows[] = {
		{ "", "" },
		{ "Subject: a\r\n\r\nTo: b\r\n", "Subject=a|" },
		{ "Subject: a\r\n b\r\nSubject:c\n\nx", "Subject=a b|"
		  "Subject=c|" },
		{ "A: =?utf-8?Q?b=C3=A4?= =?utf-8?B?Yw==?=\n\n",
		  "A=b\303\244c|" },
		{ "A: \344\n\n", "A=\303\244|" },
		{ "A: x\nno field\nB: y", "A=x|B=y|" },
		{ "A:\n\n", "A=|" },
		{ "Subject \t: x\nB: y\n\n", "Subject=x|B=y|" },
		{ "\r\n\nA: x\n\nB: y\n", "A=x|" },
		{ "A: x\rB: y\n\n", "A=xB: y|A=x|B=y|" },
		{ "A: \"x\\y\"\n\n", "A=\"x\\y\"|A=\"xy\"|" },
		{ "A: =?utf-8?Q?x=00y?=\n\n", "A=x?y|A=x|A=xy|" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GString *text = g_string_new(NULL);

		ms_headlines((const unsigned char *)rows[i].message,
		    strlen(rows[i].message), &visitor, text);
		if (strcmp(text->str, rows[i].fields) != 0)
			fail_msg("%s: %s", rows[i].message, text->str);
		(void)g_string_free(text, TRUE);
	}
}

/* What stands behind a NUL is still there. */
static void
test_nul(void **state)
{
	static const unsigned char message[] = "A: x\0y\n\n";
	GString *text = g_string_new(NULL);

	(void)state;
	ms_headlines(message, sizeof message - 1, &visitor, text);
	assert_string_equal(text->str, "A=x y|A=xy|");
	(void)g_string_free(text, TRUE);
}

static int
start(void **state)
{
	(void)state;
	g_mime_init();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_nul),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
