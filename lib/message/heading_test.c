#include "message/heading.h"

#include <glib.h>
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

/* "leaf base64 text <boundary> body 20 line 3", with the doubts behind it. */
static GString *
heading_of(const char *text, size_t at, size_t line, bool top)
{
	static const char *const kinds[] = {
		[MS_HEADING_LEAF] = "leaf",
		[MS_HEADING_MULTIPART] = "multipart",
		[MS_HEADING_MESSAGE] = "message",
	};
	static const char *const encodings[] = {
		[MS_HEADING_PLAIN] = "",
		[MS_HEADING_BASE64] = " base64",
		[MS_HEADING_QP] = " qp",
		[MS_HEADING_OTHER] = " other",
	};
	GString *told = g_string_new(NULL), *got = g_string_new(NULL);
	struct ms_doubts doubts = { tell, told, 0, false };
	const struct ms_heading_input input = { (const unsigned char *)text,
		strlen(text), at, line, top, &doubts };
	struct ms_heading heading;

	ms_heading_read(&input, &heading);
	g_string_printf(got, "%s%s%s%s%s%s%s %zu:%zu%s",
	    kinds[heading.kind], encodings[heading.encoding],
	    heading.text ? " text" : "", heading.boundary ? " <" : "",
	    heading.boundary ? heading.boundary : "",
	    heading.boundary ? ">" : "", heading.crlf ? " crlf" : "",
	    heading.body, heading.line, told->str);
	g_free(heading.boundary);
	g_string_free(told, TRUE);
	return got;
}

#define CT "Content-Type: "
#define CTE "Content-Transfer-Encoding: "
#define CD "Content-Disposition: "

/* Behind the colon of the wanted are the body's offset and its line. */
static const struct {
	const char *text, *want;
} messages[] = {
	{ "", "leaf text 0:1" },
	{ "A: b", "leaf text 4:2" },
	{ "A: b\n\nbody", "leaf text 6:3" },
	{ "A: b\r\n\r\nbody", "leaf text crlf 8:3" },
	{ "A: b\n c\n\td\n\nbody", "leaf text 12:5" },
	{ "From x\nA: b\n\nbody", "leaf text 13:4" },
	{ "From x\nno field\n\n", "leaf text 7:2!no-field-in-header" },
	{ CT "text/html\n\n", "leaf text 25:3" },
	{ CT "image/png\n\n", "leaf 25:3" },
	{ CT "message/rfc822\n\n", "message 30:3" },
	{ CT "multipart/mixed; boundary=x\n\n", "multipart <x> 43:3" },
	{ CT "multipart/mixed; boundary*0=x;\n boundary*1=y\n\n",
	  "multipart <xy> 60:4!encoded-parameter-in-structure" },
	{ CT "multipart/mixed\n\n", "multipart 31:3!no-boundary" },
	{ CT "text/plain; boundary=x\n\n",
	  "leaf text <x> 38:3!misplaced-boundary" },
	{ CTE "base64\n\n", "leaf base64 text 35:3" },
	{ CTE " Quoted-Printable \n\n", "leaf qp text 47:3" },
	{ CTE "x-uuencode\n\n", "leaf text 39:3!unknown-transfer-encoding" },
	{ CTE "base65\n\n",
	  "leaf other text 35:3!unknown-transfer-encoding" },
	{ CTE "base64\n" CTE "7bit\n\n",
	  "leaf text 67:4!duplicate-content-transfer-encoding" },
	{ CT "text/plain\n" CT "multipart/mixed; boundary=x\n\n",
	  "multipart <x> 68:4!duplicate-content-type" },
	{ CT "multipart/mixed; boundary=x\n" CTE "base64\n\n",
	  "multipart base64 <x> 77:4!encoded-multipart" },
	{ CT "message/rfc822\n" CTE "base64\n\n",
	  "message base64 64:4!encoded-message" },
	{ "content-tYPE : text/plain\n\n",
	  "leaf text 27:3!space-before-colon!odd-case" },
	{ "Content_Type: text/plain\n\n",
	  "leaf text 26:3!obscured-field-name" },
	{ CT "text/plain; name=a.txt\n" CD "attachment; filename=b.exe\n\n",
	  "leaf text 86:4!conflicting-names" },
	{ "MIME-Version: 1.0 (x)\n\n", "leaf text 23:3" },
	{ "MIME-Version: 2.0\n\n", "leaf text 19:3!odd-mime-version" },
	{ "A: b\r\n" CT "text/html\n\r\n",
	  "leaf text crlf 32:4!mixed-line-ends" },
	{ "A: b\rc\n\n", "leaf text 8:3!bare-cr" },
	{ "A: b\n \t\nC: d\n\n", "leaf text 14:5!blank-line-in-header" },
	{ "A: b\n--x\n", "leaf text 5:2!no-empty-line-after-header" },
	{ "text\n\n", "leaf text 0:1!text-before-header" },
	{ "\nA: b\n\nbody", "leaf text 7:4!text-before-header" },
};

static void
test_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
		GString *got = heading_of(messages[i].text, 0, 1, true);

		if (strcmp(messages[i].want, got->str) != 0)
			fail_msg("%zu: %s, not %s", i, got->str,
			    messages[i].want);
		g_string_free(got, TRUE);
	}
}

/* Somewhere inside, where a part needs no header. */
static void
test_parts(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "--x\n\nbody", "leaf text 5:8" },
		{ "--x\nA: b\n\nbody", "leaf text 10:9" },
		{ "--x\nbody", "leaf text 4:7!no-field-in-header" },
		{ "--x\n", "leaf text 4:7" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *got = heading_of(cases[i].text, 4, 7, false);

		if (strcmp(cases[i].want, got->str) != 0)
			fail_msg("%zu: %s, not %s", i, got->str,
			    cases[i].want);
		g_string_free(got, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
