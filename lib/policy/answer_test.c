#include "policy/answer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
test_answers(void **state)
{
	static const struct ms_finding finding = {
		.engine = (char *)"x", .name = (char *)"Bad\r\n250 Name" };
	static const struct ms_finding blocked = {
		.kind = MS_FINDING_BLOCKED, .engine = (char *)"policy",
		.name = (char *)"name:.exe", .part = (char *)"2/a\r.exe" };
	static const struct ms_gap gap = { .reason = MS_REASON_ENCRYPTED };
	static const struct {
		struct ms_decision decision;
		const char *want;
	} cases[] = {
		{ { .action = MS_ACTION_PASS }, NULL },
		{ { .action = MS_ACTION_TAG, .finding = &finding }, NULL },
		{ { .action = MS_ACTION_REDIRECT }, NULL },
		{ { .action = MS_ACTION_REJECT },
		  "550 5.7.1 Message refused" },
		{ { .action = MS_ACTION_REJECT, .gap = &gap },
		  "550 5.7.1 Message refused: not examined (encrypted)" },
		{ { .action = MS_ACTION_DEFER, .finding = &finding },
		  "451 4.7.1 Message deferred: Bad??250 Name" },
		{ { .action = MS_ACTION_REJECT, .finding = &blocked },
		  "550 5.7.1 Message refused: name:.exe in 2/a?.exe" },
		{ { .action = MS_ACTION_DROP, .finding = &finding },
		  "250 2.0.0 Ok" },
		{ { .action = MS_ACTION_QUARANTINE, .gap = &gap },
		  "250 2.0.0 Ok" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *text = ms_answer(&cases[i].decision);

		if (cases[i].want)
			assert_string_equal(text, cases[i].want);
		else
			assert_null(text);
		g_free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
