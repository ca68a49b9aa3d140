#include "message/date.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* What is written is what is read, in any zone. */
static void
test_append(void **state)
{
	static const char *const zones[] = { "UTC0", "CET-1CEST,M3.5.0,M10.5.0",
		"<-0330>3:30", "<+1245>-12:45" };
	static const char *const want[] = {
		"Sun, 09 Sep 2001 01:46:40 +0000",
		"Sun, 09 Sep 2001 03:46:40 +0200",
		"Sat, 08 Sep 2001 22:16:40 -0330",
		"Sun, 09 Sep 2001 14:31:40 +1245",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(zones); i++) {
		GString *text = g_string_new(NULL);

		assert_int_equal(setenv("TZ", zones[i], 1), 0);
		tzset();
		ms_date_append(text, 1000000000);
		assert_string_equal(want[i], text->str);
		assert_int_equal(1000000000, ms_date_parse(text->str));
		g_string_free(text, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_append),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
