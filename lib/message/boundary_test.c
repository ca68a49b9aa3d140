#include "message/boundary.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define HEAD "Content-Type: multipart/mixed; boundary="

/* '|' stands before the line that must not be parsed any more, and is not
 * part of the text; without one all of it may be. */
struct text {
	const char *name, *text;
	uint64_t max;
};

static void
check_texts(const struct text *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *bar = strchr(texts[i].text, '|');
		GString *text = g_string_new(texts[i].text);
		size_t want = text->len;

		print_message("  %s\n", texts[i].name);
		if (bar) {
			want = (size_t)(bar - texts[i].text);
			g_string_erase(text, (gssize)want, 1);
		}
		assert_int_equal(want, ms_boundary_prefix(
		    (const unsigned char *)text->str, text->len,
		    texts[i].max));
		g_string_free(text, TRUE);
	}
}

static void
test_plain(void **state)
{
	static const struct text texts[] = {
		{ "nothing", "", 0 },
		{ "no parts", "Subject: x\n\ntext\n", 0 },
		{ "few", HEAD "b\n\n--b\n\n1\n--b\n\n2\n--b--\n", 2 },
		{ "one over", HEAD "b\n\n--b\n\n1\n|--b\n\n2\n--b--\n", 1 },
		{ "the first", HEAD "b\n\n|--b\n\n1\n--b--\n", 0 },
		{ "CRLF", HEAD "b\r\n\r\n--b\r\n\r\n1\r\n|--b\r\n", 1 },
		{ "quoted", HEAD "\"b c\"\n\n--b c\n\n1\n|--b c\n\n", 1 },
		{ "upper case", "CONTENT-TYPE: X/Y; BOUNDARY=b\n\n"
		  "--b\n\n|--b\n\n", 1 },
		{ "blanks around =", "Content-Type: multipart/x; boundary "
		  "= \"b\"\n\n--b\n\n|--b\n\n", 1 },
		{ "RFC 2231", "Content-Type: multipart/x; boundary*0=b\n\n"
		  "--b\n\n|--b\n\n", 1 },
		{ "blanks behind", HEAD "b\n\n--b \t\n\n|--b  \n\n", 1 },
		{ "a diff", HEAD "b\n\n--b\n\n--- a/x\n--- a/y\n--\n-- \nme\n"
		  "--b--\n", 2 },
		{ "another case", HEAD "b\n\n--b\n\n--B\n--B\n--B\n", 2 },
		{ "a prefix", HEAD "b\n\n--b\n\n--bc\n--bc\n--bc\n", 2 },
		{ "two kinds", HEAD "b\n\n--b\n" HEAD "c\n\n--c\n\n--c\n\n"
		  "--c--\n|--b\n", 3 },
		{ "declared later", "\n--c\n\n--c\n\n|--c\n" HEAD "c\n", 2 },
		{ "the last line", HEAD "b\n\n--b\n|--b", 1 },
		{ "ends in --", HEAD "b--\n\n--b--\n|--b--\n--b----\n", 1 },
		{ "no value", HEAD "\n\n--\n--\n--\n--x\n", 1 },
		{ "semicolon", HEAD "b;x=y\n\n--b\n|--b\n", 1 },
	};

	(void)state;
	check_texts(texts, G_N_ELEMENTS(texts));
}

