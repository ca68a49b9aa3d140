#include "report/readback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/jsonl.h"

#define ZEROS "00000000000000000000000000000000" \
	"00000000000000000000000000000000"
#define HEAD "{\"schema\":1,\"type\":"
#define LEAST HEAD "\"message\",\"source\":\"s\",\"sha256\":\"" ZEROS \
	"\",\"verdict\":\"clean\""

static const struct ms_report_options all = { .parts = true, .tree = true,
	.files = true };

/* What no line breaker, terminal or reader of JSON is fond of. */
#define ODD "\x01\n\r\x1b[2J\\x41\\\"\xff\xe2\x80\xae\xc3\xa4,"

static void
add_parts(struct ms_facts *facts)
{
	struct ms_part part = { .path = (char *)"", .kind = MS_PART_MULTIPART,
		.content_type = (char *)"multipart/x" ODD, .level = 1,
		.boundary = (char *)ODD };

	ms_facts_part(facts, &part);
	part = (struct ms_part){ .path = (char *)"1/" ODD,
		.kind = MS_PART_LEAF, .filename = (char *)ODD,
		.encoding = (char *)ODD, .charset = (char *)ODD, .level = 2,
		.detected_type = "text/plain", .size = 5 };
	memset(part.sha256.bytes, 0x5a, MS_HASH_SIZE);
	ms_facts_blob(facts, &part.sha256);
	ms_facts_part(facts, &part);
	part.kind = MS_PART_MEMBER;
	part.detected_type = "application/x-of-a-newer-version";
	part.sha256.bytes[31] = 0;
	ms_facts_part(facts, &part);
	facts->parts_omitted = 4;
}

static struct ms_outcome *
outcome_new(void)
{
	struct ms_message message = {
		.origin = { .source = (char *)"in" ODD ".mbox",
		    .format = "mbox", .many = true, .index = 3,
		    .offset = INT64_C(1) << 40, .length = INT64_MAX,
		    .flags = (char *)"FS" },
		.envelope = ms_envelope_new("a" ODD), .size = 7 };
	struct ms_outcome *outcome;
	struct ms_facts *facts;

	memset(message.sha256.bytes, 0xa5, MS_HASH_SIZE);
	message.envelope->queue_id = g_strdup("Q" ODD);
	message.envelope->received = 77;
	message.envelope->protocol = g_strdup("ESMTP");
	message.envelope->reply = g_strdup("250 " ODD);
	message.envelope->omitted = 5;
	ms_envelope_refuse(message.envelope, ODD, "550 no");
	ms_envelope_refuse(message.envelope, "", NULL);
	ms_envelope_add(message.envelope, "");
	ms_envelope_add(message.envelope, ODD);
	outcome = ms_outcome_new(&message);
	ms_envelope_free(message.envelope);
	facts = &outcome->facts;
	facts->headers.message_id = g_strdup("<a@b>" ODD);
	facts->headers.subject = g_strdup(ODD);
	facts->headers.from = g_strdup("");
	ms_facts_finding(facts, "clamav", "E" ODD, "2");
	ms_facts_finding(facts, "clamav", "E" ODD, "");
	ms_facts_gap(facts, MS_REASON_ENCRYPTED, "2/x", ODD);
	ms_facts_gap(facts, MS_REASON_AMBIGUOUS, "", "");
	ms_facts_ambiguity(facts, "a-b", ODD, "line 1");
	ms_outcome_deed(outcome, "quarantine", MS_DEED_DONE, ODD);
	ms_outcome_deed(outcome, "remove", MS_DEED_PENDING, NULL);
	add_parts(facts);
	outcome->verdict = MS_VERDICT_INFECTED;
	outcome->elapsed_ms = 12;
	return outcome;
}

/* LINE is read, and written it is the same again. */
static void
check_line(const char *line, const struct ms_report_options *options)
{
	struct ms_readback_item item;
	struct ms_error err = { "" };
	enum ms_status status = ms_readback_parse(line, strlen(line), &item,
	    &err);
	char *again;

	assert_string_equal("", err.text);
	assert_int_equal(MS_OK, status);
	assert_int_equal(MS_READBACK_MESSAGE, item.kind);
	assert_int_equal(options->parts, item.has_parts);
	assert_int_equal(options->tree, item.has_tree);
	assert_int_equal(options->files, item.has_files);
	again = ms_jsonl_line(item.outcome, options, &err);
	assert_string_equal(line, again);
	g_free(again);
	ms_readback_item_clear(&item);
}

