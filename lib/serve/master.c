#include "serve/master.h"

#include "base/clock.h"
#include "net/listen.h"
#include "pool/child.h"
#include "serve/chronicle.h"
#include "serve/control.h"
#include "serve/upstream.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* What dies at once is started again after a second, then two, four, ... */
#define DELAY_MIN_MS 1000
#define DELAY_MAX_MS 30000
/* Who lived as long began well. */
#define LIVED_MS 10000
/* For messages whose end the next hop has, after the grace. */
#define PATIENCE_MS 10000

/* In the order in which they begin; they end in the other one. All but the
 * front talk to the front. */
enum { SCANNER, STORE, RUNNER, LOOKUP, FRONT, KINDS };

struct process {
	const char *name;
	int (*body)(void *arg, int control);	/* NULL: there is none */
	void *arg;
	int pid;		/* 0: it does not run */
	int socket;
	bool ready;
	int64_t started_ms;
	int64_t delay_ms;	/* before the next start */
	int64_t due_ms;		/* of that; -1: none */
};

struct master {
	const struct ms_master_config *config;
	struct ms_front_config front;
	GArray *listeners;	/* of int */
	struct process processes[KINDS];
	int signals;
	unsigned char *block;
	bool begun;		/* it served */
	bool draining, over;
	int64_t end_ms;		/* of draining; -1: not yet */
	enum ms_status status;
	struct ms_error *err;
};

static enum ms_status
start(struct master *m, int kind, struct ms_error *err)
{
	struct process *p = &m->processes[kind];
	const struct ms_child child = {
		.body = p->body,
		.arg = p->arg,
		.keep = kind == FRONT ? m->front.listeners : NULL,
		.count = kind == FRONT ? m->front.listener_count : 0,
		.log = ms_chronicle_fd(),
	};
	const enum ms_status status = ms_child_start(&child, &p->socket,
	    &p->pid, err);

	p->ready = false;
	p->started_ms = ms_clock_ms();
	p->due_ms = -1;
	if (status != MS_OK)
		p->pid = 0;
	return status;
}

/* Start those that are to run before the front, or it, if they are ready:
 * nobody is let in before mail can be scanned. */
static enum ms_status
start_all(struct master *m, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	bool ready = true;

	for (int kind = 0; kind < KINDS && status == MS_OK; kind++) {
		struct process *p = &m->processes[kind];

		if (p->body && p->pid == 0 && (kind != FRONT || ready))
			status = start(m, kind, err);
		ready = ready && (p->ready || !p->body);
	}
	return status;
}

/* The front and another one are there: have them know each other. */
static void
introduce(struct master *m, int kind)
{
	const struct process *ends[] = { &m->processes[kind],
		&m->processes[FRONT] };
	struct ms_error err;
	int pair[2];

	if (kind == FRONT || !ends[0]->ready || !ends[1]->ready)
		return;
	if (ms_child_pair(pair, &err) != MS_OK) {
		ms_chronicle_say("%s", err.text);
		return;
	}
	for (int i = 0; i < 2; i++) {
		/* Who is gone will be started again, and get another. */
		(void)ms_control_send(ends[i]->socket, MS_CONTROL_PEER,
		    ends[1 - i]->name, pair[i]);
		(void)close(pair[i]);
	}
}

static void
give_up(struct master *m, enum ms_status status, const char *why)
{
	m->over = true;
	m->status = ms_error_set(m->err, status, "%s", why);
}

static void
on_ready(struct master *m, int kind, const char *text)
{
	struct ms_error err;

	m->processes[kind].ready = true;
	if (*text != '\0')
		ms_chronicle_say("%s: %s", m->processes[kind].name, text);
	if (kind == FRONT && !m->begun) {
		m->begun = true;
		ms_chronicle_say("ready");
	} else if (!m->begun && start_all(m, &err) != MS_OK) {
		give_up(m, MS_E_IO, err.text);
	}
	for (int other = 0; other < KINDS; other++)
		if (other == kind || kind == FRONT)
			introduce(m, other);
}

static void
hear(struct master *m, int kind)
{
	struct process *p = &m->processes[kind];
	enum ms_control order;
	char *text;
	size_t got;
	int fd;
	const enum ms_status status = ms_frame_receive(p->socket, m->block,
	    MS_FRAME_MAX, &got, &fd);

	if (fd >= 0)
		(void)close(fd);
	if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
		return;
	if (status != MS_OK || ms_control_read(m->block, got, &order, &text) !=
	    MS_OK) {
		/* It ends, or is to end: SIGCHLD says more. */
		if (status != MS_END)
			(void)kill(p->pid, SIGKILL);
		(void)close(p->socket);
		p->socket = -1;
		return;
	}
	if (order == MS_CONTROL_READY)
		on_ready(m, kind, text);
	else if (order == MS_CONTROL_FAILED && !m->begun)
		give_up(m, MS_E_ENGINE, text);
	else
		ms_chronicle_say("%s: %s", p->name, text);
	g_free(text);
}

