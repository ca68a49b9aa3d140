#include "pool/zygote.h"

#include "base/build.h"
#include "base/tempdir.h"
#include "pool/broker.h"
#include "pool/courier.h"
#include "pool/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct child {
	pid_t pid;
	uint32_t slot;
	char *dir;
};

struct zygote {
	const struct ms_zygote_config *config;
	int socket;
	int signals;
	struct ms_engine *engine;
	bool contexts;		/* as struct ms_engine_info */
	GPtrArray *children;	/* of struct child * */
	struct ms_broker *broker;	/* NULL: the engine is not remote */
	struct ms_courier courier;	/* a worker's, to the broker */
};

static void
answer(const struct zygote *zygote, GByteArray *frame)
{
	(void)ms_frame_send(zygote->socket, frame, -1, NULL);
	g_byte_array_unref(frame);
}

/* Signals meant for the terminal's whole group are the supervisor's to
 * handle; the death of the parent is ours. */
static void
settle_signals(pid_t parent)
{
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(1);
}

/* Close all descriptors but the first three, SOCKET, which is then the fourth,
 * and *OTHER, if it is one, the fifth: nobody's mailbox or terminal is left
 * behind by accident. */
static int
keep_only(int socket, int *other)
{
	const int first = STDERR_FILENO + 1, second = first + 1;
	const int end = *other >= 0 ? second + 1 : second;
	int fd = fcntl(socket, F_DUPFD_CLOEXEC, second + 1);
	int more = *other < 0 ? -1 :
	    fcntl(*other, F_DUPFD_CLOEXEC, second + 1);

	if (fd < 0 || dup2(fd, first) < 0 ||
	    (*other >= 0 && (more < 0 || dup2(more, second) < 0)))
		_exit(1);
	(void)close_range((unsigned)end, ~0u, 0);
	if (*other >= 0)
		*other = second;
	return first;
}

/* Remove DIR in a process of its own: a dead worker may have left a hundred
 * thousand files, and who waits for the disk kills nobody in time. */
static void
remove_aside(const char *dir)
{
	pid_t parent = getpid(), pid;

	if (rmdir(dir) == 0)
		return;
	pid = fork();
	if (pid == 0) {
		settle_signals(parent);
		(void)close_range(STDERR_FILENO + 1, ~0u, 0);
	}
	if (pid <= 0)
		ms_tempdir_remove(dir);
	if (pid == 0)
		_exit(0);
}

static void
free_child(gpointer data)
{
	struct child *child = data;

	remove_aside(child->dir);
	g_free(child->dir);
	g_free(child);
}

/* Nothing of what a worker prints, the C library's last words included, is
 * for anybody's terminal; but a sanitizer's are. */
static void
silence(void)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0 || MS_BUILD_SANITIZED)
		return;
	for (int i = 0; i <= STDERR_FILENO; i++)
		(void)dup2(fd, i);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

/* The most that a worker writes into one file. */
static uint64_t
file_size(const struct zygote *zygote)
{
	const struct ms_budget_limits *limits = &zygote->config->scan.limits;

	return zygote->broker ? MAX(limits->total_bytes, limits->part_bytes) :
	    limits->total_bytes;
}

/* In a worker that has nobody to ask there is no use in going on: another one
 * will have. */
static enum ms_status
ask_or_end(void *arg, const void *data, size_t size,
    struct ms_engine_answer *answer, struct ms_error *err)
{
	const struct ms_courier *courier = arg;
	const enum ms_status status = ms_courier_ask(arg, data, size, answer,
	    err);

	if (courier->lost)
		_exit(1);
	return status;
}

/* The child's side of a fork. */
static void
become_worker(struct zygote *zygote, int socket, char *dir, pid_t parent)
{
	struct ms_worker_config config = {
		.scan = zygote->config->scan,
		.parts = zygote->config->parts,
		.sandbox = {
			.dir = dir,
			.memory = zygote->config->worker_memory,
			.file_size = file_size(zygote),
			.memfds = zygote->config->scan.pick.any ||
			    zygote->broker,
		},
	};
	struct ms_error err;
	sigset_t none;

	settle_signals(parent);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	socket = keep_only(socket, &zygote->courier.socket);
	silence();
	config.courier = zygote->broker ? &zygote->courier : NULL;
	config.scan.engine = zygote->engine;
	config.scan.layers = ms_layers_new(zygote->contexts);
	config.scan.spool.dir = dir;
	if (ms_engine_set_tmpdir(zygote->engine, dir, &err) != MS_OK)
		_exit(1);
	_exit(ms_worker_run(socket, &config));
}

static void
spawn(struct zygote *zygote, uint32_t slot, int socket)
{
	struct child *child = g_new0(struct child, 1);
	pid_t parent = getpid();

	child->slot = slot;
	child->dir = g_strdup_printf("%s/worker-%u-XXXXXX",
	    zygote->config->dir, slot);
	zygote->courier.socket = -1;
	child->pid = -1;
	if (mkdtemp(child->dir) && (!zygote->broker || ms_broker_connect(
	    zygote->broker, &zygote->courier.socket, NULL) == MS_OK))
		child->pid = fork();
	if (child->pid == 0)
		become_worker(zygote, socket, child->dir, parent);
	(void)close(socket);
	if (zygote->courier.socket >= 0)
		(void)close(zygote->courier.socket);
	if (child->pid > 0) {
		g_ptr_array_add(zygote->children, child);
		return;
	}
	answer(zygote, ms_frame_slot(MS_FRAME_EXITED, slot, -1));
	free_child(child);
}

