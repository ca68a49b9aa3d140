#include "message/ambiguity.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
tell(void *arg, const char *reason, const char *detail)
{
	GString *told = arg;

	assert_true(g_str_has_prefix(detail, "line "));
	g_string_append_printf(told, "%s%s", told->len > 0 ? "," : "",
	    reason);
}

struct doubtful {
	const char *text, *want;
	size_t size;		/* 0: all of it */
};

static void
check(const struct doubtful *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t size = cases[i].size ? cases[i].size :
		    strlen(cases[i].text);
		GString *told = g_string_new(NULL);
		bool footer;

		print_message("  %zu: %s\n", i, cases[i].want);
		assert_int_equal(*cases[i].want != '\0', ms_ambiguity_find(
		    (const unsigned char *)cases[i].text, size, tell, told,
		    &footer));
		assert_string_equal(cases[i].want, told->str);
		g_string_free(told, TRUE);
	}
}

#define CHECK(cases) check(cases, G_N_ELEMENTS(cases))
#define SUBJECT "Subject: x\n"
#define MULTI "Content-Type: multipart/mixed; boundary="
#define PLAIN "Content-Type: text/plain"
#define CTE "Content-Transfer-Encoding: "
#define PARTS "\n--b\n\nsome text\n--b--\n"
#define LINE76 "VGhpcyBpcyBhIGxpbmUgb2YgYmFzZTY0IHRoYXQgaXMgYXMgbG9uZyBhcyB0" \
	"aGV5IGFyZSB1c3VhbGx5"

/* A last line of blanks is not read beyond its end. */
static void
test_edge(void **state)
{
	static const char text[] = MULTI "boundary\n\n        ";
	const size_t size = strlen(text);
	unsigned char *exact = g_memdup2(text, size);
	GString *told = g_string_new(NULL);
	bool footer;

	(void)state;
	assert_false(ms_ambiguity_find(exact, size, tell, told, &footer));
	assert_false(footer);
	g_string_free(told, TRUE);
	g_free(exact);
}

