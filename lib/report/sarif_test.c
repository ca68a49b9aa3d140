#include "report/sarif.h"

#include "report/formats_test.h"

#include <jansson.h>

static const struct ms_report_options none = { 0 };

/* The run of the report, which was whole; the caller frees *ROOT. */
static json_t *
parse(struct sheet *sheet, const struct ms_report_totals *totals,
    json_t **root)
{
	json_error_t error;
	json_t *runs;

	sheet_end(sheet, totals);
	*root = json_loadb(sheet->text, sheet->size, JSON_REJECT_DUPLICATES,
	    &error);
	if (!*root)
		print_error("%s at %d of %s\n", error.text, error.position,
		    sheet->text);
	assert_non_null(*root);
	assert_string_equal("2.1.0", json_string_value(
	    json_object_get(*root, "version")));
	runs = json_object_get(*root, "runs");
	assert_int_equal(1, json_array_size(runs));
	free(sheet->text);
	return json_array_get(runs, 0);
}

static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void
test_results(void **state)
{
	const struct ms_report_totals totals = { .messages = 2,
		.finished = 1767323045, .elapsed_ms = 5000 };
	struct ms_outcome *outcome = sheet_outcome("in", 3,
	    MS_VERDICT_INFECTED);
	const char *rule_id, *level, *text, *rule;
	json_t *root, *run, *results, *invocation;
	int index, gap_index;
	struct sheet sheet;

	(void)state;
	sheet_begin(&sheet, "sarif", &none);
	ms_facts_finding(&outcome->facts, "clamav", "N{0}[a]", "2/x.zip/y");
	ms_facts_finding(&outcome->facts, "clamav", "N{0}[a]", "3");
	ms_facts_gap(&outcome->facts, MS_REASON_ENCRYPTED, "", "why");
	sheet_message(&sheet, outcome);
	sheet_message(&sheet, sheet_outcome("in", 4, MS_VERDICT_CLEAN));
	run = parse(&sheet, &totals, &root);
	results = json_object_get(run, "results");
	assert_int_equal(3, json_array_size(results));
	assert_int_equal(0, json_unpack(json_array_get(results, 0),
	    "{s:s,s:i,s:s,s:{s:s}}", "ruleId", &rule_id, "ruleIndex", &index,
	    "level", &level, "message", "text", &text));
	assert_string_equal("N{0}[a]", rule_id);
	assert_string_equal("error", level);
	assert_string_equal("N{{0}}\\[a\\] found in message 3, part "
	    "2/x.zip/y", text);
	rule = text_of(json_array_get(json_object_get(json_object_get(
	    json_object_get(run, "tool"), "driver"), "rules"), (size_t)index),
	    "id");
	assert_string_equal(rule_id, rule);
	assert_int_equal(0, json_unpack(json_array_get(results, 2),
	    "{s:s,s:i,s:s}", "ruleId", &rule_id, "ruleIndex", &gap_index,
	    "level", &level));
	assert_string_equal("gap:encrypted", rule_id);
	assert_string_equal("note", level);
	assert_int_equal(1, gap_index);
	invocation = json_array_get(json_object_get(run, "invocations"), 0);
	assert_true(json_is_true(json_object_get(invocation,
	    "executionSuccessful")));
	assert_string_equal("2026-01-02T03:04:05Z", text_of(invocation,
	    "endTimeUtc"));
	assert_string_equal("2026-01-02T03:04:00Z", text_of(invocation,
	    "startTimeUtc"));
	json_decref(root);
}

