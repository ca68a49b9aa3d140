#include "action/signplace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MIXED "Content-Type: multipart/mixed; boundary=m\n\n"
#define ALT "Content-Type: multipart/alternative; boundary=\"a\"\n\n"
#define HTML "Content-Type: text/html; charset=UTF-8\n" \
	"Content-Transfer-Encoding: quoted-printable\n\n"

/* Each place as "kind encoding charset [body]", "." behind the last one. */
static void
print_part(GString *out, const char *text,
    const struct ms_signplace_part *part)
{
	static const char *const encodings[] = { "7", "8", "qp", "64" };

	g_string_append_printf(out, "%s %s %s [%.*s]%s", part->html ? "html" :
	    "plain", encodings[part->encoding], part->charset,
	    (int)(part->end - part->start), text + part->start, part->last ?
	    "." : "");
}

struct row {
	const char *name, *text, *want;		/* "": it has none */
};

static void
assert_rows(const struct row *rows, size_t count, bool whole)
{
	for (size_t i = 0; i < count; i++) {
		GString *got = g_string_new(NULL);
		struct ms_signplace place;
		const bool has = ms_signplace((const unsigned char *)
		    rows[i].text, strlen(rows[i].text), whole, &place);

		print_message("  %s\n", rows[i].name);
		for (size_t k = 0; has && k < place.count; k++)
			print_part(got, rows[i].text, &place.parts[k]);
		assert_string_equal(got->str, rows[i].want);
		(void)g_string_free(got, TRUE);
		ms_signplace_clear(&place);
		assert_null(place.boundaries);
	}
}

static void
test_single(void **state)
{
	static const struct row rows[] = {
		{ "no fields of MIME", "A: b\n\ntext\n", "plain 7  [text\n]." },
		{ "CRLF", "A: b\r\n\r\ntext", "plain 7  [text]." },
		{ "of a mailbox", "From x\nA: b\n\ntext\n",
		  "plain 7  [text\n]." },
		{ "a charset", "Content-Type: text/plain; charset=KOI8-R\n"
		  "Content-Transfer-Encoding: Base64\n\nYQ==\n",
		  "plain 64 KOI8-R [YQ==\n]." },
		{ "binary", "Content-Transfer-Encoding: binary\n\nx",
		  "plain 8  [x]." },
		{ "HTML", HTML "<p>=20", "html qp UTF-8 [<p>=20]." },
		{ "empty", "A: b\n\n", "" },
		{ "a header without end", "A: b\n", "" },
		{ "a file", "Content-Disposition: attachment\n\nx", "" },
		{ "a file by its name",
		  "Content-Type: text/plain; name=a.txt\n\nx", "" },
		{ "inline, with the name of a file",
		  "Content-Disposition: inline; filename=a\n\nx", "" },
		{ "inline", "Content-Disposition: inline\n\nx",
		  "plain 7  [x]." },
		{ "a picture", "Content-Type: image/png\n\nx", "" },
		{ "an encoding of nobody's",
		  "Content-Transfer-Encoding: x-uue\n\nx", "" },
		{ "with a digest", "Content-MD5: x\n\nx", "" },
		{ "two types", "Content-Type: text/plain\n"
		  "content-type: text/html\n\nx", "" },
		{ "a field that is none", "A b\nC: d\n\nx", "" },
		{ "a fold at the start", " a\n\nx", "" },
		{ "encrypted",
		  "Content-Type: application/pkcs7-mime\n\nx", "" },
	};

	(void)state;
	assert_rows(rows, G_N_ELEMENTS(rows), true);
}

