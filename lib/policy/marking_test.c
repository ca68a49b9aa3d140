#include "policy/marking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#define MODERN MS_MARKING_MODERN
#define CLASSIC MS_MARKING_CLASSIC

static const struct ms_wording values = { .client = "192.0.2.1",
	.local = "192.0.2.2", .date = "Sat, 21 Nov 2026 10:00:00 +0000",
	.virus = "Eicar\r\nBcc: x", .host = "gate.test", .version = "1" };

static void
test_check(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "", true },
		{ MS_MARKING_USUAL, true },
		{ "X-AV: on %h, %d\\r\\n\\tfor %i\\r\\nX-More: 100%%", true },
		{ "Received: from %i by %l\\n with mailscan; %d", true },
		{ "X-End: a\\r\\n", true },
		{ "hello", false },
		{ ": x", false },
		{ " X: folded at once", false },
		{ "%i: x", false },
		{ "X: a\\n%i: x", false },
		{ "X: a\\nno field", false },
		{ "X Y: a", false },
		{ "X: %z", false },
		{ "X: \\\\n still the same", true },
	};
	char *big = g_strnfill(2000, 'x');
	struct ms_error err;

	(void)state;
	memcpy(big, "X:", 2);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if ((ms_marking_check(cases[i].text, &err) == MS_OK) !=
		    cases[i].good)
			fail_msg("%s", cases[i].text);
	assert_int_equal(ms_marking_check(big, &err), MS_E_USAGE);
	g_free(big);
}

static void
test_names(void **state)
{
	static const struct ms_marking_config usual = { MS_MARKING_USUAL,
		true, MODERN };
	static const struct ms_marking_config several = {
		"Received: x\\r\\n\\tX-No: y\\r\\nx-AV: %v\\nX-B: \\\\nX-C: z",
		false, CLASSIC };
	static const struct ms_marking_config none = { "", false, MODERN };
	char **names = ms_marking_names(&usual);

	(void)state;
	assert_string_equal(names[0], "X-Virus-Scanned");
	assert_string_equal(names[1], "X-Virus-Status");
	assert_null(names[2]);
	g_strfreev(names);
	names = ms_marking_names(&several);
	assert_string_equal(names[0], "x-AV");
	assert_string_equal(names[1], "X-B");
	assert_null(names[2]);
	g_strfreev(names);
	names = ms_marking_names(&none);
	assert_null(names[0]);
	g_strfreev(names);
}

