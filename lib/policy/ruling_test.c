#include "policy/ruling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SCANNED "X-Virus-Scanned: mailscan " MS_VERSION " at gate.test\r\n"

/* What is known, what is wanted, what comes of it. */
static const struct {
	const char *finding;
	enum ms_reason gap;		/* MS_REASONS: none */
	enum ms_occasion occasion;
	const char *choice;		/* NULL: the default */
	enum ms_action action;
	const char *reply, *fields;
} rows[] = {
	{ NULL, MS_REASONS, MS_ON_INFECTED, NULL, MS_ACTION_PASS, NULL,
	  SCANNED "X-Virus-Status: Clean\r\n" },
	{ "Bad.One", MS_REASONS, MS_ON_INFECTED, NULL, MS_ACTION_REJECT,
	  "550 5.7.1 No Bad.One from 192.0.2.1", NULL },
	{ "Bad\r\n250 One", MS_REASONS, MS_ON_INFECTED, NULL,
	  MS_ACTION_REJECT, NULL, NULL },
	{ "Bad.One", MS_REASONS, MS_ON_INFECTED, "drop", MS_ACTION_DROP,
	  NULL, NULL },
	{ "Bad.One", MS_REASONS, MS_ON_INFECTED, "tag", MS_ACTION_TAG, NULL,
	  SCANNED "X-Virus-Status: Infected (Bad.One)\r\n" },
	{ "Bad.One", MS_REASONS, MS_ON_INFECTED, "pass", MS_ACTION_PASS,
	  NULL, SCANNED },
	{ "Bad.One", MS_REASONS, MS_ON_INFECTED, "redirect:x@example.org",
	  MS_ACTION_REDIRECT, NULL,
	  SCANNED "X-Virus-Status: Infected (Bad.One)\r\n" },
	{ "Bad.One", MS_REASONS, MS_ON_INFECTED, "quarantine",
	  MS_ACTION_QUARANTINE, NULL, NULL },
	{ "Bad.One", MS_REASONS, MS_ON_INFECTED, "quarantine+tag",
	  MS_ACTION_TAG, NULL,
	  SCANNED "X-Virus-Status: Infected (Bad.One)\r\n" },
	{ NULL, MS_REASON_WORKER_DIED, MS_ON_ERROR, NULL, MS_ACTION_DEFER,
	  "451 4.7.1 Later: worker-died", NULL },
	{ NULL, MS_REASON_LIMIT_DEPTH, MS_ON_LIMIT, NULL, MS_ACTION_TAG,
	  NULL, SCANNED "X-Virus-Status: Not fully scanned (limit-depth)"
	  "\r\n" },
	{ NULL, MS_REASON_ENCRYPTED, MS_ON_ENCRYPTED, "pass",
	  MS_ACTION_PASS, NULL, SCANNED },
	/* The strictest wins. */
	{ "Bad.One", MS_REASON_WORKER_DIED, MS_ON_INFECTED, "pass",
	  MS_ACTION_DEFER, "451 4.7.1 Later: worker-died", NULL },
};

static void
rule(const struct ms_ruling_case *known, enum ms_occasion occasion,
    const char *choice, struct ms_ruling *ruling)
{
	struct ms_rules rules;
	struct ms_ruling_config config = { &rules,
		"550 5.7.1 No %v from %i", "451 4.7.1 Later: %v",
		"[Virus] %v", "gate.test",
		{ MS_MARKING_USUAL, true, MS_MARKING_MODERN }, NULL, NULL };
	const struct ms_ruling_about about = { .client = "192.0.2.1" };
	struct ms_error err;

	ms_decide_init(&rules);
	if (choice)
		assert_int_equal(ms_decide_choose(&rules, occasion, choice,
		    &err), MS_OK);
	ms_ruling(&config, known, ruling);
	ms_ruling_word(&config, &about, ruling);
	ms_decide_clear(&rules);
}