static void
test_multipart(void **state)
{
	static const struct row rows[] = {
		{ "the first text", MIXED "--m\n\none\n--m\n\ntwo\n--m--\n",
		  "plain 7  [one]" },
		{ "behind a picture", MIXED "--m\nContent-Type: image/png\n\n"
		  "x\n--m\n\r\none\r\n--m--\n", "plain 7  [one]" },
		{ "both alternatives", ALT "--a\n\none\n--a\n" HTML
		  "<p>\n--a--\n", "plain 7  [one]html qp UTF-8 [<p>]" },
		{ "alternatives within", MIXED "--m\n" ALT "--a\n\none\n--a\n"
		  HTML "<p>\n--a--\n--m\n\ntwo\n--m--\n",
		  "plain 7  [one]html qp UTF-8 [<p>]" },
		{ "HTML behind, that is no alternative", MIXED "--m\n\none\n"
		  "--m\n" HTML "<p>\n--m--\n", "plain 7  [one]" },
		{ "a preamble", MIXED "text\n\n--m\n\none\n--m--\n",
		  "plain 7  [one]" },
		{ "no end", MIXED "--m\n\none\n", "" },
		{ "signed", "Content-Type: multipart/signed; boundary=m\n\n"
		  "--m\n\none\n--m--\n", "" },
		{ "a report", "Content-Type: multipart/report; boundary=m\n\n"
		  "--m\n\none\n--m--\n", "" },
		{ "signed within", MIXED "--m\nContent-Type: multipart/signed;"
		  " boundary=s\n\n--s\n\none\n--s--\n--m--\n", "" },
		{ "no boundary", "Content-Type: multipart/mixed\n\n--m\n\nx\n",
		  "" },
		{ "a longer name", MIXED "--m\n\none\n--mm\ntwo\n--m--\n",
		  "plain 7  [one\n--mm\ntwo]" },
		{ "an encoded multipart", "Content-Transfer-Encoding: base64\n"
		  MIXED "--m\n\none\n--m--\n", "" },
		{ "empty, and then another one", MIXED "--m\n\n--m\n\ntwo\n"
		  "--m--\n", "plain 7  [two]" },
	};

	(void)state;
	assert_rows(rows, G_N_ELEMENTS(rows), true);
}

/* Of what is only the beginning, what certainly ends in it. */
static void
test_beginning(void **state)
{
	static const struct row rows[] = {
		{ "it may go on", "A: b\n\ntext\n", "" },
		{ "a part that ends", MIXED "--m\n\none\n--m\n",
		  "plain 7  [one]" },
		{ "a delimiter that may be longer", MIXED "--m\n\none\n--m",
		  "" },
	};

	(void)state;
	assert_rows(rows, G_N_ELEMENTS(rows), false);
}

static void
test_boundaries(void **state)
{
	static const char text[] = MIXED "--m\n" ALT "--a\n\none\n--a--\n";
	struct ms_signplace place;

	(void)state;
	assert_true(ms_signplace((const unsigned char *)text, strlen(text),
	    true, &place));
	assert_int_equal(place.boundaries->len, 2);
	assert_string_equal(place.boundaries->pdata[0], "m");
	assert_string_equal(place.boundaries->pdata[1], "a");
	ms_signplace_clear(&place);
}

/* COUNT multiparts within each other, the innermost with a text. */
static GString *
nested(unsigned count)
{
	GString *text = g_string_new(NULL);

	for (unsigned i = 0; i < count; i++)
		g_string_append_printf(text, "Content-Type: multipart/mixed; "
		    "boundary=b%u\n\n--b%u\n", i, i);
	g_string_append_printf(text, "\none\n--b%u\n", count - 1);
	return text;
}

/* COUNT pictures, and then a text. */
static GString *
wide(unsigned count)
{
	GString *text = g_string_new(MIXED);

	for (unsigned i = 0; i < count; i++)
		g_string_append(text, "--m\nContent-Type: image/png\n\nx\n");
	g_string_append(text, "--m\n\none\n--m--\n");
	return text;
}

/* Neither deep nor many parts take us anywhere. */
static void
test_limits(void **state)
{
	static const struct {
		GString *(*make)(unsigned count);
		unsigned count;
		bool has;
	} cases[] = {
		{ nested, 8, true },
		{ nested, 9, false },
		{ nested, 50000, false },
		{ wide, 90, true },
		{ wide, 110, false },
		{ wide, 100000, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *text = cases[i].make(cases[i].count);
		struct ms_signplace place;

		assert_int_equal(ms_signplace((const unsigned char *)
		    text->str, text->len, true, &place), cases[i].has);
		assert_true(place.count <= 1);
		ms_signplace_clear(&place);
		(void)g_string_free(text, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_multipart),
		cmocka_unit_test(test_beginning),
		cmocka_unit_test(test_boundaries),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
