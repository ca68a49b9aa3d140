#include "base/quote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define CASE(name, input, want) { name, input, sizeof input - 1, want }

static void
test_classes(void **state)
{
	static const struct {
		const char *name, *input;
		size_t size;
		const char *want;
	} cases[] = {
		CASE("nothing", "", ""),
		CASE("plain", "a b~!", "a b~!"),
		CASE("backslash", "a\\b\\", "a\\\\b\\\\"),
		CASE("what looks quoted", "\\x41", "\\\\x41"),
		CASE("NUL", "a\0b\0", "a\\x00b\\x00"),
		CASE("C0", "\x01\t\n\r\x1b[2J\x1f",
		    "\\x01\\x09\\x0a\\x0d\\x1b[2J\\x1f"),
		CASE("DEL", "\x7f", "\\x7f"),
		CASE("C1", "\xc2\x80\xc2\x9b\xc2\x9f",
		    "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f"),
		CASE("after C1", "\xc2\xa0\xc3\xbc", "\xc2\xa0\xc3\xbc"),
		CASE("3 and 4 bytes", "\xe2\x82\xac\xf0\x9f\x98\x80",
		    "\xe2\x82\xac\xf0\x9f\x98\x80"),
		CASE("line separator", "\xe2\x80\xa8\xe2\x80\xa9",
		    "\\xe2\\x80\\xa8\\xe2\\x80\\xa9"),
		CASE("bidi", "\xe2\x80\xae" "fdp.exe\xe2\x81\xa6",
		    "\\xe2\\x80\\xae" "fdp.exe\\xe2\\x81\\xa6"),
		CASE("Arabic letter mark", "\xd8\x9c", "\\xd8\\x9c"),
		CASE("zero width", "a\xe2\x80\x8b\xe2\x80\x8d\xef\xbb\xbf",
		    "a\\xe2\\x80\\x8b\\xe2\\x80\\x8d\\xef\\xbb\\xbf"),
		CASE("tags", "\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"),
		CASE("bare continuation", "a\x80\xbfz", "a\\x80\\xbfz"),
		CASE("Latin-1", "\xfcx", "\\xfcx"),
		CASE("overlong slash", "\xc0\xaf\xe0\x80\xaf",
		    "\\xc0\\xaf\\xe0\\x80\\xaf"),
		CASE("overlong NUL", "\xc0\x80", "\\xc0\\x80"),
		CASE("surrogate", "\xed\xa0\x80\xed\xbf\xbf",
		    "\\xed\\xa0\\x80\\xed\\xbf\\xbf"),
		CASE("over U+10FFFF", "\xf4\x90\x80\x80",
		    "\\xf4\\x90\\x80\\x80"),
		CASE("FE FF", "\xfe\xff", "\\xfe\\xff"),
		CASE("cut 2", "a\xc3", "a\\xc3"),
		CASE("cut 3", "a\xe2\x82", "a\\xe2\\x82"),
		CASE("cut 4", "a\xf0\x9f\x98", "a\\xf0\\x9f\\x98"),
		CASE("cut and on", "\xe2\x82" "abc", "\\xe2\\x82" "abc"),
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *out = g_string_new("> ");
		char *string;

		print_message("  %s\n", cases[i].name);
		ms_quote_append(out, cases[i].input, cases[i].size);
		assert_string_equal(cases[i].want, out->str + 2);
		g_string_free(out, TRUE);
		if (strlen(cases[i].input) < cases[i].size)
			continue;
		string = ms_quote_string(cases[i].input);
		assert_string_equal(cases[i].want, string);
		g_free(string);
	}
	assert_null(ms_quote_string(NULL));
}

/* By the book rather than by the module's own table. */
static bool
is_harmless(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
	case G_UNICODE_SURROGATE:
		return false;
	default:
		break;
	}
	return !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069)
	    && !(c >= 0x200b && c <= 0x200f) && c != 0x61c && c != 0xfeff &&
	    c != 0x2060;
}

/* OUT is valid, harmless, and unquoting it gives IN again. */
static void
check(const unsigned char *in, size_t size)
{
	GString *out = g_string_new(NULL), *back = g_string_new(NULL);

	ms_quote_append(out, in, size);
	assert_true(g_utf8_validate(out->str, (gssize)out->len, NULL));
	for (const char *p = out->str; *p != '\0'; p = g_utf8_next_char(p))
		assert_true(is_harmless(g_utf8_get_char(p)));
	for (const char *p = out->str; *p != '\0';) {
		if (p[0] == '\\' && p[1] == 'x') {
			g_string_append_c(back, (char)(
			    g_ascii_xdigit_value(p[2]) * 16 +
			    g_ascii_xdigit_value(p[3])));
			p += 4;
			continue;
		}
		p += *p == '\\';
		g_string_append_c(back, *p++);
	}
	assert_int_equal(size, back->len);
	assert_memory_equal(in, back->str, size);
	g_string_truncate(back, 0);
	assert_true(ms_quote_undo(back, out->str, out->len));
	assert_int_equal(size, back->len);
	assert_memory_equal(in, back->str, size);
	g_string_free(out, TRUE);
	g_string_free(back, TRUE);
}

static void
test_every_character(void **state)
{
	(void)state;
	for (gunichar c = 0; c < 0x110000; c++) {
		char utf8[6];

		/* Most planes are empty; their ends will do. */
		if (c > 0x30000 && c < 0xdff00)
			c = 0xdff00;
		else if (c > 0xe1100 && c < 0x10ff00)
			c = 0x10ff00;
		if (c < 0xd800 || c > 0xdfff)
			check((unsigned char *)utf8,
			    (size_t)g_unichar_to_utf8(c, utf8));
	}
}

static void
test_random(void **state)
{
	static const char *const atoms[] = {
		"\\", "x", "4", "\xc2", "\x80", "\x9b", "\xe2", "\x82", "\xac",
		"\xed", "\xa0", "\xf0", "\x9f", "\x98", "\xf4", "\x1b", "a",
	};
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 3000; round++) {
		unsigned char in[32];
		size_t size = (size_t)rand() % sizeof in;

		for (size_t i = 0; i < size; i++)
			in[i] = rand() % 4 == 0 ? (unsigned char)rand() :
			    (unsigned char)*atoms[(size_t)rand() %
			    G_N_ELEMENTS(atoms)];
		check(in, size);
	}
}

/* What nobody quoted, and what was cut. */
static void
test_undo(void **state)
{
	static const struct {
		const char *text, *want;	/* NULL: refused */
	} cases[] = {
		{ "", "" },
		{ "a\\x1b\\\\x41\xc3\xa4", "a\x1b" "\\x41\xc3\xa4" },
		{ "a\nb", "a\nb" },
		{ "\\\\\\x4A", "\\J" },
		{ "\\", NULL }, { "a\\", NULL }, { "\\x", NULL },
		{ "\\x4", NULL }, { "\\x4g", NULL }, { "\\n", NULL },
		{ "\\X41", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *out = g_string_new("> ");
		bool ok = ms_quote_undo(out, cases[i].text,
		    strlen(cases[i].text));

		assert_int_equal(cases[i].want != NULL, ok);
		if (ok)
			assert_string_equal(cases[i].want, out->str + 2);
		g_string_free(out, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_every_character),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_undo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
