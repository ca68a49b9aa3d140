#include "pool/broker.h"

#include "pool/courier.h"

#include <glib.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A clamd in a process of its own, with one answer to all contents. */
struct server {
	char address[32];
	pid_t pid;
};

static void
serve_one(int client, const char *version, const char *answer)
{
	char data[4096];
	const ssize_t n = recv(client, data, sizeof data, 0);

	if (n > 0 && memcmp(data, "zVERSION", 9) == 0)
		(void)!send(client, version, strlen(version) + 1, 0);
	else if (n > 0)
		(void)!send(client, answer, strlen(answer) + 1, 0);
	/* Not before all has come, so that nothing is reset. */
	(void)shutdown(client, SHUT_WR);
	while (recv(client, data, sizeof data, 0) > 0)
		continue;
	(void)close(client);
}

static struct server
start(const char *version, const char *answer)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t size = sizeof in;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct server server;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_return_code(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
	assert_return_code(listen(fd, 5), 0);
	assert_return_code(getsockname(fd, (struct sockaddr *)&in, &size), 0);
	(void)snprintf(server.address, sizeof server.address, "127.0.0.1:%u",
	    (unsigned)ntohs(in.sin_port));
	server.pid = fork();
	if (server.pid == 0)
		for (;;)
			serve_one(accept(fd, NULL, NULL), version, answer);
	assert_return_code(close(fd), 0);
	return server;
}

static void
stop(const struct server *server)
{
	assert_return_code(kill(server->pid, SIGKILL), 0);
	assert_int_equal(waitpid(server->pid, NULL, 0), server->pid);
}

/* Ask BROKER about some bytes as a new worker would. */
static struct ms_engine_answer
ask(struct ms_broker *broker)
{
	struct ms_courier courier = { .socket = -1 };
	struct ms_engine_answer answer;
	struct ms_error err = { "" };

	assert_int_equal(ms_broker_connect(broker, &courier.socket, &err),
	    MS_OK);
	ms_courier_begin(&courier, 5000);
	for (int i = 0; i < 2; i++)
		assert_int_equal(ms_courier_ask(&courier, "bytes", 5, &answer,
		    &err), MS_OK);
	assert_return_code(close(courier.socket), 0);
	return answer;
}

static void
test_asks(void **state)
{
	const struct server server = start(
	    "ClamAV 1.4.6/27840/Sat Nov 21 08:02:11 2026",
	    "stream: A.Name FOUND");
	const char *const servers[] = { server.address, NULL };
	const struct ms_broker_config config = { servers, 5000 };
	struct ms_engine_delegate delegate = { .arg = NULL };
	struct ms_engine_answer answer;
	struct ms_broker *broker;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(ms_broker_open(&config, &broker, &err), MS_OK);
	ms_broker_describe(broker, &delegate);
	assert_string_equal(delegate.version, "1.4.6");
	assert_string_equal(delegate.database, "daily 27840 of 2026-11-21");
	assert_int_equal(delegate.database_time, 1795248131);
	assert_false(ms_broker_was(broker, getpid()));
	for (int i = 0; i < 2; i++) {
		answer = ask(broker);
		assert_int_equal(answer.kind, MS_ENGINE_FOUND);
		assert_string_equal(answer.text, "A.Name");
	}
	ms_broker_close(broker);
	stop(&server);
}

/* The one that fails is told of; the other one answers. */
static void
test_two(void **state)
{
	const struct server bad = start("ClamAV 1.4.6", "what?");
	const struct server good = start("ClamAV 1.4.5", "stream: OK");
	const char *const servers[] = { bad.address, good.address, NULL };
	const char *const one[] = { bad.address, NULL };
	const struct ms_broker_config config = { servers, 5000 };
	const struct ms_broker_config alone = { one, 5000 };
	struct ms_engine_delegate delegate = { .arg = NULL };
	struct ms_engine_answer answer;
	struct ms_broker *broker;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(ms_broker_open(&config, &broker, &err), MS_OK);
	ms_broker_describe(broker, &delegate);
	assert_string_equal(delegate.version, "1.4.6, 1.4.5");
	assert_int_equal(delegate.database_time, -1);
	assert_int_equal(ask(broker).kind, MS_ENGINE_CLEAN);
	ms_broker_close(broker);
	assert_int_equal(ms_broker_open(&alone, &broker, &err), MS_OK);
	answer = ask(broker);
	assert_int_equal(answer.kind, MS_ENGINE_FAILED);
	assert_true(g_str_has_prefix(answer.text, bad.address));
	ms_broker_close(broker);
	stop(&bad);
	stop(&good);
}

/* The process of a broker that this process has started last. */
static pid_t
newest_child(void)
{
	char *path = g_strdup_printf("/proc/self/task/%d/children",
	    (int)getpid());
	char *text, **pids;
	pid_t pid;

	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	pids = g_strsplit(g_strstrip(text), " ", -1);
	pid = (pid_t)g_ascii_strtoll(pids[g_strv_length(pids) - 1], NULL, 10);
	g_strfreev(pids);
	g_free(text);
	g_free(path);
	return pid;
}

static void
test_dies(void **state)
{
	const struct server server = start("ClamAV 1.4.6", "stream: OK");
	const char *const servers[] = { server.address, NULL };
	const struct ms_broker_config config = { servers, 5000 };
	struct ms_broker *broker;
	struct ms_error err = { "" };
	pid_t pid;

	(void)state;
	assert_int_equal(ms_broker_open(&config, &broker, &err), MS_OK);
	assert_int_equal(ask(broker).kind, MS_ENGINE_CLEAN);
	pid = newest_child();
	assert_true(ms_broker_was(broker, pid));
	assert_return_code(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(ask(broker).kind, MS_ENGINE_CLEAN);
	assert_false(ms_broker_was(broker, pid));
	ms_broker_close(broker);
	stop(&server);
}

static void
test_nobody(void **state)
{
	const struct server server = start("220 hello", "");
	const char *const servers[] = { server.address, "/not/there", NULL };
	const char *const wrong[] = { "x", NULL };
	const struct ms_broker_config config = { servers, 5000 };
	const struct ms_broker_config usage = { wrong, 5000 };
	struct ms_broker *broker;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(ms_broker_open(&config, &broker, &err), MS_E_ENGINE);
	assert_non_null(strstr(err.text, server.address));
	assert_non_null(strstr(err.text, "/not/there: No such file"));
	assert_non_null(strstr(err.text, "clamd.conf"));
	assert_int_equal(ms_broker_open(&usage, &broker, &err), MS_E_ENGINE);
	assert_non_null(strstr(err.text, "x is no address"));
	stop(&server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asks),
		cmocka_unit_test(test_two),
		cmocka_unit_test(test_dies),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
