#include "scan/seen_test.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define DELSP (MS_SEEN_FLOWED | MS_SEEN_DELSP)

#define ROW(how, data, want) { how, data, sizeof data - 1, want }

static void
test_seen(void **state)
{
	static const struct {
		unsigned how;
		const char *data;
		size_t size;
		const char *want;
	} rows[] = {
		ROW(MS_SEEN_TEXT, "", ""),
		ROW(MS_SEEN_TEXT, "a b\tc\r\nd\re", "a b\tc\nde"),
		ROW(MS_SEEN_TEXT, "a\0b\1\33c\177", "abc"),
		/* Soft hyphen, U+200B, U+2060, U+FEFF, U+E0041 */
		ROW(MS_SEEN_TEXT, "a\302\255b\342\200\213c\342\201\240d"
		    "\357\273\277e\363\240\201\201f", "abcdef"),
		/* U+0085; no-break space; full width */
		ROW(MS_SEEN_TEXT, "a\302\205b\302\240c\357\275\226",
		    "ab cv"),
		ROW(MS_SEEN_TEXT, "o\314\210", "\303\266"),
		ROW(MS_SEEN_TEXT, "o\342\200\215\314\210", "\303\266"),
		/* A line through each */
		ROW(MS_SEEN_TEXT, "a\314\266o\314\210\314\266",
		    "a\303\266"),
		ROW(MS_SEEN_TEXT, "\314\210x", "\314\210x"),
		/* A syllable of Korean from its letters */
		ROW(MS_SEEN_TEXT, "\341\204\200\341\205\241",
		    "\352\260\200"),
		ROW(MS_SEEN_TEXT, "a\377b\302c\342\200", "a\357\277\275b"
		    "\357\277\275c\357\277\275\357\277\275"),
		ROW(MS_SEEN_HTML, "<p>vi&shy;r<i></i>u\302\255s",
		    "\nvirus"),
		ROW(MS_SEEN_HTML, "o&#x308;&ouml;", "\303\266\303\266"),
		ROW(MS_SEEN_FLOWED, "a \r\nb\r\nc \nd", "a b\nc d"),
		ROW(DELSP, "a \r\nb\r\nc \nd", "ab\ncd"),
		ROW(DELSP, "> a \r\n> b\r\n> c", "> ab\n> c"),
		ROW(DELSP, "a \r\n b", "ab"),
		ROW(DELSP, "a  \r\nb c ", "a b c "),
		ROW(MS_SEEN_FOLDED, "a\r\n b\r\n\tc\n\nd\n", "abc\n\nd\n"),
		ROW(MS_SEEN_FLOWED, "-- \r\na", "-- \na"),
		ROW(DELSP, "-- \r\na\r\r\nb \r", "-- \na\nb "),
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		for (size_t step = 1; step < 40; step += 38) {
			GString *text = seen_test_see(rows[i].how, rows[i].data,
			    rows[i].size, step);

			if (strcmp(text->str, rows[i].want) != 0)
				fail_msg("%zu: %s: %s", i, rows[i].data,
				    text->str);
			(void)g_string_free(text, TRUE);
		}
}

/* No letter has so many marks that ordering them takes time. */
static void
test_marks(void **state)
{
	GString *data = g_string_new("o");
	GString *text;

	(void)state;
	for (int i = 0; i < 500000; i++)
		g_string_append(data, i % 2 ? "\314\201" : "\314\247");
	g_string_append(data, "x");
	text = seen_test_see(MS_SEEN_TEXT, data->str, data->len, 4096);
	assert_true(text->len < 100);
	assert_true(g_str_has_suffix(text->str, "x"));
	(void)g_string_free(text, TRUE);
	(void)g_string_free(data, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
