#include "base/subnet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>

static void
test_holds(void **state)
{
	static const struct {
		const char *subnet, *address;
		bool holds;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.0/25", "192.0.2.128", false },
		{ "192.0.2.0/24", "::ffff:192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "2001:db8::/33", "2001:db8:8000::", false },
		{ "2001:db8::/32", "2001:db8:8000::", true },
		{ "::/0", "192.0.2.1", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_subnet subnet, address;

		assert_int_equal(ms_subnet_parse(rows[i].subnet, &subnet,
		    NULL), MS_OK);
		assert_true(ms_subnet_address(rows[i].address, &address));
		if (ms_subnet_holds(&subnet, address.family, address.bytes) !=
		    rows[i].holds)
			fail_msg("%s %s", rows[i].subnet, rows[i].address);
	}
}

static void
test_print(void **state)
{
	static const char *const rows[] = { "192.0.2.0/24", "192.0.2.1",
		"0.0.0.0/0", "::/0", "2001:db8:1:2::/64", "2001:db8::1" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_subnet subnet;
		char *text;

		assert_int_equal(ms_subnet_parse(rows[i], &subnet, NULL),
		    MS_OK);
		text = ms_subnet_print(&subnet);
		assert_string_equal(text, rows[i]);
		g_free(text);
	}
}

static void
test_wrong(void **state)
{
	static const char *const rows[] = { "", "unix", "192.0.2.1/24",
		"192.0.2.0/33", "192.0.2/24", "::/129", "192.0.2.0/",
		"192.0.2.0/-1", "192.0.2.0/ 8", "a" };
	static const char *const addresses[] = { "", "192.0.2.1/32", "unknown",
		"[192.0.2.1]", "192.0.2.1:25", "[UNAVAILABLE]" };
	struct ms_subnet subnet;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (ms_subnet_parse(rows[i], &subnet, NULL) != MS_E_USAGE)
			fail_msg("%s", rows[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++)
		if (ms_subnet_address(addresses[i], &subnet))
			fail_msg("%s", addresses[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
