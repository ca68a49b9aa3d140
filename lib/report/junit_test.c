#include "report/junit.h"

#include "report/formats_test.h"

static const struct ms_report_options all = { 0 };
static const struct ms_report_totals totals = { .messages = 1 };

#define TOP "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
	"<testsuites name=\"mailscan\">\n"

static void
test_suites(void **state)
{
	struct ms_outcome *outcome = sheet_outcome("a", 2,
	    MS_VERDICT_INFECTED);
	struct sheet sheet;

	(void)state;
	sheet_begin(&sheet, "junit", &all);
	sheet_message(&sheet, sheet_outcome("a", 1, MS_VERDICT_CLEAN));
	ms_facts_finding(&outcome->facts, "clamav", "<N>", "2/x");
	ms_facts_gap(&outcome->facts, MS_REASON_ENCRYPTED, "3", "why");
	outcome->facts.headers.message_id = g_strdup("<i@x>");
	sheet_message(&sheet, outcome);
	outcome = sheet_outcome("b", 1, MS_VERDICT_INCOMPLETE);
	ms_facts_gap(&outcome->facts, MS_REASON_LIMIT_SIZE, "", "");
	sheet_message(&sheet, outcome);
	sheet_message(&sheet, sheet_outcome("b", 2, MS_VERDICT_ENCRYPTED));
	sheet_end(&sheet, &totals);
	assert_string_equal(TOP
	    "<testsuite name=\"a\" tests=\"2\" failures=\"1\" errors=\"0\" "
	    "skipped=\"0\" time=\"3.000\">\n<properties>\n"
	    "<property name=\"messages\" value=\"2\"/>\n</properties>\n"
	    "<testcase name=\"#1\" classname=\"a\" time=\"1.500\"/>\n"
	    "<testcase name=\"#2 &lt;i@x&gt;\" classname=\"a\" "
	    "time=\"1.500\">\n"
	    "<failure type=\"infected\" message=\"&lt;N&gt;\">"
	    "2/x: &lt;N&gt; FOUND\n3: encrypted: why\n</failure>\n"
	    "</testcase>\n</testsuite>\n"
	    "<testsuite name=\"b\" tests=\"2\" failures=\"0\" errors=\"1\" "
	    "skipped=\"1\" time=\"3.000\">\n<properties>\n"
	    "<property name=\"messages\" value=\"2\"/>\n</properties>\n"
	    "<testcase name=\"#1\" classname=\"b\" time=\"1.500\">\n"
	    "<error type=\"incomplete\" message=\"limit-size\">limit-size\n"
	    "</error>\n</testcase>\n"
	    "<testcase name=\"#2\" classname=\"b\" time=\"1.500\">\n"
	    "<skipped message=\"encrypted\"></skipped>\n</testcase>\n"
	    "</testsuite>\n</testsuites>\n", sheet.text);
	free(sheet.text);
}

static void
test_nothing(void **state)
{
	struct sheet sheet;

	(void)state;
	sheet_begin(&sheet, "junit", &all);
	sheet_end(&sheet, &totals);
	assert_string_equal(TOP "</testsuites>\n", sheet.text);
	free(sheet.text);
}

/* Messages that are not listed are counted. */
static void
test_some(void **state)
{
	const struct ms_report_options some = { .only_not_ok = true };
	struct sheet sheet;

	(void)state;
	sheet_begin(&sheet, "junit", &some);
	sheet_message(&sheet, sheet_outcome("a", 1, MS_VERDICT_CLEAN));
	sheet_message(&sheet, sheet_outcome("a", 2, MS_VERDICT_BLOCKED));
	sheet_end(&sheet, &totals);
	sheet_expect(&sheet, " tests=\"1\" failures=\"1\"");
	sheet_expect(&sheet, "name=\"messages\" value=\"2\"");
	assert_null(strstr(sheet.text, "\"#1\""));
	free(sheet.text);
}

/* Where messages of one mailbox are. */
static void
test_mailboxes(void **state)
{
	static const struct {
		const char *source, *format, *suite, *name;
	} cases[] = {
		{ "x/in.mbox", "mbox", "x/in.mbox", "#1" },
		{ "M/cur/1:2,S", "maildir", "M", "1:2,S" },
		{ "M/new/1", "maildir", "M", "1" },
		{ "cur/1", "maildir", ".", "1" },
		{ "mh/inbox/7", "mh", "mh/inbox", "7" },
		{ "a.eml", "eml", "a.eml", "a.eml" },
		{ "/a.eml", "eml", "/", "a.eml" },
		{ "a.tar/d/b.eml", "eml", "a.tar/d", "b.eml" },
		{ "-", NULL, "-", "-" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_outcome *outcome = sheet_outcome(cases[i].source,
		    1, MS_VERDICT_CLEAN);
		struct sheet sheet;
		char *want = g_strdup_printf("<testcase name=\"%s\" "
		    "classname=\"%s\"", cases[i].name, cases[i].suite);

		outcome->origin.format = cases[i].format;
		sheet_begin(&sheet, "junit", &all);
		sheet_message(&sheet, outcome);
		sheet_end(&sheet, &totals);
		sheet_expect(&sheet, want);
		g_free(want);
		free(sheet.text);
	}
}

static void
test_failed(void **state)
{
	const struct ms_report_totals broken = { .interrupted = true };
	struct sheet sheet;

	(void)state;
	sheet_begin(&sheet, "junit", &all);
	sheet_notice(&sheet, MS_REPORT_GONE, "d/x", NULL);
	sheet_notice(&sheet, MS_REPORT_FAILED, "d/y", "no " ODD);
	sheet_end(&sheet, &broken);
	assert_null(strstr(sheet.text, "d/x"));
	sheet_expect(&sheet, "<testsuite name=\"d\" tests=\"1\" "
	    "failures=\"0\" errors=\"1\"");
	sheet_expect(&sheet, "<error type=\"failed\" message=\"no \\x01");
	sheet_expect(&sheet, "<testcase name=\"the run\" "
	    "classname=\"mailscan\" time=\"0.000\">\n"
	    "<error type=\"interrupted\"");
	free(sheet.text);
}

/* More than is kept in memory, and nothing that XML does not have. */
static void
test_many(void **state)
{
	const struct ms_report_options options = { .dir = "/tmp" };
	struct sheet sheet;
	size_t cases = 0;

	(void)state;
	sheet_begin(&sheet, "junit", &options);
	for (uint64_t i = 0; i < 20000; i++) {
		struct ms_outcome *outcome = sheet_outcome("a" ODD, i,
		    MS_VERDICT_SPAM);

		ms_facts_finding(&outcome->facts, "clamav", ODD, ODD);
		sheet_message(&sheet, outcome);
	}
	sheet_end(&sheet, &totals);
	/* Not by strstr(), for which a sanitizer reads the rest each time. */
	for (const char *p = sheet.text, *end = p + sheet.size; (p = memchr(p,
	    '<', (size_t)(end - p))); p++)
		cases += strncmp(p, "<testcase ", 10) == 0;
	assert_int_equal(20000, cases);
	assert_true(g_utf8_validate(sheet.text, (gssize)sheet.size, NULL));
	assert_null(strstr(sheet.text, "\xef\xbf\xbe"));
	assert_null(strchr(sheet.text, '\x1b'));
	assert_null(strchr(sheet.text, '\''));
	sheet_expect(&sheet, " tests=\"20000\" failures=\"20000\"");
	free(sheet.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suites),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_some),
		cmocka_unit_test(test_mailboxes),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
