#include "action/receipt.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
test_line(void **state)
{
	static const struct {
		struct ms_receipt receipt;
		const char *want;
	} cases[] = {
		{ { "20260301/x", "release", "done", "/var/mail/a", "b" },
		  "{\"schema\":1,\"type\":\"quarantine\","
		  "\"id\":\"20260301/x\",\"action\":\"release\","
		  "\"state\":\"done\",\"to\":\"/var/mail/a\","
		  "\"detail\":\"b\"}" },
		/* What is from outside is quoted. */
		{ { "x", "verify", "failed", NULL, "\"\n\xff\\" },
		  "{\"schema\":1,\"type\":\"quarantine\",\"id\":\"x\","
		  "\"action\":\"verify\",\"state\":\"failed\",\"to\":null,"
		  "\"detail\":\"\\\"\\\\x0a\\\\xff\\\\\\\\\"}" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *line = ms_receipt_line(&cases[i].receipt);

		assert_string_equal(cases[i].want, line);
		g_free(line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
