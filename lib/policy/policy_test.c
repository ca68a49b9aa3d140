#include "policy/policy.h"

#include "policy/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct ms_policy *
open_policy(const struct ms_policy_config *config)
{
	struct ms_policy *policy;
	struct ms_error err = { "" };

	if (ms_policy_open(config, &policy, &err) != MS_OK)
		fail_msg("%s", err.text);
	return policy;
}

static void
test_forged(void **state)
{
	static const struct {
		const char *client, *name, *helo, *sender;
		bool authenticated, client_goes, sender_goes;
	} rows[] = {
		{ "192.0.2.1", NULL, "elsewhere", "x@y", false, true, true },
		{ "192.0.2.1", NULL, "MX.example.com", "x@y", false,
		  false, true },
		{ "192.0.2.1", "mx.example.com", "x", "x@y", false,
		  false, true },
		{ "192.0.2.1", NULL, "example.org", "x@y", false,
		  false, true },
		{ "192.0.2.1", NULL, "mx.example.com", "x@y", true,
		  true, true },
		{ "127.0.0.1", NULL, "mx.example.com", "a@example.org", false,
		  true, true },
		{ "::1", NULL, "mx.example.com", "a@example.org", false,
		  true, true },
		{ NULL, NULL, "mx.example.com", "a@example.org", false,
		  true, true },
		{ "172.31.255.255", NULL, "mx.example.com", "a@example.org",
		  false, true, true },
		{ "IPv6:fe80::1", NULL, "mx.example.com", "a@example.org",
		  false, true, true },
		{ "172.32.0.0", NULL, "x", "a@Example.ORG", false,
		  true, false },
		{ "[UNAVAILABLE]", NULL, "x", "a@example.org", false,
		  true, false },
		{ "192.0.2.1", NULL, "x", "a@sub.example.org", false,
		  true, true },
		{ "192.0.2.1", NULL, "x", "", false, true, true },
		{ "192.0.2.1", NULL, "", NULL, false, true, true },
	};
	const struct ms_policy_config config = { .reject_forged_local = true,
		.hostname = "mx.example.com",
		.local_domains = LIST("example.org") };
	struct ms_policy *policy = open_policy(&config);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_policy_query query = {
			.client = rows[i].client,
			.client_name = rows[i].name, .helo = rows[i].helo,
			.authenticated = rows[i].authenticated,
			.sender = rows[i].sender };
		char *client = ms_policy_client(policy, &query);
		char *sender = ms_policy_sender(policy, &query);

		if (!client != rows[i].client_goes ||
		    !sender != rows[i].sender_goes)
			fail_msg("%zu: %s, %s", i, client, sender);
		g_free(client);
		g_free(sender);
	}
	ms_policy_free(policy);
}

/* As the older clamav-milter: what DNS says, of anybody. */
static void
test_forged_by_name(void **state)
{
	static const struct {
		const char *client, *name;
		bool authenticated, goes;
	} rows[] = {
		{ "192.0.2.1", "MX.example.com", false, false },
		{ "192.0.2.1", "MX.example.com", true, false },
		{ "192.0.2.1", "x.example.com", false, true },
		{ "192.0.2.1", NULL, false, true },
		{ "10.0.0.1", "mx.example.com", false, true },
		{ "127.0.0.1", "mx.example.com", false, true },
	};
	const struct ms_policy_config config = { .reject_forged_local = true,
		.forged_by_name = true, .hostname = "mx.example.com",
		.local_domains = LIST("example.org") };
	struct ms_policy *policy = open_policy(&config);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_policy_query query = {
			.client = rows[i].client,
			.client_name = rows[i].name,
			.helo = "mx.example.com",
			.authenticated = rows[i].authenticated,
			.sender = "a@example.org" };
		char *client = ms_policy_client(policy, &query);

		assert_int_equal(!client, rows[i].goes);
		assert_null(ms_policy_sender(policy, &query));
		g_free(client);
	}
	ms_policy_free(policy);
}

/* What has no address may be local alone, or besides. */
static void
test_local_programs(void **state)
{
	static const char *const lists[][3] = { { "local", NULL },
		{ "local", "192.0.2.0/24", NULL }, { "192.0.2.0/24", NULL } };
	static const struct {
		const char *client;
		bool skips[3];
	} rows[] = {
		{ NULL, { true, true, false } },
		{ "127.0.0.1", { false, false, false } },
		{ "::1", { false, false, false } },
		{ "192.0.2.1", { false, true, true } },
		{ "10.0.0.1", { false, false, false } },
	};

	(void)state;
	for (size_t k = 0; k < G_N_ELEMENTS(lists); k++) {
		const struct ms_policy_config config = { .skip_local = true,
			.local_nets = lists[k] };
		struct ms_policy *policy = open_policy(&config);

		for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
			const struct ms_policy_query query = {
				.client = rows[i].client, .sender = "x@y" };
			struct ms_plan plan;

			ms_plan(policy, &query, false, &plan);
			assert_int_equal(plan.skip, rows[i].skips[k]);
			ms_plan_clear(&plan);
		}
		ms_policy_free(policy);
	}
}

