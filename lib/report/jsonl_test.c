#include "report/jsonl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#define ZEROS "00000000000000000000000000000000" \
	"00000000000000000000000000000000"
#define HEAD "{\"schema\":1,\"type\":"

static const struct ms_report_engine engine = {
	.name = "clamav",
	.version = "1.4.6",
	.database = "test",
	.signatures = 3,
	.sandbox = NULL,
};

struct output {
	char *text;
	size_t size;
	FILE *stream;
	struct ms_report *report;
};

static void
output_begin(struct output *output, bool parts)
{
	struct ms_report_options options = { .parts = parts };

	*output = (struct output){ 0 };
	output->stream = open_memstream(&output->text, &output->size);
	output->report = ms_report_new("jsonl", output->stream, &options,
	    &engine);
}

static void
output_end(struct output *output)
{
	ms_report_free(output->report);
	fclose(output->stream);
}

static struct ms_outcome *
outcome_new(const struct ms_origin *origin)
{
	struct ms_message message = { .origin = *origin, .size = 7 };

	return ms_outcome_new(&message);
}

static void
expect(const char *want, bool parts, const struct ms_outcome *outcome)
{
	struct output output;

	output_begin(&output, parts);
	assert_int_equal(MS_OK, ms_report_message(output.report, outcome,
	    NULL));
	output_end(&output);
	assert_string_equal(want, output.text);
	free(output.text);
}

static void
test_bare(void **state)
{
	struct ms_origin origin = { .source = (char *)"-" };
	struct ms_outcome *outcome = outcome_new(&origin);

	(void)state;
	expect(HEAD "\"message\",\"source\":\"-\",\"format\":null,"
	    "\"index\":0,\"offset\":0,\"length\":0,\"message_id\":null,"
	    "\"subject\":null,\"from\":null,\"to\":null,"
	    "\"date\":null,\"flags\":null,"
	    "\"size\":7,\"sha256\":\"" ZEROS "\","
	    "\"sha256_canonical\":\"" ZEROS "\",\"verdict\":\"clean\","
	    "\"findings\":[],\"gaps\":[],\"ambiguities\":[],"
	    "\"action\":null,"
	    "\"envelope\":null,\"elapsed_ms\":0}\n", false, outcome);
	ms_outcome_free(outcome);
}

static struct ms_outcome *
full_outcome_new(void)
{
	struct ms_origin origin = { .source = (char *)"in\x1b\xff.mbox",
		.format = "mbox", .many = true, .index = 3,
		.offset = INT64_C(1) << 40, .length = UINT64_MAX,
		.flags = (char *)"FS" };
	struct ms_part parts[] = {
		{ .path = (char *)"1", .content_type = (char *)"text/plain",
		    .detected_type = "text", .size = 5 },
		{ .path = (char *)"2/\"x\"",
		    .filename = (char *)"\xc3\xa4\t",
		    .detected_type = "zip", .size = 6 },
	};
	struct ms_outcome *outcome = outcome_new(&origin);
	struct ms_facts *facts = &outcome->facts;

	facts->headers.message_id = g_strdup("<a@b>");
	facts->headers.subject = g_strdup("\xe2\x80\xae" "evil\r\n");
	facts->headers.from = g_strdup("\xf0\x9f\x98\x80");
	facts->headers.to = g_strdup("a@b, \"c\" <d@e>");
	facts->headers.date = g_strdup("2026-01-02T03:04:05Z");
	ms_facts_finding(facts, "clamav", "E\\", "2");
	ms_facts_finding(facts, "clamav", "F", "");
	ms_facts_gap(facts, MS_REASON_ENCRYPTED, "2/x", "why");
	ms_facts_ambiguity(facts, "a-b", "3", "line 1");
	ms_facts_part(facts, &parts[0]);
	ms_facts_part(facts, &parts[1]);
	outcome->verdict = MS_VERDICT_INFECTED;
	outcome->elapsed_ms = 12;
	return outcome;
}