/* Where the message lies, and where in it. */
static void
test_locations(void **state)
{
	static const struct {
		const char *source, *uri;
	} cases[] = {
		{ "in.mbox", "in.mbox" },
		{ "/var/mail/a b", "file:///var/mail/a%20b" },
		{ "a:b#c?d%e", "a%3Ab%23c%3Fd%25e" },
		{ "\xc3\xa4\n\xff", "%C3%A4%0A%FF" },
		{ "x/cur/1.h:2,S", "x/cur/1.h%3A2%2CS" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_outcome *outcome = sheet_outcome(cases[i].source,
		    1, MS_VERDICT_INFECTED);
		const char *uri, *full, *name;
		struct sheet sheet;
		json_t *root, *run;

		ms_facts_finding(&outcome->facts, "e", "N", "2/a/" ODD);
		sheet_begin(&sheet, "sarif", &none);
		sheet_message(&sheet, outcome);
		run = parse(&sheet, &(struct ms_report_totals){ 0 }, &root);
		assert_int_equal(0, json_unpack(json_array_get(
		    json_object_get(run, "results"), 0),
		    "{s:[{s:{s:{s:s}},s:[{s:s,s:s}]}]}", "locations",
		    "physicalLocation", "artifactLocation", "uri", &uri,
		    "logicalLocations", "fullyQualifiedName", &full, "name",
		    &name));
		assert_string_equal(cases[i].uri, uri);
		assert_memory_equal("2/a/\\x01", full, 8);
		assert_string_equal(full + 4, name);
		json_decref(root);
	}
}

/* The same wherever the message is, and different for other parts. */
static void
test_fingerprints(void **state)
{
	static const struct {
		const char *source, *part;
		bool same;
	} cases[] = {
		{ "a", "1", true }, { "b", "1", true }, { "a", "2", false },
		{ "a", "", false },
	};
	char *first = NULL;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_outcome *outcome = sheet_outcome(cases[i].source,
		    1, MS_VERDICT_INFECTED);
		const char *print, *message;
		struct sheet sheet;
		json_t *root, *run;

		ms_facts_finding(&outcome->facts, "e", "N", cases[i].part);
		sheet_begin(&sheet, "sarif", &none);
		sheet_message(&sheet, outcome);
		run = parse(&sheet, &(struct ms_report_totals){ 0 }, &root);
		assert_int_equal(0, json_unpack(json_array_get(
		    json_object_get(run, "results"), 0), "{s:{s:s,s:s}}",
		    "partialFingerprints", "mailscanResult/v1", &print,
		    "mailscanMessage/v1", &message));
		assert_memory_equal("0200", message, 4);
		if (!first)
			first = g_strdup(print);
		assert_int_equal(cases[i].same, strcmp(first, print) == 0);
		json_decref(root);
	}
	g_free(first);
}

/* A run that failed says so, and lists a bounded number of reasons. */
static void
test_failed(void **state)
{
	const struct ms_report_totals totals = { .failed = 1 };
	struct sheet sheet;
	json_t *root, *run, *invocation;

	(void)state;
	sheet_begin(&sheet, "sarif", &none);
	for (int i = 0; i < MS_SARIF_NOTICES_MAX + 5; i++)
		sheet_notice(&sheet, MS_REPORT_FAILED, "x" ODD, ODD);
	sheet_notice(&sheet, MS_REPORT_EMPTY, "y", NULL);
	run = parse(&sheet, &totals, &root);
	assert_int_equal(0, json_array_size(json_object_get(run,
	    "results")));
	invocation = json_array_get(json_object_get(run, "invocations"), 0);
	assert_true(json_is_false(json_object_get(invocation,
	    "executionSuccessful")));
	assert_int_equal(MS_SARIF_NOTICES_MAX, json_array_size(
	    json_object_get(invocation, "toolExecutionNotifications")));
	json_decref(root);
}

/* Names beyond number have no rule, and their results are there. */
static void
test_many_names(void **state)
{
	struct sheet sheet;
	json_t *root, *run, *rules, *results;

	(void)state;
	sheet_begin(&sheet, "sarif", &none);
	for (int i = 0; i < MS_SARIF_RULES_MAX + 2; i++) {
		struct ms_outcome *outcome = sheet_outcome("a", 1,
		    MS_VERDICT_INFECTED);
		char name[16];

		(void)snprintf(name, sizeof name, "N%d", i);
		ms_facts_finding(&outcome->facts, "e", name, "");
		sheet_message(&sheet, outcome);
	}
	sheet_message(&sheet, sheet_outcome("a", 1, MS_VERDICT_BLOCKED));
	run = parse(&sheet, &(struct ms_report_totals){ 0 }, &root);
	rules = json_object_get(json_object_get(json_object_get(run, "tool"),
	    "driver"), "rules");
	results = json_object_get(run, "results");
	assert_int_equal(MS_SARIF_RULES_MAX, json_array_size(rules));
	assert_int_equal(MS_SARIF_RULES_MAX + 3, json_array_size(results));
	assert_null(json_object_get(json_array_get(results,
	    MS_SARIF_RULES_MAX), "ruleIndex"));
	assert_string_equal("verdict:blocked", text_of(json_array_get(results,
	    MS_SARIF_RULES_MAX + 2), "ruleId"));
	json_decref(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_locations),
		cmocka_unit_test(test_fingerprints),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_many_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
