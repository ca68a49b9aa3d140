#include "serve/logentry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static struct ms_logentry *
made(const char *hostile)
{
	struct ms_logentry *entry = ms_logentry_new(MS_LOGENTRY_WARNING,
	    "note", "7-1");

	ms_logentry_text(entry, hostile);
	ms_logentry_word(entry, "from", hostile);
	ms_logentry_word(entry, "helo", NULL);
	ms_logentry_item(entry, "to", "a");
	ms_logentry_item(entry, "to", hostile);
	ms_logentry_item(entry, "cc", "c");
	ms_logentry_plain(entry, "verdict", "clean");
	ms_logentry_number(entry, "scan-ms", -3);
	return entry;
}

static void
test_text(void **state)
{
	struct ms_logentry *entry = made("x\"y");
	GString *out = g_string_new(NULL);

	(void)state;
	ms_logentry_as_text(entry, out);
	assert_string_equal(out->str, "7-1: x\"y from=\"x\\x22y\" to=\"a\" "
	    "to=\"x\\x22y\" cc=\"c\" verdict=clean scan-ms=-3");
	(void)g_string_free(out, TRUE);
	ms_logentry_free(entry);
}

/* Whatever it is, it is JSON, on one line, and says what was put in. */
static void
test_json(void **state)
{
	static const char *const hostile[][2] = {
		{ "plain", "plain" },
		{ "\"},{\"level\":\"", "\"},{\"level\":\"" },
		{ "a\\", "a\\\\" },
		{ "\r\n\x01\x7f", "\\x0d\\x0a\\x01\\x7f" },
		{ "\xff\xc3\xa9", "\\xff\xc3\xa9" },
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(hostile); i++) {
		struct ms_logentry *entry = made(hostile[i][0]);
		GString *out = g_string_new(NULL);
		const char *want = hostile[i][1];
		json_t *object;

		ms_logentry_as_json(entry, 1000000, out);
		assert_null(strchr(out->str, '\n'));
		object = json_loads(out->str, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(object);
		assert_int_equal(json_object_size(object), 10);
		assert_string_equal(json_string_value(json_object_get(object,
		    "time")), "1970-01-01T00:00:01.000000Z");
		assert_string_equal(json_string_value(json_object_get(object,
		    "level")), "warning");
		assert_string_equal(json_string_value(json_object_get(object,
		    "text")), want);
		assert_string_equal(json_string_value(json_object_get(object,
		    "from")), want);
		assert_string_equal(json_string_value(json_array_get(
		    json_object_get(object, "to"), 1)), want);
		assert_int_equal(json_array_size(json_object_get(object,
		    "cc")), 1);
		assert_int_equal(json_integer_value(json_object_get(object,
		    "scan_ms")), -3);
		json_decref(object);
		(void)g_string_free(out, TRUE);
		ms_logentry_free(entry);
	}
}

/* Long values are cut, and no escape is cut in two. */
static void
test_long(void **state)
{
	char *much = g_strnfill(100000, '\n');
	struct ms_logentry *entry = made(much);
	GString *out = g_string_new(NULL);

	(void)state;
	ms_logentry_as_text(entry, out);
	assert_true(out->len < 5000);
	assert_non_null(strstr(out->str, "\\x0a...\""));
	(void)g_string_free(out, TRUE);
	ms_logentry_free(entry);
	g_free(much);
}

static void
test_journal(void **state)
{
	struct ms_logentry *entry = made("a\nb");
	GString *out = g_string_new(NULL);

	(void)state;
	ms_logentry_as_journal(entry, "it", out);
	assert_string_equal(out->str, "MESSAGE=it\nPRIORITY=4\n"
	    "SYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=mailscan\n"
	    "MAILSCAN_EVENT=note\nMAILSCAN_ID=7-1\nMAILSCAN_FROM=a\\x0ab\n"
	    "MAILSCAN_TO=a\nMAILSCAN_TO=a\\x0ab\nMAILSCAN_CC=c\n"
	    "MAILSCAN_VERDICT=clean\nMAILSCAN_SCAN_MS=-3\n");
	(void)g_string_free(out, TRUE);
	ms_logentry_free(entry);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