#define FULL HEAD "\"message\",\"source\":\"in\\\\x1b\\\\xff.mbox\"," \
	"\"format\":\"mbox\",\"index\":3,\"offset\":1099511627776," \
	"\"length\":9223372036854775807,\"message_id\":\"<a@b>\"," \
	"\"subject\":\"\\\\xe2\\\\x80\\\\xaeevil\\\\x0d\\\\x0a\"," \
	"\"from\":\"\xf0\x9f\x98\x80\"," \
	"\"to\":\"a@b, \\\"c\\\" <d@e>\"," \
	"\"date\":\"2026-01-02T03:04:05Z\",\"flags\":\"FS\"," \
	"\"size\":7,\"sha256\":\"" ZEROS "\"," \
	"\"sha256_canonical\":\"" ZEROS "\",\"verdict\":\"infected\"," \
	"\"findings\":[{\"engine\":\"clamav\",\"name\":\"E\\\\\\\\\"," \
	"\"part\":\"2\"},{\"engine\":\"clamav\",\"name\":\"F\"," \
	"\"part\":\"\"}],\"gaps\":[{\"reason\":\"encrypted\"," \
	"\"part\":\"2/x\",\"detail\":\"why\"}]," \
	"\"ambiguities\":[{\"reason\":\"a-b\",\"part\":\"3\"," \
	"\"detail\":\"line 1\"}],\"action\":null," \
	"\"envelope\":null"

#define PARTS ",\"parts\":[{\"path\":\"1\"," \
	"\"content_type\":\"text/plain\",\"filename\":null," \
	"\"detected_type\":\"text\",\"size\":5," \
	"\"sha256\":\"" ZEROS "\"},{\"path\":\"2/\\\"x\\\"\"," \
	"\"content_type\":null,\"filename\":\"\xc3\xa4\\\\x09\"," \
	"\"detected_type\":\"zip\",\"size\":6," \
	"\"sha256\":\"" ZEROS "\"}]"

static void
test_full(void **state)
{
	struct ms_outcome *outcome = full_outcome_new();

	(void)state;
	expect(FULL ",\"elapsed_ms\":12}\n", false, outcome);
	expect(FULL PARTS ",\"elapsed_ms\":12}\n", true, outcome);
	outcome->facts.parts_omitted = 9;
	expect(FULL PARTS ",\"parts_omitted\":9,\"elapsed_ms\":12}\n", true,
	    outcome);
	ms_outcome_free(outcome);
}

/* All that is known of a part, and parts that have no bytes. */
static void
test_tree(void **state)
{
	const struct ms_report_options options = { .parts = true,
		.tree = true };
	const struct ms_part parts[] = {
		{ .path = (char *)"", .content_type = (char *)"m/x",
		    .boundary = (char *)"b\n", .kind = MS_PART_MULTIPART,
		    .level = 1 },
		{ .path = (char *)"1", .encoding = (char *)"8bit",
		    .charset = (char *)"u", .kind = MS_PART_LEAF, .level = 2,
		    .detected_type = "text", .size = 5 },
	};
	struct ms_origin origin = { .source = (char *)"-" };
	struct ms_outcome *outcome = outcome_new(&origin);
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	struct ms_report *report = ms_report_new("jsonl", stream, &options,
	    &engine);

	(void)state;
	ms_facts_part(&outcome->facts, &parts[0]);
	ms_facts_part(&outcome->facts, &parts[1]);
	assert_int_equal(MS_OK, ms_report_message(report, outcome, NULL));
	ms_report_free(report);
	fclose(stream);
	assert_non_null(strstr(text, "\"parts\":[{\"path\":\"\","
	    "\"kind\":\"multipart\",\"level\":1,\"encoding\":null,"
	    "\"charset\":null,\"boundary\":\"b\\\\x0a\","
	    "\"content_type\":\"m/x\",\"filename\":null,"
	    "\"detected_type\":null,\"size\":null,\"sha256\":null},"
	    "{\"path\":\"1\",\"kind\":\"part\",\"level\":2,"
	    "\"encoding\":\"8bit\",\"charset\":\"u\",\"boundary\":null,"
	    "\"content_type\":null,\"filename\":null,"
	    "\"detected_type\":\"text\",\"size\":5,"
	    "\"sha256\":\"" ZEROS "\"}]"));
	free(text);
	ms_outcome_free(outcome);
}

