#include "policy/articles.h"

#include <glib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_own(void **state)
{
	static const char *const own[] = { NULL, "127.0.0.1", "127.1.2.3",
		"::1", "IPV6:::1", "ipv6:0:0:0:0:0:0:0:1",
		"::ffff:127.0.0.1" };
	static const char *const others[] = { "", "128.0.0.1", "192.0.2.1",
		"::2", "IPV6:", "IPV6:x", "localhost", "127.0.0.1:25",
		"127.0.0.1/8", "::", "IPV6:IPV6:::1" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
		if (!ms_articles_is_own(own[i]))
			fail_msg("%s", own[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		if (ms_articles_is_own(others[i]))
			fail_msg("%s", others[i]);
}

static void
test_in(void **state)
{
	static const char *const networks[] = { "192.0.2.0/24", "10.0.0.1",
		"2001:db8::/32" };
	static const char *const in[] = { "192.0.2.255", "10.0.0.1",
		"2001:db8::1", "IPV6:2001:db8:ffff::", "::ffff:192.0.2.1" };
	static const char *const out[] = { "192.0.3.1", "10.0.0.2",
		"2001:db9::1", "192.0.2", "192.0.2.1 ", "unknown", "" };
	GArray *subnets = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_subnet));

	(void)state;
	assert_false(ms_articles_in(subnets, "192.0.2.1"));
	for (size_t i = 0; i < G_N_ELEMENTS(networks); i++) {
		struct ms_subnet subnet;
		struct ms_error err;

		assert_int_equal(ms_subnet_parse(networks[i], &subnet, &err),
		    MS_OK);
		g_array_append_val(subnets, subnet);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(in); i++)
		if (!ms_articles_in(subnets, in[i]))
			fail_msg("%s", in[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(out); i++)
		if (ms_articles_in(subnets, out[i]))
			fail_msg("%s", out[i]);
	assert_false(ms_articles_in(subnets, NULL));
	g_array_unref(subnets);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