static void
kill_slot(const struct zygote *zygote, uint32_t slot)
{
	for (guint i = 0; i < zygote->children->len; i++) {
		const struct child *child = zygote->children->pdata[i];

		if (child->slot == slot)
			(void)kill(child->pid, SIGKILL);
	}
}

/* Workers without a broker are of no use: others come with a new one, before
 * they get a message. */
static void
kill_all(const struct zygote *zygote)
{
	for (guint i = 0; i < zygote->children->len; i++) {
		const struct child *child = zygote->children->pdata[i];

		(void)kill(child->pid, SIGKILL);
	}
}

static void
reap(struct zygote *zygote)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	(void)!read(zygote->signals, &info, sizeof info);
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (ms_broker_was(zygote->broker, pid))
			kill_all(zygote);
		for (guint i = 0; i < zygote->children->len; i++) {
			struct child *child = zygote->children->pdata[i];

			if (child->pid != pid)
				continue;
			answer(zygote, ms_frame_slot(MS_FRAME_EXITED,
			    child->slot, status));
			g_ptr_array_remove_index_fast(zygote->children, i);
			break;
		}
	}
}

/* One command from the supervisor; false when it is gone. */
static bool
obey(struct zygote *zygote)
{
	unsigned char data[MS_FRAME_MAX];
	enum ms_status status;
	int32_t ignored;
	uint32_t slot;
	size_t size;
	int fd;

	status = ms_frame_receive(zygote->socket, data, sizeof data, &size,
	    &fd);
	if (status == MS_E_IO && errno == EINTR)
		return true;
	if (status != MS_OK ||
	    ms_frame_read_slot(data, size, &slot, &ignored) != MS_OK)
		return false;
	if (ms_frame_type(data, size) == MS_FRAME_SPAWN && fd >= 0)
		spawn(zygote, slot, fd);
	else if (ms_frame_type(data, size) == MS_FRAME_KILL)
		kill_slot(zygote, slot);
	return true;
}

static void
loop(struct zygote *zygote)
{
	struct pollfd polls[] = {
		{ .fd = zygote->socket, .events = POLLIN },
		{ .fd = zygote->signals, .events = POLLIN },
	};

	for (;;) {
		if (poll(polls, G_N_ELEMENTS(polls), -1) < 0 &&
		    errno != EINTR)
			return;
		if (polls[1].revents)
			reap(zygote);
		if (polls[0].revents && !obey(zygote))
			return;
	}
}

/* The engine, with somebody who asks for it if it is remote. */
static enum ms_status
open_engine(struct zygote *zygote, struct ms_error *err)
{
	const struct ms_zygote_config *config = zygote->config;
	struct ms_engine_config engine = config->engine;
	struct ms_engine_delegate delegate = { .ask = ask_or_end,
		.arg = &zygote->courier };
	enum ms_status status = MS_OK;

	if (config->ops->remote) {
		status = ms_broker_open(&config->broker, &zygote->broker, err);
		if (status != MS_OK)
			return status;
		ms_broker_describe(zygote->broker, &delegate);
		engine.delegate = &delegate;
	}
	return ms_engine_open(config->ops, &engine, &zygote->engine, err);
}

static bool
load(struct zygote *zygote)
{
	struct ms_engine_info info;
	struct ms_frame_ready ready;
	struct ms_error err = { "" };
	enum ms_status status;
	GByteArray *frame;

	ms_scan_start();
	ms_sandbox_prepare();
	if (open_engine(zygote, &err) != MS_OK) {
		answer(zygote, ms_frame_failed(err.text));
		return false;
	}
	ms_engine_info(zygote->engine, &info);
	zygote->contexts = info.contexts;
	ready = (struct ms_frame_ready){ info.name, info.version,
		info.database, info.signatures, info.database_time };
	frame = ms_frame_ready(&ready);
	ms_engine_info_clear(&info);
	/* Without it the supervisor would wait for ever. */
	status = ms_frame_send(zygote->socket, frame, -1, NULL);
	g_byte_array_unref(frame);
	return status == MS_OK;
}

static void
become_zygote(const struct ms_zygote_config *config, int socket,
    pid_t parent)
{
	struct zygote zygote = { .config = config };
	sigset_t children;

	settle_signals(parent);
	zygote.courier.socket = -1;
	zygote.socket = keep_only(socket, &zygote.courier.socket);
	(void)sigemptyset(&children);
	(void)sigaddset(&children, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &children, NULL);
	zygote.signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
	zygote.children = g_ptr_array_new_with_free_func(free_child);
	if (zygote.signals < 0 || !load(&zygote))
		_exit(1);
	loop(&zygote);
	/* The supervisor is done: so are the workers. */
	for (guint i = 0; i < zygote.children->len; i++) {
		const struct child *child = zygote.children->pdata[i];

		(void)kill(child->pid, SIGKILL);
		(void)waitpid(child->pid, NULL, 0);
	}
	g_ptr_array_unref(zygote.children);
	ms_broker_close(zygote.broker);
	_exit(0);
}

enum ms_status
ms_zygote_start(const struct ms_zygote_config *config, int *sock, int *pid,
    struct ms_error *err)
{
	pid_t parent = getpid(), child;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return ms_error_errno(err, "cannot start the engine process");
	child = fork();
	if (child < 0) {
		(void)close(pair[0]);
		(void)close(pair[1]);
		return ms_error_errno(err, "cannot start the engine process");
	}
	if (child == 0) {
		(void)close(pair[0]);
		become_zygote(config, pair[1], parent);
	}
	(void)close(pair[1]);
	*sock = pair[0];
	*pid = child;
	return MS_OK;
}
