#include "milter/milterd.h"

#include "base/clock.h"
#include "base/rights.h"
#include "milter/bidding.h"
#include "milter/socketname.h"
#include "net/listen.h"
#include "pool/child.h"
#include "pool/counter.h"
#include "pool/frame.h"
#include "pool/sandbox.h"
#include "serve/chronicle.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The second process may take so long beyond its grace. */
#define PATIENCE_MS 5000
#define LAST_WORDS_US 300000
/* A service that is there takes no longer to be found. */
#define FIND_MS 1000

/* What the second one says: that it has begun, or why not. */
#define BEGUN "+"

struct filter {
	const struct ms_milterd_config *config;
	const struct ms_milterd_events *events;
	void *arg;
	/* of the first process */
	struct ms_service *service;
	int signals, socket, pid;
	bool begun, ending, over;
	int64_t end_ms;		/* the second one is killed then; -1: never */
	enum ms_status status;
	struct ms_error *err;
};

static void
say(int socket, const char *text)
{
	(void)send(socket, text, strlen(text), MSG_NOSIGNAL);
}

/* libmilter, which has a thread of its own, and makes others. */
struct libmilter {
	int socket;		/* that to the first process */
	enum ms_status status;
	struct ms_error err;
};

static gpointer
run_libmilter(gpointer data)
{
	struct libmilter *libmilter = data;

	libmilter->status = ms_milter_run(&libmilter->err);
	/* The other thread sees that. */
	(void)shutdown(libmilter->socket, SHUT_RDWR);
	return NULL;
}

/* One that the first process has sent, with FD or -1. False: we are to end. */
static bool
follow(const struct filter *d, const unsigned char *data, size_t size, int fd)
{
	struct ms_milter_terms terms;
	enum ms_bidding what;

	if (ms_bidding_read(data, size, &what, &terms) != MS_OK)
		return false;
	if (what == MS_BIDDING_TERMS) {
		/* The box was made for that place. */
		terms.spool = d->config->terms.spool;
		ms_milter_set(&terms);
		ms_chronicle_say("reloaded");
	} else if (what == MS_BIDDING_LOG && fd >= 0) {
		ms_chronicle_take(fd);
	}
	ms_bidding_clear(&terms);
	return what != MS_BIDDING_END;
}

/* The second process: do what the first one says, until it says that we are to
 * end, or is gone. */
static void
obey(const struct filter *d, int socket)
{
	struct pollfd pfd = { .fd = socket, .events = POLLIN };
	unsigned char *block = g_malloc(MS_FRAME_MAX);
	bool on = true;

	while (on) {
		enum ms_status status;
		size_t got;
		int fd;

		(void)poll(&pfd, 1, -1);
		status = ms_frame_receive(socket, block, MS_FRAME_MAX, &got,
		    &fd);
		if (status == MS_E_IO && (errno == EINTR || errno == EAGAIN))
			continue;
		on = status == MS_OK && follow(d, block, got, fd);
		if (fd >= 0)
			(void)close(fd);
	}
	g_free(block);
}

static enum ms_status
confine(const struct ms_milterd_config *config, struct ms_error *err)
{
	const struct ms_service_config *service = &config->service;

	if (config->chroot)
		return ms_rights_confine(config->chroot, service->user,
		    service->group, err);
	return service->user ? ms_rights_take(service->user, service->group,
	    err) : MS_OK;
}

/* From now on it may talk, and keep messages, and nothing else: what mail
 * servers say is read here. */
static enum ms_status
enclose(const struct ms_milterd_config *config, struct ms_error *err)
{
	const struct ms_sandbox_profile profile = {
		.dir = config->terms.spool.dir,
		.memfds = true,
		.network = true,
		.threads = true,
	};

	return ms_sandbox_enter(&profile, err);
}

/* A terminal's signals are for the first process, and those of libmilter are
 * only for it once it catches them. */
static void
leave_signals(void)
{
	sigset_t own;

	(void)setpgid(0, 0);
	(void)sigemptyset(&own);
	(void)sigaddset(&own, SIGTERM);
	(void)sigaddset(&own, SIGINT);
	(void)sigaddset(&own, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &own, NULL);
}