static void
test_fields(void **state)
{
	static const struct {
		struct ms_marking_config config;
		enum ms_verdict verdict;
		enum ms_action action;
		const char *fields;
	} cases[] = {
		{ { MS_MARKING_USUAL, true, MODERN }, MS_VERDICT_CLEAN,
		    MS_ACTION_PASS,
		    "X-Virus-Scanned: mailscan 1 at gate.test\r\n"
		    "X-Virus-Status: Clean\r\n" },
		{ { MS_MARKING_USUAL, true, MODERN }, MS_VERDICT_INFECTED,
		    MS_ACTION_TAG, "X-Virus-Scanned: mailscan 1 at gate.test"
		    "\r\nX-Virus-Status: Infected (Eicar??Bcc: x)\r\n" },
		{ { MS_MARKING_USUAL, true, MODERN }, MS_VERDICT_INFECTED,
		    MS_ACTION_PASS, "X-Virus-Scanned: mailscan 1 at gate.test"
		    "\r\n" },
		{ { "", true, MODERN }, MS_VERDICT_INCOMPLETE, MS_ACTION_TAG,
		    "X-Virus-Status: Not fully scanned (Eicar??Bcc: x)"
		    "\r\n" },
		{ { "", true, MODERN }, MS_VERDICT_SPAM, MS_ACTION_TAG,
		    "X-Virus-Status: Spam (Eicar??Bcc: x)\r\n" },
		{ { "", true, MODERN }, MS_VERDICT_BLOCKED, MS_ACTION_TAG,
		    "X-Virus-Status: Blocked (Eicar??Bcc: x)\r\n" },
		{ { "", true, MODERN }, MS_VERDICT_SKIPPED, MS_ACTION_PASS,
		    "" },
		{ { "X-A: %i %l\\n\\t%d %v\\r\\n\\r\\nX-B: 1\\n", false,
		    MODERN },
		    MS_VERDICT_CLEAN, MS_ACTION_PASS,
		    "X-A: 192.0.2.1 192.0.2.2\r\n\tSat, 21 Nov 2026 10:00:00 "
		    "+0000 Eicar??Bcc: x\r\nX-B: 1\r\n" },
		{ { "", false, MODERN }, MS_VERDICT_CLEAN, MS_ACTION_PASS, "" },
		{ { "", true, CLASSIC }, MS_VERDICT_CLEAN, MS_ACTION_PASS,
		    "X-Virus-Status: Clean\r\n" },
		{ { "", true, CLASSIC }, MS_VERDICT_INFECTED, MS_ACTION_TAG,
		    "X-Virus-Status: Infected with Eicar??Bcc: x\r\n" },
		{ { "", true, CLASSIC }, MS_VERDICT_INFECTED, MS_ACTION_PASS,
		    "X-Virus-Status: Infected with Eicar??Bcc: x\r\n" },
		{ { "", true, CLASSIC }, MS_VERDICT_INCOMPLETE,
		    MS_ACTION_PASS, "X-Virus-Status: Not Scanned - Eicar??"
		    "Bcc: x\r\n" },
		{ { "", true, CLASSIC }, MS_VERDICT_SPAM, MS_ACTION_TAG,
		    "X-Virus-Status: Spam (Eicar??Bcc: x)\r\n" },
		{ { "", true, CLASSIC }, MS_VERDICT_SKIPPED, MS_ACTION_PASS,
		    "" },
		{ { "", false, CLASSIC }, MS_VERDICT_INFECTED, MS_ACTION_TAG,
		    "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *fields = ms_marking(&cases[i].config, cases[i].verdict,
		    cases[i].action, &values);

		assert_string_equal(fields, cases[i].fields);
		g_free(fields);
	}
}

/* Why it was not scanned, as the older clamav-milter said it. */
static void
test_reasons(void **state)
{
	static const struct ms_marking_config classic = { "", true, CLASSIC };
	static const struct {
		const char *what, *words;
		enum ms_verdict verdict;
	} rows[] = {
		{ "engine-failed", "Not Scanned", MS_VERDICT_ERROR },
		{ "worker-died", "Unknown", MS_VERDICT_ERROR },
		{ "limit-size", "Not Scanned - StreamMaxLength exceeded",
		  MS_VERDICT_INCOMPLETE },
		{ "limit-time", "Not Scanned - Read timeout exceeded",
		  MS_VERDICT_INCOMPLETE },
		{ "encrypted", "Not Scanned - encrypted",
		  MS_VERDICT_ENCRYPTED },
		/* nothing decided */
		{ NULL, "Not Scanned", MS_VERDICT_ERROR },
		{ NULL, "Infected", MS_VERDICT_INFECTED },
		/* what a signature may be called */
		{ "worker-died", "Infected with worker-died",
		  MS_VERDICT_INFECTED },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_wording about = { .virus = rows[i].what };
		char *fields = ms_marking(&classic, rows[i].verdict,
		    MS_ACTION_PASS, &about);
		char *wanted = g_strdup_printf("X-Virus-Status: %s\r\n",
		    rows[i].words);

		assert_string_equal(fields, wanted);
		g_free(wanted);
		g_free(fields);
	}
}

static void
test_split(void **state)
{
	char **fields = ms_marking_split("A: b\r\nC: d\r\n\te\r\n f\r\n"
	    "G:\r\n");

	(void)state;
	assert_int_equal(g_strv_length(fields), 3);
	assert_string_equal(fields[0], "A: b");
	assert_string_equal(fields[1], "C: d\r\n\te\r\n f");
	assert_string_equal(fields[2], "G:");
	g_strfreev(fields);
	fields = ms_marking_split(NULL);
	assert_null(fields[0]);
	g_strfreev(fields);
	fields = ms_marking_split("A: b");
	assert_string_equal(fields[0], "A: b");
	assert_null(fields[1]);
	g_strfreev(fields);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
