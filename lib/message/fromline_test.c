#include "message/fromline.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_dates(void **state)
{
	static const struct {
		const char *line;
		int64_t want;
	} cases[] = {
		{ "From a@b Thu Jan  1 00:00:00 1970", 0 },
		{ "From a@b  Wed Jul  1 13:17:17 1998", 899299037 },
		{ "From a b c Wed Jul  1 13:17:17 1998", 899299037 },
		{ "From a Wed Jul  1 13:17 1998", 899299020 },
		{ "From a Wed Jul  1 13:17:17 1998 -0400", 899299037 },
		{ "From a Wed Jul  1 13:17:17 MET DST 1998", 899299037 },
		{ "From a Wed Jul  1 13:17:17 +0200 1998", 899299037 },
		{ "From a Wed, 1 Jul 1998 13:17:17 +0000", 899299037 },
		{ "From - Tue Feb 29 23:59:59 2000", 951868799 },
		{ "From - Mon Mar 01 00:00:00 2100", 4107542400 },
		{ "From the Mon to the Sun", -1 },
		{ "From a Wed Jul 1 1998", -1 },
		{ "From a Wed Jul 1 25:00:00 1998", -1 },
		{ "From a Wed Xxx 1 13:17:17 1998", -1 },
		{ "From a Wed Jul 0 13:17:17 1998", -1 },
		{ "From a Wed Jul 1 :: 1998", 899251200 },
		{ "From a Wed Jul 1 1::::2 1998", -1 },
		{ "From a 99999999999999999999 Wed Jul 1 1998", -1 },
		{ "From ", -1 },
		{ "From", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s\n", cases[i].line);
		assert_int_equal(cases[i].want,
		    ms_fromline_date(cases[i].line));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
