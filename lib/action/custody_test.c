#include "action/custody.h"

#include "action/receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "action/quarantine_test.h"

#define ID "20261121/090000.1.1.0123456789abcdef"

/* A record as it is written. */
static char *
record(void)
{
	struct ms_outcome *outcome = quarantine_outcome("in\xff" "box", "mbox",
	    "hello", 5);
	const struct ms_custody_entry entry = {
		.id = ID, .stored = 1795251600, .by = "scan\x1b", .size = 5,
		.sha256 = outcome->sha256, .zip = true, .quoted = true,
		.from_line = "From \x80",
	};
	size_t size;
	char *text = ms_custody_text(&entry, outcome, &size, NULL);

	assert_int_equal(strlen(text), size);
	assert_true(g_utf8_validate(text, -1, NULL));
	ms_outcome_free(outcome);
	return text;
}

static struct ms_custody *
parse(const char *text)
{
	struct ms_custody *custody;
	struct ms_error err = { "" };

	if (ms_custody_parse(text, strlen(text), &custody, &err) != MS_OK)
		fail_msg("%s", err.text);
	return custody;
}

static void
test_round(void **state)
{
	char *text = record(), *again;
	struct ms_custody *custody = parse(text);
	size_t size;

	(void)state;
	assert_string_equal(ID, custody->id);
	assert_int_equal(1795251600, custody->stored);
	assert_string_equal("scan\x1b", custody->by);
	assert_string_equal("From \x80", custody->from_line);
	assert_true(g_str_has_suffix(custody->place, "/in\xff" "box"));
	assert_string_equal("in\xff" "box", custody->outcome->origin.source);
	assert_true(custody->zip);
	assert_true(custody->quoted);
	again = ms_custody_dump(custody, false, &size, NULL);
	assert_string_equal(text, again);
	g_free(again);
	again = ms_custody_dump(custody, true, &size, NULL);
	assert_null(strchr(again, '\n'));
	g_free(again);
	ms_custody_free(custody);
	ms_custody_free(NULL);
	g_free(text);
}

/* Whatever one field is replaced by, there is an error or a record, and never
 * a crash. */
static void
test_hostile(void **state)
{
	static const struct {
		const char *from, *to;
		enum ms_status status;
	} cases[] = {
		{ "\"schema\": 1,\n \"type\": \"quar", "\"schema\": 2,\n "
		  "\"type\": \"quar", MS_E_UNSUPPORTED },
		{ ID, "../../etc/passwd", MS_E_FORMAT },
		{ "\"id\": \"" ID "\"", "\"id\": 7", MS_E_FORMAT },
		{ "\"form\": \"zip\"", "\"form\": \"exe\"", MS_E_FORMAT },
		{ "\"stored\": 1795251600", "\"stored\": -1", MS_E_FORMAT },
		{ "\"stored\": 1795251600", "\"stored\": 1e99", MS_E_FORMAT },
		{ "\"releases\": []", "\"releases\": {}", MS_E_FORMAT },
		{ "\"releases\": []", "\"releases\": [1]", MS_E_FORMAT },
		{ "\"releases\": []", "\"releases\": [{}]", MS_E_FORMAT },
		{ "\"releases\": []", "\"releases\": [{\"to\": \"x\", "
		  "\"state\": \"odd\", \"mark\": 9223372036854775807}]",
		  MS_OK },
		{ "\"message\": {", "\"message\": [], \"old\": {",
		  MS_E_FORMAT },
		{ "\"message\": {", "\"none\": {", MS_E_FORMAT },
		{ "\"type\": \"message\"", "\"type\": \"summary\"",
		  MS_E_FORMAT },
		{ "\"verdict\": \"infected\"", "\"verdict\": \"nice\"",
		  MS_E_FORMAT },
		{ "\"quoted\": true", "\"quoted\": \"yes\"", MS_E_FORMAT },
		{ "\"by\": ", "\"by\": null, \"by\": ", MS_E_FORMAT },
		{ "\\\\x80", "\\\\xzz", MS_E_FORMAT },
		{ "\\\\x80", "\\u0000", MS_E_FORMAT },
		{ "\"size\": 5", "\"size\": 99999999999999999999",
		  MS_E_FORMAT },
	};
	char *text = record();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char **pieces = g_strsplit(text, cases[i].from, 2);
		char *changed = g_strjoinv(cases[i].to, pieces);
		struct ms_custody *custody = NULL;
		struct ms_error err = { "" };
		enum ms_status status;

		assert_non_null(pieces[1]);
		status = ms_custody_parse(changed, strlen(changed), &custody,
		    &err);
		if (status != cases[i].status)
			fail_msg("case %zu: %d %s", i, (int)status, err.text);
		if (status != MS_OK)
			assert_string_not_equal("", err.text);
		ms_custody_free(custody);
		g_free(changed);
		g_strfreev(pieces);
	}
	g_free(text);
}

static void
test_no_records(void **state)
{
	static const char *const texts[] = { "", "[]", "1", "null", "{",
		"{}", "{\"schema\": 1}", "\xff" };
	struct ms_custody *custody;
	char *deep = g_strnfill(100000, '[');

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		assert_int_equal(MS_E_FORMAT, ms_custody_parse(texts[i],
		    strlen(texts[i]), &custody, NULL));
	assert_int_equal(MS_E_FORMAT, ms_custody_parse(deep, strlen(deep),
	    &custody, NULL));
	assert_int_equal(MS_E_LIMIT, ms_custody_parse("", MS_CUSTODY_BYTES_MAX
	    + 1, &custody, NULL));
	g_free(deep);
}

/* A list of releases that grows for years does not grow for ever. */
static void
test_many_releases(void **state)
{
	char *text = record(), *again;
	struct ms_custody *custody = parse(text);
	size_t size;

	(void)state;
	for (int i = 0; i < MS_CUSTODY_RELEASES_MAX + 5; i++)
		(void)ms_custody_begin(custody, "x", i, -1);
	again = ms_custody_dump(custody, false, &size, NULL);
	ms_custody_free(custody);
	custody = parse(again);
	assert_int_equal(MS_CUSTODY_RELEASES_MAX, custody->releases->len);
	assert_int_equal(5, ((const struct ms_custody_release *)
	    g_ptr_array_index(custody->releases, 0))->at);
	ms_custody_free(custody);
	g_free(again);
	g_free(text);
}

static void
test_receipt(void **state)
{
	const struct ms_receipt receipt = { .id = ID, .action = "release",
		.state = "done", .to = "mbox:/a\x1b\"" };
	char *line = ms_receipt_line(&receipt);

	(void)state;
	assert_string_equal("{\"schema\":1,\"type\":\"quarantine\",\"id\":\""
	    ID "\",\"action\":\"release\",\"state\":\"done\","
	    "\"to\":\"mbox:/a\\\\x1b\\\"\",\"detail\":null}", line);
	g_free(line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_no_records),
		cmocka_unit_test(test_many_releases),
		cmocka_unit_test(test_receipt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
