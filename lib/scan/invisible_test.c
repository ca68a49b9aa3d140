#include "scan/invisible.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_all(void **state)
{
	static const gunichar gone[] = { 0, '\t', '\n', 0x7f, 0x85, 0xad, 0x34f,
		0x115f, 0x1160, 0x17b5, 0x180e, 0x200b, 0x200f, 0x202e,
		0x2065, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xfff8, 0xe0041,
		0xe0100, 0xe0fff };
	static const gunichar seen[] = { ' ', 'a', 0xa0, 0xe4, 0x301, 0x1161,
		0x2010, 0x2800, 0x3000, 0xfffd, 0x1f600, 0xe1000 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(gone); i++)
		assert_true(ms_invisible(gone[i]));
	for (size_t i = 0; i < G_N_ELEMENTS(seen); i++)
		assert_false(ms_invisible(seen[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_all) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
