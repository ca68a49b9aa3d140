#include "scan/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* "name@part;" in order. */
static char *
list_findings(const struct ms_facts *facts)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < facts->findings->len; i++) {
		const struct ms_finding *finding = facts->findings->pdata[i];

		g_string_append_printf(text, "%s:%s@%s;", finding->engine,
		    finding->name, finding->part);
	}
	return g_string_free(text, FALSE);
}

/* Words "engine:name@part", added in order; settled. */
static void
test_settle(void **state)
{
	static const struct {
		const char *name, *in, *want, *want_all;
	} cases[] = {
		{ "one", "c:A@1", "c:A@1;", "c:A@1;" },
		{ "the same twice", "c:A@1 c:A@1", "c:A@1;", "c:A@1;" },
		{ "part beats message", "c:A@ c:A@1", "c:A@1;", "c:A@1;" },
		{ "whatever the order", "c:A@1 c:A@", "c:A@1;", "c:A@1;" },
		{ "member beats container", "c:A@1/z.zip c:A@1/z.zip/x",
		  "c:A@1/z.zip/x;", "c:A@1/z.zip/x;" },
		{ "the innermost", "c:A@ c:A@2 c:A@2/z c:A@2/z/x",
		  "c:A@2/z/x;", "c:A@2/z/x;" },
		{ "part of a multipart", "c:A@1 c:A@1.2", "c:A@1.2;",
		  "c:A@1.2;" },
		{ "1 is not around 10", "c:A@1 c:A@10", "c:A@1;c:A@10;",
		  "c:A@1;c:A@10;" },
		{ "nor 1.1 around 1.10", "c:A@1.1 c:A@1.10",
		  "c:A@1.1;c:A@1.10;", "c:A@1.1;c:A@1.10;" },
		{ "nor a file around another", "c:A@1/a c:A@1/a.exe",
		  "c:A@1/a;c:A@1/a.exe;", "c:A@1/a;c:A@1/a.exe;" },
		{ "another name stays", "c:A@ c:B@1", "c:A@;c:B@1;",
		  "c:A@;c:B@1;" },
		{ "another engine stays", "c:A@ d:A@1", "c:A@;d:A@1;",
		  "c:A@;d:A@1;" },
		{ "same bytes twice", "c:A@ c:A@1 c:A@2", "c:A@1;c:A@2;",
		  "c:A@1;c:A@2;" },
		{ "first of a part", "c:A@1 c:B@1 c:C@1", "c:A@1;",
		  "c:A@1;c:B@1;c:C@1;" },
		{ "of each engine", "c:A@1 d:B@1 c:C@1", "c:A@1;d:B@1;",
		  "c:A@1;d:B@1;c:C@1;" },
		{ "first that stays", "c:A@ c:B@ c:A@1", "c:B@;c:A@1;",
		  "c:B@;c:A@1;" },
		{ "nothing", "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * G_N_ELEMENTS(cases); i++) {
		bool all = i % 2;
		char **words = g_strsplit(cases[i / 2].in, " ", -1);
		struct ms_facts facts;
		char *got;

		print_message("  %s\n", cases[i / 2].name);
		ms_facts_init(&facts);
		for (char **w = words; *w && **w; w++) {
			char **p = g_strsplit_set(*w, ":@", 3);

			ms_facts_finding(&facts, p[0], p[1], p[2]);
			g_strfreev(p);
		}
		ms_facts_settle(&facts, all);
		got = list_findings(&facts);
		assert_string_equal(all ? cases[i / 2].want_all :
		    cases[i / 2].want, got);
		ms_facts_settle(&facts, all);
		assert_int_equal(all ? strlen(cases[i / 2].want_all) :
		    strlen(cases[i / 2].want), strlen(got));
		g_free(got);
		ms_facts_clear(&facts);
		g_strfreev(words);
	}
}

static void
test_gaps(void **state)
{
	struct ms_facts facts;
	const struct ms_gap *gap;

	(void)state;
	ms_facts_init(&facts);
	ms_facts_gap(&facts, MS_REASON_MALFORMED, "1", "first");
	ms_facts_gap(&facts, MS_REASON_MALFORMED, "1", "second");
	ms_facts_gap(&facts, MS_REASON_TRUNCATED, "1", "third");
	ms_facts_gap(&facts, MS_REASON_MALFORMED, "2", "fourth");
	assert_int_equal(3, facts.gaps->len);
	gap = facts.gaps->pdata[0];
	assert_string_equal("first", gap->detail);
	gap = facts.gaps->pdata[2];
	assert_string_equal("2", gap->part);
	ms_facts_clear(&facts);
	assert_null(facts.gaps);
}

/* A gap goes where one inside it says the same, and only then. */
static void
test_settle_gaps(void **state)
{
	static const struct {
		const char *name;
		enum ms_reason outer, inner;
		const char *outer_part, *inner_part;
		guint want;
	} cases[] = {
		{ "message", MS_REASON_ENCRYPTED, MS_REASON_ENCRYPTED, "",
		  "1/a.zip", 1 },
		{ "container", MS_REASON_ENCRYPTED, MS_REASON_ENCRYPTED,
		  "1/a.zip", "1/a.zip/x", 1 },
		{ "beside", MS_REASON_ENCRYPTED, MS_REASON_ENCRYPTED,
		  "1/a.zip", "2/a.zip", 2 },
		{ "other reason", MS_REASON_WORKER_DIED,
		  MS_REASON_ENCRYPTED, "", "1/a.zip", 2 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_gap *left;
		struct ms_facts facts;

		print_message("  %s\n", cases[i].name);
		ms_facts_init(&facts);
		ms_facts_gap(&facts, cases[i].outer, cases[i].outer_part,
		    "d");
		ms_facts_gap(&facts, cases[i].inner, cases[i].inner_part,
		    "d");
		ms_facts_settle(&facts, false);
		assert_int_equal(cases[i].want, facts.gaps->len);
		left = facts.gaps->pdata[facts.gaps->len - 1];
		assert_string_equal(cases[i].inner_part, left->part);
		ms_facts_clear(&facts);
	}
}

/* The crowd hides no reason: each comes in, if only for the whole message. */
static void
test_many_gaps(void **state)
{
	struct ms_facts facts;
	bool seen[MS_REASONS] = { false };

	(void)state;
	ms_facts_init(&facts);
	for (int i = 0; i < 3 * MS_FACTS_GAPS_MAX; i++) {
		char *part = g_strdup_printf("1/%d", i);

		ms_facts_gap(&facts, MS_REASON_ENCRYPTED, part, "d");
		g_free(part);
	}
	for (int r = MS_REASONS - 1; r >= 0; r--)
		ms_facts_gap(&facts, (enum ms_reason)r, "2/x", "d");
	assert_in_range(facts.gaps->len, MS_FACTS_GAPS_MAX,
	    MS_FACTS_GAPS_MAX + MS_REASONS);
	for (guint i = 0; i < facts.gaps->len; i++) {
		const struct ms_gap *gap = facts.gaps->pdata[i];

		seen[gap->reason] = true;
	}
	for (int r = 0; r < MS_REASONS; r++) {
		print_message("  %s\n",
		    ms_facts_reason_name((enum ms_reason)r));
		assert_true(seen[r]);
	}
	ms_facts_clear(&facts);
}

static void
test_many_findings(void **state)
{
	const guint max = MS_FACTS_FINDINGS_MAX;
	const struct ms_finding *finding;
	struct ms_facts facts;

	(void)state;
	ms_facts_init(&facts);
	facts.within = 7;
	for (int i = 0; i < 2 * MS_FACTS_FINDINGS_MAX; i++) {
		char *part = g_strdup_printf("1/%d", i);

		ms_facts_finding(&facts, "c", "A", part);
		g_free(part);
	}
	for (int i = 0; i < 2 * MS_FACTS_MORE_MAX; i++) {
		char *engine = g_strdup_printf("e%d", i / 4);

		ms_facts_found(&facts, i % 2 == 0 ? MS_FINDING_MALWARE :
		    MS_FINDING_SPAM, engine, "B", "1");
		g_free(engine);
	}
	assert_int_equal(max + MS_FACTS_MORE_MAX, facts.findings->len);
	finding = facts.findings->pdata[max];
	assert_string_equal(MS_FACTS_MORE, finding->name);
	assert_string_equal("c", finding->engine);
	assert_string_equal("", finding->part);
	assert_int_equal(0, finding->within);
	ms_facts_settle(&facts, false);
	assert_int_equal(max + MS_FACTS_MORE_MAX, facts.findings->len);
	ms_facts_clear(&facts);
}

/* A part whose name looks as if it were in another speaks for that one, and is
 * then in none; so is what was said of two parts with one name. */
static void
test_within(void **state)
{
	static const struct {
		uint32_t outer, inner, want;
	} rows[] = { { 1, 2, 2 }, { 1, 3, 0 }, { 0, 2, 0 }, { 2, 2, 0 } };
	static const struct ms_part parts[] = {
		{ .path = (char *)"1/a", .id = 1 },
		{ .path = (char *)"1/a/b", .id = 2, .parent = 1 },
		{ .path = (char *)"1/a/b", .id = 3 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_finding *finding;
		const struct ms_gap *gap;
		struct ms_facts facts;

		ms_facts_init(&facts);
		for (size_t k = 0; k < G_N_ELEMENTS(parts); k++)
			ms_facts_part(&facts, &parts[k]);
		facts.within = rows[i].outer;
		ms_facts_finding(&facts, "e", "n", "1/a");
		ms_facts_gap(&facts, MS_REASON_ENCRYPTED, "1/a", "why");
		facts.within = rows[i].inner;
		ms_facts_finding(&facts, "e", "n", "1/a/b");
		ms_facts_gap(&facts, MS_REASON_ENCRYPTED, "1/a/b", "why");
		ms_facts_settle(&facts, true);
		assert_int_equal(1, facts.findings->len);
		assert_int_equal(1, facts.gaps->len);
		finding = facts.findings->pdata[0];
		gap = facts.gaps->pdata[0];
		assert_int_equal(rows[i].want, finding->within);
		assert_int_equal(rows[i].want, gap->within);
		facts.within = 9;
		ms_facts_finding(&facts, "e", "n", "1/a/b");
		ms_facts_gap(&facts, MS_REASON_ENCRYPTED, "1/a/b", "why");
		assert_int_equal(0, finding->within);
		assert_int_equal(0, gap->within);
		ms_facts_clear(&facts);
	}
}

/* A fact keeps no loan. */
static void
test_ambiguities(void **state)
{
	struct ms_facts facts;
	struct ms_ambiguity *first;
	const struct ms_gap *gap;
	char *text;

	(void)state;
	ms_facts_init(&facts);
	assert_null(ms_facts_reasons(&facts));
	ms_facts_doubt(&facts);
	assert_int_equal(0, facts.gaps->len);
	ms_facts_ambiguity(&facts, "b", "", "line 3");
	ms_facts_ambiguity(&facts, "a", "2", "");
	ms_facts_ambiguity(&facts, "b", "", "again");
	ms_facts_ambiguity(&facts, "b", "2", "elsewhere");
	assert_int_equal(3, facts.ambiguities->len);
	first = facts.ambiguities->pdata[0];
	assert_string_equal("line 3", first->detail);
	text = ms_facts_reasons(&facts);
	assert_string_equal("b, a", text);
	ms_facts_doubt(&facts);
	gap = facts.gaps->pdata[0];
	assert_int_equal(MS_REASON_AMBIGUOUS, gap->reason);
	assert_string_equal(text, gap->detail);
	for (unsigned i = 0; i < 2 * MS_FACTS_AMBIGUITIES_MAX; i++) {
		char part[16];

		(void)snprintf(part, sizeof part, "%u", i);
		ms_facts_ambiguity(&facts, "c", part, "");
	}
	assert_int_equal(MS_FACTS_AMBIGUITIES_MAX, facts.ambiguities->len);
	g_free(text);
	ms_facts_clear(&facts);
}

static void
test_part_is_copied(void **state)
{
	char path[] = "1/x", type[] = "a/b";
	char charset[] = "utf-8";
	const struct ms_part part = { .path = path, .content_type = type,
		.charset = charset, .kind = MS_PART_LEAF, .level = 2,
		.detected_type = "text/plain", .size = 5,
		.sha256 = ms_hash_of("x", 1) };
	const struct ms_part *got;
	struct ms_facts facts;

	(void)state;
	ms_facts_init(&facts);
	ms_facts_part(&facts, &part);
	path[0] = type[0] = '?';
	got = facts.parts->pdata[0];
	assert_string_equal("1/x", got->path);
	assert_string_equal("a/b", got->content_type);
	assert_null(got->filename);
	assert_int_equal(5, got->size);
	assert_true(ms_hash_equal(&part.sha256, &got->sha256));
	ms_facts_clear(&facts);
}

static void
test_reason_names(void **state)
{
	static const char *const names[MS_REASONS] = { "limit-size",
		"limit-time", "limit-memory", "limit-depth", "limit-count",
		"limit-ratio", "malformed", "truncated", "unsupported",
		"encrypted", "worker-died", "engine-failed", "ambiguous" };

	(void)state;
	for (int r = 0; r < MS_REASONS; r++) {
		print_message("  %s\n", names[r]);
		assert_string_equal(names[r],
		    ms_facts_reason_name((enum ms_reason)r));
		assert_int_equal(r, ms_facts_reason(names[r]));
	}
	assert_int_equal(MS_REASONS, ms_facts_reason("limit"));
	assert_int_equal(MS_REASONS, ms_facts_reason(""));
}

static void
test_kinds(void **state)
{
	(void)state;
	for (int k = 0; k < MS_PART_KINDS; k++) {
		const struct ms_part part = { .kind = (enum ms_part_kind)k };

		assert_non_null(ms_facts_kind_name((enum ms_part_kind)k));
		assert_int_equal(k == MS_PART_LEAF || k == MS_PART_MEMBER,
		    ms_facts_has_bytes(&part));
	}
}

static void
test_picked(void **state)
{
	struct ms_part part = { .path = (char *)"1", .kind = MS_PART_LEAF,
		.sha256 = ms_hash_of("x", 1) };
	const struct ms_digest other = ms_hash_of("y", 1);
	struct ms_facts facts;

	(void)state;
	ms_facts_init(&facts);
	assert_false(ms_facts_is_picked(&facts, &part));
	ms_facts_blob(&facts, &other);
	assert_false(ms_facts_is_picked(&facts, &part));
	ms_facts_blob(&facts, &part.sha256);
	ms_facts_blob(&facts, &part.sha256);
	assert_true(ms_facts_is_picked(&facts, &part));
	part.kind = MS_PART_MESSAGE;
	assert_false(ms_facts_is_picked(&facts, &part));
	ms_facts_clear(&facts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_picked),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_settle_gaps),
		cmocka_unit_test(test_many_gaps),
		cmocka_unit_test(test_many_findings),
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_ambiguities),
		cmocka_unit_test(test_part_is_copied),
		cmocka_unit_test(test_reason_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
