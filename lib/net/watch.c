#include "net/watch.h"

#include <event2/event.h>
#include <event2/event_struct.h>

struct ms_watch {
	struct event event;
	bool wanted;
	ms_loop_callback *callback;
	void *arg;
};

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct ms_watch *watch = arg;

	(void)fd;
	(void)what;
	watch->callback(watch->arg);
}

static struct ms_watch *
new_watch(struct ms_loop *loop, int number, short what,
    ms_loop_callback *callback, void *arg)
{
	struct ms_watch *watch = g_new0(struct ms_watch, 1);

	watch->callback = callback;
	watch->arg = arg;
	(void)event_assign(&watch->event, ms_loop_base(loop), number,
	    what | EV_PERSIST, on_event, watch);
	return watch;
}

struct ms_watch *
ms_watch_signal(struct ms_loop *loop, int number, ms_loop_callback *callback,
    void *arg)
{
	struct ms_watch *watch = new_watch(loop, number, EV_SIGNAL, callback,
	    arg);

	ms_watch_want(watch, true);
	return watch;
}

struct ms_watch *
ms_watch_fd(struct ms_loop *loop, int fd, bool writing,
    ms_loop_callback *callback, void *arg)
{
	return new_watch(loop, fd, writing ? EV_WRITE : EV_READ, callback,
	    arg);
}

void
ms_watch_want(struct ms_watch *watch, bool want)
{
	if (watch->wanted == want)
		return;
	watch->wanted = want;
	if (want)
		(void)event_add(&watch->event, NULL);
	else
		(void)event_del(&watch->event);
}

void
ms_watch_free(struct ms_watch *watch)
{
	if (!watch)
		return;
	(void)event_del(&watch->event);
	g_free(watch);
}
