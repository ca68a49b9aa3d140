#ifndef MS_TIMER_H
#define MS_TIMER_H

#include "net/loop.h"

#include <stdint.h>

/* Times that a loop waits for. */

struct ms_timer;

/* A timer that does not run yet; for ms_timer_free(), before the loop. */
struct ms_timer *ms_timer_new(struct ms_loop *loop,
    ms_loop_callback *callback, void *arg);
void ms_timer_free(struct ms_timer *timer);

/* Call back once, MS milliseconds from now (0: before the loop waits again),
 * in place of what was set before. */
void ms_timer_set(struct ms_timer *timer, int64_t ms);
void ms_timer_stop(struct ms_timer *timer);

#endif