static void
assert_text(const char *got, const char *wanted)
{
	if (wanted)
		assert_string_equal(got, wanted);
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_ruling_case known = { .failure = NULL };
		struct ms_ruling ruling;
		struct ms_facts facts;

		ms_facts_init(&facts);
		if (rows[i].finding)
			ms_facts_finding(&facts, "test", rows[i].finding,
			    "1");
		if (rows[i].gap != MS_REASONS)
			ms_facts_gap(&facts, rows[i].gap, "2", "so");
		known.facts = &facts;
		known.verdict = ms_verdict_of(&facts);
		rule(&known, rows[i].occasion, rows[i].choice, &ruling);
		assert_int_equal(ruling.action, rows[i].action);
		assert_text(ruling.reply, rows[i].reply);
		assert_text(ruling.fields, rows[i].fields);
		assert_true(!ruling.fields == (ruling.action !=
		    MS_ACTION_PASS && ruling.action != MS_ACTION_TAG &&
		    ruling.action != MS_ACTION_REDIRECT));
		assert_true(ruling.quarantine == (rows[i].choice &&
		    g_str_has_prefix(rows[i].choice, "quarantine")));
		assert_true(!ruling.address == (ruling.action !=
		    MS_ACTION_REDIRECT));
		if (ruling.reply)
			assert_null(strpbrk(ruling.reply, "\r\n"));
		ms_ruling_clear(&ruling);
		ms_facts_clear(&facts);
	}
}

/* Whatever the rules say. */
static void
test_no_answer(void **state)
{
	static const struct ms_ruling_case known = { .failure = "it died" };
	struct ms_ruling ruling;

	(void)state;
	rule(&known, MS_ON_ERROR, "pass", &ruling);
	assert_int_equal(ruling.action, MS_ACTION_DEFER);
	assert_memory_equal(ruling.reply, "451 ", 4);
	assert_null(ruling.fields);
	assert_string_equal(ruling.what, "it died");
	ms_ruling_clear(&ruling);
}

/* The third death, the store that fails, and %q. */
static void
test_changes(void **state)
{
	const struct ms_ruling_config config = { NULL, "550 5.7.1 Kept as %q",
		"451 4.7.1 Later", NULL, "gate.test",
		{ .header = "" }, NULL, NULL };
	const struct ms_ruling_config usual = { .hostname = "gate.test" };
	const struct ms_ruling_about none = { .client = NULL };
	const struct ms_ruling_about kept = { .kept = "20260101/1" };
	struct ms_ruling ruling = { .action = MS_ACTION_PASS };

	(void)state;
	assert_false(ms_ruling_end_retries(&ruling, true));
	assert_int_equal(ruling.action, MS_ACTION_PASS);
	ruling.action = MS_ACTION_DEFER;
	assert_true(ms_ruling_end_retries(&ruling, true));
	assert_int_equal(ruling.action, MS_ACTION_REJECT);
	assert_true(ruling.quarantine);
	ms_ruling_word(&config, &kept, &ruling);
	assert_memory_equal(ruling.reply, "554 5.7.1 ", 10);
	ms_ruling_unkept(&ruling);
	ms_ruling_word(&config, &none, &ruling);
	assert_int_equal(ruling.action, MS_ACTION_DEFER);
	assert_memory_equal(ruling.reply, "451 4.3.0 ", 10);
	ms_ruling_clear(&ruling);
	ruling.action = MS_ACTION_DEFER;
	assert_true(ms_ruling_end_retries(&ruling, false));
	assert_false(ruling.quarantine);
	ms_ruling_clear(&ruling);
	/* What all doors say. */
	ruling.action = MS_ACTION_REJECT;
	ruling.usual = g_strdup("550 5.7.1 Usual");
	ms_ruling_word(&usual, &none, &ruling);
	assert_string_equal(ruling.reply, "550 5.7.1 Usual");
	ms_ruling_clear(&ruling);
	ruling.action = MS_ACTION_REJECT;
	ms_ruling_word(&config, &kept, &ruling);
	assert_string_equal(ruling.reply, "550 5.7.1 Kept as 20260101/1");
	ms_ruling_clear(&ruling);
}

