#include "replay/cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Each kind of case, with names and texts that would be markup. */
static void
test_kinds(void **state)
{
	const struct ms_case tests[] = {
		{ .name = "a<b>&\"c\"", .elapsed_ms = 1002 },
		{ .name = "b", .failure = "- 250\n+ 550 <&>\n",
		  .summary = "1 \"difference\"" },
		{ .name = "c", .error = "no\n<route>\x01" },
		{ .name = "d", .skipped = "in part" },
	};
	struct ms_cases *cases = ms_cases_new();
	struct ms_error err;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		assert_int_equal(MS_OK, ms_cases_add(cases, &tests[i],
		    &err));
	assert_int_equal(MS_OK, ms_cases_write(cases, out, 61234, &err));
	(void)fclose(out);
	assert_string_equal("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites>\n  <testsuite name=\"mailscan replay\" tests=\"4\" "
	    "failures=\"1\" errors=\"1\" skipped=\"1\" time=\"61.234\">\n"
	    "    <testcase classname=\"replay\" "
	    "name=\"a&lt;b&gt;&amp;&quot;c&quot;\" time=\"1.002\"/>\n"
	    "    <testcase classname=\"replay\" name=\"b\" time=\"0.000\">\n"
	    "      <failure message=\"1 &quot;difference&quot;\">- 250\n"
	    "+ 550 &lt;&amp;&gt;\n</failure>\n    </testcase>\n"
	    "    <testcase classname=\"replay\" name=\"c\" time=\"0.000\">\n"
	    "      <error message=\"no\\x0a&lt;route&gt;\\x01\">"
	    "no\\x0a&lt;route&gt;\\x01</error>\n    </testcase>\n"
	    "    <testcase classname=\"replay\" name=\"d\" time=\"0.000\">\n"
	    "      <skipped message=\"in part\">in part</skipped>\n"
	    "    </testcase>\n  </testsuite>\n</testsuites>\n", text);
	free(text);
	ms_cases_free(cases);
	ms_cases_free(NULL);
}

/* More than is kept on the heap, and than is written at a time. */
static void
test_many(void **state)
{
	const struct ms_case test = { .name = "n", .error = "e" };
	struct ms_cases *cases = ms_cases_new();
	struct ms_error err;
	size_t size, count = 0;
	char *text;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	for (int i = 0; i < 20000; i++)
		assert_int_equal(MS_OK, ms_cases_add(cases, &test, &err));
	assert_int_equal(MS_OK, ms_cases_write(cases, out, 0, &err));
	(void)fclose(out);
	assert_non_null(strstr(text, "tests=\"20000\" failures=\"0\" "
	    "errors=\"20000\""));
	for (const char *p = text; (p = strstr(p, "</testcase>\n")); p++)
		count++;
	assert_int_equal(20000, count);
	assert_string_equal("</testsuites>\n", text + size - 14);
	free(text);
	ms_cases_free(cases);
}

static void
test_full(void **state)
{
	struct ms_cases *cases = ms_cases_new();
	FILE *full = fopen("/dev/full", "w");
	struct ms_error err;

	(void)state;
	(void)setvbuf(full, NULL, _IONBF, 0);
	assert_int_equal(MS_E_IO, ms_cases_write(cases, full, 0, &err));
	(void)fclose(full);
	ms_cases_free(cases);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