/* Can others than this machine connect? */
static void
warn_of_listening(const struct ms_milter_config *config)
{
	char *name = ms_socketname(config->listen, NULL);

	if (name && ms_socketname_is_open(name))
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL, "whoever "
		    "reaches %s can have mail scanned%s", config->listen,
		    strchr(name, '@') ? "" : ": that is every address of "
		    "this machine, inet:PORT@127.0.0.1 is only itself");
	g_free(name);
}

/* Is there nobody to ask yet? */
static void
warn_of_service(const struct ms_milter_terms *terms)
{
	struct ms_counter *counter = NULL;
	struct ms_error err = { "" };

	if (ms_counter_open(terms->service, ms_clock_ms() + FIND_MS, &counter,
	    &err) != MS_OK)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL, "nobody answers "
		    "at %s; mail is %s until somebody does", terms->service,
		    terms->on_error == MS_ACTION_PASS ? "passed unscanned" :
		    terms->on_error == MS_ACTION_REJECT ? "rejected" :
		    "deferred");
	ms_counter_close(counter);
}

/* It is set up: serve. Does not come back before no message is open, or the
 * grace is over. */
static int
serve(struct filter *d, int socket)
{
	struct libmilter libmilter = { .socket = socket };
	GThread *thread;
	unsigned left;

	ms_milter_set(&d->config->terms);
	warn_of_listening(&d->config->milter);
	warn_of_service(&d->config->terms);
	thread = g_thread_new("libmilter", run_libmilter, &libmilter);
	g_thread_unref(thread);
	say(socket, BEGUN);
	obey(d, socket);
	left = ms_milter_drain(ms_clock_ms() + d->config->grace_ms);
	/* libmilter says what came of a message after that is over for us. */
	g_usleep(LAST_WORDS_US);
	if (left > 0)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL, "%u messages "
		    "are left alone: their clients try again", left);
	if (libmilter.status != MS_OK)
		ms_chronicle_tell(MS_LOGENTRY_ERROR, NULL, "%s",
		    libmilter.err.text);
	return libmilter.status == MS_OK ? 0 : 1;
}

static int
second(void *arg, int socket)
{
	struct filter *d = arg;
	const struct ms_milterd_config *config = d->config;
	struct ms_error err = { "" };
	enum ms_status status;

	leave_signals();
	status = ms_milter_open(&config->milter, &err);
	if (status == MS_OK)
		status = confine(config, &err);
	if (status == MS_OK)
		status = enclose(config, &err);
	if (status == MS_OK)
		return serve(d, socket);
	say(socket, err.text[0] ? err.text : "it cannot begin");
	return 1;
}

/* The second one has something to say, or is gone. */
static void
hear(struct filter *d)
{
	char text[sizeof d->err->text];
	const ssize_t n = recv(d->socket, text, sizeof text - 1, 0);

	if (n <= 0)
		return;
	text[n] = '\0';
	if (strcmp(text, BEGUN) != 0) {
		d->status = ms_error_set(d->err, MS_E_IO, "%s", text);
		return;
	}
	d->begun = true;
	ms_chronicle_say("ready: %s", d->config->milter.listen);
	ms_service_ready(d->service, "ready");
}

/* TERMS and FD may be NULL and -1. */
static enum ms_status
bid(const struct filter *d, enum ms_bidding what,
    const struct ms_milter_terms *terms, int fd, struct ms_error *err)
{
	GByteArray *frame = ms_bidding(what, terms);
	const enum ms_status status = ms_frame_send(d->socket, frame, fd, err);

	g_byte_array_unref(frame);
	return status;
}

/* Here, and not in the box. */
static void
reload(const struct filter *d)
{
	struct ms_milter_terms terms;
	struct ms_error err = { "" };

	if (d->events->reload(d->arg, &terms, &err) != MS_OK ||
	    bid(d, MS_BIDDING_TERMS, &terms, -1, &err) != MS_OK)
		ms_chronicle_tell(MS_LOGENTRY_ERROR, NULL, "not reloaded: %s",
		    err.text);
}

