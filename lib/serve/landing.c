#include "serve/landing.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "net/preamble.h"
#include "net/timer.h"
#include "net/watch.h"

struct ms_landing {
	int fd;
	struct ms_endpoint peer;
	struct ms_watch *watch;
	struct ms_timer *timer;
	GByteArray *read;	/* of the preamble */
	ms_landing_done *done;
	void *arg;
};

static void
finish(struct ms_landing *landing, const struct ms_endpoint *client,
    const char *why)
{
	const int fd = landing->fd;

	ms_watch_free(landing->watch);
	landing->watch = NULL;
	ms_timer_stop(landing->timer);
	landing->fd = -1;
	landing->done(landing->arg, landing, fd, client, why);
}

/* The first SIZE bytes of what can be peeked at are read. */
static bool
consume(struct ms_landing *landing, size_t size)
{
	unsigned char block[1024];

	while (size > 0) {
		const ssize_t n = recv(landing->fd, block,
		    MIN(size, sizeof block), 0);

		if (n <= 0 && errno != EINTR)
			return false;
		size -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* SIZE bytes more can be seen at the end of what is read. */
static void
look(struct ms_landing *landing, size_t size)
{
	const guint had = landing->read->len - (guint)size;
	struct ms_preamble preamble;
	struct ms_error err;
	size_t used;
	enum ms_status status = ms_preamble_read(landing->read->data,
	    landing->read->len, &used, &preamble, &err);

	if (status != MS_OK && status != MS_END) {
		finish(landing, NULL, err.text);
		return;
	}
	/* As much of it as was there before was a beginning. */
	if (!consume(landing, status == MS_OK ? used - had : size))
		finish(landing, NULL, g_strerror(errno));
	else if (status == MS_OK)
		finish(landing, preamble.named ? &preamble.from :
		    &landing->peer, NULL);
}

static void
on_readable(void *arg)
{
	struct ms_landing *landing = arg;
	unsigned char block[4096];
	const ssize_t n = recv(landing->fd, block, sizeof block, MSG_PEEK);

	if (n > 0) {
		(void)g_byte_array_append(landing->read, block, (guint)n);
		look(landing, (size_t)n);
	} else if (n == 0) {
		finish(landing, NULL, "closed");
	} else if (errno != EAGAIN && errno != EINTR) {
		finish(landing, NULL, g_strerror(errno));
	}
}

static void
on_late(void *arg)
{
	finish(arg, NULL, "no PROXY protocol in time");
}

struct ms_landing *
ms_landing_new(struct ms_loop *loop, int fd, const struct ms_endpoint *peer,
    int64_t ms, ms_landing_done *done, void *arg)
{
	struct ms_landing *landing = g_new0(struct ms_landing, 1);

	landing->fd = fd;
	landing->peer = *peer;
	landing->read = g_byte_array_new();
	landing->done = done;
	landing->arg = arg;
	landing->timer = ms_timer_new(loop, on_late, landing);
	ms_timer_set(landing->timer, ms);
	landing->watch = ms_watch_fd(loop, fd, false, on_readable, landing);
	ms_watch_want(landing->watch, true);
	return landing;
}

void
ms_landing_free(struct ms_landing *landing)
{
	if (!landing)
		return;
	ms_watch_free(landing->watch);
	ms_timer_free(landing->timer);
	if (landing->fd >= 0)
		(void)close(landing->fd);
	(void)g_byte_array_free(landing->read, TRUE);
	g_free(landing);
}
