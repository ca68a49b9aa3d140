#include "replay/login.h"

#include <glib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What a server offers, and the lines that are sent: "-" is none. */
static const struct row {
	const char *offers, *first, *second, *third;
} rows[] = {
	{ "a\nAUTH PLAIN LOGIN", "AUTH PLAIN AGFubmEAc2VjcmV0\r\n", "-", "-" },
	{ "a\nAUTH LOGIN", "AUTH LOGIN\r\n", "YW5uYQ==\r\n",
	  "c2VjcmV0\r\n" },
	{ "a\nAUTH cram-md5 plain", "AUTH PLAIN AGFubmEAc2VjcmV0\r\n", "-",
	  "-" },
	{ "a\nAUTH CRAM-MD5", "-", "-", "-" },
	{ "a\nSIZE", "-", "-", "-" },
};

static void
expect(const char *want, char *line)
{
	assert_string_equal(want, line ? line : "-");
	g_free(line);
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_login login = { 0 };
		struct ms_reply offers;

		ms_reply_init(&offers);
		offers.code = 250;
		g_string_assign(offers.text, rows[i].offers);
		expect(rows[i].first, ms_login_first(&login, &offers, "anna",
		    "secret"));
		if (rows[i].first[0] == '-') {
			ms_reply_clear(&offers);
			continue;
		}
		expect(rows[i].second, ms_login_next(&login, "anna",
		    "secret"));
		expect(rows[i].third, ms_login_next(&login, "anna",
		    "secret"));
		expect("-", ms_login_next(&login, "anna", "secret"));
		ms_reply_clear(&offers);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
