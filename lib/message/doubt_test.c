#include "message/doubt.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
tell(void *arg, const char *reason, const char *detail)
{
	g_string_append_printf(arg, "%s: %s\n", reason, detail);
}

static void
test_once(void **state)
{
	GString *told = g_string_new(NULL);
	struct ms_doubts doubts = { tell, told, 0, false };

	(void)state;
	ms_doubt_add(&doubts, MS_DOUBT_COMMENT, 3, "(a\001\351)", 5);
	ms_doubt_add(&doubts, MS_DOUBT_BARE_CR, 9, NULL, 0);
	ms_doubt_add(&doubts, MS_DOUBT_COMMENT, 4, "(b)", 3);
	assert_string_equal("comment-in-structure: line 3: (a\?\?)\n"
	    "bare-cr: line 9: \n", told->str);
	g_string_free(told, TRUE);
}

/* Long culprits are cut. */
static void
test_length(void **state)
{
	GString *told = g_string_new(NULL), *text = g_string_new(NULL);
	struct ms_doubts doubts = { tell, told, 0, false };

	(void)state;
	for (int i = 0; i < 10000; i++)
		g_string_append_c(text, 'x');
	ms_doubt_add(&doubts, MS_DOUBT_COMMENT, SIZE_MAX, text->str,
	    text->len);
	assert_in_range(told->len, 60, 140);
	g_string_free(text, TRUE);
	g_string_free(told, TRUE);
}

/* Every one has a name of its own, of the letters that options have. */
static void
test_names(void **state)
{
	(void)state;
	for (enum ms_doubt i = 0; i < MS_DOUBT_COUNT; i++) {
		const char *name = ms_doubt_name(i);

		assert_non_null(name);
		assert_int_equal(strlen(name), strspn(name,
		    "abcdefghijklmnopqrstuvwxyz0123456789-"));
		for (enum ms_doubt k = 0; k < i; k++)
			assert_string_not_equal(name, ms_doubt_name(k));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
