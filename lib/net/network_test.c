#include "net/network.h"

#include "net/endpoint_test.h"

#include <stdio.h>

#include <glib.h>

static void
test_holds(void **state)
{
	static const struct {
		const char *network, *address;
		bool in;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.255:1", true },
		{ "192.0.2.0/24", "192.0.3.0:1", false },
		{ "192.0.2.128/25", "192.0.2.127:1", false },
		{ "192.0.2.128/25", "192.0.2.128:1", true },
		{ "192.0.2.1", "192.0.2.1:1", true },
		{ "192.0.2.1", "192.0.2.2:1", false },
		{ "0.0.0.0/0", "203.0.113.1:1", true },
		{ "0.0.0.0/0", "[2001:db8::1]:1", false },
		{ "2001:db8::/33", "[2001:db8:7fff::1]:1", true },
		{ "2001:db8::/33", "[2001:db8:8000::1]:1", false },
		{ "::/0", "[2001:db8::1]:1", true },
		{ "::/0", "192.0.2.1:1", false },
		{ "::/0", "unix:/x", false },
		{ "unix", "unix:/x", true },
		{ "unix", "127.0.0.1:1", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_endpoint one = endpoint(rows[i].address);
		struct ms_network network;
		struct ms_error err;

		assert_int_equal(ms_network_parse(rows[i].network, &network,
		    &err), MS_OK);
		if (ms_network_holds(&network, 1, &one) != rows[i].in)
			fail_msg("%s in %s", rows[i].address,
			    rows[i].network);
		assert_false(ms_network_holds(&network, 0, &one));
	}
}

static void
test_no_networks(void **state)
{
	static const char *const rows[] = { "", "/", "192.0.2.0/33",
		"192.0.2.0/-1", "192.0.2.0/", "192.0.2.0/8x", "192.0.2/24",
		"192.0.2.1/24", "2001:db8::1/64", "::/129", "example.org",
		" 192.0.2.1", "192.0.2.0/24/1", "unix/0",
		"unix:/x" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_network network;
		struct ms_error err;

		if (ms_network_parse(rows[i], &network, &err) != MS_E_USAGE)
			fail_msg("'%s' is taken", rows[i]);
	}
}

static void
test_local(void **state)
{
	static const struct {
		const char *address;
		bool local;
	} rows[] = {
		{ "127.0.0.1:1", true }, { "127.255.0.1:1", true },
		{ "[::1]:1", true }, { "unix:/x", true },
		{ "128.0.0.1:1", false }, { "[::2]:1", false },
		{ "0.0.0.0:1", false }, { "[::]:1", false },
	};
	const struct ms_endpoint nowhere = { .size = 0 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_endpoint one = endpoint(rows[i].address);

		if (ms_network_is_local(&one) != rows[i].local)
			fail_msg("%s", rows[i].address);
	}
	assert_false(ms_network_is_local(&nowhere));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_no_networks),
		cmocka_unit_test(test_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
