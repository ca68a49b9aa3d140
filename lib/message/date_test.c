#include "message/date.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
test_parse(void **state)
{
	static const struct {
		const char *value;
		int64_t want;
	} cases[] = {
		{ "Mon, 01 Jan 2001 00:00:00 +0000", 978307200 },
		{ "Mon, 01 Jan 2001 02:00:00 +0200 (CEST)", 978307200 },
		{ "1 Jan 2001 00:00 GMT", 978307200 },
		{ "nonsense", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s\n", cases[i].value);
		assert_int_equal(cases[i].want,
		    ms_date_parse(cases[i].value));
	}
}

static void
test_header(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} cases[] = {
		{ "date:Mon, 01 Jan 2001 00:00:00 +0000\n", 978307200 },
		{ "To: x\r\nDate: Mon, 01 Jan 2001 00:00:00 +0000\r\n\r\n",
		  978307200 },
		{ "To: x\n\nDate: Mon, 01 Jan 2001 00:00:00 +0000\n", -1 },
		{ "Date: Mon, 01 Jan 2001 00:00:00 +0000", -1 },
		{ "Date:\n\n", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %zu\n", i);
		assert_int_equal(cases[i].want, ms_date_header(
		    (const unsigned char *)cases[i].text,
		    strlen(cases[i].text)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
