#include "net/dial.h"

#include "base/clock.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_addresses(void **state)
{
	static const struct {
		const char *text;
		enum ms_status status;
	} cases[] = {
		{ "localhost:25", MS_OK },
		{ "192.0.2.1:65535", MS_OK },
		{ "[::1]:25", MS_OK },
		{ "unix:/run/x", MS_OK },
		{ "unix:", MS_E_USAGE },
		{ "", MS_E_USAGE },
		{ ":25", MS_E_USAGE },
		{ "[]:25", MS_E_USAGE },
		{ "localhost", MS_E_USAGE },
		{ "localhost:", MS_E_USAGE },
		{ "localhost:smtp", MS_E_USAGE },
		{ "localhost:0", MS_E_USAGE },
		{ "localhost:65536", MS_E_USAGE },
		{ "localhost:-1", MS_E_USAGE },
		{ "localhost:000025", MS_E_USAGE },
		{ "::1:25", MS_E_USAGE },
	};
	char *path = g_strnfill(200, 'x');
	char *text = g_strconcat("unix:", path, NULL);
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(cases[i].status,
		    ms_dial_check(cases[i].text, &err));
	assert_int_equal(MS_E_USAGE, ms_dial_check(text, &err));
	g_free(text);
	g_free(path);
}

/* A socket that listens, and how to get there. */
static int
listen_on(char **address)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t size = sizeof in;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(0, bind(fd, (struct sockaddr *)&in, sizeof in));
	assert_int_equal(0, listen(fd, 1));
	assert_int_equal(0, getsockname(fd, (struct sockaddr *)&in, &size));
	*address = g_strdup_printf("127.0.0.1:%u",
	    (unsigned)ntohs(in.sin_port));
	return fd;
}

static void
check_talk(const char *address, int server)
{
	const int64_t soon = ms_clock_ms() + 5000;
	struct ms_dial *dial;
	struct ms_error err = { "" };
	char block[16];
	size_t got;
	int fd;

	assert_int_equal(MS_OK, ms_dial_open(address, soon, &dial, &err));
	fd = accept(server, NULL, NULL);
	assert_int_equal(MS_OK, ms_dial_write(dial, "hello", 5, soon, &err));
	assert_int_equal(5, recv(fd, block, sizeof block, 0));
	assert_int_equal(3, send(fd, "abc", 3, 0));
	assert_int_equal(MS_OK, ms_dial_read(dial, block, sizeof block, soon,
	    &got, &err));
	assert_int_equal(3, got);
	/* Nothing comes. */
	assert_int_equal(MS_E_PEER, ms_dial_read(dial, block, sizeof block,
	    ms_clock_ms() + 20, &got, &err));
	assert_non_null(strstr(err.text, "too long"));
	assert_int_equal(0, close(fd));
	assert_int_equal(MS_END, ms_dial_read(dial, block, sizeof block, soon,
	    &got, &err));
	ms_dial_close(dial);
}

static void
test_tcp(void **state)
{
	struct ms_dial *dial;
	struct ms_error err;
	char *address;
	int server = listen_on(&address);

	(void)state;
	check_talk(address, server);
	assert_int_equal(0, close(server));
	assert_int_equal(MS_E_PEER, ms_dial_open(address,
	    ms_clock_ms() + 5000, &dial, &err));
	assert_non_null(strstr(err.text, "refused"));
	g_free(address);
	ms_dial_close(NULL);
}

static void
test_unix(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct ms_dial *dial;

	(void)state;
	(void)g_strlcpy(un.sun_path, "socket", sizeof un.sun_path);
	assert_int_equal(0, bind(server, (struct sockaddr *)&un, sizeof un));
	assert_int_equal(0, listen(server, 1));
	check_talk("unix:socket", server);
	assert_int_equal(0, close(server));
	assert_int_equal(MS_E_PEER, ms_dial_open("unix:none",
	    ms_clock_ms() + 5000, &dial, NULL));
}

/* A peer that reads nothing does not hold us for ever. */
static void
test_stuck(void **state)
{
	char *address, *block = g_malloc0(64 << 20);
	int server = listen_on(&address), fd;
	struct ms_dial *dial;
	struct ms_error err;

	(void)state;
	assert_int_equal(MS_OK, ms_dial_open(address, ms_clock_ms() + 5000,
	    &dial, &err));
	fd = accept(server, NULL, NULL);
	assert_int_equal(MS_E_PEER, ms_dial_write(dial, block, 64 << 20,
	    ms_clock_ms() + 100, &err));
	ms_dial_close(dial);
	assert_int_equal(0, close(fd));
	assert_int_equal(0, close(server));
	g_free(block);
	g_free(address);
}

/* Without waiting. */
static void
test_begin(void **state)
{
	struct ms_endpoint endpoint = { .size = sizeof(struct sockaddr_un) };
	char *address;
	int server = listen_on(&address), fd, client;
	GArray *list;
	struct ms_error err;

	(void)state;
	assert_int_equal(MS_OK, ms_endpoint_resolve(address, false, &list,
	    &err));
	assert_int_equal(MS_OK, ms_dial_begin(&g_array_index(list,
	    struct ms_endpoint, 0), &fd, &err));
	client = accept(server, NULL, NULL);
	while (ms_dial_begun(fd, &err) == MS_END)
		continue;
	assert_int_equal(MS_OK, ms_dial_begun(fd, &err));
	assert_int_equal(0, close(fd));
	assert_int_equal(0, close(client));
	assert_int_equal(0, close(server));
	if (ms_dial_begin(&g_array_index(list, struct ms_endpoint, 0), &fd,
	    &err) == MS_OK) {
		while (ms_dial_begun(fd, &err) == MS_END)
			continue;
		assert_int_equal(0, close(fd));
	}
	assert_non_null(strstr(err.text, "refused"));
	g_array_unref(list);
	g_free(address);
	endpoint.u.un = (struct sockaddr_un){ .sun_family = AF_UNIX,
		.sun_path = "none" };
	assert_int_equal(MS_E_PEER, ms_dial_begin(&endpoint, &fd, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
