#include "message/segment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Each segment of the text, with '|' behind it. */
static void
test_find(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
		{ "nothing", "", "|" },
		{ "no delimiter", "a\nb\n", "a\nb\n|" },
		{ "two parts", "a\n--b\nc\n--b--\nd\n", "a\n|c\n|d\n|" },
		{ "CRLF", "a\r\n--b\r\nc\r\n", "a\r\n|c\r\n|" },
		{ "CR", "a\r--b\rc\r", "a\r|c\r|" },
		{ "blanks before it", "a\n --b\nc", "a\n|c|" },
		{ "one hyphen", "a\n-b\nc", "a\n-b\nc|" },
		{ "a name without hyphens", "boundary=\"a word\"\n> a word\n"
		  "c\na words\n", "boundary=\"a word\"\n|c\na words\n|" },
		{ "a short one", "boundary=word\nword\nc",
		  "boundary=word\nword\nc|" },
		{ "inside another", "boundary=bb\n--bb\nx\n--y\nz\n--bb--\n",
		  "boundary=bb\n|x\n|z\n||x\n--y\nz\n|" },
		{ "inside none that is declared", "--bb\nx\n--y\nz\n--bb--\n",
		  "|x\n|z\n||" },
		{ "declared in capitals, quoted and broken",
		  "BOUNDARY=\"b\\b\r\n c\"\n--bb c\nx\n--y\nz\n--bb c\n",
		  "BOUNDARY=\"b\\b\r\n c\"\n|x\n|z\n||x\n--y\nz\n|" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *got = g_string_new(NULL);
		GArray *segments;
		bool all;

		print_message("  %s\n", cases[i].name);
		segments = ms_segment_find(
		    (const unsigned char *)cases[i].text,
		    strlen(cases[i].text), &all);
		assert_true(all);
		for (guint k = 0; k < segments->len; k++) {
			const struct ms_segment *segment = &g_array_index(
			    segments, struct ms_segment, k);

			g_string_append_len(got, cases[i].text +
			    segment->from, (gssize)(segment->to -
			    segment->from));
			g_string_append_c(got, '|');
		}
		assert_string_equal(cases[i].want, got->str);
		g_array_unref(segments);
		g_string_free(got, TRUE);
	}
}

static void
test_too_many(void **state)
{
	GString *text = g_string_new(NULL);
	GArray *segments;
	bool all;

	(void)state;
	for (int i = 0; i < 60000; i++)
		g_string_append(text, "--\n");
	segments = ms_segment_find((const unsigned char *)text->str,
	    text->len, &all);
	assert_false(all);
	assert_in_range(segments->len, 1000, 60000);
	g_array_unref(segments);
	g_string_free(text, TRUE);
}

/* Boundaries that nobody looked at are told; lines of hyphens in plenty that
 * no boundary is named after are not missed. */
static void
test_too_many_boundaries(void **state)
{
	static const struct {
		const char *word;	/* before each name */
		bool same;		/* as that of the line of hyphens */
		unsigned count;
		bool all;
	} cases[] = {
		{ "boundary=", true, 256, true },
		{ "boundary=", true, 257, false },
		{ "other=", true, 3000, true },
		{ "boundary=", false, 3000, true },
		/* More of either than is looked at. */
		{ "boundary=", false, 20000, true },
		{ "boundary=", false, 30000, false },
		{ "other=", false, 50001, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *text = g_string_new(NULL);
		bool all;

		for (unsigned n = 0; n < cases[i].count; n++)
			g_string_append_printf(text, "%s%s%05u\n\n",
			    cases[i].word, cases[i].same ? "name" : "none",
			    n);
		for (unsigned n = 0; n < cases[i].count; n++)
			g_string_append_printf(text, "--name%05u\n", n);
		g_array_unref(ms_segment_find((const unsigned char *)
		    text->str, text->len, &all));
		assert_int_equal(cases[i].all, all);
		g_string_free(text, TRUE);
	}
}

/* However many delimiters are looked for in however much text, of whatever
 * sizes they are: the last one is still found. */
static void
test_very_many(void **state)
{
	GString *text = g_string_new(NULL);
	const struct ms_segment *last;
	GArray *segments;
	bool all;

	(void)state;
	for (unsigned n = 0; n < 1000; n++)
		g_string_append_printf(text, "boundary=%0240u\n\n", n);
	g_string_append(text, "boundary=last one\n\n--last one\n--other\n");
	for (unsigned n = 0; n < 40000; n++)
		g_string_append_printf(text, "--%0*u\n", 5 + (int)(n % 235),
		    n + 1000);
	g_string_append(text, "--last one\n");
	segments = ms_segment_find((const unsigned char *)text->str,
	    text->len, &all);
	assert_true(all);
	assert_int_equal(segments->len, 40005);
	last = &g_array_index(segments, struct ms_segment, 40004);
	assert_memory_equal(text->str + last->from, "--other\n", 8);
	assert_int_equal(last->to, text->len - strlen("--last one\n"));
	g_array_unref(segments);
	g_string_free(text, TRUE);
}

/* '|' stands where a body may begin, and is not part of the text. */
static void
test_starts(void **state)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "nothing", "" },
		{ "no header", "|text\n|text\n|" },
		{ "a header", "A: b\n\n|text\ntext\n" },
		{ "CRLF", "A: b\r\n\r\n|text\r\n" },
		{ "CR", "A: b\r\r|text\r" },
		{ "folded", "A: b\n c\n\n|text\n" },
		{ "blanks", "A: b\n \t\n|text\n" },
		{ "empty lines", "A: b\n\n|\n|\n|text\n" },
		{ "nothing above", "|\n|text\ntext\n" },
		{ "blanks behind", "A: b\n\n|  |text\n" },
		{ "no separator", "A: b\n|text\n|text\n|" },
		{ "junk inside", "A: b\n|junk\n|Content-Type: c\n\n|text\n" },
		{ "two headers", "A: b\n\n|Content-Type: c\n\n|text\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *text = g_string_new(NULL), *got;
		size_t starts[MS_SEGMENT_STARTS], count;
		struct ms_segment segment = { 0, 0 };

		for (const char *p = cases[i].text; *p != '\0'; p++)
			if (*p != '|')
				g_string_append_c(text, *p);
		segment.to = text->len;
		count = ms_segment_starts((const unsigned char *)text->str,
		    &segment, starts);
		got = g_string_new(text->str);
		while (count-- > 0)
			g_string_insert_c(got, (gssize)starts[count], '|');
		print_message("  %s\n", cases[i].name);
		assert_string_equal(cases[i].text, got->str);
		g_string_free(got, TRUE);
		g_string_free(text, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_too_many_boundaries),
		cmocka_unit_test(test_very_many),
		cmocka_unit_test(test_starts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
