#include "replay/compare.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct row {
	enum ms_expect expect;
	int recorded;
	const char *recorded_text;
	bool made;
	int code;
	const char *text;
	bool same;
} rows[] = {
	{ MS_EXPECT_CODES, 250, "ok", false, 250, "2.0.0 queued", true },
	{ MS_EXPECT_CODES, 250, "ok", false, 251, "ok", false },
	{ MS_EXPECT_CODES, 250, "a\nSIZE 1", false, 250, "b\nSIZE 2", true },
	{ MS_EXPECT_CODES, 250, NULL, true, 251, "x", true },
	{ MS_EXPECT_CODES, 250, NULL, true, 451, "x", false },
	{ MS_EXPECT_NONE, 250, NULL, true, 451, "x", true },
	{ MS_EXPECT_NONE, 250, "ok", false, 551, "x", true },
	{ MS_EXPECT_ENHANCED, 250, "2.1.0 ok", false, 250, "2.1.0 fine",
	  true },
	{ MS_EXPECT_ENHANCED, 250, "2.1.0 ok", false, 250, "2.1.5 ok",
	  false },
	{ MS_EXPECT_ENHANCED, 250, "2.1.0 ok", false, 250, "ok", false },
	{ MS_EXPECT_ENHANCED, 250, "a", false, 250, "b", true },
	{ MS_EXPECT_ENHANCED, 550, "5.1.1 a", false, 554, "5.1.1 a", false },
	{ MS_EXPECT_EXACT, 250, "ok", false, 250, "ok", true },
	{ MS_EXPECT_EXACT, 250, "ok", false, 250, "ok ", false },
	{ MS_EXPECT_EXACT, 250, NULL, false, 250, "", true },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct row *row = &rows[i];
		const struct ms_recorded recorded = { .code = row->recorded,
			.text = (char *)row->recorded_text };
		struct ms_reply reply;

		ms_reply_init(&reply);
		reply.code = row->code;
		g_string_assign(reply.text, row->text);
		if (ms_compare(row->expect, &recorded, row->made, &reply) !=
		    row->same)
			fail_msg("row %zu", i);
		ms_reply_clear(&reply);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
