#include "policy/excuse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const globs[] = { "Eicar*", "Win.Test-?", "more-*", NULL };
static const char *const blocked_names[] = { ".EXE", NULL };
static const char *const blocked_regexes[] = { "SPAM=raw:/x/", NULL };
static const char *const lines[] = { "a:attach=.com,regex=y", NULL };

static const struct ms_policy_scanner scanners[] = {
	{ .name = "spam", .kind = MS_POLICY_SPAM, .hits = 5 },
	{ .name = "sophie", .kind = MS_POLICY_SOPHIE, .hits = -1 },
};

/* A policy with a file of DIGESTS, or none. */
static struct ms_policy *
open_policy(const char *digests)
{
	const struct ms_rulebook_config rules = { .names = blocked_names,
		.regexes = blocked_regexes, .double_extension = true };
	struct ms_policy_config config = { .scanners = scanners,
		.scanner_count = 2, .lines = lines,
		.allow_signatures = globs };
	char path[] = "/tmp/mailscan-excuse-XXXXXX";
	struct ms_rulebook *book;
	struct ms_policy *policy;
	struct ms_error err = { "" };

	assert_int_equal(ms_rulebook_new(&rules, &book, &err), MS_OK);
	config.blocked = book;
	if (digests) {
		const int fd = mkstemp(path);

		assert_int_equal(write(fd, digests, strlen(digests)),
		    strlen(digests));
		(void)close(fd);
		config.allow_sha256 = path;
	}
	if (ms_policy_open(&config, &policy, &err) != MS_OK)
		fail_msg("%s", err.text);
	if (digests)
		(void)unlink(path);
	ms_rulebook_free(book);
	return policy;
}

static const struct {
	enum ms_finding_kind kind;
	const char *engine, *name, *settings;
	bool block_names, block_regex, counts;
} finds[] = {
	{ MS_FINDING_MALWARE, "clamav", "Win.Virus", "clam=yes",
	  true, true, true },
	{ MS_FINDING_MALWARE, "clamav", "Win.Virus", "clam=no",
	  true, true, false },
	{ MS_FINDING_MALWARE, "clamav", "EICAR-Test", "clam=yes",
	  true, true, false },
	{ MS_FINDING_MALWARE, "clamav", "Win.Test-1.UNOFFICIAL",
	  "clam=yes", true, true, false },
	{ MS_FINDING_MALWARE, "clamav", MS_FACTS_MORE, "clam=yes",
	  true, true, true },
	{ MS_FINDING_MALWARE, "clamav", "Win.Test-12", "clam=yes",
	  true, true, true },
	{ MS_FINDING_MALWARE, "sophie", "Win.Virus",
	  "clam=yes,sophie=no", true, true, false },
	{ MS_FINDING_MALWARE, "sophie", "Win.Virus",
	  "clam=no,sophie=yes", true, true, true },
	{ MS_FINDING_SPAM, "spam", "hits 4.5 of 4", "spam=yes",
	  true, true, true },
	{ MS_FINDING_SPAM, "spam", "hits 4.5 of 4", "spam=no",
	  true, true, false },
	{ MS_FINDING_SPAM, "spam", "hits 4.5 of 4",
	  "spam=yes,spam_hits=4.6", true, true, false },
	{ MS_FINDING_SPAM, "spam", "hits 4.5 of 4",
	  "spam=yes,spam_hits=4.5", true, true, true },
	{ MS_FINDING_BLOCKED, "policy", "name:.exe", "clam=no",
	  true, true, true },
	{ MS_FINDING_BLOCKED, "policy", "name:.exe", "clam=no",
	  false, true, false },
	{ MS_FINDING_BLOCKED, "policy", "name:.exe", "attach=.exe",
	  false, true, true },
	{ MS_FINDING_BLOCKED, "policy", "name:.com", "clam=no",
	  true, true, false },
	{ MS_FINDING_BLOCKED, "policy", "name:.com", "attach=.COM",
	  false, true, true },
	{ MS_FINDING_BLOCKED, "policy", "regex:SPAM", "clam=no",
	  true, true, true },
	{ MS_FINDING_BLOCKED, "policy", "regex:SPAM", "clam=no",
	  true, false, false },
	{ MS_FINDING_BLOCKED, "policy", "regex:raw:/y/m", "regex=y",
	  true, false, true },
	{ MS_FINDING_BLOCKED, "policy", "regex:raw:/y/m", "regex=z",
	  true, true, false },
	{ MS_FINDING_BLOCKED, "policy", "double-extension", "clam=no",
	  false, false, true },
};

static void
test_findings(void **state)
{
	struct ms_policy *policy = open_policy(NULL);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(finds); i++) {
		struct ms_settings settings;
		const struct ms_excuse who = { &settings, finds[i].block_names,
			finds[i].block_regex };
		struct ms_facts facts;

		assert_int_equal(ms_settings_parse(finds[i].settings,
		    &settings, NULL), MS_OK);
		ms_facts_init(&facts);
		ms_facts_found(&facts, finds[i].kind, finds[i].engine,
		    finds[i].name, "2");
		ms_facts_gap(&facts, MS_REASON_ENCRYPTED, "2", "why");
		ms_excuse(policy, &who, &facts);
		if (facts.findings->len != finds[i].counts)
			fail_msg("%zu: %s", i, finds[i].name);
		assert_int_equal(facts.gaps->len, 1);
		ms_facts_clear(&facts);
		ms_settings_clear(&settings);
	}
	ms_policy_free(policy);
}

