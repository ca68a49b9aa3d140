#include "serve/upstream.h"

#include "net/endpoint_test.h"
#include "net/listen.h"

#include <string.h>
#include <unistd.h>

/* Whom CLIENT, who comes from FD, is to be taken to at NOW: as a line. */
static char *
chosen(struct ms_upstream *upstream, const char *client, int64_t now)
{
	const struct ms_endpoint from = endpoint(client);
	GString *out = g_string_new(NULL);
	struct ms_error err;
	GArray *hops;
	const enum ms_status status = ms_upstream_choose(upstream, &from, -1,
	    now, &hops, &err);

	if (status != MS_OK)
		g_string_assign(out, status == MS_E_USAGE ? "loop" : "none");
	for (guint i = 0; status == MS_OK && i < hops->len; i++) {
		const struct ms_hop *hop = &g_array_index(hops, struct ms_hop,
		    i);
		char *text = ms_endpoint_print(&hop->endpoint);

		g_string_append_printf(out, "%s%s", i > 0 ? " " : "", text);
		if (hop->host)
			g_string_append_printf(out, "=%s", hop->host);
		g_free(text);
	}
	if (status == MS_OK)
		g_array_unref(hops);
	return g_string_free(out, FALSE);
}

static void
want(struct ms_upstream *upstream, const char *client, int64_t now,
    const char *expected)
{
	char *got = chosen(upstream, client, now);

	assert_string_equal(got, expected);
	g_free(got);
}

static void
test_check(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ "192.0.2.1:25", true }, { "unix:/x", true },
		{ "mx.example.org:25", true }, { "client:25", true },
		{ "original-dst", true }, { "client:", false },
		{ "client:0", false }, { "client:smtp", false },
		{ "client:65536", false }, { "client", false },
		{ "original-dst:25", true }, { "192.0.2.1", false },
		{ "", false },
	};
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if ((ms_upstream_check(rows[i].text, &err) == MS_OK) !=
		    rows[i].good)
			fail_msg("%s", rows[i].text);
}

static void
test_order(void **state)
{
	static const char *const targets[] = { "192.0.2.2:25", "unix:/x",
		"[2001:db8::1]:26", "client:10025", NULL };
	struct ms_upstream *upstream = ms_upstream_new(targets);

	(void)state;
	want(upstream, "192.0.2.9:4000", 0, "192.0.2.2:25=192.0.2.2 unix:/x "
	    "[2001:db8::1]:26=2001:db8::1 192.0.2.9:10025");
	want(upstream, "[2001:db8::9]:4000", 0, "192.0.2.2:25=192.0.2.2 "
	    "unix:/x [2001:db8::1]:26=2001:db8::1 [2001:db8::9]:10025");
	/* Who has no address is not where it could be. */
	want(upstream, "unix:/y", 0, "192.0.2.2:25=192.0.2.2 unix:/x "
	    "[2001:db8::1]:26=2001:db8::1");
	ms_upstream_free(upstream);
	ms_upstream_free(NULL);
}

static void
test_names(void **state)
{
	static const char *const targets[] = { "mx.example.org:25",
		"192.0.2.7:25", "client:1", "original-dst", "unix:/x",
		"other.example.org:26", NULL };
	static const char *const only[] = { "mx.example.org:25", NULL };
	char **names = ms_upstream_names(targets);
	struct ms_upstream *upstream = ms_upstream_new(only);
	const struct ms_endpoint a = endpoint("192.0.2.1:25");
	const struct ms_endpoint b = endpoint("[2001:db8::1]:25");
	GArray *list = g_array_new(FALSE, FALSE, sizeof a);

	(void)state;
	assert_int_equal(g_strv_length(names), 2);
	assert_string_equal(names[0], "mx.example.org:25");
	assert_string_equal(names[1], "other.example.org:26");
	g_strfreev(names);
	want(upstream, "192.0.2.9:1", 0, "none");
	g_array_append_val(list, a);
	g_array_append_val(list, b);
	assert_true(ms_upstream_learn(upstream, only[0], list));
	want(upstream, "192.0.2.9:1", 0, "192.0.2.1:25=mx.example.org "
	    "[2001:db8::1]:25=mx.example.org");
	/* The order is taken, and no news. */
	g_array_remove_index(list, 0);
	g_array_append_val(list, a);
	assert_false(ms_upstream_learn(upstream, only[0], list));
	want(upstream, "192.0.2.9:1", 0, "[2001:db8::1]:25=mx.example.org "
	    "192.0.2.1:25=mx.example.org");
	g_array_set_size(list, 1);
	assert_false(ms_upstream_learn(upstream, "example.org:25", list));
	assert_true(ms_upstream_learn(upstream, only[0], list));
	want(upstream, "192.0.2.9:1", 0, "[2001:db8::1]:25=mx.example.org");
	g_array_unref(list);
	ms_upstream_free(upstream);
}