static void
test_allowed_clients(void **state)
{
	static const struct {
		const char *client;
		bool goes;
	} rows[] = {
		{ "192.0.2.9", true }, { "192.0.3.9", false },
		{ "2001:db8::1", true }, { "2001:db9::1", false },
		{ "127.0.0.1", true }, { NULL, true },
		{ "10.0.0.1", false }, { "[UNAVAILABLE]", false },
	};
	const struct ms_policy_config config = { .allow_clients =
		LIST("192.0.2.0/24", "2001:db8::/32") };
	struct ms_policy *policy = open_policy(&config);

	(void)state;
	assert_true(ms_policy_minds_senders(policy));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_policy_query query = {
			.client = rows[i].client };
		char *reply = ms_policy_client(policy, &query);

		if (!reply != rows[i].goes)
			fail_msg("%s: %s", rows[i].client, reply);
		g_free(reply);
	}
	ms_policy_free(policy);
}

static void
test_recipient(void **state)
{
	const struct ms_policy_config config = { .block_address_chars = "|;" };
	const struct ms_policy_config none = { .block_address_chars = NULL };
	struct ms_policy *policy = open_policy(&config);
	char *reply = ms_policy_recipient(policy, "a;b@example.com");

	(void)state;
	assert_string_equal(reply,
	    "554 5.7.1 Suspicious recipient address blocked");
	g_free(reply);
	assert_null(ms_policy_recipient(policy, "a.b@example.com"));
	ms_policy_free(policy);
	policy = open_policy(&none);
	assert_null(ms_policy_recipient(policy, "a;b@example.com"));
	ms_policy_free(policy);
}

static void
test_exempt(void **state)
{
	static const struct {
		const char *client;
		bool exempt;
	} rows[] = {
		{ NULL, true }, { "127.1.2.3", true }, { "::1", true },
		{ "::ffff:127.0.0.1", true }, { "IPV6:::1", true },
		{ "198.51.100.1", true }, { "203.0.113.1", true },
		{ "10.0.0.1", false },	/* local-nets is not private here */
		{ "192.0.2.1", false }, { "nonsense", false }, { "", false },
	};
	const struct ms_policy_config config = {
		.local_nets = LIST("198.51.100.0/24"),
		.block_exempt = LIST("203.0.113.0/24") };
	struct ms_policy *policy = open_policy(&config);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (ms_policy_is_exempt(policy, rows[i].client) !=
		    rows[i].exempt)
			fail_msg("%zu: %s", i, rows[i].client);
	ms_policy_free(policy);
}