/* A recipient that looks like something else is not named. */
static void
test_named(void **state)
{
	char *recipients[] = { (char[]){ "a@b" },
		(char[]){ "\xc3\xb6@b" }, (char[]){ "x\r\nX-A: b" },
		(char[]){ "\xff@b" }, (char[]){ "\xe2\x80\xaegnp@b" },
		(char[]){ "x\x7f@b" }, (char[]){ "\xc2\x85@b" },
		(char[]){ "c@d" }, NULL };
	static const char *const own[] = { "X-Own", NULL };
	const struct ms_ruling_config config = { .hostname = "gate.test",
		.marking.header = "", .names = own };
	const struct ms_ruling_about about = { .recipients = recipients };
	struct ms_ruling ruling = { .action = MS_ACTION_REDIRECT };

	(void)state;
	ms_ruling_word(&config, &about, &ruling);
	assert_string_equal(ruling.fields, "X-Original-To: a@b\r\n"
	    "X-Original-To: \xc3\xb6@b\r\nX-Original-To: c@d\r\n");
	/* Nobody else has named them. */
	assert_int_equal(g_strv_length(ruling.names), 2);
	assert_string_equal(ruling.names[0], "X-Own");
	assert_string_equal(ruling.names[1], "X-Original-To");
	ms_ruling_clear(&ruling);
	ruling = (struct ms_ruling){ .action = MS_ACTION_PASS };
	ms_ruling_word(&config, &about, &ruling);
	assert_int_equal(g_strv_length(ruling.names), 1);
	ms_ruling_clear(&ruling);
}

static void
test_check(void **state)
{
	static const struct {
		const char *text;
		char class;
		enum ms_status status;
	} texts[] = {
		{ "550 5.7.1 No: %v", '5', MS_OK },
		{ "451 x", '4', MS_OK },
		{ "550 x", '4', MS_E_USAGE },
		{ "250 x", '5', MS_E_USAGE },
		{ "550", '5', MS_E_USAGE },
		{ "550 ", '5', MS_E_USAGE },
		{ "5500 x", '5', MS_E_USAGE },
		{ "590 x", '5', MS_E_USAGE },
		{ "421 x", '4', MS_E_USAGE },
		{ "", '5', MS_E_USAGE },
		{ "550 %", '5', MS_E_USAGE },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct ms_error err;

		if (ms_ruling_check(texts[i].text, texts[i].class, &err) !=
		    texts[i].status)
			fail_msg("'%s'", texts[i].text);
	}
}