static void
reopen(const struct filter *d)
{
	struct ms_error err = { "" };
	int fd = -1;

	if (ms_chronicle_reopen(&fd, &err) != MS_OK ||
	    (fd >= 0 && bid(d, MS_BIDDING_LOG, NULL, fd, &err) != MS_OK))
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL, "%s", err.text);
	if (fd >= 0)
		(void)close(fd);
}

static void
end(struct filter *d)
{
	struct ms_error err;

	if (d->ending)
		return;
	d->ending = true;
	ms_chronicle_say("ending: messages that are open may end");
	ms_service_stopping(d->service);
	d->end_ms = ms_clock_ms() + d->config->grace_ms + PATIENCE_MS;
	/* Who does not hear that is killed when that time is over. */
	(void)bid(d, MS_BIDDING_END, NULL, -1, &err);
}

/* Has the second one ended? */
static void
reap(struct filter *d)
{
	int status;

	if (waitpid(d->pid, &status, WNOHANG) != d->pid)
		return;
	/* What it said last. */
	hear(d);
	d->over = true;
	d->pid = -1;
	if (d->ending || d->status != MS_OK)
		return;
	d->status = ms_error_set(d->err, MS_E_PEER, WIFSIGNALED(status) ?
	    "the process of libmilter was ended by signal %d" :
	    "the process of libmilter has ended: %d", WIFSIGNALED(status) ?
	    WTERMSIG(status) : WEXITSTATUS(status));
}

static void
on_signals(struct filter *d)
{
	struct signalfd_siginfo info;

	while (read(d->signals, &info, sizeof info) ==
	    (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGCHLD) {
			reap(d);
		} else if (info.ssi_signo == SIGHUP) {
			reload(d);
		} else if (info.ssi_signo == SIGUSR1) {
			reopen(d);
		} else {
			end(d);
		}
	}
}

/* Until what is due next: -1, there is nothing. */
static int
next_due(const struct filter *d)
{
	int64_t due = ms_service_due(d->service);

	if (d->end_ms >= 0 && (due < 0 || d->end_ms < due))
		due = d->end_ms;
	return due < 0 ? -1 :
	    (int)CLAMP(due - ms_clock_ms(), 0, 3600 * 1000);
}

static void
watch(struct filter *d)
{
	while (!d->over) {
		struct pollfd fds[] = {
			{ .fd = d->signals, .events = POLLIN },
			{ .fd = d->begun ? -1 : d->socket, .events = POLLIN },
		};

		if (poll(fds, 2, next_due(d)) > 0) {
			if (fds[1].revents & POLLIN)
				hear(d);
			if (fds[0].revents)
				on_signals(d);
		}
		ms_service_do(d->service);
		if (d->end_ms >= 0 && ms_clock_ms() >= d->end_ms && !d->over)
			(void)kill(d->pid, SIGKILL);
	}
}

/* Nobody else listens there now. */
static void
remove_socket(const struct ms_milter_config *config)
{
	char *name = ms_socketname(config->listen, NULL);

	if (name && ms_socketname_path(name))
		ms_listen_remove(name);
	g_free(name);
}

enum ms_status
ms_milterd_run(const struct ms_milterd_config *config,
    const struct ms_milterd_events *events, void *arg, struct ms_error *err)
{
	struct filter d = { .config = config, .events = events, .arg = arg,
		.signals = -1, .socket = -1, .pid = -1, .end_ms = -1,
		.err = err };
	const struct ms_child child = { .body = second, .arg = &d,
		.log = ms_chronicle_fd() };

	d.status = ms_service_signals(&d.signals, err);
	/* It needs the rights that are given up next. */
	if (d.status == MS_OK)
		d.status = ms_child_start(&child, &d.socket, &d.pid, err);
	if (d.status == MS_OK)
		d.status = ms_service_new(&config->service, &d.service, err);
	if (d.status == MS_OK) {
		watch(&d);
		if (d.status == MS_OK)
			ms_chronicle_say("ended");
	} else if (d.pid > 0) {
		(void)kill(d.pid, SIGKILL);
		(void)waitpid(d.pid, NULL, 0);
	}
	remove_socket(&config->milter);
	if (d.socket >= 0)
		(void)close(d.socket);
	if (d.signals >= 0)
		(void)close(d.signals);
	ms_service_free(d.service);
	return d.status;
}