static void
test_there_and_back(void **state)
{
	static const struct ms_report_options some[] = {
		{ 0 }, { .parts = true }, { .parts = true, .tree = true },
	};
	struct ms_outcome *outcome = outcome_new();
	char *line;

	(void)state;
	line = ms_jsonl_line(outcome, &all, NULL);
	check_line(line, &all);
	g_free(line);
	for (size_t i = 0; i < G_N_ELEMENTS(some); i++) {
		line = ms_jsonl_line(outcome, &some[i], NULL);
		assert_null(strchr(line, '\n'));
		check_line(line, &some[i]);
		g_free(line);
	}
	ms_outcome_free(outcome);
}

/* The bytes themselves, and not only the same text again. */
static void
test_bytes(void **state)
{
	struct ms_outcome *outcome = outcome_new();
	char *line = ms_jsonl_line(outcome, &all, NULL);
	struct ms_readback_item item;
	const struct ms_outcome *got;
	const struct ms_finding *finding;
	const struct ms_deed *deed;

	(void)state;
	assert_int_equal(MS_OK, ms_readback_parse(line, strlen(line), &item,
	    NULL));
	got = item.outcome;
	assert_string_equal("in" ODD ".mbox", got->origin.source);
	assert_string_equal("mbox", got->origin.format);
	assert_true(got->origin.many);
	assert_int_equal(INT64_C(1) << 40, got->origin.offset);
	assert_string_equal(ODD, got->facts.headers.subject);
	assert_null(got->facts.headers.date);
	assert_true(ms_hash_equal(&outcome->sha256, &got->sha256));
	assert_int_equal(2, got->facts.findings->len);
	finding = g_ptr_array_index(got->facts.findings, 0);
	assert_string_equal("E" ODD, finding->name);
	assert_int_equal(2, got->facts.gaps->len);
	assert_int_equal(2, got->deeds->len);
	deed = g_ptr_array_index(got->deeds, 0);
	assert_string_equal("quarantine", deed->action);
	assert_int_equal(MS_DEED_DONE, deed->state);
	assert_string_equal(ODD, deed->detail);
	assert_int_equal(2, got->envelope->count);
	assert_string_equal(ODD, got->envelope->recipients[1]);
	assert_null(got->envelope->helo);
	assert_null(got->envelope->server_address);
	assert_string_equal("ESMTP", got->envelope->protocol);
	assert_string_equal("250 " ODD, got->envelope->reply);
	assert_int_equal(5, got->envelope->omitted);
	assert_int_equal(2, got->envelope->refusals);
	assert_string_equal(ODD, got->envelope->refused[0].recipient);
	assert_string_equal("550 no", got->envelope->refused[0].reply);
	assert_null(got->envelope->refused[1].reply);
	assert_int_equal(3, got->facts.parts->len);
	assert_true(ms_facts_is_picked(&got->facts,
	    g_ptr_array_index(got->facts.parts, 1)));
	assert_false(ms_facts_is_picked(&got->facts,
	    g_ptr_array_index(got->facts.parts, 2)));
	ms_readback_item_clear(&item);
	ms_outcome_free(outcome);
	g_free(line);
}

/* An archive's members are many messages, and other formats are one. */
static void
test_many(void **state)
{
	struct ms_message message = { .origin = { .source = (char *)"a/b",
		.format = "eml", .index = 1 } };

	(void)state;
	for (int many = 0; many < 2; many++) {
		struct ms_outcome *outcome;
		struct ms_readback_item item;
		char *line;

		message.origin.many = many != 0;
		outcome = ms_outcome_new(&message);
		line = ms_jsonl_line(outcome, &all, NULL);
		assert_int_equal(MS_OK, ms_readback_parse(line, strlen(line),
		    &item, NULL));
		assert_int_equal(many, item.outcome->origin.many);
		ms_readback_item_clear(&item);
		ms_outcome_free(outcome);
		g_free(line);
	}
}

static void
test_passed_over(void **state)
{
	static const struct {
		const char *line;
		enum ms_status want;
	} cases[] = {
		{ LEAST "}", MS_OK },
		{ LEAST "}\r\n", MS_OK },
		{ LEAST ",\"new\":{\"a\":[1,2.5,null]},\"index\":null}",
		    MS_OK },
		{ LEAST ",\"gaps\":[{\"reason\":\"new\",\"part\":\"\"}]}",
		    MS_OK },
		{ LEAST ",\"action\":{\"new\":1,\"steps\":[{\"action\":"
		    "\"new\",\"state\":\"done\"}]}}", MS_OK },
		{ HEAD "\"new\",\"index\":\"x\"}", MS_END },
		{ HEAD "\"notice\",\"source\":\"s\",\"reason\":\"new\"}",
		    MS_END },
		{ "", MS_END }, { "\n", MS_END }, { " \t\r\n", MS_END },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_readback_item item;

		print_message("  %s\n", cases[i].line);
		assert_int_equal(cases[i].want, ms_readback_parse(
		    cases[i].line, strlen(cases[i].line), &item, NULL));
		ms_readback_item_clear(&item);
	}
}

