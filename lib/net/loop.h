#ifndef MS_LOOP_H
#define MS_LOOP_H

#include "base/error.h"

/*
 * What happens next: descriptors that can be read or written, times that have
 * come, signals. One thread runs a loop; all that is attached to it belongs
 * to that thread, and calls back from ms_loop_run() only. A callback may free
 * what it was called for. See net/timer.h, net/watch.h, net/talk.h and
 * net/listen.h for what can be attached.
 */

struct ms_loop;
struct event_base;

typedef void ms_loop_callback(void *arg);

/* MS_OK: *LOOP is for ms_loop_free(), after all that is attached to it.
 * MS_E_IO: no descriptors are left. */
enum ms_status ms_loop_new(struct ms_loop **loop, struct ms_error *err);
void ms_loop_free(struct ms_loop *loop);

/* Until ms_loop_stop(), or until nothing is left to wait for; signals and
 * watches count as something, streams of which nothing is wanted do not.
 * MS_OK, or MS_E_IO: the system's way of waiting has failed. */
enum ms_status ms_loop_run(struct ms_loop *loop, struct ms_error *err);
void ms_loop_stop(struct ms_loop *loop);

/* libevent's side of it: for this folder. */
struct event_base *ms_loop_base(struct ms_loop *loop);

#endif
