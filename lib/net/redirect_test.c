#include "net/redirect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>

/* One who listens at ADDRESS, one who has connected, and what was accepted. */
struct three {
	int listener, client, server;
	struct ms_endpoint at;
};

/* False: TRANSPARENT is not ours to have, or there is no such address. */
static bool
connect_three(struct three *three, const char *address, bool transparent)
{
	struct ms_error err;
	GArray *list;
	int family;

	*three = (struct three){ -1, -1, -1, { .size = 0 } };
	assert_int_equal(ms_endpoint_resolve(address, true, &list, &err),
	    MS_OK);
	three->at = g_array_index(list, struct ms_endpoint, 0);
	g_array_unref(list);
	family = three->at.u.any.sa_family;
	three->listener = socket(family, SOCK_STREAM, 0);
	if (three->listener < 0 || (transparent &&
	    ms_redirect_listen(three->listener, family, &err) != MS_OK) ||
	    bind(three->listener, &three->at.u.any, three->at.size) != 0)
		return false;
	ms_endpoint_ask(&three->at, three->listener, false);
	assert_int_equal(listen(three->listener, 1), 0);
	three->client = socket(family, SOCK_STREAM, 0);
	assert_int_equal(connect(three->client, &three->at.u.any,
	    three->at.size), 0);
	three->server = accept(three->listener, NULL, NULL);
	assert_true(three->server >= 0);
	return true;
}

static void
close_three(const struct three *three)
{
	(void)close(three->server);
	(void)close(three->client);
	(void)close(three->listener);
}

/* Who came by himself would be led back to us. */
static void
test_by_itself(void **state)
{
	static const char *const rows[] = { "127.0.0.1:0", "[::1]:0" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_endpoint wanted;
		struct ms_error err;
		struct three three;

		if (connect_three(&three, rows[i], false))
			assert_int_equal(ms_redirect_wanted(three.server,
			    &wanted, &err), MS_E_USAGE);
		close_three(&three);
	}
}

/* The own end of a connection is where its client wanted to be. */
static void
test_transparent(void **state)
{
	static const char *const rows[] = { "127.0.0.1:0", "[::1]:0" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_endpoint wanted;
		struct ms_error err;
		struct three three;

		/* Not everybody has the right to it. */
		if (connect_three(&three, rows[i], true)) {
			assert_int_equal(ms_redirect_wanted(three.server,
			    &wanted, &err), MS_OK);
			assert_int_equal(wanted.size, three.at.size);
			assert_memory_equal(&wanted.u, &three.at.u,
			    wanted.size);
		}
		close_three(&three);
	}
}

static void
test_no_internet(void **state)
{
	struct ms_endpoint wanted;
	struct ms_error err;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(ms_redirect_wanted(pair[0], &wanted, &err),
	    MS_E_USAGE);
	assert_int_equal(ms_redirect_listen(pair[0], AF_INET, &err), MS_E_IO);
	(void)close(pair[0]);
	(void)close(pair[1]);
	assert_int_equal(ms_redirect_wanted(-1, &wanted, &err), MS_E_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_itself),
		cmocka_unit_test(test_transparent),
		cmocka_unit_test(test_no_internet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
