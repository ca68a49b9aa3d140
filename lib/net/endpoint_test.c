#include "net/endpoint.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
test_check(void **state)
{
	static const struct {
		const char *text;
		enum ms_status status;
		bool name;
	} cases[] = {
		{ "localhost:25", MS_OK, true },
		{ "192.0.2.1:65535", MS_OK, false },
		{ "[::1]:25", MS_OK, false },
		{ "[2001:db8::1]:25", MS_OK, false },
		{ "a_b-c.example:1", MS_OK, true },
		{ "unix:/run/x", MS_OK, false },
		{ "unix:x", MS_OK, false },
		{ "unix:", MS_E_USAGE, false },
		{ "", MS_E_USAGE, false },
		{ ":", MS_E_USAGE, false },
		{ ":25", MS_E_USAGE, false },
		{ "[]:25", MS_E_USAGE, false },
		{ "[:25", MS_E_USAGE, false },
		{ "]:25", MS_E_USAGE, false },
		{ "[::1]", MS_E_USAGE, false },
		{ "[::1]25", MS_E_USAGE, false },
		{ "[localhost]:25", MS_E_USAGE, false },
		{ "localhost", MS_E_USAGE, false },
		{ "localhost:", MS_E_USAGE, false },
		{ "localhost:smtp", MS_E_USAGE, false },
		{ "localhost:0", MS_E_USAGE, false },
		{ "localhost:65536", MS_E_USAGE, false },
		{ "localhost:-1", MS_E_USAGE, false },
		{ "localhost:+1", MS_E_USAGE, false },
		{ "localhost: 1", MS_E_USAGE, false },
		{ "localhost:000025", MS_E_USAGE, false },
		{ "::1:25", MS_E_USAGE, false },
		{ "two words:25", MS_E_USAGE, false },
		{ "a\nb:25", MS_E_USAGE, false },
		{ "http://x:25", MS_E_USAGE, false },
	};
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		assert_int_equal(cases[i].status,
		    ms_endpoint_check(cases[i].text, &err));
		if (cases[i].status == MS_OK)
			assert_int_equal(cases[i].name,
			    ms_endpoint_is_name(cases[i].text));
	}
	assert_int_equal(MS_OK, ms_endpoint_check_listen("127.0.0.1:0",
	    &err));
	assert_int_equal(MS_E_USAGE, ms_endpoint_check_listen("127.0.0.1:",
	    &err));
}

/* A path of 107 bytes is the longest that can be terminated. */
static void
test_path(void **state)
{
	struct ms_error err;

	(void)state;
	for (gsize size = 106; size < 110; size++) {
		char *path = g_strnfill(size, 'x');
		char *text = g_strconcat("unix:", path, NULL), *print;
		GArray *list;
		const enum ms_status want = size > 107 ? MS_E_USAGE : MS_OK;

		assert_int_equal(want, ms_endpoint_resolve(text, false,
		    &list, &err));
		if (want == MS_OK) {
			print = ms_endpoint_print(&g_array_index(list,
			    struct ms_endpoint, 0));
			assert_string_equal(text, print);
			g_free(print);
			g_array_unref(list);
		}
		g_free(text);
		g_free(path);
	}
}

/* What comes out is what went in, in the one way to write it. */
static void
test_numbers(void **state)
{
	static const struct {
		const char *text, *print, *host;
	} cases[] = {
		{ "127.0.0.1:25", NULL, "127.0.0.1" },
		{ "[::1]:25", NULL, "::1" },
		{ "[2001:DB8:0::1]:025", "[2001:db8::1]:25", "2001:db8::1" },
		{ "[::ffff:192.0.2.1]:25", "[::ffff:192.0.2.1]:25",
		    "::ffff:192.0.2.1" },
		{ "unix:/run/x", NULL, NULL },
	};
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_endpoint *endpoint;
		GArray *list;
		char *print, *host;

		assert_int_equal(MS_OK, ms_endpoint_resolve(cases[i].text,
		    false, &list, &err));
		assert_int_equal(1, list->len);
		endpoint = &g_array_index(list, struct ms_endpoint, 0);
		print = ms_endpoint_print(endpoint);
		host = ms_endpoint_host(endpoint);
		assert_string_equal(cases[i].print ? cases[i].print :
		    cases[i].text, print);
		if (cases[i].host)
			assert_string_equal(cases[i].host, host);
		else
			assert_null(host);
		g_free(host);
		g_free(print);
		g_array_unref(list);
	}
}

static void
test_names(void **state)
{
	struct ms_error err;
	GArray *list = NULL;

	(void)state;
	assert_int_equal(MS_OK, ms_endpoint_resolve("localhost:25", false,
	    &list, &err));
	assert_true(list->len > 0);
	g_array_unref(list);
	/* RFC 6761 6.4: this name never is. */
	assert_int_equal(MS_E_PEER, ms_endpoint_resolve("x.invalid:25",
	    false, &list, &err));
	assert_non_null(strstr(err.text, "x.invalid: "));
	assert_int_equal(MS_E_USAGE, ms_endpoint_resolve("x", false, &list,
	    &err));
}

static void
check_take(const void *any, size_t size, const char *want)
{
	struct ms_endpoint endpoint;
	char *print;

	ms_endpoint_take(&endpoint, any, (socklen_t)size);
	print = ms_endpoint_print(&endpoint);
	assert_string_equal(want, print);
	g_free(print);
}

static void
test_take(void **state)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(25) };
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "abc" };
	struct sockaddr_storage odd = { .ss_family = AF_PACKET };

	(void)state;
	assert_int_equal(1, inet_pton(AF_INET6, "::ffff:192.0.2.7",
	    &in6.sin6_addr));
	check_take(&in6, sizeof in6, "192.0.2.7:25");
	assert_int_equal(1, inet_pton(AF_INET6, "2001:db8::7",
	    &in6.sin6_addr));
	check_take(&in6, sizeof in6, "[2001:db8::7]:25");
	check_take(&in6, 8, "unknown");
	check_take(&un, sizeof(sa_family_t), "unix:");
	check_take(&un, sizeof(sa_family_t) + 2, "unix:ab");
	check_take(&un, sizeof un, "unix:abc");
	memcpy(un.sun_path, "\0ab", 3);
	check_take(&un, sizeof(sa_family_t) + 3, "unix:@ab");
	check_take(&odd, sizeof odd, "unknown");
	check_take(&odd, 0, "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
