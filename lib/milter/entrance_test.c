#include "milter/entrance.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <glib.h>
#include <glib/gstdio.h>

/* A socket that listens at ADDRESS, as a library would make it. */
static int
opened(const void *address, socklen_t size)
{
	const int fd = socket(((const struct sockaddr *)address)->sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(0, bind(fd, address, size));
	assert_int_equal(0, listen(fd, 5));
	return fd;
}

static int
no_delay(int fd)
{
	socklen_t size = sizeof fd;
	int value = -1;

	assert_int_equal(0, getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value,
	    &size));
	return value != 0;
}

static void
test_tcp(void **state)
{
	const struct ms_milter_config config = { .mode = 0660 };
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	const int fd = opened(&address, size);
	const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct ms_error err;
	int server;

	(void)state;
	assert_int_equal(MS_OK, ms_entrance_settle("inet:1@127.0.0.1",
	    &config, &err));
	assert_int_equal(0, getsockname(fd, (struct sockaddr *)&address,
	    &size));
	assert_int_equal(0, connect(client, (struct sockaddr *)&address,
	    size));
	server = accept(fd, NULL, NULL);
	assert_true(server >= 0);
	assert_int_equal(1, no_delay(server));
	assert_int_equal(0, no_delay(client));
	assert_int_equal(0, close(server));
	assert_int_equal(0, close(client));
	assert_int_equal(0, close(fd));
}

static void
test_unix(void **state)
{
	struct ms_milter_config config = { .mode = 0620 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char dir[] = "/tmp/mailscan-entrance-XXXXXX";
	struct ms_error err;
	struct stat st;
	char *name;
	int fd;

	(void)state;
	assert_non_null(g_mkdtemp(dir));
	name = g_strdup_printf("unix:%s/m.sock", dir);
	(void)g_strlcpy(address.sun_path, name + 5, sizeof address.sun_path);
	assert_int_equal(MS_E_IO, ms_entrance_settle(name, &config, &err));
	fd = opened(&address, sizeof address);
	assert_int_equal(MS_OK, ms_entrance_settle(name, &config, &err));
	assert_int_equal(0, stat(name + 5, &st));
	assert_int_equal(0620, st.st_mode & 0777);
	config.group = "no such group";
	assert_int_equal(MS_E_USAGE, ms_entrance_settle(name, &config, &err));
	/* Not what somebody listens on. */
	ms_entrance_clear(name);
	assert_int_equal(0, access(name + 5, F_OK));
	assert_int_equal(0, close(fd));
	ms_entrance_clear(name);
	assert_int_not_equal(0, access(name + 5, F_OK));
	assert_int_equal(0, g_rmdir(dir));
	g_free(name);
}

static void
explain(const char *name, const char *text, const char *reason)
{
	char *wanted = g_strdup_printf("cannot listen on %s: %s", text,
	    reason);
	struct ms_error err;

	assert_int_equal(MS_E_IO, ms_entrance_explain(name, text, &err));
	/* Remedies are of net/listen.h. */
	assert_true(g_str_has_prefix(err.text, wanted));
	g_free(wanted);
}

static void
test_reasons(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un near = { .sun_family = AF_UNIX };
	char dir[] = "/tmp/mailscan-entrance-XXXXXX";
	socklen_t size = sizeof address;
	const int fd = opened(&address, size);
	char *name, *text;
	int other;

	(void)state;
	assert_int_equal(0, getsockname(fd, (struct sockaddr *)&address,
	    &size));
	name = g_strdup_printf("inet:%u@127.0.0.1", ntohs(address.sin_port));
	text = g_strdup_printf("127.0.0.1:%u", ntohs(address.sin_port));
	explain(name, name, "Address already in use");
	explain(name, text, "Address already in use");
	g_free(name);
	name = g_strdup_printf("inet:%u", ntohs(address.sin_port));
	explain(name, name, "Address already in use");
	assert_int_equal(0, close(fd));
	/* It was not the system. */
	explain(name, name, "libmilter does not say why");
	g_free(name);
	g_free(text);
	assert_non_null(g_mkdtemp(dir));
	name = g_strdup_printf("unix:%s/m.sock", dir);
	(void)g_strlcpy(near.sun_path, name + 5, sizeof near.sun_path);
	explain(name, name, "libmilter does not say why");
	assert_int_not_equal(0, access(name + 5, F_OK));
	other = opened(&near, sizeof near);
	explain(name, name, "Address already in use");
	assert_int_equal(0, access(name + 5, F_OK));
	assert_int_equal(0, close(other));
	assert_int_equal(0, unlink(name + 5));
	assert_int_equal(0, g_rmdir(dir));
	explain(name, name, "its directory is not there");
	g_free(name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