static void
test_notices(void **state)
{
	static const struct {
		enum ms_report_notice kind;
		uint64_t offset;
		const char *text, *want;
	} cases[] = {
		{ MS_REPORT_GONE, 5, "t\n", HEAD "\"notice\",\"source\":"
		    "\"p\\\\\\\\\",\"format\":null,\"reason\":\"gone\","
		    "\"detail\":\"t\\\\x0a\"}\n" },
		{ MS_REPORT_EMPTY, 0, NULL, HEAD "\"notice\",\"source\":"
		    "\"p\\\\\\\\\",\"format\":null,\"reason\":\"empty\","
		    "\"detail\":null}\n" },
		{ MS_REPORT_SKIPPED, 0, "", HEAD "\"notice\",\"source\":"
		    "\"p\\\\\\\\\",\"format\":null,\"reason\":\"skipped\","
		    "\"detail\":\"\"}\n" },
		{ MS_REPORT_FAILED, 0, "x", HEAD "\"error\",\"source\":"
		    "\"p\\\\\\\\\",\"format\":null,\"reason\":\"failed\","
		    "\"detail\":\"x\"}\n" },
		{ MS_REPORT_FAILED, 5, "x", HEAD "\"error\",\"source\":"
		    "\"p\\\\\\\\\",\"format\":null,\"offset\":5,"
		    "\"reason\":\"failed\",\"detail\":\"x\"}\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_origin origin = { .source = (char *)"p\\",
			.offset = cases[i].offset };
		struct output output;

		output_begin(&output, false);
		assert_int_equal(MS_OK, ms_report_notice(output.report,
		    cases[i].kind, &origin, cases[i].text, NULL));
		output_end(&output);
		assert_string_equal(cases[i].want, output.text);
		free(output.text);
	}
}

static void
test_summary(void **state)
{
	struct ms_report_totals totals = { .messages = 36,
		.verdicts = { 1, 2, 3, 4, 5, 6, 7, 8 }, .unselected = 9,
		.ambiguous = 13,
		.gone = 10, .passed_over = 12,
		.failed = 11, .bytes = INT64_C(1) << 33,
		.elapsed_ms = 13, .finished = 1767323045, .interrupted = true };
	struct output output;

	(void)state;
	output_begin(&output, false);
	assert_int_equal(MS_OK, ms_report_summary(output.report, &totals,
	    NULL));
	output_end(&output);
	assert_string_equal(HEAD "\"summary\",\"messages\":36,"
	    "\"infected\":1,\"blocked\":2,\"spam\":3,\"error\":4,"
	    "\"incomplete\":5,\"encrypted\":6,\"clean\":7,\"skipped\":8,"
	    "\"ambiguous\":13,\"not_selected\":9,\"gone\":10,"
	    "\"passed_over\":12,\"failed\":11,"
	    "\"engine\":\"clamav\",\"engine_version\":\"1.4.6\","
	    "\"database\":\"test\",\"signatures\":3,"
	    "\"database_time\":null,\"database_age_days\":0,"
	    "\"sandbox\":null,"
	    "\"bytes\":8589934592,\"elapsed_ms\":13,"
	    "\"finished\":1767323045,"
	    "\"interrupted\":true}\n", output.text);
	free(output.text);
}

/* What was done has a record where a mailbox ended, and counts in a run that
 * was to do anything. */
static void
test_actions(void **state)
{
	static const struct ms_report_action action = { "p\\", "expunge",
		MS_DEED_FAILED, 2, "locked\n" };
	const struct ms_report_totals totals = { .actions = {
		.asked = true, .dry_run = true, .moved = 1, .copied = 2,
		.removed = 3, .flagged = 4, .refiled = 5, .failed = 6 } };
	struct output output;

	(void)state;
	output_begin(&output, false);
	assert_int_equal(MS_OK, ms_report_action(output.report, &action,
	    NULL));
	assert_int_equal(MS_OK, ms_report_summary(output.report, &totals,
	    NULL));
	output_end(&output);
	assert_true(g_str_has_prefix(output.text, HEAD "\"action\","
	    "\"source\":\"p\\\\\\\\\",\"action\":\"expunge\","
	    "\"state\":\"failed\",\"messages\":2,"
	    "\"detail\":\"locked\\\\x0a\"}\n"));
	assert_non_null(strstr(output.text, "\"actions\":{\"dry_run\":true,"
	    "\"moved\":1,\"copied\":2,\"removed\":3,\"flagged\":4,"
	    "\"refiled\":5,\"failed\":6},\"engine\":"));
	free(output.text);
}

