#include "policy/decide.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* Choose for one occasion, which has to work. */
static void
choose(struct ms_rules *rules, enum ms_occasion occasion, const char *text)
{
	assert_int_equal(ms_decide_choose(rules, occasion, text, NULL), MS_OK);
}

static void
test_defaults(void **state)
{
	static const struct {
		const char *finding;
		enum ms_reason reason;	/* MS_REASONS: no gap */
		enum ms_action action;
	} cases[] = {
		{ NULL, MS_REASONS, MS_ACTION_PASS },
		{ "Eicar", MS_REASONS, MS_ACTION_REJECT },
		{ "Eicar", MS_REASON_WORKER_DIED, MS_ACTION_REJECT },
		{ NULL, MS_REASON_WORKER_DIED, MS_ACTION_DEFER },
		{ NULL, MS_REASON_ENGINE_FAILED, MS_ACTION_DEFER },
		{ NULL, MS_REASON_LIMIT_TIME, MS_ACTION_DEFER },
		{ NULL, MS_REASON_LIMIT_RATIO, MS_ACTION_TAG },
		{ NULL, MS_REASON_MALFORMED, MS_ACTION_TAG },
		{ NULL, MS_REASON_TRUNCATED, MS_ACTION_TAG },
		{ NULL, MS_REASON_UNSUPPORTED, MS_ACTION_TAG },
		{ NULL, MS_REASON_ENCRYPTED, MS_ACTION_TAG },
		{ NULL, MS_REASON_AMBIGUOUS, MS_ACTION_TAG },
	};
	struct ms_rules rules;

	(void)state;
	ms_decide_init(&rules);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ms_decision decision;
		struct ms_facts facts;

		ms_facts_init(&facts);
		if (cases[i].finding)
			ms_facts_finding(&facts, "clamav", cases[i].finding,
			    "2");
		if (cases[i].reason != MS_REASONS)
			ms_facts_gap(&facts, cases[i].reason, "1", "why");
		ms_decide(&rules, &facts, ms_verdict_of(&facts), &decision);
		assert_int_equal(decision.action, cases[i].action);
		assert_false(decision.quarantine);
		assert_int_equal(decision.finding != NULL,
		    cases[i].finding != NULL);
		assert_int_equal(decision.gap != NULL, !cases[i].finding &&
		    cases[i].reason != MS_REASONS);
		ms_facts_clear(&facts);
	}
	ms_decide_clear(&rules);
}

/* Whatever stands first in the facts, the strictest wins, and a copy is kept
 * if one of them wants that. */
static void
test_strictest(void **state)
{
	struct ms_rules rules;

	(void)state;
	ms_decide_init(&rules);
	choose(&rules, MS_ON_INFECTED, "quarantine+tag");
	choose(&rules, MS_ON_UNSUPPORTED, "redirect:virus@example.org");
	for (int turn = 0; turn < 2; turn++) {
		struct ms_decision decision;
		struct ms_facts facts;

		ms_facts_init(&facts);
		ms_facts_finding(&facts, "clamav", "Eicar", "");
		ms_facts_gap(&facts, turn == 0 ? MS_REASON_WORKER_DIED :
		    MS_REASON_UNSUPPORTED, "", "x");
		ms_facts_gap(&facts, turn == 0 ? MS_REASON_UNSUPPORTED :
		    MS_REASON_WORKER_DIED, "", "x");
		ms_decide(&rules, &facts, MS_VERDICT_INFECTED, &decision);
		assert_int_equal(decision.action, MS_ACTION_REDIRECT);
		assert_string_equal(decision.address, "virus@example.org");
		assert_true(decision.quarantine);
		assert_null(decision.finding);
		assert_int_equal(decision.gap->reason, MS_REASON_UNSUPPORTED);
		ms_facts_clear(&facts);
	}
	ms_decide_clear(&rules);
}

/* A message whose worker died is not delivered because something else in it
 * would be. */
static void
test_error_is_not_delivered(void **state)
{
	static const char *const mild[] = { "pass", "tag" };
	struct ms_rules rules;

	(void)state;
	for (size_t i = 0; i < sizeof mild / sizeof *mild; i++) {
		struct ms_decision decision;
		struct ms_facts facts;

		ms_decide_init(&rules);
		choose(&rules, MS_ON_INFECTED, mild[i]);
		choose(&rules, MS_ON_SPAM, mild[i]);
		ms_facts_init(&facts);
		ms_facts_finding(&facts, "clamav", "Eicar", "");
		ms_facts_gap(&facts, MS_REASON_WORKER_DIED, "", "x");
		ms_decide(&rules, &facts, MS_VERDICT_INFECTED, &decision);
		assert_int_equal(decision.action, MS_ACTION_DEFER);
		ms_facts_found(&facts, MS_FINDING_SPAM, "spam", "hits", "");
		ms_decide(&rules, &facts, MS_VERDICT_INFECTED, &decision);
		assert_int_equal(decision.action, MS_ACTION_DEFER);
		ms_facts_clear(&facts);
		ms_decide_clear(&rules);
	}
}