/* What is not scanned, and why (which begins so; NULL: it is). */
static void
test_skipped(void **state)
{
	static const struct {
		const char *client, *sender, *to[3];
		bool authenticated, force;
		const char *why;
	} rows[] = {
		{ "192.0.2.1", "x@y", { "a@b" }, false, false, NULL },
		{ "192.0.2.1", "boss@y", { "a@b" }, false, false,
		  "allow-from" },
		{ "192.0.2.1", "boss@y", { "a@b" }, false, true,
		  "allow-from" },
		{ "192.0.2.1", "x@y", { "abuse@b", "abuse@c" }, false, false,
		  "allow-to" },
		{ "192.0.2.1", "x@y", { "abuse@b", "a@c" }, false, false,
		  NULL },
		{ "192.0.2.1", "x@y", { NULL }, false, false, NULL },
		{ "192.0.2.1", "x@y", { "virus@b" }, false, false,
		  "it is for where" },
		{ "192.0.2.1", "x@y", { "a@b" }, true, false, "skip-auth" },
		{ "192.0.2.1", "x@y", { "a@b" }, true, true, NULL },
		{ "10.0.0.1", "x@y", { "a@b" }, false, false,
		  "scan-local=no" },
		{ "10.0.0.1", "x@y", { "a@b" }, false, true, NULL },
		{ "127.0.0.1", "x@y", { "a@b" }, false, false,
		  "scan-outgoing=no" },
		{ NULL, "x@y", { "a@b" }, false, false, "scan-outgoing=no" },
		{ NULL, "x@y", { "hole@b", "HOLE@c" }, false, false,
		  "blackhole" },
		{ NULL, "boss@y", { "hole@b" }, false, true, "blackhole" },
	};
	struct ms_rules rules;

	(void)state;
	ms_decide_init(&rules);
	assert_int_equal(ms_decide_choose(&rules, MS_ON_INFECTED,
	    "redirect:virus@b", NULL), MS_OK);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_policy_config config = { .rules = &rules,
			.allow_from = LIST("boss@y"),
			.allow_to = LIST("abuse@*"),
			.blackhole = LIST("hole@*"), .skip_local = true,
			.skip_outgoing = true, .skip_auth = LIST("yes"),
			.force_scan = rows[i].force };
		const struct ms_policy_query query = {
			.client = rows[i].client, .sender = rows[i].sender,
			.recipients = rows[i].to,
			.recipient_count = g_strv_length(
			    (char **)(uintptr_t)rows[i].to),
			.authenticated = rows[i].authenticated };
		struct ms_policy *policy = open_policy(&config);
		struct ms_plan plan;

		ms_plan(policy, &query, false, &plan);
		if (!plan.why != !rows[i].why || (plan.why &&
		    !g_str_has_prefix(plan.why, rows[i].why)))
			fail_msg("%zu: %s", i, plan.why);
		assert_int_equal(plan.blackhole, plan.why &&
		    g_str_has_prefix(plan.why, "blackhole"));
		assert_int_equal(plan.skip, plan.why && !plan.blackhole);
		assert_int_equal(plan.engine, !plan.why);
		assert_int_equal(plan.groups->len, 1);
		ms_plan_clear(&plan);
		ms_policy_free(policy);
	}
	ms_decide_clear(&rules);
}

/* As whom somebody has authenticated may decide. */
static void
test_logins(void **state)
{
	static const struct {
		const char *login;
		bool authenticated, force, skip;
	} rows[] = {
		{ "Tom", true, false, true },
		{ "dick", true, false, false },
		{ NULL, true, false, false },
		{ "tom", false, false, false },
		{ "tom", true, true, false },
	};
	static const char *const to[] = { "a@b", NULL };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_policy_config config = {
			.skip_auth = LIST("tom", "posix:^harry$"),
			.force_scan = rows[i].force };
		const struct ms_policy_query query = { .sender = "x@y",
			.client = "192.0.2.1", .recipients = to,
			.recipient_count = 1, .login = rows[i].login,
			.authenticated = rows[i].authenticated };
		struct ms_policy *policy = open_policy(&config);
		struct ms_plan plan;

		ms_plan(policy, &query, false, &plan);
		assert_int_equal(plan.skip, rows[i].skip);
		ms_plan_clear(&plan);
		ms_policy_free(policy);
	}
}

/* Nobody is left out unless that is asked for. */
static void
test_unmatched(void **state)
{
	static const struct {
		bool skip;
		const char *to[3];
		bool scanned;
	} rows[] = {
		{ false, { "a@b" }, true },
		{ true, { "a@b" }, false },
		{ true, { "a@example.com" }, true },
		{ true, { "a@b", "a@example.com" }, true },
		{ true, { "a@example.com", "a@b" }, true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_policy_config config = {
			.lines = LIST("example.com:spam=no"),
			.unmatched_skip = rows[i].skip };
		const struct ms_policy_query query = { .sender = "x@y",
			.recipients = rows[i].to,
			.recipient_count = g_strv_length(
			    (char **)(uintptr_t)rows[i].to) };
		struct ms_policy *policy = open_policy(&config);
		struct ms_plan plan;

		ms_plan(policy, &query, false, &plan);
		assert_int_equal(!plan.skip, rows[i].scanned);
		assert_int_equal(plan.engine, rows[i].scanned);
		ms_plan_clear(&plan);
		ms_policy_free(policy);
	}
}

/* Of networks the smallest one counts; who is asked, and as whom. */
static void
test_clients_and_checks(void **state)
{
	static const struct ms_policy_scanner scanners[] = {
		{ .name = "spam", .kind = MS_POLICY_SPAM, .hits = 5,
		  .skip_auth = true, .user = "rcpt" },
		{ .name = "other", .kind = MS_POLICY_COMMAND, .hits = -1 },
	};
	static const struct {
		const char *client, *to[3];
		bool authenticated;
		guint checks;
		double hits;
		const char *user;
	} rows[] = {
		{ "192.0.2.1", { "a@b" }, false, 2, 5, "a@b" },
		{ "192.0.2.1", { "a@b", "c@d" }, false, 2, 5, NULL },
		{ "192.0.2.1", { "a@b" }, true, 1, -1, NULL },
		{ "198.51.100.1", { "a@b" }, false, 2, 3, "a@b" },
		{ "198.51.100.9", { "a@b" }, false, 1, 5, "a@b" },
		{ "2001:db8::1", { "a@b" }, false, 2, 5, "me" },
	};
	const struct ms_policy_config config = { .scanners = scanners,
		.scanner_count = 2, .clients = LIST(
		    "198.51.100.0/24 spam_hits=3",
		    "198.51.100.8/29 clam=no", "2001:db8::/32 spamuser=me") };
	struct ms_policy *policy = open_policy(&config);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_policy_query query = { .sender = "x@y",
			.client = rows[i].client, .recipients = rows[i].to,
			.recipient_count = g_strv_length(
			    (char **)(uintptr_t)rows[i].to),
			.authenticated = rows[i].authenticated };
		const struct ms_plan_check *check;
		struct ms_plan plan;

		ms_plan(policy, &query, false, &plan);
		assert_int_equal(plan.checks->len, rows[i].checks);
		check = plan.checks->pdata[0];
		assert_true(check->hits == rows[i].hits);
		if (!rows[i].authenticated && g_strcmp0(check->user,
		    rows[i].user) != 0)
			fail_msg("%zu: %s", i, check->user);
		ms_plan_clear(&plan);
	}
	ms_policy_free(policy);
}

