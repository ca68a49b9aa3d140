#ifndef MS_LINKS_TEST_H
#define MS_LINKS_TEST_H

#include "net/loop.h"
#include "net/timer.h"
#include "pool/child.h"
#include "pool/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

/* A loop, and the process at the other end of a link, which is the test. */
struct other {
	struct ms_loop *loop;
	int socket;		/* -1: it is gone */
};

static inline void
other_begin(struct other *o)
{
	struct ms_error err;

	o->socket = -1;
	assert_int_equal(ms_loop_new(&o->loop, &err), MS_OK);
}

static inline void
other_die(struct other *o)
{
	if (o->socket >= 0)
		(void)close(o->socket);
	o->socket = -1;
}

static inline void
other_end(struct other *o)
{
	other_die(o);
	ms_loop_free(o->loop);
}

/* The socket to a new one; the one before dies. */
static inline int
other_new(struct other *o)
{
	struct ms_error err;
	int pair[2];

	assert_int_equal(ms_child_pair(pair, &err), MS_OK);
	other_die(o);
	o->socket = pair[0];
	return pair[1];
}

/* FRAME is gone then. */
static inline void
other_say(struct other *o, GByteArray *frame)
{
	struct ms_error err;

	assert_int_equal(ms_frame_send(o->socket, frame, -1, &err), MS_OK);
	g_byte_array_unref(frame);
}

static inline void
other_stop(void *arg)
{
	ms_loop_stop(arg);
}

/* Let MS milliseconds pass. */
static inline void
other_run(struct other *o, int64_t ms)
{
	struct ms_timer *timer = ms_timer_new(o->loop, other_stop, o->loop);
	struct ms_error err;

	ms_timer_set(timer, ms);
	assert_int_equal(ms_loop_run(o->loop, &err), MS_OK);
	ms_timer_free(timer);
}

#endif
