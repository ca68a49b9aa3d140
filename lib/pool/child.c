#include "pool/child.h"

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a terminal or a service manager sends to all of us is for the parent,
 * who says what is to be done. */
static void
settle_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE,
		SIGUSR1, SIGUSR2 };
	sigset_t none;

	for (size_t i = 0; i < G_N_ELEMENTS(ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
by_number(const void *a, const void *b)
{
	const int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* Close all descriptors but the first three, SOCKET and those of CHILD. */
static void
close_others(const struct ms_child *child, int socket)
{
	const size_t count = child->count + 2;
	int *keep = g_new(int, count);
	unsigned from = STDERR_FILENO + 1;

	keep[child->count] = socket;
	keep[child->count + 1] = child->log;
	for (size_t i = 0; i < child->count; i++)
		keep[i] = child->keep[i];
	qsort(keep, count, sizeof *keep, by_number);
	for (size_t i = 0; i < count; i++) {
		if (keep[i] < (int)from)
			continue;
		if ((unsigned)keep[i] > from)
			(void)close_range(from, (unsigned)keep[i] - 1, 0);
		from = (unsigned)keep[i] + 1;
	}
	(void)close_range(from, ~0u, 0);
	g_free(keep);
}

enum ms_status
ms_child_start(const struct ms_child *child, int *socket, int *pid,
    struct ms_error *err)
{
	const pid_t parent = getpid();
	pid_t started;
	int pair[2];

	if (ms_child_pair(pair, err) != MS_OK)
		return MS_E_IO;
	started = fork();
	if (started == 0) {
		settle_signals();
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != parent)
			_exit(1);
		close_others(child, pair[1]);
		_exit(child->body(child->arg, pair[1]));
	}
	(void)close(pair[1]);
	if (started < 0) {
		(void)close(pair[0]);
		return ms_error_errno(err, "cannot start a process");
	}
	*socket = pair[0];
	*pid = (int)started;
	return MS_OK;
}

enum ms_status
ms_child_pair(int pair[2], struct ms_error *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, pair) != 0)
		return ms_error_errno(err, "cannot make a pair of sockets");
	return MS_OK;
}
