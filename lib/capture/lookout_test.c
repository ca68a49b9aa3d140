#include "capture/lookout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#include "smtp/request.h"

#define VERBS (1u << MS_VERB_DATA | 1u << MS_VERB_MAIL)

/* Where the first command is; -1: there is none. */
static int
find(const char *text, size_t size, size_t step, bool *hopes)
{
	struct ms_lookout *lookout = g_new(struct ms_lookout, 1);
	int found = -1;

	ms_lookout_init(lookout, VERBS);
	for (size_t at = 0; at < size && found < 0; at += step)
		if (ms_lookout_feed(lookout, text + at,
		    MIN(step, size - at)))
			found = (int)lookout->line;
	*hopes = ms_lookout_hopes(lookout);
	g_free(lookout);
	return found;
}

static void
test_lines(void **state)
{
	static const struct {
		const char *text;
		int want;
		bool hopes;	/* if there is none */
	} cases[] = {
		{ "", -1, false },
		{ "DATA\r\n", 0, false },
		{ "data\n", 0, false },
		{ "x\r\nDATA\r\nMAIL", 3, false },
		{ "a\nb\n\nMAIL FROM:<a@b>\r\r\n", 5, false },
		{ "DATA", -1, true },
		{ "x\r\nD", -1, true },
		{ "x\r\nX", -1, false },
		{ "xDATA\r\n", -1, false },
		{ "RCPT TO:<a@b>\r\nQUIT\r\n", -1, false },
		{ "DATE\r\nDATABASE\r\n", -1, false },
		{ "DATA \x01\r\n", -1, false },
		{ "\xc4" "DATA\n", -1, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		for (size_t step = 1; step <= 7; step++) {
			bool hopes;

			assert_int_equal(cases[i].want, find(cases[i].text,
			    strlen(cases[i].text), step, &hopes));
			if (cases[i].want < 0)
				assert_int_equal(cases[i].hopes, hopes);
		}
}

/* A line that is too long is none, and hides none. */
static void
test_long(void **state)
{
	(void)state;
	for (int over = 0; over < 2; over++) {
		GString *text = g_string_new("DATA");
		bool hopes;

		while (text->len < MS_LOOKOUT_LINE + (size_t)over)
			g_string_append_c(text, ' ');
		assert_int_equal(-1, find(text->str, text->len, 100, &hopes));
		assert_int_equal(!over, hopes);
		g_string_append(text, "\nMAIL FROM:<a@b>\n");
		assert_int_equal(over ? MS_LOOKOUT_LINE + 2 : 0,
		    find(text->str, text->len, 100, &hopes));
		g_string_free(text, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