/* Why a process ended, into TEXT. */
static void
describe(int status, char *text, size_t size)
{
	if (WIFSIGNALED(status))
		(void)g_snprintf(text, size, "killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		(void)g_snprintf(text, size, "ended with status %d",
		    WEXITSTATUS(status));
}

static void
on_death(struct master *m, int kind, int status)
{
	struct process *p = &m->processes[kind];
	const bool lived = ms_clock_ms() - p->started_ms >= LIVED_MS;
	char text[128];

	describe(status, text, sizeof text);
	/* What it had to say comes first. */
	while (!m->over && p->socket >= 0) {
		struct pollfd there = { .fd = p->socket, .events = POLLIN };

		if (poll(&there, 1, 0) <= 0)
			break;
		hear(m, kind);
	}
	if (p->socket >= 0)
		(void)close(p->socket);
	p->socket = -1;
	p->pid = 0;
	p->ready = false;
	if (m->over)
		return;
	if (m->draining && kind == FRONT) {
		m->over = true;
		return;
	}
	ms_chronicle_say("%s: %s", p->name, text);
	if (!m->begun) {
		give_up(m, MS_E_PEER, text);
		return;
	}
	p->delay_ms = lived || p->delay_ms == 0 ? DELAY_MIN_MS :
	    MIN(p->delay_ms * 2, DELAY_MAX_MS);
	p->due_ms = ms_clock_ms() + p->delay_ms;
}

static void
reap(struct master *m)
{
	for (int kind = 0; kind < KINDS; kind++) {
		struct process *p = &m->processes[kind];
		int status;

		if (p->pid > 0 && waitpid(p->pid, &status, WNOHANG) == p->pid)
			on_death(m, kind, status);
	}
}

static void
close_listeners(struct master *m)
{
	for (guint i = 0; i < m->listeners->len; i++)
		(void)close(g_array_index(m->listeners, int, i));
	g_array_set_size(m->listeners, 0);
}

static void
end(struct master *m)
{
	struct process *front = &m->processes[FRONT];

	if (m->draining || !m->begun || front->pid == 0) {
		m->over = true;
		return;
	}
	ms_chronicle_say("ending: messages that are on their way may end");
	m->draining = true;
	m->end_ms = ms_clock_ms() + m->front.grace_ms + PATIENCE_MS;
	close_listeners(m);
	(void)ms_control_send(front->socket, MS_CONTROL_DRAIN, NULL, -1);
}

static void
on_signals(struct master *m)
{
	struct signalfd_siginfo info;

	while (read(m->signals, &info, sizeof info) ==
	    (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGCHLD)
			reap(m);
		else if (info.ssi_signo == SIGHUP)
			ms_chronicle_say("SIGHUP does nothing: end it and "
			    "start it again");
		else
			end(m);
	}
}

/* Until what is due next: -1, there is nothing. */
static int
next_due(const struct master *m)
{
	int64_t due = m->end_ms;

	for (int kind = 0; kind < KINDS; kind++) {
		const int64_t one = m->processes[kind].due_ms;

		if (one >= 0 && (due < 0 || one < due))
			due = one;
	}
	return due < 0 ? -1 :
	    (int)CLAMP(due - ms_clock_ms(), 0, 3600 * 1000);
}

static void
do_due(struct master *m)
{
	const int64_t now = ms_clock_ms();
	struct ms_error err;

	if (m->end_ms >= 0 && now >= m->end_ms)
		m->over = true;
	for (int kind = 0; kind < KINDS && !m->over; kind++) {
		struct process *p = &m->processes[kind];

		if (p->due_ms < 0 || now < p->due_ms)
			continue;
		if (start(m, kind, &err) == MS_OK)
			continue;
		ms_chronicle_say("%s: %s", p->name, err.text);
		p->due_ms = now + DELAY_MAX_MS;
	}
}

static void
serve(struct master *m)
{
	while (!m->over) {
		struct pollfd fds[KINDS + 1];

		for (int kind = 0; kind < KINDS; kind++)
			fds[kind] = (struct pollfd){ .events = POLLIN,
				.fd = m->processes[kind].socket };
		fds[KINDS] = (struct pollfd){ .events = POLLIN,
			.fd = m->signals };
		if (poll(fds, G_N_ELEMENTS(fds), next_due(m)) > 0) {
			for (int kind = 0; kind < KINDS && !m->over; kind++)
				if (fds[kind].revents)
					hear(m, kind);
			if (fds[KINDS].revents)
				on_signals(m);
		}
		do_due(m);
	}
}

/* End all processes. */
static void
end_all(struct master *m)
{
	for (int kind = KINDS - 1; kind >= 0; kind--) {
		struct process *p = &m->processes[kind];

		if (p->pid > 0) {
			(void)ms_control_send(p->socket, MS_CONTROL_END, NULL,
			    -1);
			(void)close(p->socket);
			p->socket = -1;
		}
	}
	for (int kind = KINDS - 1; kind >= 0; kind--) {
		struct process *p = &m->processes[kind];

		for (int i = 0; p->pid > 0 && i < 50; i++) {
			struct pollfd wait = { .fd = m->signals,
				.events = POLLIN };
			struct signalfd_siginfo info;

			if (waitpid(p->pid, NULL, WNOHANG) == p->pid) {
				p->pid = 0;
				break;
			}
			(void)poll(&wait, 1, 100);
			(void)!read(m->signals, &info, sizeof info);
		}
		if (p->pid > 0) {
			(void)kill(p->pid, SIGKILL);
			(void)waitpid(p->pid, NULL, 0);
		}
	}
}