/* What is refused, and what is said of it. */
static const struct {
	const char *line, *why;
	enum ms_status want;
} refused[] = {
	{ "x", "damaged", MS_E_FORMAT },
	{ LEAST, "damaged", MS_E_FORMAT },
	{ LEAST "}}", "damaged", MS_E_FORMAT },
	{ LEAST ",\"index\":\"\xff\"}", "damaged", MS_E_FORMAT },
	{ LEAST ",\"source\":\"t\"}", "duplicate",
	    MS_E_FORMAT },
	{ "[]", "no JSON object", MS_E_FORMAT },
	{ "{}", "\"schema\" is missing", MS_E_FORMAT },
	{ "{\"schema\":0}", "\"schema\" is too small", MS_E_FORMAT },
	{ "{\"schema\":2,\"type\":7}", "newer version",
	    MS_E_UNSUPPORTED },
	{ "{\"schema\":1}", "\"type\" is missing", MS_E_FORMAT },
	{ HEAD "\"message\"}", "\"source\" is missing", MS_E_FORMAT },
	{ HEAD "\"message\",\"source\":\"s\"}",
	    "\"sha256\" is missing", MS_E_FORMAT },
	{ HEAD "\"message\",\"source\":\"s\",\"sha256\":\"00\"}",
	    "\"sha256\" is no digest", MS_E_FORMAT },
	{ HEAD "\"message\",\"source\":\"s\",\"sha256\":\"g" ZEROS
	    "\"}", "\"sha256\" is no digest", MS_E_FORMAT },
	{ HEAD "\"message\",\"source\":\"s\",\"sha256\":"
	    "\"0g000000000000000000000000000000"
	    "00000000000000000000000000000000\"}",
	    "\"sha256\" is no digest", MS_E_FORMAT },
	{ HEAD "\"message\",\"source\":\"s\",\"sha256\":\"" ZEROS
	    "\",\"verdict\":\"fine\"}", "\"verdict\" is none",
	    MS_E_FORMAT },
	{ LEAST ",\"index\":-1}", "\"index\" is too small",
	    MS_E_FORMAT },
	{ LEAST ",\"index\":1.5}", "\"index\" is no integer",
	    MS_E_FORMAT },
	{ LEAST ",\"index\":99999999999999999999}", "damaged",
	    MS_E_FORMAT },
	{ LEAST ",\"many\":1}", "\"many\" is neither", MS_E_FORMAT },
	{ LEAST ",\"subject\":\"\\\\n\"}", "\"subject\" is not "
	    "quoted", MS_E_FORMAT },
	{ LEAST ",\"subject\":\"\\\\x00\"}", "with a NUL byte",
	    MS_E_FORMAT },
	{ LEAST ",\"subject\":7}", "\"subject\" is no string",
	    MS_E_FORMAT },
	{ LEAST ",\"findings\":{}}", "\"findings\" is no list",
	    MS_E_FORMAT },
	{ LEAST ",\"findings\":[7]}", "not a list of objects",
	    MS_E_FORMAT },
	{ LEAST ",\"findings\":[{}]}", "\"engine\" is missing",
	    MS_E_FORMAT },
	{ LEAST ",\"action\":[]}", "\"action\" is no object",
	    MS_E_FORMAT },
	{ LEAST ",\"action\":{\"steps\":[{\"action\":\"a\","
	    "\"state\":\"b\"}]}}", "\"state\" is none", MS_E_FORMAT },
	{ LEAST ",\"envelope\":{\"refused\":{}}}",
	    "\"refused\" is no list", MS_E_FORMAT },
	{ LEAST ",\"envelope\":{\"refused\":[1]}}",
	    "\"refused\" is not a list of objects", MS_E_FORMAT },
	{ LEAST ",\"envelope\":{\"refused\":[{}]}}",
	    "\"recipient\" is missing", MS_E_FORMAT },
	{ LEAST ",\"envelope\":{\"recipients\":[null]}}",
	    "\"recipients\" is no string", MS_E_FORMAT },
	{ LEAST ",\"parts\":[{\"path\":\"\",\"kind\":\"x\"}]}",
	    "\"kind\" is none", MS_E_FORMAT },
	{ HEAD "\"error\",\"source\":\"s\"}",
	    "\"reason\" is missing", MS_E_FORMAT },
	{ HEAD "\"summary\"}", "\"messages\" is missing",
	    MS_E_FORMAT },
	{ HEAD "\"summary\",\"messages\":1,\"clean\":\"1\"}",
	    "\"clean\" is no integer", MS_E_FORMAT },
};

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
		struct ms_readback_item item;
		struct ms_error err = { "" };

		print_message("  %s\n", refused[i].line);
		assert_int_equal(refused[i].want, ms_readback_parse(
		    refused[i].line, strlen(refused[i].line), &item, &err));
		assert_non_null(strstr(err.text, refused[i].why));
		ms_readback_item_clear(&item);
	}
}

