#include "serve/about.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>

static void
test_words(void **state)
{
	static const struct {
		struct ms_pipeline_about about;
		const char *engine, *all;
	} cases[] = {
		{ { "clamav", "1.4.6", "main 62", 9, 0, "seccomp", false },
		    "clamav 1.4.6, database main 62", "clamav 1.4.6, database "
		    "main 62, 9 signatures, sandbox seccomp" },
		{ { "clamd", "1.4.6", NULL, 0, -1, "seccomp", false },
		    "clamd 1.4.6", "clamd 1.4.6, sandbox seccomp" },
		{ { "none", NULL, NULL, 0, -1, NULL, true }, "none",
		    "none, sandbox none" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *engine = ms_about_engine(&cases[i].about);
		char *all = ms_about_all(&cases[i].about);

		assert_string_equal(engine, cases[i].engine);
		assert_string_equal(all, cases[i].all);
		g_free(engine);
		g_free(all);
	}
}

static void
test_check(void **state)
{
	const int64_t now = ms_clock_wall(), day = 86400;
	const struct {
		int64_t time, days;
		bool blind;
		enum ms_status status;
	} cases[] = {
		{ now, 0, false, MS_OK },
		{ now - 100 * day, 0, false, MS_OK },
		{ now - 2 * day - 60, 3, false, MS_OK },
		{ now - 3 * day - 60, 3, false, MS_E_ENGINE },
		{ -1, 3, false, MS_OK },
		{ -1, 0, true, MS_E_USAGE },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_pipeline_about about = { .engine = "x",
			.database_time = cases[i].time,
			.blind = cases[i].blind };
		struct ms_error err;

		assert_int_equal(ms_about_check(&about, cases[i].days, &err),
		    cases[i].status);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
