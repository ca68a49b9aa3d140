#include "serve/chronicle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char *
line_of(const char *sender, const char *found, unsigned recipients)
{
	struct ms_session_state envelope = { .helo = (char *)"client.test" };
	const struct ms_proxy_end end = { .action = MS_ACTION_REJECT,
		.decided = true, .code = 550, .text = "5.7.1 No", .size = 9 };
	const struct ms_chronicle_message message = {
		.id = "1-1.1", .client = "192.0.2.1:9", .envelope = &envelope,
		.scanned = true, .verdict = MS_VERDICT_INFECTED,
		.what = found, .part = "", .end = &end, .scan_ms = 1,
		.whole_ms = 2 };
	GString *out = g_string_new(NULL);

	envelope.sender.text = (char *)(uintptr_t)sender;
	envelope.recipients = g_array_new(FALSE, TRUE,
	    sizeof(struct ms_recipient));
	for (unsigned i = 0; i < recipients; i++) {
		const struct ms_recipient one = {
			.address = { .text = (char *)"b@c" },
			.code = i == 1 ? 550 : 250 };

		g_array_append_val(envelope.recipients, one);
	}
	ms_chronicle_compose(&message, out);
	g_array_unref(envelope.recipients);
	return g_string_free(out, FALSE);
}

static void
test_line(void **state)
{
	char *line = line_of("a@b", "Bad", 2);

	(void)state;
	assert_string_equal(line, "1-1.1: client=\"192.0.2.1:9\" "
	    "helo=\"client.test\" from=\"a@b\" to=\"b@c\" size=9 "
	    "verdict=infected found=\"Bad\" action=reject delivered=no "
	    "reply=\"550 5.7.1 No\" scan-ms=1 ms=2");
	g_free(line);
}

/* Nobody writes words into the log, or lines. */
static void
test_forged(void **state)
{
	char *line = line_of("a\" verdict=clean\n\x1b[2K\xff\\", "B\"d", 1);

	(void)state;
	assert_non_null(strstr(line, " from=\"a\\x22 verdict=clean\\x0a\\x1b"
	    "[2K\\xff\\\\\" to="));
	assert_non_null(strstr(line, "found=\"B\\x22d\""));
	assert_null(strchr(line, '\n'));
	g_free(line);
}

static void
test_many_recipients(void **state)
{
	char *line = line_of("", NULL, 1000);

	(void)state;
	assert_non_null(strstr(line, " from=\"\" "));
	assert_non_null(strstr(line, " more-recipients=979 "));
	assert_null(strstr(line, "found="));
	assert_true(strlen(line) < 1000);
	g_free(line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_many_recipients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
