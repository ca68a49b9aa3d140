#include "pool/zygote.h"

#include "base/clock.h"
#include "pool/frame.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* An engine that only loads, or does not. */
static enum ms_status
open_none(const struct ms_engine_config *config, void **state,
    struct ms_error *err)
{
	*state = NULL;
	return config->database ? ms_error_set(err, MS_E_ENGINE, "%s",
	    config->database) : MS_OK;
}

static void
close_none(void *state)
{
	(void)state;
}

static enum ms_status
set_tmpdir_none(void *state, const char *dir, struct ms_error *err)
{
	(void)state;
	(void)dir;
	(void)err;
	return MS_OK;
}

static void
info_none(const void *state, struct ms_engine_info *info)
{
	(void)state;
	*info = (struct ms_engine_info){
		.name = g_strdup("none"),
		.version = g_strdup("1"),
		.database = g_strdup("db"),
		.signatures = 3,
	};
}

static const struct ms_engine_ops none = { .name = "none",
	.open = open_none, .close = close_none,
	.set_tmpdir = set_tmpdir_none, .info = info_none };

/* The zygote points to its configuration as long as it lives. */
static pid_t
start(const struct ms_zygote_config *config, int *socket)
{
	struct ms_error err = { "" };
	int pid = -1;

	assert_int_equal(MS_OK, ms_zygote_start(config, socket, &pid, &err));
	assert_true(pid > 0);
	return pid;
}

static struct ms_zygote_config
config_for(const char *database)
{
	return (struct ms_zygote_config){
		.ops = &none,
		.engine = { .database = database },
		.scan = { .limits = { .total_bytes = 1 << 20,
			.time_ms = 60 * 1000 } },
		.worker_memory = 64 << 20,
		.dir = ".",
	};
}

static enum ms_frame_type
hear(int socket, unsigned char data[MS_FRAME_MAX], size_t *size)
{
	int fd;
	enum ms_status status = ms_frame_receive(socket, data, MS_FRAME_MAX,
	    size, &fd);

	assert_int_equal(-1, fd);
	return status == MS_OK ? ms_frame_type(data, *size) :
	    (enum ms_frame_type)0;
}

static void
command(int socket, enum ms_frame_type type, uint32_t slot, int fd)
{
	GByteArray *frame = ms_frame_slot(type, slot, 0);

	assert_int_equal(MS_OK, ms_frame_send(socket, frame, fd, NULL));
	g_byte_array_unref(frame);
}

/* Our end of the socket of a new worker, which has started. */
static int
spawn(int zygote, uint32_t slot)
{
	unsigned char data[MS_FRAME_MAX];
	size_t size;
	int pair[2];

	assert_int_equal(0, socketpair(AF_UNIX,
	    SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	command(zygote, MS_FRAME_SPAWN, slot, pair[1]);
	assert_int_equal(0, close(pair[1]));
	assert_int_equal(MS_FRAME_STARTED, hear(pair[0], data, &size));
	return pair[0];
}

static int
expect_exit(int zygote, uint32_t slot)
{
	unsigned char data[MS_FRAME_MAX];
	int32_t status;
	uint32_t got;
	size_t size;

	assert_int_equal(MS_FRAME_EXITED, hear(zygote, data, &size));
	assert_int_equal(MS_OK, ms_frame_read_slot(data, size, &got,
	    &status));
	assert_int_equal(slot, got);
	return status;
}

/* The directory of a worker goes a moment after its end is told. */
static void
expect_entries(guint want)
{
	int64_t until = ms_clock_ms() + 10 * 1000;
	guint count;

	do {
		GDir *dir = g_dir_open(".", 0, NULL);

		for (count = 0; g_dir_read_name(dir); count++)
			continue;
		g_dir_close(dir);
	} while (count != want && ms_clock_ms() < until);
	assert_int_equal(want, count);
}

static void
end(pid_t pid, int socket)
{
	int status;

	assert_int_equal(0, close(socket));
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_true(WIFEXITED(status));
	assert_int_equal(0, WEXITSTATUS(status));
	expect_entries(0);
}

static void
test_ready(void **state)
{
	const struct ms_zygote_config config = config_for(NULL);
	unsigned char data[MS_FRAME_MAX];
	struct ms_frame_ready ready;
	size_t size;
	int socket;
	pid_t pid = start(&config, &socket);

	(void)state;
	assert_int_equal(MS_FRAME_READY, hear(socket, data, &size));
	assert_int_equal(MS_OK, ms_frame_read_ready(data, size, &ready));
	assert_string_equal("none", ready.engine);
	assert_string_equal("db", ready.database);
	assert_int_equal(3, ready.signatures);
	ms_frame_ready_clear(&ready);
	end(pid, socket);
}

static void
test_failed(void **state)
{
	const struct ms_zygote_config config = config_for("no database");
	unsigned char data[MS_FRAME_MAX];
	struct ms_error text;
	size_t size;
	int socket, status;
	pid_t pid = start(&config, &socket);

	(void)state;
	assert_int_equal(MS_FRAME_FAILED, hear(socket, data, &size));
	assert_int_equal(MS_OK, ms_frame_read_failed(data, size, &text));
	assert_string_equal("no database", text.text);
	assert_int_equal(0, hear(socket, data, &size));
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_int_equal(0, close(socket));
}

/* Workers come and go, by themselves and by command, each with a directory
 * of its own; all go with the zygote. */
static void
test_workers(void **state)
{
	const struct ms_zygote_config config = config_for(NULL);
	unsigned char data[MS_FRAME_MAX];
	int socket, workers[3], status;
	size_t size;
	pid_t pid = start(&config, &socket);

	(void)state;
	assert_int_equal(MS_FRAME_READY, hear(socket, data, &size));
	for (uint32_t i = 0; i < 3; i++)
		workers[i] = spawn(socket, i);
	expect_entries(3);
	assert_int_equal(0, close(workers[1]));
	status = expect_exit(socket, 1);
	assert_true(WIFEXITED(status));
	assert_int_equal(0, WEXITSTATUS(status));
	command(socket, MS_FRAME_KILL, 0, -1);
	status = expect_exit(socket, 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(SIGKILL, WTERMSIG(status));
	assert_int_equal(0, hear(workers[0], data, &size));
	/* Nobody is there to be killed. */
	command(socket, MS_FRAME_KILL, 0, -1);
	expect_entries(1);
	assert_int_equal(0, close(workers[0]));
	workers[0] = spawn(socket, 0);
	expect_entries(2);
	end(pid, socket);
	assert_int_equal(0, hear(workers[0], data, &size));
	assert_int_equal(0, hear(workers[2], data, &size));
	assert_int_equal(0, close(workers[0]));
	assert_int_equal(0, close(workers[2]));
}

/* What is no command ends it, workers and all. */
static void
test_no_command(void **state)
{
	const struct ms_zygote_config config = config_for(NULL);
	unsigned char data[MS_FRAME_MAX];
	GByteArray *frame = ms_frame_end(1);
	size_t size;
	int socket, worker;
	pid_t pid = start(&config, &socket);

	(void)state;
	assert_int_equal(MS_FRAME_READY, hear(socket, data, &size));
	worker = spawn(socket, 0);
	g_byte_array_append(frame, (const guint8 *)"x", 1);
	assert_int_equal(MS_OK, ms_frame_send(socket, frame, -1, NULL));
	g_byte_array_unref(frame);
	assert_int_equal(0, hear(worker, data, &size));
	assert_int_equal(0, close(worker));
	end(pid, socket);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_workers),
		cmocka_unit_test(test_no_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
