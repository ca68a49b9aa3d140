#include "policy/posix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_both(void **state)
{
	GPtrArray *list = ms_posix_new();
	struct ms_error err;

	(void)state;
	assert_false(ms_posix_finds(list, ""));
	assert_int_equal(MS_OK, ms_posix_add(list, "^a(b|c)$", true, &err));
	assert_true(ms_posix_finds(list, "AB"));
	assert_false(ms_posix_finds(list, "a(b|c)"));
	assert_int_equal(MS_OK, ms_posix_add(list, "^a(b|c)$", false, &err));
	assert_true(ms_posix_finds(list, "A(b|c)"));
	assert_false(ms_posix_finds(list, "xac"));
	g_ptr_array_unref(list);
}

static void
test_wrong(void **state)
{
	GPtrArray *list = ms_posix_new();
	struct ms_error err;

	(void)state;
	assert_int_equal(MS_E_FORMAT, ms_posix_add(list, "(", true, &err));
	assert_string_equal(err.text, "(: Unmatched ( or \\(");
	assert_int_equal(MS_OK, ms_posix_add(list, "(", false, &err));
	assert_int_equal(1, list->len);
	g_ptr_array_unref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
