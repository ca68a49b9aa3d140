#ifndef MS_LOOP_H
#define MS_LOOP_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

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

/* Until ms_loop_stop(), or until nothing is left to wait for: signals and
 * watches count as something, a timer that does not run and a talk that is
 * paused do not. MS_OK, or MS_E_IO: the system's way of waiting failed. */
enum ms_status ms_loop_run(struct ms_loop *loop, struct ms_error *err);
/* As soon as the callback that says it has returned. */
void ms_loop_stop(struct ms_loop *loop);

/* The rest is for what is attached to a loop. */

struct event_base *ms_loop_base(struct ms_loop *loop);

/* A block of memory that whoever is called back may use until he returns. */
unsigned char *ms_loop_block(struct ms_loop *loop, size_t *size);

/* Something to do once, before the loop waits again. */
struct ms_loop_chore {
	ms_loop_callback *callback;
	void *arg;
	struct ms_loop_chore *next;	/* the loop's */
	bool queued;			/* likewise; begins as false */
};
/* CHORE outlives its call, or is dropped. Queued twice it is done once. */
void ms_loop_later(struct ms_loop *loop, struct ms_loop_chore *chore);
void ms_loop_drop(struct ms_loop *loop, struct ms_loop_chore *chore);

/* What nobody else owns: RELEASE(ARG) is called by ms_loop_free() unless it
 * was disowned, with what ms_loop_own() answered; and has to disown it. */
void *ms_loop_own(struct ms_loop *loop, ms_loop_callback *release, void *arg);
void ms_loop_disown(struct ms_loop *loop, void *owned);

#endif
