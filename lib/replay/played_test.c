#include "replay/played.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
test_reply(void **state)
{
	static const struct {
		int code;
		const char *text, *want;
	} rows[] = {
		{ 250, "ok", "250 ok" }, { 250, "", "250" },
		{ 250, NULL, "250" }, { 250, "a\nb\nc", "250-a\n250-b\n250 c" },
		{ 250, "a\n", "250-a\n250" }, { 421, "\n", "421-\n421" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *text = ms_played_reply(rows[i].code, rows[i].text);

		assert_string_equal(rows[i].want, text);
		g_free(text);
	}
}

/* What people are shown of a difference; of a made role only the first digit
 * was expected. */
static void
test_differ(void **state)
{
	struct ms_role *role = ms_role_new();
	struct ms_played *played = ms_played_new(role, 3);
	struct ms_step step = ms_role_command("AUTH", "PLAIN c2VjcmV0");
	const struct ms_recorded recorded = { 250, (char *)"a\nb" };
	const struct ms_difference *d;

	(void)state;
	assert_ptr_equal(role, played->role);
	assert_int_equal(3, played->run);
	ms_played_differ(played, MS_DIFFERENCE_REPLY, &step, &recorded, 550,
	    "no");
	role->made = true;
	ms_played_differ(played, MS_DIFFERENCE_LATE, NULL, &recorded, 0,
	    "nothing");
	ms_played_differ(played, MS_DIFFERENCE_UNASKED, NULL, NULL, 421, "");
	assert_int_equal(3, played->count);
	d = &g_array_index(played->differences, struct ms_difference, 0);
	assert_string_equal("AUTH PLAIN ...", d[0].command);
	assert_string_equal("250-a\n250 b", d[0].recorded);
	assert_string_equal("550 no", d[0].received);
	assert_null(d[1].command);
	assert_string_equal("2xx", d[1].recorded);
	assert_string_equal("nothing", d[1].received);
	assert_null(d[2].recorded);
	assert_string_equal("421", d[2].received);
	ms_played_free(played);
	ms_played_free(NULL);
	ms_role_free(role);
	g_free(step.line);
}

/* Decisions: what decided, or the first that was found; and what was chosen,
 * in the words in which it is. */
static void
test_judge(void **state)
{
	static const struct {
		struct ms_decision decision;
		bool facts;
		const char *action, *finding;
		bool told;
	} rows[] = {
		{ { .action = MS_ACTION_PASS, .verdict = MS_VERDICT_CLEAN },
		  false, "pass", NULL, false },
		{ { .action = MS_ACTION_PASS, .verdict = MS_VERDICT_INFECTED },
		  true, "pass", "Eins", true },
		{ { .action = MS_ACTION_QUARANTINE, .quarantine = true,
		    .verdict = MS_VERDICT_CLEAN }, false, "quarantine", NULL,
		  true },
		{ { .action = MS_ACTION_REDIRECT, .quarantine = true,
		    .address = "a@b", .verdict = MS_VERDICT_INFECTED },
		  true, "quarantine+redirect:a@b", "Eins", true },
	};
	struct ms_facts facts, none;
	struct ms_decision by_gap = { .action = MS_ACTION_TAG,
		.verdict = MS_VERDICT_INFECTED };
	struct ms_role *role = ms_role_new();
	struct ms_played *played = ms_played_new(role, 1);
	const struct ms_judgement *j;

	(void)state;
	ms_facts_init(&facts);
	ms_facts_init(&none);
	ms_facts_finding(&facts, "clamav", "Eins", "1");
	ms_facts_finding(&facts, "clamav", "Zwei", "2");
	ms_facts_gap(&facts, MS_REASON_LIMIT_SIZE, "3", "");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *action;

		ms_played_judge(played, i + 1, &rows[i].decision,
		    rows[i].facts ? &facts : &none);
		assert_int_equal(rows[i].told, ms_played_is_judged(played));
		j = &g_array_index(played->judgements, struct ms_judgement,
		    0);
		assert_int_equal(i + 1, j->number);
		action = ms_played_action(j);
		assert_string_equal(rows[i].action, action);
		if (rows[i].finding)
			assert_string_equal(rows[i].finding, j->finding);
		else
			assert_null(j->finding);
		assert_null(j->reason);
		g_free(action);
		g_array_set_size(played->judgements, 0);
	}
	by_gap.gap = facts.gaps->pdata[0];
	ms_played_judge(played, 9, &by_gap, &facts);
	j = &g_array_index(played->judgements, struct ms_judgement, 0);
	assert_null(j->finding);
	assert_string_equal("limit-size", j->reason);
	ms_facts_clear(&facts);
	ms_facts_clear(&none);
	ms_played_free(played);
	ms_role_free(role);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_differ),
		cmocka_unit_test(test_judge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
