#include "capture/logline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <glib.h>

#define LONG_TIME 1795244400500000

static void
test_lines(void **state)
{
	static const struct {
		const char *text;
		const char *want;	/* who|program|text; NULL: none */
		int64_t time_us;
	} cases[] = {
		{ "Nov 21 07:00:00 mx a/b[12]: text: more",
		  "mx a/b[12]|a/b|text: more", -1 },
		{ "Nov  1 07:00:00 mx a: b", "mx a|a|b", -1 },
		{ "2026-11-21T07:00:00.5Z mx a[1]: b", "mx a[1]|a|b",
		  LONG_TIME },
		{ "2026-11-21T09:00:00.5+02:00 mx a[1]: b", "mx a[1]|a|b",
		  LONG_TIME },
		{ "a: b", "a|a|b", -1 },
		{ "a[7]: ", "a[7]|a|", -1 },
		{ "a:b: c", "a:b|a:b|c", -1 },
		{ "a b: c", NULL, 0 },
		{ "Nov 21 07:00:00 mx", NULL, 0 },
		{ "Nov 21 07:00:00 mx a", NULL, 0 },
		{ ": a", NULL, 0 },
		{ "a:", NULL, 0 },
		{ "", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_piece piece = {
			.data = (const unsigned char *)cases[i].text,
			.size = strlen(cases[i].text),
			.first = true, .last = true,
		};
		struct ms_logline line;
		char *got;

		print_message("  %s\n", cases[i].text);
		if (!ms_logline(&piece, &line)) {
			assert_null(cases[i].want);
			continue;
		}
		got = g_strdup_printf("%.*s|%.*s|%.*s", (int)line.who_size,
		    line.who, (int)line.program_size, line.program,
		    (int)line.text.size, (const char *)line.text.data);
		assert_non_null(cases[i].want);
		assert_string_equal(cases[i].want, got);
		assert_true(line.time_us == cases[i].time_us);
		g_free(got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
