#ifndef MS_DISPATCH_H
#define MS_DISPATCH_H

#include "net/loop.h"
#include "serve/task.h"

/*
 * The front's side of serve/task.h: tasks for one other process, which may be
 * gone for a while. Every task is answered, by that process or by a failure,
 * unless it is forgotten.
 */

struct ms_dispatch_config {
	const char *whom;	/* "the store", for what is told */
	unsigned waiting_max;	/* tasks that wait to be sent */
	int64_t answer_ms;	/* for an answer, from the asking on; 0: as
				 * long as it takes */
};

/* TEXT is not quoted. Comes from the loop, never from within a function of this
 * file; it may ask and forget. */
typedef void ms_dispatch_answered(void *arg, bool good, const char *text);

struct ms_dispatch;

/* Without the other process, for which tasks wait. CONFIG is copied, its string
 * is a loan. */
struct ms_dispatch *ms_dispatch_new(struct ms_loop *loop,
    const struct ms_dispatch_config *config);
/* What is still unanswered stays so. */
void ms_dispatch_free(struct ms_dispatch *dispatch);

/* SOCKET, now the dispatch's, leads to a new process. What the old one was
 * asked it may still answer, over its own; where that ends, the rest of it
 * fails: nobody knows whether it was done. From the loop. */
void ms_dispatch_peer(struct ms_dispatch *dispatch, int socket);

/* Ask for TASK, whose descriptors are the dispatch's then; its id is ignored,
 * and its words are copied. What is returned, never 0, is the number. */
uint64_t ms_dispatch_ask(struct ms_dispatch *dispatch,
    const struct ms_task *task, ms_dispatch_answered *answered, void *arg);

/* Nobody wants the answer to NUMBER any more; any other number is fine. It is
 * done all the same. */
void ms_dispatch_forget(struct ms_dispatch *dispatch, uint64_t number);

#endif
