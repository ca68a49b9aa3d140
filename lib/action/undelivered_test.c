#include "action/undelivered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static GString *
make(const struct ms_undelivered_one *ones, size_t count)
{
	static const char header[] = "Subject: caf\xc3\xa9\r\nTo: x\r\n";
	const struct ms_undelivered about = { "a@example.net", "mx.test",
		header, strlen(header), 1000000000 };
	GString *out = g_string_new(NULL);
	struct ms_error err = { "" };

	if (ms_undelivered(&about, ones, count, out, &err) != MS_OK)
		fail_msg("%s", err.text);
	return out;
}

/* People and programs learn who did not get it, and why. */
static void
test_report(void **state)
{
	static const struct ms_undelivered_one ones[] = {
		{ "b@example.org", "550 5.1.1 Who?" },
		{ "c@example.org", "452 4.2.2 Full" },
	};
	static const char *const want[] = {
		"To: a@example.net\n", "Subject: Undelivered mail\n",
		"From: MAILER-DAEMON\n", "Auto-Submitted: auto-replied\n",
		"Content-Type: multipart/report; report-type=delivery-status;"
		"\n boundary=", "\n<b@example.org>:\n\t550 5.1.1 Who?\n",
		"Content-Type: message/delivery-status\n\n"
		"Reporting-MTA: dns; mx.test\n\n"
		"Final-Recipient: rfc822; b@example.org\nAction: failed\n"
		"Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 Who?\n\n"
		"Final-Recipient: rfc822; c@example.org\nAction: failed\n"
		"Status: 4.2.2\nDiagnostic-Code: smtp; 452 4.2.2 Full\n\n--",
		"Content-Type: text/rfc822-headers\n",
		"\nSubject: caf\xc3\xa9\nTo: x\n\n--",
	};
	GString *out = make(ones, G_N_ELEMENTS(ones));
	const char *at = out->str;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(want); i++)
		if (!strstr(at, want[i]))
			fail_msg("%s: %s", want[i], at);
	(void)g_string_free(out, TRUE);
}

/* What servers say makes no lines of its own, and no status that is none. */
static void
test_hostile(void **state)
{
	static const struct {
		struct ms_undelivered_one one;
		const char *want;
	} rows[] = {
		{ { "b@x", "550 a\n\nFinal-Recipient: rfc822; z" },
		  "Status: 5.0.0\nDiagnostic-Code: smtp; 550 "
		  "a\\x0a\\x0aFinal" },
		{ { "b\r\nX: y@x", "451 2.1.1 x" },
		  "rfc822; b\\x0d\\x0aX: y@x\nAction: failed\n"
		  "Status: 4.0.0\n" },
		{ { "\xc3\xa9@x", "5" }, "rfc822; ??@x\n" },
		{ { "", "" }, "Status: 5.0.0\nDiagnostic-Code: smtp; \n" },
		{ { "b", "550 5.1.1111 x" }, "Status: 5.0.0\n" },
		{ { "b", "550 5..1 x" }, "Status: 5.0.0\n" },
		{ { "b", "550 5.123.123 x" }, "Status: 5.123.123\n" },
		{ { "b", "550 5.1" }, "Status: 5.0.0\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GString *out = make(&rows[i].one, 1);

		if (!strstr(out->str, rows[i].want))
			fail_msg("%s: %s", rows[i].want, out->str);
		assert_null(strstr(out->str, "\nX: y"));
		(void)g_string_free(out, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