/* The footer of a list behind base64 is only said to be there. */
static void
test_footer(void **state)
{
	static const struct {
		const char *text;
		bool footer;
	} rows[] = {
		{ CTE "base64\n\nYQ==\n", false },
		{ CTE "base64\n\nYQ==\n____\nA list\n", true },
		{ CTE "base64\n\nYQ==\nd!mlydXM=\n", true },
		{ CTE "7bit\n\nYQ==\nd!mlydXM=\n", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GString *told = g_string_new(NULL);
		bool footer;

		assert_false(ms_ambiguity_find(
		    (const unsigned char *)rows[i].text,
		    strlen(rows[i].text), tell, told, &footer));
		assert_string_equal(told->str, "");
		assert_int_equal(footer, rows[i].footer);
		g_string_free(told, TRUE);
	}
}

/* Sloppy, perhaps, but every reader reads the same. */
static void
test_ordinary(void **state)
{
	static const struct doubtful cases[] = {
		{ "", "", 0 },
		{ SUBJECT "\ntext\n", "", 0 },
		{ SUBJECT, "", 0 },
		{ "From a@b Mon Mar  2 09:14:07 2026\n" SUBJECT "\n", "", 0 },
		{ "Subject: K\344se\n\nK\344se\n", "", 0 },
		{ "Subject: x\r\nMIME-Version: 1.0 (a mailer)\r\n\r\nx\n", "",
		  0 },
		{ MULTI "b\n" PARTS, "", 0 },
		{ MULTI "\"b b\";\n type=\"text/html\"\n\n--b b\n\nx\n", "",
		  0 },
		{ MULTI "b\n\nThis is a multi-part message.\n" PARTS
		  "______\nA list\n", "", 0 },
		{ MULTI "b\n\n", "", 0 },
		{ MULTI "----=_Part\n\n------=_Part\n\n-- \nme\n", "", 0 },
		{ MULTI "b\n\n--b\n" MULTI "c\n\n--c\n\nx\n--c--\n\n--b--\n",
		  "", 0 },
		{ MULTI "b\n\n--b\nContent-Type: message/rfc822\n\n"
		  SUBJECT MULTI "c\n\n--c\n\nx\n--c--\n--b--\n", "", 0 },
		{ MULTI "b\n\n--b\nContent-Type: message/external-body;"
		  " access-type=x\n\n" PLAIN "\n\n--b--\n", "", 0 },
		{ "Content-Type: message/partial; id=i; number=1; total=2\n\n"
		  MULTI "b\n\n--b\n\nx\n", "", 0 },
		{ PLAIN "; charset=utf-8;\n\n-- \n--\n--- a/x\n", "", 0 },
		{ PLAIN "; name=\"a.txt\"\nContent-Disposition: attachment;\n"
		  "\tfilename=\"a.txt\"\n\nx\n", "", 0 },
		{ PLAIN "\nContent-Disposition: attachment; filename=\"a\";\n"
		  " filename*0*=utf-8''a; filename*1=b\n\nx\n", "", 0 },
		{ CTE "base64\n\n" LINE76 "\n" LINE76 "\nQQ==\n", "", 0 },
		{ CTE "base64\n\n" LINE76 "\n\n_______\nA mailing list\n", "",
		  0 },
		{ CTE "Quoted-Printable\n\na=3D=\nb =\n=E4\n", "", 0 },
		{ SUBJECT "\n-----BEGIN PGP SIGNATURE-----\n\n" LINE76
		  "\n-----END PGP SIGNATURE-----\n", "", 0 },
	};

	(void)state;
	CHECK(cases);
}

static void
test_fields(void **state)
{
	static const struct doubtful cases[] = {
		{ PLAIN "\n" PLAIN "\n\nx", "duplicate-content-type", 0 },
		{ CTE "7bit\n" CTE "8bit\n\nx",
		  "duplicate-content-transfer-encoding", 0 },
		{ "Content-Disposition: inline\nContent-Disposition: inline"
		  "\n\nx", "duplicate-content-disposition", 0 },
		{ "MIME-Version: 1.0\nMIME-Version: 1.0\n\nx",
		  "duplicate-mime-version", 0 },
		{ "MIME-Version: 2\n\nx", "odd-mime-version", 0 },
		{ MULTI "b\n\n--b\nFrom a@b\n" PLAIN "\n\nx\n--b--\n",
		  "no-field-in-header", 0 },
		{ MULTI "b\n" CTE "x-uuencode\n" PARTS,
		  "unknown-transfer-encoding,encoded-multipart",
		  0 },
		{ MULTI "0123456789012345678901234567890123456789012345678901"
		  "234567890123456789x\n\n--0123456789012345678901234567890"
		  "123456789012345678901234567890123456789x\n\nx\n",
		  "odd-boundary", 0 },
		{ "Content-Type(x): text/plain\n\nx", "obscured-field-name",
		  0 },
		{ "Content_Type: text/plain\n\nx", "obscured-field-name", 0 },
		{ "Content-Type : text/plain\n\nx", "space-before-colon", 0 },
		{ "cOnTent-Type: text/plain\n\nx", "odd-case", 0 },
		{ SUBJECT "Content-Ty\0pe: text/plain\n\nx",
		  "nul-in-header,no-field-in-header,obscured-field-name",
		  11 + 26 },
		{ SUBJECT "Content-Type: text/\001plain\n\nx",
		  "control-in-header,odd-content-type", 0 },
		{ SUBJECT "X: y\rContent-Type: x/y\n\nx", "bare-cr", 0 },
		{ "Subject: x\r\nX: y\n" PLAIN "\r\n\r\nx",
		  "mixed-line-ends", 0 },
		{ "Subject: x\r\nX: y\n z\r\n\r\nx", "", 0 },
		{ CTE "\n base64\n\nQQ==", "odd-folding", 0 },
		{ SUBJECT " \n" PLAIN "\n\nx", "blank-line-in-header", 0 },
		{ SUBJECT "\n" PLAIN "\n\nx", "blank-line-in-header", 0 },
		{ "Subject: x\r\n" PLAIN "\r\n\r\n\nx", "odd-separator", 0 },
		{ SUBJECT "no field\n\nx", "no-field-in-header", 0 },
		{ "no field\n\nx", "text-before-header", 0 },
		{ "\n" SUBJECT "\nx", "text-before-header", 0 },
		{ "\357\273\277Subject: x\n\nx", "no-field-in-header", 0 },
	};

	(void)state;
	CHECK(cases);
}

static void
test_values(void **state)
{
	static const struct doubtful cases[] = {
		{ MULTI "(c)b\n" PARTS, "comment-in-structure", 0 },
		{ CTE "base64 (c)\n\nQQ==", "comment-in-structure", 0 },
		{ MULTI "\"=?x?Q?b?=\"\n\n--=?x?Q?b?=\n\nx",
		  "encoded-word-in-structure", 0 },
		{ "Content-Type: multipart/mixed; boundary*0=b\n" PARTS,
		  "encoded-parameter-in-structure", 0 },
		{ "Content-Type: text/plain/x\n\nx", "odd-content-type", 0 },
		{ "Content-Type: text/plain charset=x\n\nx",
		  "odd-content-type", 0 },
		{ PLAIN "; x:y=1\n\nx", "odd-parameter", 0 },
		{ PLAIN "; x\n\nx", "odd-parameter", 0 },
		{ PLAIN ";; x=y\n\nx", "odd-parameter", 0 },
		{ PLAIN "; x=\"y\n\nx", "odd-parameter", 0 },
		{ PLAIN "; x=\"y\" z\n\nx", "odd-parameter", 0 },
		{ PLAIN "; x=a; x=b\n\nx", "duplicate-parameter", 0 },
		{ PLAIN "; name*1=a\n\nx", "duplicate-parameter", 0 },
		{ PLAIN "; name=a.txt\nContent-Disposition: attachment; "
		  "filename=a.exe\n\nx", "conflicting-names", 0 },
		{ PLAIN "; name=\"a.exe. \"\n\nx", "odd-file-name", 0 },
		{ PLAIN "; name*=utf-8''a%E2%80%AEx\n\nx", "odd-file-name",
		  0 },
		{ CTE "x-gzip64\n\nx", "unknown-transfer-encoding", 0 },
		{ MULTI "b\n" CTE "base64\n" PARTS, "encoded-multipart", 0 },
		{ "Content-Type: message/rfc822\n" CTE "base64\n\n" LINE76,
		  "encoded-message", 0 },
		{ "Content-Type: message/rfc822\n" CTE "7bit\n\n" SUBJECT
		  CTE "foo\n\nx", "unknown-transfer-encoding", 0 },
	};

	(void)state;
	CHECK(cases);
}

static void
test_boundaries(void **state)
{
	static const struct doubtful cases[] = {
		{ MULTI "b; boundary=c\n" PARTS, "duplicate-boundary", 0 },
		{ "Content-Type: multipart/mixed\n" PARTS, "no-boundary", 0 },
		{ MULTI "\"\"\n\n--\n\nx\n----\n", "odd-boundary", 0 },
		{ MULTI "\"b \"\n" PARTS, "odd-boundary,boundary-never-seen",
		  0 },
		{ PLAIN "; boundary=b\n" PARTS, "misplaced-boundary", 0 },
		{ "Content-Disposition: x; boundary=b\n\nx",
		  "misplaced-boundary", 0 },
		{ MULTI "b\n\n--b\n" MULTI "b\n\n--b\n\nx\n--b--\n",
		  "boundary-reused", 0 },
		{ MULTI "b\n\n--b\n" MULTI "bc\n\n--bc\n\nx\n--bc--\n--b--\n",
		  "boundary-prefix", 0 },
		{ MULTI "c\n" PARTS, "boundary-never-seen", 0 },
		{ MULTI "b\n\n--b\n" MULTI "c\n\n--c\n\nx\n--b\n\ny\n--b--\n",
		  "boundary-never-closed", 0 },
		{ MULTI "b\n" PARTS "--B\n\nx", "odd-delimiter", 0 },
		{ MULTI "b\n" PARTS " --b\n\nx", "odd-delimiter", 0 },
		{ MULTI "boundary\n\n--boundary\n\n --boundary\n",
		  "odd-delimiter", 0 },
		{ MULTI "boundary\n\n--boundary\n\n> boundary\n\nx\n",
		  "odd-delimiter", 0 },
		{ MULTI "\"b--\"\n\n--b--\n\nx\n", "odd-boundary", 0 },
		{ MULTI "b\n X: y\n --b\n" PARTS, "odd-delimiter,"
		  "odd-parameter,boundary-never-seen", 0 },
		{ MULTI "b\n" PARTS "begin 644 x\n", "part-in-epilogue", 0 },
		{ SUBJECT "\n--b\n" PLAIN "\n\nx", "undeclared-boundary", 0 },
		{ MULTI "b\n" PARTS "--b\n\nx", "part-after-close", 0 },
		{ MULTI "b\n\n" PLAIN "\n\n" PARTS,
		  "blank-line-in-header,part-in-preamble", 0 },
		{ MULTI "b\n\nx\n" LINE76 "\n" PARTS, "part-in-preamble", 0 },
		{ MULTI "b\n" PARTS PLAIN "\n\nx", "part-in-epilogue", 0 },
		{ MULTI "b\n" PARTS LINE76 "\n", "part-in-epilogue", 0 },
		{ MULTI "b\n\n--b\n" PLAIN "\n--b--\n",
		  "no-empty-line-after-header", 0 },
		{ "Subject: x\r\n" MULTI "b\r\n\r\n--b\r\n\r\nx\n--b\r\n\r\nx",
		  "mixed-line-ends", 0 },
	};

	(void)state;
	CHECK(cases);
}

static void
test_bodies(void **state)
{
	static const struct doubtful cases[] = {
		{ CTE "base64\n\nQ.Q-==\n", "junk-in-base64", 0 },
		{ CTE "base64\n\nQQ==\nQQ==\n", "base64-after-its-end", 0 },
		{ CTE "base64\n\n" LINE76 "\n\n" LINE76 "\n",
		  "interrupted-base64", 0 },
		{ CTE "base64\n\nVGhpcy\nBpcyBh\nIGxpbm\n", "uneven-base64",
		  0 },
		{ CTE "base64\n\nVGhp\ncyBp\ncyBh\n", "uneven-base64", 0 },
		{ SUBJECT "\nhello\n\n" LINE76 "\nQQ==\n",
		  "undeclared-base64", 0 },
		{ SUBJECT "\n=48=65=6C=6C=6F\n",
		  "undeclared-quoted-printable", 0 },
		{ CTE "quoted-printable\n\na=@b\n",
		  "illegal-quoted-printable", 0 },
		{ CTE "quoted-printable\n\na= \nb\n",
		  "illegal-quoted-printable", 0 },
		{ "Content-Type: x/y\n" CTE "quoted-printable\n\na=\n", "",
		  0 },
		{ CTE "x-uuencode\n\nx\n", "unknown-transfer-encoding", 0 },
		{ CTE "quoted-printable\n\na\001b\n",
		  "illegal-quoted-printable", 0 },
		{ CTE "quoted-printable\n\na=\nb=\nc=\n",
		  "illegal-quoted-printable", 0 },
		{ CTE "quoted-printable\n\na=3D\r\n", "", 0 },
	};

	(void)state;
	CHECK(cases);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edge),
		cmocka_unit_test(test_footer),
		cmocka_unit_test(test_ordinary),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_boundaries),
		cmocka_unit_test(test_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
