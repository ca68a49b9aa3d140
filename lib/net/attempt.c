#include "net/attempt.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "net/timer.h"
#include "net/watch.h"

enum { ANSWER_MS = 30000 };

struct ms_attempt {
	struct ms_loop *loop;
	struct ms_timer *timer;		/* next address, or this one's end */
	struct ms_watch *watch;
	int64_t ms;
	ms_attempt_done *done;
	void *arg;
	int fd;				/* that connects now, or -1 */
	char *why;			/* what the last one failed of */
	bool late;
	size_t count, next;
	struct ms_endpoint list[];
};

/* The one that is tried now is no good. */
static void
give_up(struct ms_attempt *attempt, const char *why, bool late)
{
	const struct ms_endpoint *at = &attempt->list[attempt->next++];
	char *where = ms_endpoint_print(at);

	ms_watch_free(attempt->watch);
	attempt->watch = NULL;
	if (attempt->fd >= 0)
		(void)close(attempt->fd);
	attempt->fd = -1;
	g_free(attempt->why);
	attempt->why = g_strdup_printf("cannot connect to %s: %s", where,
	    why);
	attempt->late = late;
	g_free(where);
	ms_timer_set(attempt->timer, 0);
}

/* A port of this machine on which nobody listens may be the one that we were
 * given to connect from: TCP then connects us to ourselves. */
static bool
is_self(int fd)
{
	struct sockaddr_storage here = { .ss_family = AF_UNSPEC };
	struct sockaddr_storage there = { .ss_family = AF_UNSPEC };
	socklen_t size = sizeof here, other = sizeof there;

	return getsockname(fd, (struct sockaddr *)&here, &size) == 0 &&
	    getpeername(fd, (struct sockaddr *)&there, &other) == 0 &&
	    size == other && here.ss_family != AF_UNIX &&
	    memcmp(&here, &there, size) == 0;
}

static void
succeed(struct ms_attempt *attempt)
{
	const int fd = attempt->fd;

	if (is_self(fd)) {
		give_up(attempt, g_strerror(ECONNREFUSED), false);
		return;
	}
	ms_watch_free(attempt->watch);
	attempt->watch = NULL;
	ms_timer_stop(attempt->timer);
	attempt->fd = -1;
	attempt->done(attempt->arg, fd, &attempt->list[attempt->next], false,
	    NULL);
}

static void
on_writable(void *arg)
{
	struct ms_attempt *attempt = arg;
	socklen_t size = sizeof(int);
	int why = 0;

	if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &why, &size) != 0)
		why = errno;
	if (why != 0)
		give_up(attempt, g_strerror(why), false);
	else
		succeed(attempt);
}

static void
begin(struct ms_attempt *attempt)
{
	const struct ms_endpoint *at = &attempt->list[attempt->next];

	attempt->fd = socket(at->u.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (attempt->fd < 0) {
		give_up(attempt, g_strerror(errno), false);
	} else if (connect(attempt->fd, &at->u.any, at->size) == 0) {
		succeed(attempt);
	} else if (errno == EINPROGRESS) {
		attempt->watch = ms_watch_fd(attempt->loop, attempt->fd, true,
		    on_writable, attempt);
		ms_watch_want(attempt->watch, true);
		ms_timer_set(attempt->timer, attempt->ms);
	} else {
		give_up(attempt, errno == EAGAIN ? "its queue is full" :
		    g_strerror(errno), false);
	}
}

static void
on_time(void *arg)
{
	struct ms_attempt *attempt = arg;

	if (attempt->fd >= 0)
		give_up(attempt, "no answer", true);
	else if (attempt->next < attempt->count)
		begin(attempt);
	else
		attempt->done(attempt->arg, -1, NULL, attempt->late,
		    attempt->why ? attempt->why : "no address");
}

struct ms_attempt *
ms_attempt_new(struct ms_loop *loop, const struct ms_endpoint *list,
    size_t count, int64_t ms, ms_attempt_done *done, void *arg)
{
	const size_t size = sizeof(struct ms_attempt) + count * sizeof *list;
	struct ms_attempt *attempt = g_malloc0(size);

	attempt->loop = loop;
	attempt->timer = ms_timer_new(loop, on_time, attempt);
	attempt->ms = ms > 0 ? ms : ANSWER_MS;
	attempt->done = done;
	attempt->arg = arg;
	attempt->fd = -1;
	attempt->count = count;
	for (size_t i = 0; i < count; i++)
		attempt->list[i] = list[i];
	ms_timer_set(attempt->timer, 0);
	return attempt;
}

void
ms_attempt_free(struct ms_attempt *attempt)
{
	if (!attempt)
		return;
	ms_watch_free(attempt->watch);
	ms_timer_free(attempt->timer);
	if (attempt->fd >= 0)
		(void)close(attempt->fd);
	g_free(attempt->why);
	g_free(attempt);
}
