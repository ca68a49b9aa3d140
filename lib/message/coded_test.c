#include "message/coded.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
tell(void *arg, const char *reason, const char *detail)
{
	g_string_append_printf(arg, "!%s %.*s", reason,
	    (int)strcspn(detail, ":"), detail);
}

/* The doubts about a body, each with its line. */
static GString *
doubts_of(const char *body, enum ms_heading_encoding encoding, bool text)
{
	GString *told = g_string_new(NULL);
	struct ms_doubts doubts = { tell, told, 0, false };
	gchar **lines = g_strsplit(body, "\n", -1);
	struct ms_coded coded;

	ms_coded_start(&coded, &doubts, encoding, text);
	for (size_t i = 0; lines[i]; i++)
		ms_coded_line(&coded, (const unsigned char *)lines[i],
		    strlen(lines[i]), i + 1);
	ms_coded_end(&coded);
	g_strfreev(lines);
	return told;
}

#define L76 \
	"QWxsIHRoZSBjYXRzIG9mIHRoZSB0b3duIHNpdCBvbiB0aGUgd2FsbCBhbmQgbG9vayBh" \
	"dCB0aGUgMQ=="
#define FULL \
	"QWxsIHRoZSBjYXRzIG9mIHRoZSB0b3duIHNpdCBvbiB0aGUgd2FsbCBhbmQgbG9vayBh"

static void
test_bodies(void **state)
{
	static const struct {
		const char *body, *want;
		enum ms_heading_encoding encoding;
		bool text;
	} cases[] = {
		{ "", "", MS_HEADING_BASE64, false },
		{ FULL "\n" L76 "\n", "", MS_HEADING_BASE64, false },
		{ FULL "\nQ2F0\n\n", "", MS_HEADING_BASE64, false },
		{ FULL "\nQ2F\n", "!uneven-base64 line 2",
		  MS_HEADING_BASE64, false },
		{ FULL "\nQ2F0c\n" FULL "\n", "!uneven-base64 line 3",
		  MS_HEADING_BASE64, false },
		{ FULL "\n\n" FULL "\n", "!interrupted-base64 line 3",
		  MS_HEADING_BASE64, false },
		{ L76 "\n" FULL "\n", "!base64-after-its-end line 2",
		  MS_HEADING_BASE64, false },
		{ FULL "\n<!>\n", "!junk-in-base64 line 2",
		  MS_HEADING_BASE64, false },
		{ FULL "\n\nA list's footer.\n", "", MS_HEADING_BASE64,
		  false },
		{ "a =3D b=\nc\n", "", MS_HEADING_QP, true },
		{ "a =3 b\n", "!illegal-quoted-printable line 1",
		  MS_HEADING_QP, true },
		{ "a\nb =\x01\n", "!illegal-quoted-printable line 2",
		  MS_HEADING_QP, true },
		{ "M\303\266hre\n", "", MS_HEADING_QP, true },
		{ "M\303\266hre\n", "!illegal-quoted-printable line 1",
		  MS_HEADING_QP, false },
		{ "Some text.\n\nMore of it.\n", "", MS_HEADING_PLAIN, true },
		{ "Some text.\n\n" FULL "\n" L76 "\n\nMore.\n",
		  "!undeclared-base64 line 4", MS_HEADING_PLAIN, true },
		{ "Some text.\n" FULL "\n", "", MS_HEADING_PLAIN, true },
		{ "=43=61=74=73\n", "!undeclared-quoted-printable line 1",
		  MS_HEADING_PLAIN, true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *got = doubts_of(cases[i].body, cases[i].encoding,
		    cases[i].text);

		if (strcmp(cases[i].want, got->str) != 0)
			fail_msg("%zu: %s, not %s", i, got->str,
			    cases[i].want);
		g_string_free(got, TRUE);
	}
}

static void
test_looks(void **state)
{
	static const struct {
		const char *line;
		bool want;
	} cases[] = {
		{ "", false },
		{ FULL, true },
		{ L76 " \r", true },
		{ "Q2F0cw==", false },
		{ "====================================================",
		  false },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  false },
		{ "a =3D b", false },
		{ "=43=61=74=73", true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s\n", cases[i].line);
		assert_int_equal(cases[i].want, ms_coded_looks_so(
		    (const unsigned char *)cases[i].line,
		    strlen(cases[i].line)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