/* Whatever bytes come from outside, each line is one JSON object. */
static void
test_any_bytes(void **state)
{
	char text[3] = "";

	(void)state;
	for (unsigned i = 1; i < 65536; i += 7) {
		struct ms_origin origin = { .source = text };
		struct ms_outcome *outcome;
		struct output output;
		json_t *line;

		text[0] = (char)(i & 0xff);
		text[1] = (char)(i >> 8);
		outcome = outcome_new(&origin);
		output_begin(&output, true);
		ms_facts_finding(&outcome->facts, text, text, text);
		assert_int_equal(MS_OK, ms_report_message(output.report,
		    outcome, NULL));
		output_end(&output);
		assert_ptr_equal(output.text + output.size - 1,
		    strchr(output.text, '\n'));
		line = json_loads(output.text, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(line);
		json_decref(line);
		free(output.text);
		ms_outcome_free(outcome);
	}
}

struct pieces {
	GString *text;
	size_t largest;
};

static ssize_t
take_piece(void *arg, const char *data, size_t size)
{
	struct pieces *pieces = arg;

	g_string_append_len(pieces->text, data, (gssize)size);
	pieces->largest = MAX(pieces->largest, size);
	return (ssize_t)size;
}

/* A line of 7 MB is made in small pieces and is still one line. */
static void
test_many_parts(void **state)
{
	struct ms_origin origin = { .source = (char *)"a" };
	struct ms_outcome *outcome = outcome_new(&origin);
	struct ms_report_options options = { .parts = true };
	char name[64];
	struct ms_part part = { .path = name, .filename = name,
		.detected_type = "data" };
	struct pieces pieces = { .text = g_string_new(NULL) };
	FILE *stream = fopencookie(&pieces, "w",
	    (cookie_io_functions_t){ .write = take_piece });
	struct ms_report *report = ms_report_new("jsonl", stream, &options,
	    &engine);
	json_t *line;

	(void)state;
	setvbuf(stream, NULL, _IONBF, 0);
	for (int i = 0; i < 30000; i++) {
		snprintf(name, sizeof name, "2/%040d", i);
		ms_facts_part(&outcome->facts, &part);
	}
	assert_int_equal(MS_OK, ms_report_message(report, outcome, NULL));
	assert_in_range(pieces.largest, 1, 70000);
	assert_ptr_equal(pieces.text->str + pieces.text->len - 1,
	    strchr(pieces.text->str, '\n'));
	line = json_loads(pieces.text->str, 0, NULL);
	assert_int_equal(30000, json_array_size(json_object_get(line,
	    "parts")));
	json_decref(line);
	ms_report_free(report);
	fclose(stream);
	g_string_free(pieces.text, TRUE);
	ms_outcome_free(outcome);
}

/* What is known of an envelope, and what was done. */
static void
test_deeds(void **state)
{
	struct ms_origin origin = { .source = (char *)"q" };
	struct ms_outcome *outcome = outcome_new(&origin);
	struct ms_envelope *envelope = ms_envelope_new("");
	struct output output;

	(void)state;
	ms_envelope_add(envelope, "b\r@example.org");
	ms_envelope_add(envelope, "c@example.org");
	envelope->helo = g_strdup("h");
	outcome->envelope = envelope;
	ms_outcome_deed(outcome, "quarantine", MS_DEED_DONE, "20261121/x");
	ms_outcome_deed(outcome, "remove", MS_DEED_FAILED, "in\nuse");
	output_begin(&output, false);
	assert_int_equal(MS_OK, ms_report_message(output.report, outcome,
	    NULL));
	output_end(&output);
	assert_non_null(strstr(output.text, "\"action\":{\"steps\":["
	    "{\"action\":\"quarantine\",\"state\":\"done\","
	    "\"detail\":\"20261121/x\"},"
	    "{\"action\":\"remove\",\"state\":\"failed\","
	    "\"detail\":\"in\\\\x0ause\"}]}"));
	assert_non_null(strstr(output.text, "\"envelope\":{\"sender\":\"\","
	    "\"recipients\":[\"b\\\\x0d@example.org\",\"c@example.org\"],"
	    "\"queue_id\":null,\"client_address\":null,"
	    "\"client_name\":null,\"helo\":\"h\",\"received\":null}"));
	free(output.text);
	ms_outcome_free(outcome);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bare),
		cmocka_unit_test(test_deeds),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_notices),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_many_parts),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