/* What is infected, and called so, is dropped where it would be rejected. */
static void
test_drop_ids(void **state)
{
	static const char *const globs[] = { "*@loop.example>", "<MDAEMON*",
		NULL };
	static const struct {
		const char *id;
		enum ms_finding_kind kind;	/* KINDS: it died */
		const char *choice;
		enum ms_action action;
		bool quarantine;
	} cases[] = {
		{ "<MDAEMON1@x>", MS_FINDING_MALWARE, NULL, MS_ACTION_DROP,
		  false },
		{ "<mdaemon>", MS_FINDING_MALWARE, "quarantine+reject",
		  MS_ACTION_DROP, true },
		{ "<1@LOOP.example>", MS_FINDING_MALWARE, NULL,
		  MS_ACTION_DROP, false },
		{ "<\xff\xc3@loop.example>", MS_FINDING_MALWARE, NULL,
		  MS_ACTION_DROP, false },
		{ "<\xff\xc3@x>", MS_FINDING_MALWARE, NULL,
		  MS_ACTION_REJECT, false },
		{ " <MDAEMON1@x>", MS_FINDING_MALWARE, NULL,
		  MS_ACTION_REJECT, false },
		{ "<1@x>", MS_FINDING_MALWARE, NULL, MS_ACTION_REJECT,
		  false },
		{ NULL, MS_FINDING_MALWARE, NULL, MS_ACTION_REJECT, false },
		{ "<MDAEMON1@x>", MS_FINDING_MALWARE, "tag", MS_ACTION_TAG,
		  false },
		{ "<MDAEMON1@x>", MS_FINDING_MALWARE, "defer",
		  MS_ACTION_DEFER, false },
		{ "<MDAEMON1@x>", MS_FINDING_BLOCKED, NULL, MS_ACTION_REJECT,
		  false },
		{ "<MDAEMON1@x>", MS_FINDING_SPAM, NULL, MS_ACTION_REJECT,
		  false },
		{ "<MDAEMON1@x>", MS_FINDING_KINDS, NULL, MS_ACTION_DEFER,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_rules rules;
		const struct ms_ruling_config config = { .rules = &rules,
			.marking.header = "", .drop_ids = globs };
		struct ms_ruling_case known = { .failure = NULL };
		struct ms_ruling ruling;
		struct ms_facts facts;

		ms_decide_init(&rules);
		if (cases[i].choice)
			assert_int_equal(ms_decide_choose(&rules,
			    MS_ON_INFECTED, cases[i].choice, NULL), MS_OK);
		ms_facts_init(&facts);
		facts.headers.message_id = g_strdup(cases[i].id);
		if (cases[i].kind == MS_FINDING_KINDS)
			ms_facts_gap(&facts, MS_REASON_WORKER_DIED, "", "");
		else
			ms_facts_found(&facts, cases[i].kind, "test", "It",
			    "1");
		known.facts = &facts;
		known.verdict = ms_verdict_of(&facts);
		ms_ruling(&config, &known, &ruling);
		if (ruling.action != cases[i].action ||
		    ruling.quarantine != cases[i].quarantine)
			fail_msg("%zu: %d", i, (int)ruling.action);
		assert_int_equal(ruling.verdict, known.verdict);
		assert_true(ruling.action != MS_ACTION_DROP ||
		    strncmp(ruling.usual, "250 ", 4) == 0);
		ms_ruling_clear(&ruling);
		ms_facts_clear(&facts);
		ms_decide_clear(&rules);
	}
}

static void
test_date(void **state)
{
	const struct ms_ruling_config none = {
		.marking.header = MS_MARKING_USUAL,
		.reject_reply = "550 5.7.1 No: %v",
	}, header = {
		.marking.header = "X-Scanned: at %d",
	}, reply = {
		.marking.header = "",
		.defer_reply = "451 4.7.1 Not at %d",
	};

	(void)state;
	assert_false(ms_ruling_has_date(&none));
	assert_true(ms_ruling_has_date(&header));
	assert_true(ms_ruling_has_date(&reply));
}

/* What a plan without the engine makes of its word and of others'. */
static void
test_unwanted(void **state)
{
	static const struct ms_policy_scanner spam = { .name = "spam",
		.kind = MS_POLICY_SPAM, .hits = 5 };
	static const char *const lines[] = { ":clam=no,spam=yes",
		"x:clam=yes", NULL };
	static const char *const to[] = { "a@b", "a@x" };
	static const struct {
		size_t to;
		enum ms_finding_kind kind;	/* KINDS: none */
		bool gap;
		enum ms_verdict verdict;
		const char *why;
	} cases[] = {
		{ 0, MS_FINDING_KINDS, false, MS_VERDICT_SKIPPED, NULL },
		{ 0, MS_FINDING_MALWARE, false, MS_VERDICT_SKIPPED, NULL },
		{ 0, MS_FINDING_SPAM, false, MS_VERDICT_SPAM, NULL },
		{ 0, MS_FINDING_KINDS, true, MS_VERDICT_ERROR, "spam: no" },
		{ 1, MS_FINDING_KINDS, false, MS_VERDICT_CLEAN, NULL },
		{ 1, MS_FINDING_MALWARE, false, MS_VERDICT_INFECTED, NULL },
	};
	const struct ms_policy_config terms = { .lines = lines,
		.scanners = &spam, .scanner_count = 1 };
	const struct ms_ruling_config config = { .hostname = "gate.test",
		.marking = { .header = "", .status = true } };
	const struct ms_ruling_about about = { .client = NULL };
	struct ms_policy *policy;

	(void)state;
	assert_int_equal(ms_policy_open(&terms, &policy, NULL), MS_OK);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_policy_query query = { .sender = "s@y",
			.recipients = &to[cases[i].to],
			.recipient_count = 1 };
		struct ms_ruling ruling;
		struct ms_facts facts;
		struct ms_plan plan;
		char *scanners;

		ms_plan(policy, &query, false, &plan);
		ms_facts_init(&facts);
		if (cases[i].kind != MS_FINDING_KINDS)
			ms_facts_found(&facts, cases[i].kind, "test",
			    "hits 9.0 of 5.0", "");
		if (cases[i].gap)
			ms_facts_gap(&facts, MS_REASON_ENGINE_FAILED, "",
			    "spam: no");
		ms_ruling_planned(&config, &plan, NULL, &facts, &ruling);
		ms_ruling_word(&config, &about, &ruling);
		assert_int_equal(ruling.verdict, cases[i].verdict);
		assert_true(!ruling.fields == (ruling.action !=
		    MS_ACTION_PASS));
		if (ruling.fields)
			assert_string_equal(ruling.fields, ruling.verdict ==
			    MS_VERDICT_CLEAN ? "X-Virus-Status: Clean\r\n" :
			    "");
		assert_true(!ruling.why == !cases[i].why);
		assert_text(ruling.why, cases[i].why);
		scanners = ms_plan_scanners(&plan);
		assert_string_equal(scanners, "spam");
		g_free(scanners);
		ms_ruling_clear(&ruling);
		ms_facts_clear(&facts);
		ms_plan_clear(&plan);
	}
	ms_policy_free(policy);
}

