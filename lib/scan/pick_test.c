#include "scan/pick.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_wants(void **state)
{
	static const char *const images[] = { "image/*", NULL };
	static const char *const two[] = { "Application/PDF", "text/?tml",
		NULL };
	static const struct {
		struct ms_pick pick;
		const char *declared, *detected;
		bool found, want;
	} rows[] = {
		{ { false, false, NULL }, "a/b", "a/b", true, false },
		{ { true, false, NULL }, NULL, "a/b", false, true },
		{ { true, true, NULL }, "a/b", "a/b", false, false },
		{ { true, true, NULL }, "a/b", "a/b", true, true },
		{ { true, false, images }, "image/png", "text/plain", false,
		  true },
		{ { true, false, images }, "text/plain", "image/png", false,
		  true },
		{ { true, false, images }, NULL, "image/png", false, true },
		{ { true, false, images }, NULL, "a/image/png", false,
		  false },
		{ { true, true, images }, NULL, "image/png", false, false },
		{ { true, false, two }, "application/pdf", "a/b", false,
		  true },
		{ { true, false, two }, "text/html", "a/b", false, true },
		{ { true, false, two }, "text/xhtml", "a/b", false, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		print_message("  %zu\n", i);
		assert_int_equal(rows[i].want, ms_pick_wants(&rows[i].pick,
		    rows[i].declared, rows[i].detected, rows[i].found));
	}
}

/* Types are chosen by whoever sent the message, patterns are not: together
 * they must not take for ever. */
static void
test_long(void **state)
{
	static const char *const stars[] = { "*a*a*a*a*a*b", NULL };
	const struct ms_pick pick = { true, false, stars };
	char *type = g_strnfill(1 << 20, 'a');

	(void)state;
	assert_false(ms_pick_wants(&pick, type, "a/c", false));
	type[255] = '\0';
	assert_false(ms_pick_wants(&pick, type, "a/c", false));
	type[254] = 'b';
	assert_true(ms_pick_wants(&pick, type, "a/c", false));
	g_free(type);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wants),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