/* Parts of a message: one that is allowed, what is in it, and others with names
 * that look as if they were. */
static void
list_parts(struct ms_facts *facts, const struct ms_digest *allowed)
{
	static const struct {
		const char *path;
		uint32_t id, parent;
		bool allowed;
	} rows[] = {
		{ "2", 1, 0, false }, { "2/a", 2, 1, true },
		{ "2/a/b", 3, 2, false }, { "2/a.exe", 4, 1, false },
		{ "2/a/evil.com", 5, 1, false }, { "2/a", 6, 1, false },
		{ "2/a", 7, 1, true }, { "2/a", 7, 1, true },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_part part = { .path = (char *)(uintptr_t)rows[i].path,
			.kind = MS_PART_MEMBER, .size = 3, .id = rows[i].id,
			.parent = rows[i].parent };

		if (rows[i].allowed)
			part.sha256 = *allowed;
		ms_facts_part(facts, &part);
	}
}

/* What is in an allowed content does not count, whatever it is called; and
 * nothing else is in it, whatever that is called. */
static void
test_contents(void **state)
{
	static const struct {
		const char *part;
		uint32_t within;
		enum ms_finding_kind kind;
		enum ms_reason reason;
		bool finding, gap;
	} rows[] = {
		{ "2/a", 2, MS_FINDING_MALWARE, MS_REASON_ENCRYPTED,
		  false, false },
		{ "2/a/b", 3, MS_FINDING_MALWARE, MS_REASON_MALFORMED,
		  false, false },
		{ "2/a/c", 2, MS_FINDING_BLOCKED, MS_REASON_UNSUPPORTED,
		  false, false },
		{ "2/a", 2, MS_FINDING_SPAM, MS_REASON_LIMIT_SIZE, true, true },
		{ "2/a", 2, MS_FINDING_MALWARE, MS_REASON_WORKER_DIED,
		  false, true },
		{ "2/a.exe", 4, MS_FINDING_MALWARE, MS_REASON_ENCRYPTED,
		  true, true },
		{ "2/a/evil.com", 5, MS_FINDING_BLOCKED, MS_REASON_ENCRYPTED,
		  true, true },
		{ "2/a", 6, MS_FINDING_MALWARE, MS_REASON_ENCRYPTED,
		  true, true },
		{ "2/a", 7, MS_FINDING_MALWARE, MS_REASON_ENCRYPTED,
		  true, true },
		{ "2/a", 1, MS_FINDING_BLOCKED, MS_REASON_ENCRYPTED,
		  true, true },
		{ "2/a", 0, MS_FINDING_MALWARE, MS_REASON_ENCRYPTED,
		  true, true },
		{ "", 0, MS_FINDING_MALWARE, MS_REASON_ENCRYPTED, true, true },
	};
	struct ms_digest digest = ms_hash_of("abc", 3);
	char hex[MS_HASH_HEX];
	struct ms_policy *policy;

	(void)state;
	ms_hash_hex(&digest, hex);
	policy = open_policy(hex);
	assert_true(ms_policy_wants_parts(policy));
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_settings settings = { .clam = true, .spam = true,
			.sophie = true };
		const struct ms_excuse who = { &settings, true, true };
		struct ms_facts facts;

		ms_facts_init(&facts);
		list_parts(&facts, &digest);
		facts.within = rows[i].within;
		ms_facts_found(&facts, rows[i].kind, "clamav", "Name",
		    rows[i].part);
		ms_facts_gap(&facts, rows[i].reason, rows[i].part, "why");
		ms_excuse(policy, &who, &facts);
		if (facts.findings->len != rows[i].finding ||
		    facts.gaps->len != rows[i].gap)
			fail_msg("%zu", i);
		ms_facts_clear(&facts);
	}
	ms_policy_free(policy);
}

/* An engine that fails is no matter where nobody wants it; any other scanner
 * is. */
static void
test_engine_failed(void **state)
{
	static const struct {
		const char *settings, *detail;
		enum ms_reason reason;
		guint left;
	} rows[] = {
		{ "clam=yes", "it died", MS_REASON_ENGINE_FAILED, 1 },
		{ "clam=no", "it died", MS_REASON_ENGINE_FAILED, 0 },
		{ "clam=no", "sophies: x", MS_REASON_ENGINE_FAILED, 0 },
		{ "clam=no", "sophie: nobody", MS_REASON_ENGINE_FAILED, 1 },
		{ "clam=no", "spam: nobody", MS_REASON_ENGINE_FAILED, 1 },
		{ "clam=no", "why", MS_REASON_WORKER_DIED, 1 },
		{ "clam=no", "why", MS_REASON_LIMIT_SIZE, 1 },
	};
	struct ms_policy *policy = open_policy(NULL);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_settings settings;
		const struct ms_excuse who = { .settings = &settings };
		struct ms_facts facts;

		assert_int_equal(ms_settings_parse(rows[i].settings, &settings,
		    NULL), MS_OK);
		ms_facts_init(&facts);
		ms_facts_gap(&facts, rows[i].reason, "", rows[i].detail);
		ms_excuse(policy, &who, &facts);
		if (facts.gaps->len != rows[i].left)
			fail_msg("%s, %s", rows[i].settings, rows[i].detail);
		ms_facts_clear(&facts);
		ms_settings_clear(&settings);
	}
	ms_policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_contents),
		cmocka_unit_test(test_engine_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
