#include "serve/upstream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>

#include "net/listen.h"

static void
test_order(void **state)
{
	static const char *const texts[] = { "192.0.2.2:25", "unix:/x",
		"[2001:db8::1]:26", "192.0.2.2:25", NULL };
	struct ms_upstream upstream;
	struct ms_error err;

	(void)state;
	assert_int_equal(ms_upstream_resolve(texts, &upstream, &err), MS_OK);
	assert_int_equal(upstream.endpoints->len, 4);
	for (guint i = 0; i < 4; i++) {
		char *name = ms_endpoint_print(&g_array_index(
		    upstream.endpoints, struct ms_endpoint, i));

		assert_string_equal(name, texts[i]);
		g_free(name);
	}
	ms_upstream_clear(&upstream);
	ms_upstream_clear(&upstream);
}

static void
test_wrong(void **state)
{
	static const char *const texts[] = { "192.0.2.2:25", "192.0.2.2",
		NULL };
	struct ms_upstream upstream;
	struct ms_error err;

	(void)state;
	assert_int_equal(ms_upstream_resolve(texts, &upstream, &err),
	    MS_E_USAGE);
	assert_null(upstream.endpoints);
}

static void
test_self(void **state)
{
	const struct ms_listen_config config = { .address = "127.0.0.1:0" };
	GArray *fds = g_array_new(FALSE, FALSE, sizeof(int));
	struct ms_endpoint list[2];
	struct ms_error err;
	int fd;

	(void)state;
	assert_int_equal(ms_listen_open(&config, fds, &err), MS_OK);
	fd = g_array_index(fds, int, 0);
	ms_endpoint_ask(&list[1], fd, false);
	list[0] = list[1];
	list[0].u.in.sin_port ^= 1;
	assert_true(ms_upstream_is_self(list, 2, fd));
	assert_false(ms_upstream_is_self(list, 1, fd));
	assert_false(ms_upstream_is_self(list, 0, fd));
	(void)close(fd);
	g_array_unref(fds);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_self),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
