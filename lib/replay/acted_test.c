#include "replay/acted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* All are counted, some are kept, and whatever they are made of is freed. */
static void
test_surprises(void **state)
{
	struct ms_role *role = ms_role_new();
	struct ms_acted *acted = ms_acted_new(role, 2, "192.0.2.1:25");
	const struct ms_surprise *s;

	(void)state;
	assert_ptr_equal(role, acted->role);
	assert_int_equal(2, acted->run);
	assert_string_equal("192.0.2.1:25", acted->client);
	assert_null(acted->failed);
	ms_acted_surprise(acted, MS_SURPRISE_LESS, g_strdup("QUIT"), NULL,
	    NULL);
	for (int i = 1; i < 1000; i++)
		ms_acted_surprise(acted, MS_SURPRISE_OTHER, g_strdup("a"),
		    g_strdup("b"), "503 c");
	assert_int_equal(1000, acted->count);
	assert_int_equal(MS_ACTED_KEPT, acted->surprises->len);
	s = &g_array_index(acted->surprises, struct ms_surprise, 0);
	assert_int_equal(MS_SURPRISE_LESS, s[0].kind);
	assert_string_equal("QUIT", s[0].recorded);
	assert_null(s[0].received);
	assert_null(s[0].reply);
	assert_string_equal("b", s[MS_ACTED_KEPT - 1].received);
	assert_string_equal("503 c", s[MS_ACTED_KEPT - 1].reply);
	ms_acted_free(acted);
	ms_acted_free(NULL);
	ms_role_free(role);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_surprises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