/* What several lines say is noted once, and stays as it is. */
static void
test_blocked(void **state)
{
	const struct ms_policy_config config = { .lines = LIST(
	    "a@b:attach=.exe:.scr", "c@d:attach=.exe,regex=ten",
	    "e@f:attach=.scr:.com,regex=ten", ":attach=.exe") };
	struct ms_policy *policy = open_policy(&config);
	const struct ms_rulebook_config blocked = ms_policy_blocked(policy);
	char *names = g_strjoinv(" ", (char **)(uintptr_t)blocked.names);

	(void)state;
	assert_string_equal(".exe .scr .com", names);
	assert_int_equal(1, g_strv_length((char **)(uintptr_t)
	    blocked.regexes));
	g_free(names);
	ms_policy_free(policy);
}

/* What is mild must not hide what is not. */
static void
test_grades(void **state)
{
	static const struct {
		const char *phishing, *infected, *line, *client;
		bool wants;
	} rows[] = {
		{ NULL, NULL, NULL, NULL, false },
		{ NULL, "drop", "a:on_infected=tag", NULL, false },
		{ "tag", NULL, NULL, NULL, true },
		{ "reject", NULL, NULL, NULL, false },
		{ "drop", "drop", NULL, NULL, false },
		{ "drop", NULL, NULL, NULL, true },
		{ "quarantine+reject", NULL, NULL, NULL, true },
		{ NULL, NULL, "a:on_pua=tag", NULL, true },
		{ NULL, NULL, "a:on_macro=reject", NULL, false },
		{ "reject", NULL, "a:on_infected=drop", NULL, true },
		{ NULL, NULL, "a:on_spam=tag", NULL, false },
		{ NULL, NULL, NULL, "10.0.0.0/8 on_unofficial=tag", true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_rules rules;
		const struct ms_policy_config config = { .rules = &rules,
			.lines = LIST(rows[i].line),
			.clients = LIST(rows[i].client), .keeps = true };
		struct ms_policy *policy;

		ms_decide_init(&rules);
		if (rows[i].phishing)
			assert_int_equal(ms_decide_choose(&rules,
			    MS_ON_PHISHING, rows[i].phishing, NULL), MS_OK);
		if (rows[i].infected)
			assert_int_equal(ms_decide_choose(&rules,
			    MS_ON_INFECTED, rows[i].infected, NULL), MS_OK);
		policy = open_policy(&config);
		if (ms_policy_wants_all(policy) != rows[i].wants)
			fail_msg("%zu", i);
		ms_policy_free(policy);
		ms_decide_clear(&rules);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_forged_by_name),
		cmocka_unit_test(test_local_programs),
		cmocka_unit_test(test_recipient),
		cmocka_unit_test(test_allowed_clients),
		cmocka_unit_test(test_exempt),
		cmocka_unit_test(test_skipped),
		cmocka_unit_test(test_unmatched),
		cmocka_unit_test(test_logins),
		cmocka_unit_test(test_clients_and_checks),
		cmocka_unit_test(test_blocked),
		cmocka_unit_test(test_grades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