/* Who failed comes last until its time has come, then one tries it, and the
 * time doubles. */
static void
test_back_off(void **state)
{
	static const char *const targets[] = { "192.0.2.1:25", "192.0.2.2:25",
		NULL };
	const char *const usual = "192.0.2.1:25=192.0.2.1 "
	    "192.0.2.2:25=192.0.2.2";
	const char *const turned = "192.0.2.2:25=192.0.2.2 "
	    "192.0.2.1:25=192.0.2.1";
	const struct ms_endpoint a = endpoint("192.0.2.1:25");
	const struct ms_endpoint other = endpoint("192.0.2.3:25");
	struct ms_upstream *upstream = ms_upstream_new(targets);
	int64_t now = 1000, rest = MS_UPSTREAM_FIRST_MS;

	(void)state;
	want(upstream, "192.0.2.9:1", now, usual);
	assert_true(ms_upstream_failed(upstream, &a, now));
	/* A hundred at once have failed once. */
	for (int i = 0; i < 100; i++)
		assert_false(ms_upstream_failed(upstream, &a, now));
	for (int i = 0; i < 10; i++) {
		want(upstream, "192.0.2.9:1", now + rest - 1, turned);
		now += rest;
		want(upstream, "192.0.2.9:1", now, usual);
		want(upstream, "192.0.2.9:1", now, turned);
		assert_false(ms_upstream_failed(upstream, &a, now));
		rest = MIN(rest * 2, MS_UPSTREAM_MOST_MS);
	}
	assert_int_equal(rest, MS_UPSTREAM_MOST_MS);
	assert_true(ms_upstream_works(upstream, &a));
	assert_false(ms_upstream_works(upstream, &a));
	want(upstream, "192.0.2.9:1", now, usual);
	/* What no target has is not remembered. */
	assert_true(ms_upstream_failed(upstream, &other, now));
	assert_false(ms_upstream_works(upstream, &other));
	ms_upstream_free(upstream);
}

/* Whoever came by himself wants to be where he is: here. */
static void
test_loop(void **state)
{
	static const char *const targets[] = { "original-dst", NULL };
	struct ms_upstream *upstream = ms_upstream_new(targets);

	(void)state;
	want(upstream, "192.0.2.9:1", 0, "loop");
	ms_upstream_free(upstream);
}

static void
test_self(void **state)
{
	static const struct {
		const char *listen, *target;	/* P: the port of the former */
		bool self;
	} rows[] = {
		{ "127.0.0.1:0", "127.0.0.1:P", true },
		{ "127.0.0.1:0", "127.0.0.2:P", false },
		{ "127.0.0.1:0", "unix:/P", false },
		{ "127.0.0.1:0", "client:P", false },
		{ "0.0.0.0:0", "127.0.0.1:P", true },
		{ "0.0.0.0:0", "0.0.0.0:P", true },
		{ "0.0.0.0:0", "192.0.2.1:P", false },
		{ "0.0.0.0:0", "[::1]:P", false },
		{ "0.0.0.0:0", "127.0.0.1:1", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct ms_listen_config config = {
			.address = rows[i].listen };
		GArray *fds = g_array_new(FALSE, FALSE, sizeof(int));
		GString *target = g_string_new(rows[i].target);
		const char *targets[] = { "192.0.2.1:25", NULL, NULL };
		struct ms_endpoint own;
		struct ms_error err;
		char *name;
		int fd;

		assert_int_equal(ms_listen_open(&config, fds, &err), MS_OK);
		fd = g_array_index(fds, int, 0);
		name = ms_listen_name(fd);
		(void)g_string_replace(target, "P", strrchr(name, ':') + 1,
		    0);
		targets[1] = target->str;
		ms_endpoint_ask(&own, fd, false);
		if (ms_upstream_is_self(targets, &own) != rows[i].self)
			fail_msg("%s at %s", target->str, name);
		(void)close(fd);
		g_array_unref(fds);
		g_free(name);
		(void)g_string_free(target, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_back_off),
		cmocka_unit_test(test_loop),
		cmocka_unit_test(test_self),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
