#ifndef MS_FORMS_TEST_H
#define MS_FORMS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "capture/transcript_test.h"

/* Tables for tests of the forms of text: each is read whole, byte by byte and
 * in steps, and the same has to come of it. */

struct form_case {
	const char *name, *text;
	const char *want;	/* what text_script() says */
};

static inline void
form_check(enum ms_capture_format format, const struct form_case *cases,
    size_t count)
{
	static const size_t steps[] = { 0, 1, 7 };

	for (size_t i = 0; i < count * G_N_ELEMENTS(steps); i++) {
		const struct form_case *c = cases + i / G_N_ELEMENTS(steps);
		const struct text_input input = {
			.text = c->text, .size = strlen(c->text),
			.step = steps[i % G_N_ELEMENTS(steps)],
		};
		GString *got = text_script(&input, format, 1 << 24);

		print_message("  %s, step %zu\n", c->name, input.step);
		assert_string_equal(c->want, got->str);
		g_string_free(got, TRUE);
	}
}

/* Texts that are, or are not, of FORMAT. */
struct detect_case {
	const char *name, *text;
	bool is;
};

static inline void
detect_check(enum ms_capture_format format, const struct detect_case *cases,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = cases[i].text;
		enum ms_capture_format found = ms_transcript_detect(
		    (const unsigned char *)text, strlen(text));

		print_message("  %s\n", cases[i].name);
		assert_int_equal(cases[i].is ? format : MS_CAPTURE_NONE,
		    found);
	}
}

#endif