/* Spelt so that only a parser knows what is meant. */
static void
test_odd(void **state)
{
	static const struct text texts[] = {
		{ "folded before =", "boundary\n =b\n\n--b\n|--b\n", 1 },
		{ "folded behind =", HEAD "\n\t\"b\"\n\n--b\n|--b\n", 1 },
		{ "folded in quotes", HEAD "\"b\n b\"\n\n--b b\n|--b b\n",
		  1 },
		{ "goes on", HEAD "b\n b\n\n--b b\n|--b b\n", 1 },
		{ "goes on after ;", HEAD "b;\n b=c\n\n--b\n--x\n--x\n", 1 },
		{ "goes on after \"", HEAD "\"b\"\n b=c\n\n--b\n--x\n--x\n",
		  1 },
		{ "comment before =", "boundary(x)=b\n\n--b\n|--b\n", 1 },
		{ "comment behind =", HEAD "(x)b\n\n--b\n|--b\n", 1 },
		{ "quoted pair", HEAD "\"\\b\"\n\n--b\n|--b\n", 1 },
		{ "no end of quotes", HEAD "\"b\n\n--b\n|--b\n", 1 },
		{ "behind the quotes", HEAD "\"b\"c\n\n--b\n|--b\n", 1 },
		{ "percent", "boundary*=''%62\n\n--b\n|--b\n", 1 },
		{ "pieces", "boundary*1=c;\n boundary*0=b\n\n--bc\n|--bc\n",
		  1 },
		{ "encoded word", HEAD "\"=?us-ascii?q?b?=\"\n\n--b\n"
		  "|--b\n", 1 },
		{ "two words", HEAD "b c\n\n--b c\n|--b c\n", 1 },
		{ "8 bits", HEAD "\344\n\n--\303\244\n|--\303\244\n", 1 },
		{ "odd, and a diff", HEAD "(x)b\n\n--b\n--- a\n--- b\n--b\n"
		  "--- c\n--- d\n", 2 },
		{ "odd, and a known one", HEAD "c\n" HEAD "(x)b\n\n--b\n--c\n"
		  "--d\n--e\n--b\n|--c\n", 3 },
		{ "two odd ones", HEAD "(x)b\n" HEAD "(x)c\n\n--b\n--c\n"
		  "--d\n--c\n|--b\n", 3 },
	};

	(void)state;
	check_texts(texts, G_N_ELEMENTS(texts));
}

/* No line is too long to be a boundary. */
static void
test_long(void **state)
{
	char *value = g_strnfill(1000, 'b');
	char *text = g_strdup_printf(HEAD "\"%s\"\n\n--%s\n\n--%s\n", value,
	    value, value);
	size_t size = strlen(text);

	(void)state;
	assert_int_equal(size - 1003, ms_boundary_prefix(
	    (const unsigned char *)text, size, 1));
	assert_int_equal(size, ms_boundary_prefix(
	    (const unsigned char *)text, size, 2));
	g_free(text);
	g_free(value);
}

/* Lines of a listing that are all different are not many of one kind. */
static void
test_diff(void **state)
{
	GString *text = g_string_new(HEAD "(x)b\n\n--b\n\n");

	(void)state;
	for (int i = 0; i < 30000; i++)
		g_string_append_printf(text, "--- line %d\n", i);
	g_string_append(text, "--b--\n");
	assert_int_equal(text->len, ms_boundary_prefix(
	    (const unsigned char *)text->str, text->len, 20));
	g_string_free(text, TRUE);
}

/* Tens of thousands of declared boundaries do not make it slow, and every
 * line with two hyphens counts then. */
static void
test_many_declared(void **state)
{
	GString *text = g_string_new(NULL);
	size_t before, got;

	(void)state;
	for (int i = 0; i < 30000; i++)
		g_string_append_printf(text, "boundary=x%d\n", i);
	before = text->len;
	for (int i = 0; i < 30000; i++)
		g_string_append(text, "--undeclared\n");
	got = ms_boundary_prefix((const unsigned char *)text->str, text->len,
	    10);
	assert_int_equal(before + 10 * strlen("--undeclared\n"), got);
	g_string_free(text, TRUE);
}

/* Lines of hyphens as long as they get. */
static void
test_hyphens(void **state)
{
	GString *text = g_string_new(HEAD "b\n\n");

	(void)state;
	for (size_t n = 0; n < 600; n++) {
		char *line = g_strnfill(n, '-');

		g_string_append_printf(text, "%s\n", line);
		g_free(line);
	}
	assert_int_equal(text->len, ms_boundary_prefix(
	    (const unsigned char *)text->str, text->len, 2));
	g_string_free(text, TRUE);
}

static void
test_random(void **state)
{
	static const char *const atoms[] = {
		"\n--", "b", "\n--b\n", "--", "boundary=b\n", "boundary=\"",
		"\"", "\r\n", "\n", " ", "boundary*0*=", "x", "\n--b--\n",
	};
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 2000; round++) {
		GString *text = g_string_new(NULL);
		size_t last = 0;
		int n = rand() % 40;

		while (n-- > 0)
			g_string_append(text,
			    atoms[(size_t)rand() % G_N_ELEMENTS(atoms)]);
		for (uint64_t max = 0; max < 12; max++) {
			size_t got = ms_boundary_prefix(
			    (const unsigned char *)text->str, text->len,
			    max);

			assert_in_range(got, last, text->len);
			last = got;
		}
		g_string_free(text, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_odd),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_many_declared),
		cmocka_unit_test(test_hyphens),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