/* The status is that of what decided. */
static void
test_status(void **state)
{
	static const struct {
		enum ms_finding_kind kind;
		const char *choice, *fields;
	} cases[] = {
		{ MS_FINDING_SPAM, "tag", "Spam (It)\r\n" },
		{ MS_FINDING_SPAM, "pass", "Not fully scanned "
		    "(limit-depth)\r\n" },
		{ MS_FINDING_BLOCKED, "tag", "Blocked (It)\r\n" },
		{ MS_FINDING_MALWARE, "tag", "Infected (It)\r\n" },
	};
	static const enum ms_occasion on[] = {
		[MS_FINDING_MALWARE] = MS_ON_INFECTED,
		[MS_FINDING_BLOCKED] = MS_ON_BLOCKED,
		[MS_FINDING_SPAM] = MS_ON_SPAM };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_facts facts;
		struct ms_ruling_case known = { .facts = &facts };
		struct ms_ruling ruling;

		ms_facts_init(&facts);
		ms_facts_found(&facts, cases[i].kind, "test", "It", "");
		ms_facts_gap(&facts, MS_REASON_LIMIT_DEPTH, "1", "so");
		known.verdict = ms_verdict_of(&facts);
		rule(&known, on[cases[i].kind], cases[i].choice, &ruling);
		assert_true(g_str_has_suffix(ruling.fields,
		    cases[i].fields));
		ms_ruling_clear(&ruling);
		ms_facts_clear(&facts);
	}
}

/* What is refused unseen has the reply that it was refused with. */
static void
test_refused(void **state)
{
	const struct ms_ruling_config config = {
		.reject_reply = "550 5.7.1 other", .defer_reply = "451 other" };
	static const struct {
		const char *reply;
		enum ms_action action;
	} refused[] = {
		{ "550 5.7.1 No", MS_ACTION_REJECT },
		{ "451 4.7.1 Not now", MS_ACTION_DEFER },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
		struct ms_ruling ruling;

		ms_ruling_refused(refused[i].reply, &ruling);
		ms_ruling_word(&config, &(struct ms_ruling_about){
		    .client = NULL }, &ruling);
		assert_int_equal(ruling.action, refused[i].action);
		assert_int_equal(ruling.verdict, MS_VERDICT_SKIPPED);
		assert_string_equal(ruling.reply, refused[i].reply);
		assert_null(ruling.fields);
		ms_ruling_clear(&ruling);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_date),
		cmocka_unit_test(test_drop_ids),
		cmocka_unit_test(test_unwanted),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
