#ifndef MS_WATCH_H
#define MS_WATCH_H

#include "net/loop.h"

#include <stdbool.h>

/* Signals, and descriptors that are no stream, that a loop waits for. */

struct ms_watch;

/* Call back whenever the signal NUMBER comes. One loop of a process may do
 * that at a time. For ms_watch_free(), before the loop. */
struct ms_watch *ms_watch_signal(struct ms_loop *loop, int number,
    ms_loop_callback *callback, void *arg);

/* Once ms_watch_want() says so, call back as long as FD, which stays the
 * caller's and outlives the watch, can be read (or written, if WRITING). */
struct ms_watch *ms_watch_fd(struct ms_loop *loop, int fd, bool writing,
    ms_loop_callback *callback, void *arg);

/* Look for it, or do not for a while. Asking for what is so already costs
 * nothing. */
void ms_watch_want(struct ms_watch *watch, bool want);

void ms_watch_free(struct ms_watch *watch);

#endif
