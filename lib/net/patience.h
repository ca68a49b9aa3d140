#ifndef MS_PATIENCE_H
#define MS_PATIENCE_H

#include "net/timer.h"

#include <stdbool.h>

/* How long a peer is waited for: until a point in time, and for so long
 * without any progress. To note progress costs no more than to read the
 * clock. */

struct ms_patience {
	struct ms_loop *loop;
	struct ms_timer *timer;		/* NULL until somebody is in a hurry */
	ms_loop_callback *callback;
	void *arg;
	int64_t deadline, quiet;	/* in milliseconds; -1: for ever */
	int64_t progress;		/* when there was some last */
	int64_t armed;			/* until when the timer runs, or -1 */
};

/* Nothing is limited yet. CALLBACK(ARG) asks ms_patience_check(). */
void ms_patience_init(struct ms_patience *patience, struct ms_loop *loop,
    ms_loop_callback *callback, void *arg);
void ms_patience_clear(struct ms_patience *patience);

/* MS milliseconds from now, at most; negative: for ever. */
void ms_patience_deadline(struct ms_patience *patience, int64_t ms);
/* MS milliseconds without progress, at most; negative: for ever. */
void ms_patience_quiet(struct ms_patience *patience, int64_t ms);
void ms_patience_progress(struct ms_patience *patience);

/* MS_OK, and the callback will come again; or MS_E_PEER: it took too long, in
 * words in ERR. */
enum ms_status ms_patience_check(struct ms_patience *patience,
    struct ms_error *err);

#endif
