#include "action/stubtext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static char *
text_of(const struct ms_outcome *outcome, const char *id, int64_t time)
{
	char **lines = ms_stubtext_lines(outcome, id, time);
	char *text = g_strjoinv("\n", lines);

	for (char **line = lines; *line; line++) {
		assert_null(strpbrk(*line, "\r\n"));
		assert_true(strlen(*line) < 998);
	}
	g_strfreev(lines);
	return text;
}

static void
test_all(void **state)
{
	struct ms_message message = { .origin = { .source = (char *)"in" } };
	struct ms_outcome *outcome = ms_outcome_new(&message);
	char *text;

	(void)state;
	outcome->verdict = MS_VERDICT_INFECTED;
	ms_facts_finding(&outcome->facts, "e", "Bad", "2/a.zip/x");
	ms_facts_finding(&outcome->facts, "e", "Worse", "");
	outcome->facts.headers.from = g_strdup("A <a@example.org>");
	outcome->facts.headers.subject = g_strdup("1\n\nFrom x");
	text = text_of(outcome, "20261121/7", 0);
	assert_string_equal("X-Mailscan-Quarantine: 20261121/7\n\n"
	    "mailscan has moved the message that was here to quarantine.\n"
	    "Quarantine: 20261121/7\n"
	    "Found: Bad in 2/a.zip/x\nFound: Worse\nVerdict: infected\n"
	    "When: 1970-01-01T00:00:00Z\nFrom: A <a@example.org>\n"
	    "Subject: 1\\x0a\\x0aFrom x\nSHA-256: "
	    "00000000000000000000000000000000"
	    "00000000000000000000000000000000", text);
	g_free(text);
	ms_outcome_free(outcome);
}

/* Without a quarantine, of a message that has much to say. */
static void
test_much(void **state)
{
	struct ms_message message = { .origin = { .source = (char *)"in" } };
	struct ms_outcome *outcome = ms_outcome_new(&message);
	char *text;

	(void)state;
	for (int i = 0; i < 9; i++) {
		char *name = g_strdup_printf("N%d", i);

		ms_facts_finding(&outcome->facts, "e", name, "1");
		g_free(name);
	}
	outcome->facts.headers.message_id = g_strnfill(100000, '\n');
	text = text_of(outcome, NULL, INT64_MAX);
	assert_true(g_str_has_prefix(text,
	    "\nmailscan has removed the message that was here.\n"
	    "Found: N0 in 1\n"));
	assert_non_null(strstr(text, "Found: and 4 more\n"));
	assert_null(strstr(text, "When"));
	assert_non_null(strstr(text, "Message-ID: \\x0a"));
	g_free(text);
	ms_outcome_free(outcome);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