/* Few bytes that would be much in memory, and many that nest. */
static void
test_too_large(void **state)
{
	GString *line = g_string_new(LEAST ",\"new\":[");
	struct ms_readback_item item;
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i <= MS_READBACK_VALUES_MAX; i++)
		g_string_append(line, "0,");
	g_string_append(line, "0]}");
	assert_int_equal(MS_E_LIMIT, ms_readback_parse(line->str, line->len,
	    &item, &err));
	ms_readback_item_clear(&item);
	g_string_assign(line, LEAST ",\"subject\":\"");
	for (size_t i = 0; i <= MS_READBACK_VALUES_MAX; i++)
		g_string_append(line, "\\\"[");
	g_string_append(line, "\"}");
	assert_int_equal(MS_OK, ms_readback_parse(line->str, line->len, &item,
	    &err));
	assert_int_equal(2 * (MS_READBACK_VALUES_MAX + 1),
	    strlen(item.outcome->facts.headers.subject));
	ms_readback_item_clear(&item);
	g_string_assign(line, LEAST ",\"new\":");
	for (int i = 0; i < 100000; i++)
		g_string_append_c(line, '[');
	assert_int_equal(MS_E_FORMAT, ms_readback_parse(line->str, line->len,
	    &item, &err));
	ms_readback_item_clear(&item);
	g_string_free(line, TRUE);
}

/* A message with as many parts as can be listed is none too large: a part is
 * 80 bytes of MS_FACTS_PARTS_BYTES_MAX, whatever it lacks. */
static void
test_many_parts(void **state)
{
	const size_t count = MS_FACTS_PARTS_BYTES_MAX / 80;
	const struct ms_part part = { .path = (char *)"1",
		.kind = MS_PART_LEAF };
	struct ms_message message = { .origin = { .source = (char *)"s" } };
	struct ms_outcome *outcome = ms_outcome_new(&message);
	struct ms_readback_item item;
	char *line;

	(void)state;
	for (size_t i = 0; i < count; i++)
		ms_facts_part(&outcome->facts, &part);
	line = ms_jsonl_line(outcome, &all, NULL);
	assert_int_equal(MS_OK, ms_readback_parse(line, strlen(line), &item,
	    NULL));
	assert_int_equal(count, item.outcome->facts.parts->len);
	ms_readback_item_clear(&item);
	ms_outcome_free(outcome);
	g_free(line);
}

static void
test_notice(void **state)
{
	static const char line[] = HEAD "\"error\",\"source\":\"a\\\\x0a\","
	    "\"format\":null,\"offset\":5,\"reason\":\"failed\","
	    "\"detail\":\"x\"}";
	struct ms_readback_item item;

	(void)state;
	assert_int_equal(MS_OK, ms_readback_parse(line, sizeof line - 1, &item,
	    NULL));
	assert_int_equal(MS_READBACK_NOTICE, item.kind);
	assert_int_equal(MS_REPORT_FAILED, item.notice);
	assert_string_equal("a\n", item.origin.source);
	assert_int_equal(5, item.origin.offset);
	assert_string_equal("x", item.text);
	ms_readback_item_clear(&item);
}

static void
test_action(void **state)
{
	const struct ms_report_options none = { 0 };
	const struct ms_report_engine engine = { 0 };
	const struct ms_report_action action = { .source = "s" ODD,
		.action = "expunge", .state = MS_DEED_FAILED, .messages = 2,
		.detail = ODD };
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	struct ms_report *report = ms_report_new("jsonl", stream, &none,
	    &engine);
	struct ms_readback_item item;

	(void)state;
	assert_int_equal(MS_OK, ms_report_action(report, &action, NULL));
	ms_report_free(report);
	fclose(stream);
	assert_int_equal(MS_OK, ms_readback_parse(text, size, &item, NULL));
	assert_int_equal(MS_READBACK_ACTION, item.kind);
	assert_string_equal(action.source, item.action.source);
	assert_string_equal(action.action, item.action.action);
	assert_int_equal(action.state, item.action.state);
	assert_int_equal(2, item.action.messages);
	assert_string_equal(ODD, item.action.detail);
	ms_readback_item_clear(&item);
	free(text);
}

