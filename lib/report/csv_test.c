#include "report/csv.h"

#include "report/formats_test.h"

#include "base/quote.h"

#define HEADER "source,format,index,offset,size,sha256,message_id,date,from," \
	"subject,verdict,type,name,part,engine,detail,action,stream\r\n"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000"
#define DIGEST "\"010000" ZEROS "\""

static const struct ms_report_totals totals = { 0 };
static const struct ms_report_options all = { 0 };

static void
test_rows(void **state)
{
	struct ms_outcome *outcome = sheet_outcome("in", 1,
	    MS_VERDICT_INFECTED);
	struct sheet sheet;

	(void)state;
	ms_facts_finding(&outcome->facts, "clamav", "N", "2/a,\"b\"");
	ms_facts_gap(&outcome->facts, MS_REASON_ENCRYPTED, "3", "why");
	outcome->facts.headers.subject = g_strdup("S");
	ms_outcome_deed(outcome, "quarantine", MS_DEED_DONE, "x");
	ms_outcome_deed(outcome, "remove", MS_DEED_PENDING, NULL);
	sheet_begin(&sheet, "csv", &all);
	sheet_message(&sheet, outcome);
	sheet_message(&sheet, sheet_outcome("in", 1, MS_VERDICT_CLEAN));
	sheet_notice(&sheet, MS_REPORT_FAILED, "x", "no\n");
	sheet_notice(&sheet, MS_REPORT_GONE, "y", NULL);
	sheet_end(&sheet, &totals);
	assert_string_equal(HEADER
	    "\"in\",\"mbox\",1,0,7," DIGEST ",,,,\"S\",\"infected\","
	    "\"finding\",\"N\",\"2/a,\"\"b\"\"\",\"clamav\",,"
	    "\"quarantine done; remove pending\",\r\n"
	    "\"in\",\"mbox\",1,0,7," DIGEST ",,,,\"S\",\"infected\","
	    "\"gap\",\"encrypted\",\"3\",,\"why\","
	    "\"quarantine done; remove pending\",\r\n"
	    "\"in\",\"mbox\",1,0,7," DIGEST ",,,,,\"clean\","
	    "\"message\",,,,,,\r\n"
	    "\"x\",,,,,,,,,,,\"error\",\"failed\",,,\"no\\x0a\",,\r\n"
	    "\"y\",,,,,,,,,,,\"notice\",\"gone\",,,,,\r\n", sheet.text);
	free(sheet.text);
}

/* A report of nothing has its header. */
static void
test_nothing(void **state)
{
	struct sheet sheet;

	(void)state;
	sheet_begin(&sheet, "csv", &all);
	sheet_end(&sheet, &totals);
	assert_string_equal(HEADER, sheet.text);
	free(sheet.text);
}

static void
test_some(void **state)
{
	const struct ms_report_options found = { .only_found = true };
	struct ms_outcome *outcome = sheet_outcome("in", 2,
	    MS_VERDICT_BLOCKED);
	struct sheet sheet;

	(void)state;
	sheet_begin(&sheet, "csv", &found);
	sheet_message(&sheet, sheet_outcome("in", 1, MS_VERDICT_CLEAN));
	sheet_message(&sheet, outcome);
	sheet_notice(&sheet, MS_REPORT_GONE, "y", NULL);
	sheet_notice(&sheet, MS_REPORT_FAILED, "z", NULL);
	sheet_end(&sheet, &totals);
	assert_null(strstr(sheet.text, "clean"));
	assert_null(strstr(sheet.text, "gone"));
	sheet_expect(&sheet, "\"blocked\",\"message\"");
	sheet_expect(&sheet, "\"z\",,");
	free(sheet.text);
}

/* What TEXT becomes as a subject; undoing the escapes gives it again. */
static void
check_subject(const char *text, const char *want)
{
	struct ms_outcome *outcome = sheet_outcome("in", 1,
	    MS_VERDICT_CLEAN);
	GString *field, *back = g_string_new(NULL);
	struct sheet sheet;
	const char *from, *to;
	char **halves;

	outcome->facts.headers.subject = g_strdup(text);
	sheet_begin(&sheet, "csv", &all);
	sheet_message(&sheet, outcome);
	sheet_end(&sheet, &totals);
	from = strstr(sheet.text, DIGEST ",,,,\"");
	assert_non_null(from);
	from += strlen(DIGEST ",,,,\"");
	to = strstr(from, "\",\"clean\",");
	assert_non_null(to);
	field = g_string_new_len(from, to - from);
	assert_string_equal(want, field->str);
	halves = g_strsplit(field->str, "\"\"", -1);
	g_string_free(field, TRUE);
	field = g_string_new(NULL);
	for (char **half = halves; *half; half++)
		g_string_append_printf(field, "%s%s", half == halves ? "" :
		    "\"", *half);
	assert_true(ms_quote_undo(back, field->str, field->len));
	assert_string_equal(text, back->str);
	g_strfreev(halves);
	g_string_free(field, TRUE);
	g_string_free(back, TRUE);
	free(sheet.text);
}

/* No cell begins as a formula does. */
static void
test_formulas(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "=1+1", "\\x3d1+1" }, { "+1", "\\x2b1" },
		{ "-1", "\\x2d1" }, { "@SUM(1)", "\\x40SUM(1)" },
		{ "  =1", "  \\x3d1" }, { "==", "\\x3d=" },
		{ "\xef\xbc\x9d" "1", "\\xef\\xbc\\x9d" "1" },
		{ "a=b", "a=b" }, { "a@b", "a@b" }, { "a -b", "a -b" },
		{ "a;=b", "a;\\x3db" }, { "a, -b", "a, \\x2db" },
		{ "a\"=b", "a\"\"\\x3db" }, { "a|@b", "a|\\x40b" },
		{ "\t=1", "\\x09=1" }, { "\\=", "\\\\=" },
		{ "\xc3\xa4", "\xc3\xa4" }, { "\"", "\"\"" },
		{ "a\r\n=b", "a\\x0d\\x0a=b" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s\n", cases[i].want);
		check_subject(cases[i].text, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_some),
		cmocka_unit_test(test_formulas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