/* May the socket FD be listened on? */
static enum ms_status
check_listener(const struct master *m, int fd, struct ms_error *err)
{
	const char *const *targets = m->front.hops.targets;
	const char *wrong = NULL;
	struct ms_endpoint own;
	char *name;

	ms_endpoint_ask(&own, fd, false);
	if (!m->config->beyond && !ms_network_is_local(&own))
		wrong = "can be reached from other machines: say who may come "
		    "(--allow-clients)";
	else if (targets && ms_upstream_is_self(targets, fd))
		wrong = "is to be listened on, and is the next hop as well";
	if (!wrong)
		return MS_OK;
	name = ms_endpoint_print(&own);
	(void)ms_error_set(err, MS_E_USAGE, "%s %s", name, wrong);
	g_free(name);
	return MS_E_USAGE;
}

static enum ms_status
listen_on(struct master *m, const char *const *addresses, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	for (; status == MS_OK && addresses && *addresses; addresses++) {
		const struct ms_listen_config config = {
			.address = *addresses,
			.transparent = m->config->transparent };

		status = ms_listen_open(&config, m->listeners, err);
	}
	return status;
}

static enum ms_status
open_listeners(struct master *m, struct ms_error *err)
{
	enum ms_status status = listen_on(m, m->config->listen, err);
	const guint plain = m->listeners->len;

	if (status == MS_OK)
		status = listen_on(m, m->config->listen_secured, err);
	m->front.secured = m->listeners->len - plain;
	for (guint i = 0; status == MS_OK && i < m->listeners->len; i++)
		status = check_listener(m, g_array_index(m->listeners, int,
		    i), err);
	return status;
}

static void
name_listeners(const struct master *m)
{
	for (guint i = 0; i < m->listeners->len; i++) {
		char *name = ms_listen_name(g_array_index(m->listeners, int,
		    i));

		ms_chronicle_say("listening on %s", name);
		g_free(name);
	}
}

static void
remove_sockets(const char *const *addresses)
{
	for (; addresses && *addresses; addresses++)
		ms_listen_remove(*addresses);
}

static enum ms_status
catch_signals(struct master *m, sigset_t *before, struct ms_error *err)
{
	sigset_t caught;

	(void)sigemptyset(&caught);
	(void)sigaddset(&caught, SIGCHLD);
	(void)sigaddset(&caught, SIGTERM);
	(void)sigaddset(&caught, SIGINT);
	(void)sigaddset(&caught, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &caught, before);
	m->signals = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
	return m->signals < 0 ? ms_error_errno(err, "cannot catch signals") :
	    MS_OK;
}

static void
set_process(struct master *m, int kind, const char *name,
    int (*body)(void *arg, int control), void *arg)
{
	m->processes[kind] = (struct process){ .name = name, .body = body,
		.arg = arg, .socket = -1, .due_ms = -1 };
}

enum ms_status
ms_master_run(const struct ms_master_config *config, struct ms_error *err)
{
	struct master m = { .config = config, .front = config->front,
		.signals = -1, .end_ms = -1, .err = err };
	struct ms_scanner_config scanner = config->scanner;
	struct ms_lookup_config lookup = config->lookup;
	struct ms_vault_config store = config->store;
	struct ms_runner_config runner = config->runner;
	sigset_t before;

	set_process(&m, SCANNER, "scanner", ms_scanner_run, &scanner);
	set_process(&m, STORE, "store", m.front.store ? ms_vault_run : NULL,
	    &store);
	set_process(&m, RUNNER, "runner", m.front.runner ? ms_runner_run :
	    NULL, &runner);
	set_process(&m, LOOKUP, "lookup", lookup.names && lookup.names[0] ?
	    ms_lookup_run : NULL, &lookup);
	set_process(&m, FRONT, "front", ms_front_run, &m.front);
	m.listeners = g_array_new(FALSE, FALSE, sizeof(int));
	m.block = g_malloc(MS_FRAME_MAX);
	m.status = open_listeners(&m, err);
	if (m.status != MS_OK)
		goto out;
	m.front.listeners = (const int *)(const void *)m.listeners->data;
	m.front.listener_count = m.listeners->len;
	name_listeners(&m);
	m.status = catch_signals(&m, &before, err);
	if (m.status == MS_OK)
		m.status = start_all(&m, err);
	if (m.status == MS_OK) {
		serve(&m);
		end_all(&m);
		if (m.status == MS_OK)
			ms_chronicle_say("ended");
	}
	if (m.signals >= 0)
		(void)close(m.signals);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
out:
	close_listeners(&m);
	remove_sockets(config->listen);
	remove_sockets(config->listen_secured);
	g_array_unref(m.listeners);
	g_free(m.block);
	return m.status;
}