/* A summary is written, read, and written again. */
static void
test_summary(void **state)
{
	const struct ms_report_engine engine = { .name = "none",
		.database = "d" ODD, .signatures = 3,
		.database_age_days = 4, .database_time = 1767000000,
		.blind = true };
	const struct ms_report_totals totals = { .messages = 36,
		.verdicts = { 1, 2, 3, 4, 5, 6, 7, 8 }, .ambiguous = 9,
		.unselected = 10, .gone = 11, .passed_over = 12,
		.failed = 13, .bytes = INT64_C(1) << 33, .elapsed_ms = 14,
		.finished = 1767323045, .interrupted = true,
		.actions = { .asked = true, .moved = 20, .copied = 21,
		    .removed = 22, .flagged = 23, .refiled = 24,
		    .failed = 25 } };
	const struct ms_report_options none = { 0 };
	struct ms_readback_item item;
	char *text[2] = { NULL };
	size_t size[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		FILE *stream = open_memstream(&text[i], &size[i]);
		struct ms_report *report = ms_report_new("jsonl", stream,
		    &none, i == 0 ? &engine : &item.engine);

		assert_int_equal(MS_OK, ms_report_summary(report, i == 0 ?
		    &totals : &item.totals, NULL));
		ms_report_free(report);
		fclose(stream);
		if (i == 0)
			assert_int_equal(MS_OK, ms_readback_parse(text[0],
			    size[0], &item, NULL));
	}
	assert_string_equal(text[0], text[1]);
	assert_memory_equal(&totals, &item.totals,
	    offsetof(struct ms_report_totals, interrupted));
	assert_true(item.totals.interrupted);
	assert_true(item.engine.blind);
	ms_readback_item_clear(&item);
	free(text[0]);
	free(text[1]);
}

/* Lines, their numbers, and what comes behind one that is damaged. */
static void
test_stream(void **state)
{
	static const char text[] = LEAST "}\n\nx\n" HEAD "\"new\"}\n"
	    LEAST "}\n" LEAST;
	static const struct {
		enum ms_status status;
		uint64_t line;
	} want[] = {
		{ MS_OK, 1 }, { MS_E_FORMAT, 3 }, { MS_OK, 5 },
		{ MS_E_FORMAT, 6 }, { MS_END, 7 },
	};
	FILE *stream = fmemopen((void *)(uintptr_t)text, sizeof text - 1,
	    "r");
	struct ms_readback *readback = ms_readback_new(stream);
	struct ms_readback_item item;
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(want); i++) {
		assert_int_equal(want[i].status, ms_readback_next(readback,
		    &item, &err));
		assert_int_equal(want[i].line, ms_readback_line(readback));
		if (want[i].line == 3)
			assert_memory_equal("line 3: ", err.text, 8);
		ms_readback_item_clear(&item);
	}
	ms_readback_free(readback);
	fclose(stream);
}

/* A line without end is not kept, and the next one is read. */
static void
test_long_line(void **state)
{
	char *block = g_malloc(1 << 20);
	FILE *stream = tmpfile();
	struct ms_readback *readback = ms_readback_new(stream);
	struct ms_readback_item item;
	struct ms_error err;

	(void)state;
	memset(block, 'a', 1 << 20);
	for (size_t size = 0; size <= MS_READBACK_LINE_MAX; size += 1 << 20)
		assert_int_equal(1 << 20, fwrite(block, 1, 1 << 20, stream));
	fputs("\n" LEAST "}", stream);
	rewind(stream);
	assert_int_equal(MS_E_LIMIT, ms_readback_next(readback, &item, &err));
	assert_memory_equal("line 1: ", err.text, 8);
	ms_readback_item_clear(&item);
	assert_int_equal(MS_OK, ms_readback_next(readback, &item, &err));
	ms_readback_item_clear(&item);
	assert_int_equal(MS_END, ms_readback_next(readback, &item, &err));
	ms_readback_item_clear(&item);
	ms_readback_free(readback);
	fclose(stream);
	g_free(block);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_passed_over),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_many_parts),
		cmocka_unit_test(test_notice),
		cmocka_unit_test(test_action),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
