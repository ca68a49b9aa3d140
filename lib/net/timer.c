#include "net/timer.h"

#include <event2/event.h>
#include <event2/event_struct.h>

struct ms_timer {
	struct event event;
	ms_loop_callback *callback;
	void *arg;
};

static void
on_time(evutil_socket_t fd, short what, void *arg)
{
	struct ms_timer *timer = arg;

	(void)fd;
	(void)what;
	timer->callback(timer->arg);
}

struct ms_timer *
ms_timer_new(struct ms_loop *loop, ms_loop_callback *callback, void *arg)
{
	struct ms_timer *timer = g_new0(struct ms_timer, 1);

	timer->callback = callback;
	timer->arg = arg;
	(void)evtimer_assign(&timer->event, ms_loop_base(loop), on_time,
	    timer);
	return timer;
}

void
ms_timer_free(struct ms_timer *timer)
{
	if (!timer)
		return;
	(void)event_del(&timer->event);
	g_free(timer);
}

void
ms_timer_set(struct ms_timer *timer, int64_t ms)
{
	struct timeval tv = { 0, 0 };

	if (ms > 0) {
		tv.tv_sec = (time_t)(ms / 1000);
		tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	}
	(void)event_add(&timer->event, &tv);
}

void
ms_timer_stop(struct ms_timer *timer)
{
	(void)event_del(&timer->event);
}
