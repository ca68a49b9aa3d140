#include "message/authres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#define AR "Authentication-Results: "
#define FROM "From: \"x@y\" (z@z) <anna@Example.ORG>\r\n"

static void
test_fields(void **state)
{
	static const struct {
		const char *message;
		bool good;
	} rows[] = {
		{ AR "mx.test; spf=pass smtp.mailfrom=a@example.org\r\n" FROM,
		  true },
		{ AR "MX.test 1;\r\n\tdkim=fail;\r\n spf=pass (a; b)\r\n"
		    "\tsmtp.mailfrom=example.org\r\n" FROM "\r\n", true },
		{ FROM AR "mx.test; dmarc=pass header.from=example.org\n",
		  true },
		{ AR "mx.test; dkim=pass header.d=example.org\n" FROM,
		  false },
		{ AR "mx.test; spf=fail smtp.mailfrom=a@example.org\n" FROM,
		  false },
		{ AR "mx.test; spf=pass smtp.mailfrom=a@other.org\n" FROM,
		  false },
		{ AR "mx.test; spf=pass (smtp.mailfrom=a@example.org)\n" FROM,
		  false },
		{ AR "other; spf=pass smtp.mailfrom=a@example.org\n" FROM,
		  false },
		{ AR "=?utf-8?q?mx.test?=; spf=pass smtp.mailfrom="
		    "a@example.org\n" FROM, false },
		/* The topmost is who came last. */
		{ AR "mx.test; none\n" AR "mx.test; spf=pass smtp.mailfrom="
		    "a@example.org\n" FROM, false },
		{ AR "mx.test; spf=pass smtp.mailfrom=a@example.org\n" FROM
		    FROM, false },
		{ AR "mx.test; spf=pass smtp.mailfrom=a@example.org\n"
		    "From: a@example.org, b@example.org\n", false },
		{ AR "mx.test; spf=pass smtp.mailfrom=a@example.org\n",
		  false },
		{ "A: b\n\n" AR "mx.test; spf=pass smtp.mailfrom="
		    "a@example.org\n" FROM, false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (ms_authres((const unsigned char *)rows[i].message,
		    strlen(rows[i].message), "mx.test") != rows[i].good)
			fail_msg("%s", rows[i].message);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
