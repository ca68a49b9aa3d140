#include "policy/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Names of people in the tables below. */
#define A "a@example.com"
#define B "b@example.net"

static struct ms_policy *
open_policy(const struct ms_policy_config *config)
{
	struct ms_policy *policy;
	struct ms_error err = { "" };

	if (ms_policy_open(config, &policy, &err) != MS_OK)
		fail_msg("%s", err.text);
	return policy;
}

/* The settings of group I, as they are written, without the actions. */
static char *
said(const struct ms_plan *plan, guint i)
{
	const struct ms_plan_group *group = plan->groups->pdata[i];
	GString *text = g_string_new(NULL);
	char *on;

	ms_settings_print(&group->settings, text);
	on = strstr(text->str, ",on_");
	if (on)
		g_string_truncate(text, (gsize)(on - text->str));
	return g_string_free(text, FALSE);
}

static void
test_layers(void **state)
{
	static const char *const lines[] = {
		":clam=yes,spam=yes,attach=.EXE", "example.com:spam=no",
		"test@example.com:clam=no", "test-list@example.com:clam=yes",
		"test-list-owner@example.com:attach=.vbs",
		"sender@example.org:spam=no,clam=no",
		"O'Hara@Example.COM:spam_hits=3", NULL
	};
	static const struct ms_policy_scanner spam = { .name = "spam",
		.kind = MS_POLICY_SPAM, .hits = -1 };
	static const struct {
		const char *sender, *recipient, *said;
	} rows[] = {
		{ "x@y", "u@z", "clam=yes,spam=yes,trophie=no,attach=.exe" },
		{ "x@y", A, "clam=yes,spam=no,trophie=no,attach=.exe" },
		{ "x@y", "test@example.com",
		  "clam=no,spam=no,trophie=no,attach=.exe" },
		{ "x@y", "test-x@example.com",
		  "clam=no,spam=no,trophie=no,attach=.exe" },
		{ "x@y", "test-list-other@example.com",
		  "clam=yes,spam=no,trophie=no,attach=.exe" },
		{ "x@y", "Test-List-Owner@Example.Com",
		  "clam=yes,spam=no,trophie=no,attach=.vbs" },
		{ "x@y", "o'hara@example.com",
		  "clam=yes,spam=no,trophie=no,spam_hits=3,attach=.exe" },
		{ "sender@example.org", "u@z",
		  "clam=no,spam=no,trophie=no,attach=.exe" },
		/* what is said of recipients stands over that */
		{ "sender@example.org", "test-list@example.com",
		  "clam=yes,spam=no,trophie=no,attach=.exe" },
		{ "", "u@z", "clam=yes,spam=yes,trophie=no,attach=.exe" },
		{ NULL, "postmaster",
		  "clam=yes,spam=yes,trophie=no,attach=.exe" },
	};
	const struct ms_policy_config config = { .lines = lines,
		.scanners = &spam, .scanner_count = 1 };
	struct ms_policy *policy = open_policy(&config);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_policy_query query = {
			.sender = rows[i].sender, .client = "192.0.2.1",
			.recipients = &rows[i].recipient,
			.recipient_count = 1 };
		struct ms_plan plan;
		char *text;

		ms_plan(policy, &query, i % 2, &plan);
		text = said(&plan, 0);
		if (strcmp(text, rows[i].said) != 0)
			fail_msg("%zu: %s, not %s", i, text, rows[i].said);
		assert_int_equal(plan.path != NULL, i % 2);
		assert_int_equal(plan.checks->len, strstr(text, "spam=yes") ?
		    1 : 0);
		g_free(text);
		ms_plan_clear(&plan);
	}
	ms_policy_free(policy);
}

/* Two recipients with opposite policies (the census, 6, 9). */
static void
test_conflict(void **state)
{
	static const char *const lines[] = {
		"example.com:clam=yes,spam=no,attach=.exe,on_encrypted=reject",
		"example.net:clam=no,spam=yes,spam_hits=4,on_encrypted=pass",
		NULL
	};
	static const struct ms_policy_scanner spam = { .name = "spam",
		.kind = MS_POLICY_SPAM, .hits = 7 };
	static const char *const both[] = { A, B, "c@example.com" };
	static const char *const back[] = { B, A };
	static const struct {
		enum ms_policy_conflict conflict;
		bool can_split, reverse;
		guint groups, first;	/* how many are in the first */
		const char *said[2];
		enum ms_action encrypted[2];
	} rows[] = {
		{ MS_POLICY_STRICTEST, true, false, 1, 3, {
		  "clam=yes,spam=yes,trophie=no,spam_hits=4,attach=.exe" },
		  { MS_ACTION_REJECT } },
		{ MS_POLICY_STRICTEST, true, true, 1, 2, {
		  "clam=yes,spam=yes,trophie=no,spam_hits=4,attach=.exe" },
		  { MS_ACTION_REJECT } },
		{ MS_POLICY_LAST, true, false, 1, 3, {
		  "clam=yes,spam=no,trophie=no,spam_hits=4,attach=.exe" },
		  { MS_ACTION_REJECT } },
		{ MS_POLICY_LAST, true, true, 1, 2, {
		  "clam=yes,spam=no,trophie=no,spam_hits=4,attach=.exe" },
		  { MS_ACTION_REJECT } },
		{ MS_POLICY_SPLIT, true, false, 2, 2, {
		  "clam=yes,spam=no,trophie=no,attach=.exe",
		  "clam=no,spam=yes,trophie=no,spam_hits=4" },
		  { MS_ACTION_REJECT, MS_ACTION_PASS } },
		{ MS_POLICY_SPLIT, false, false, 1, 3, {
		  "clam=yes,spam=yes,trophie=no,spam_hits=4,attach=.exe" },
		  { MS_ACTION_REJECT } },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_policy_config config = { .lines = lines,
			.scanners = &spam, .scanner_count = 1,
			.conflict = rows[i].conflict };
		const struct ms_policy_query query = {
			.sender = "x@y", .client = "192.0.2.1",
			.recipients = rows[i].reverse ? back : both,
			.recipient_count = rows[i].reverse ? 2 : 3,
			.can_split = rows[i].can_split };
		struct ms_policy *policy = open_policy(&config);
		const struct ms_plan_group *group;
		struct ms_plan plan;

		ms_plan(policy, &query, false, &plan);
		assert_int_equal(plan.groups->len, rows[i].groups);
		for (guint k = 0; k < plan.groups->len; k++) {
			char *text = said(&plan, k);

			group = plan.groups->pdata[k];
			if (strcmp(text, rows[i].said[k]) != 0)
				fail_msg("%zu: %s", i, text);
			assert_int_equal(group->settings.rules.on
			    [MS_ON_ENCRYPTED].action, rows[i].encrypted[k]);
			g_free(text);
		}
		group = plan.groups->pdata[0];
		assert_int_equal(group->recipients->len, rows[i].first);
		assert_true(plan.engine);
		ms_plan_clear(&plan);
		ms_policy_free(policy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layers),
		cmocka_unit_test(test_conflict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
