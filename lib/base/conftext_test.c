#include "base/conftext.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static void
test_text(void **state)
{
	static const struct {
		const char *text;
		const char *want;	/* NULL: an error */
		unsigned line;		/* of it, or the last */
	} cases[] = {
		{ "", "", 1 },
		{ "a=1", "\"a\"=\"1\"", 1 },
		{ "a # b\nc", "\"a\" \n\"c\"", 2 },
		{ "a // b\nc", "\"a\" \n\"c\"", 2 },
		{ "/* b\n\n */c\n", "\n\n \"c\"\n", 4 },
		{ "a/* b */c", "\"a\" \"c\"", 1 },
		{ "a+b += c", NULL, 1 },
		{ "a+=c", NULL, 1 },
		{ "a+b//c", "\"a\\053b//c\"", 1 },
		{ "${X}", "\"\\044\"{\"X\"}", 1 },
		{ "\"${X}\"", "\"\\044\\173X\\175\"", 1 },
		{ "\"\\x1b[31m1\"", "\"\\033\\133\\063\\061m1\"", 1 },
		{ "\"a\nb\" c", "\"a\\012b\"\n \"c\"", 2 },
		{ "'\\n'", "\"\\134n\"", 1 },
		{ "\"\\n\"", "\"\\012\"", 1 },
		{ "\"\\\nx\"", "\"\\134\\012x\"\n", 2 },
		{ "\n'", NULL, 2 },
		{ "{ {\n }\n", NULL, 1 },
		{ "\n\n/*/", NULL, 3 },
		{ "\"\\x0g\"", NULL, 1 },
		{ "\"\\x", NULL, 1 },
		{ "\"\\", NULL, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		GString *out = g_string_new(NULL);
		struct ms_error err;
		unsigned line = 0;
		enum ms_status status = ms_conftext(cases[i].text,
		    strlen(cases[i].text), out, &line, &err);

		print_message("  %s -> %s\n", cases[i].text, out->str);
		assert_int_equal(status, cases[i].want ? MS_OK : MS_E_FORMAT);
		assert_int_equal(line, cases[i].line);
		if (cases[i].want)
			assert_string_equal(out->str, cases[i].want);
		g_string_free(out, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