static void
test_inheritance(void **state)
{
	struct ms_decision decision;
	struct ms_rules rules;
	struct ms_facts facts;

	(void)state;
	ms_decide_init(&rules);
	ms_facts_init(&facts);
	ms_facts_gap(&facts, MS_REASON_LIMIT_DEPTH, "", "x");
	choose(&rules, MS_ON_INCOMPLETE, "drop");
	ms_decide(&rules, &facts, MS_VERDICT_INCOMPLETE, &decision);
	assert_int_equal(decision.action, MS_ACTION_DROP);
	choose(&rules, MS_ON_LIMIT, "pass");
	ms_decide(&rules, &facts, MS_VERDICT_INCOMPLETE, &decision);
	assert_int_equal(decision.action, MS_ACTION_PASS);
	ms_facts_gap(&facts, MS_REASON_MALFORMED, "", "x");
	ms_decide(&rules, &facts, MS_VERDICT_INCOMPLETE, &decision);
	assert_int_equal(decision.action, MS_ACTION_DROP);
	ms_facts_clear(&facts);
	ms_decide_clear(&rules);
}

static void
test_blocked_and_skipped(void **state)
{
	struct ms_decision decision;
	struct ms_rules rules;
	struct ms_facts facts;

	(void)state;
	ms_decide_init(&rules);
	ms_facts_init(&facts);
	ms_facts_found(&facts, MS_FINDING_BLOCKED, "policy", "name:.exe", "1");
	assert_int_equal(ms_verdict_of(&facts), MS_VERDICT_BLOCKED);
	choose(&rules, MS_ON_INFECTED, "pass");
	ms_decide(&rules, &facts, MS_VERDICT_BLOCKED, &decision);
	assert_int_equal(decision.action, MS_ACTION_REJECT);
	assert_string_equal(decision.finding->name, "name:.exe");
	ms_facts_finding(&facts, "clamav", "Eicar", "");
	assert_int_equal(ms_verdict_of(&facts), MS_VERDICT_INFECTED);
	ms_decide(&rules, &facts, MS_VERDICT_SKIPPED, &decision);
	assert_int_equal(decision.action, MS_ACTION_PASS);
	ms_facts_clear(&facts);
	ms_decide_clear(&rules);
}

/* Signatures have classes, by their names; what is not chosen for one is as for
 * all that is found. */
static void
test_classes(void **state)
{
	static const struct {
		const char *name;
		enum ms_action action;
	} cases[] = {
		{ "Eicar-Test-Signature", MS_ACTION_REJECT },
		{ "Heuristics.Phishing.Email.SpoofedDomain", MS_ACTION_TAG },
		{ "Email.Phishing.VOF1-6305358-0", MS_ACTION_TAG },
		{ "Heuristics.OLE2.ContainsMacros.VBA", MS_ACTION_DROP },
		{ "PUA.Win.Packer.Upx-48", MS_ACTION_REJECT },
		{ "Sanesecurity.Jurlbl.UNOFFICIAL", MS_ACTION_PASS },
		{ "Sanesecurity.Phishing.Bank.UNOFFICIAL", MS_ACTION_TAG },
	};
	struct ms_rules rules;

	(void)state;
	ms_decide_init(&rules);
	choose(&rules, MS_ON_PHISHING, "tag");
	choose(&rules, MS_ON_MACRO, "drop");
	choose(&rules, MS_ON_UNOFFICIAL, "pass");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ms_decision decision;
		struct ms_facts facts;

		ms_facts_init(&facts);
		ms_facts_finding(&facts, "clamav", cases[i].name, "1");
		ms_decide(&rules, &facts, MS_VERDICT_INFECTED, &decision);
		assert_int_equal(decision.action, cases[i].action);
		ms_facts_clear(&facts);
	}
	ms_decide_clear(&rules);
}

static void
test_choices(void **state)
{
	static const char *const wrong[] = { "", "Pass", "redirect",
	    "redirect:", "quarantine+", "quarantine+redirect:", "reject ",
	    "tag+quarantine", "bounce", "quarantine+quarantine+tag" };
	struct ms_error err = { "" };
	struct ms_rules rules;

	(void)state;
	ms_decide_init(&rules);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(ms_decide_choose(&rules, MS_ON_ERROR,
		    wrong[i], &err), MS_E_USAGE);
		assert_non_null(strstr(err.text, "on-error"));
		assert_int_equal(rules.on[MS_ON_ERROR].action,
		    MS_ACTION_DEFER);
	}
	for (int i = 0; i < MS_ACTIONS; i++) {
		char text[64];

		(void)snprintf(text, sizeof text, "quarantine+%s%s",
		    ms_decide_action_name((enum ms_action)i),
		    i == MS_ACTION_REDIRECT ? ":a@b.example" : "");
		choose(&rules, MS_ON_SPAM, text);
		assert_int_equal(rules.on[MS_ON_SPAM].action, i);
		assert_true(rules.on[MS_ON_SPAM].quarantine);
		choose(&rules, MS_ON_SPAM, text + strlen("quarantine+"));
		assert_int_equal(rules.on[MS_ON_SPAM].quarantine,
		    i == MS_ACTION_QUARANTINE);
	}
	ms_decide_clear(&rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_strictest),
		cmocka_unit_test(test_error_is_not_delivered),
		cmocka_unit_test(test_inheritance),
		cmocka_unit_test(test_blocked_and_skipped),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_choices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
