#ifndef MS_HOLES_H
#define MS_HOLES_H

#include "net/loop.h"
#include "serve/dispatch.h"

#include <stdbool.h>

/*
 * The front's side of serve/hole.h: the runner is asked about recipients, and
 * what it said is remembered for a while. Whatever it does, there is an answer:
 * what is not known is no black hole.
 */

struct ms_holes;
struct ms_holes_question;

/* An answer holds so long, and that the program failed; so many are
 * remembered. */
#define MS_HOLES_KNOWN_MS 300000
#define MS_HOLES_FAILED_MS 60000
#define MS_HOLES_MAX 10000

/* What is handed in outlives it. WAIT_MS: for all recipients of a message. */
struct ms_holes *ms_holes_new(struct ms_loop *loop,
    struct ms_dispatch *runner, int64_t wait_ms);
/* After all of its questions. */
void ms_holes_free(struct ms_holes *holes);

/* ALL: are all recipients black holes? Comes from the loop, never from within a
 * function of this file; the question is over. */
typedef void ms_holes_answered(void *arg, bool all);

/* Ask about the COUNT RECIPIENTS, at least one, which are copied. */
struct ms_holes_question *ms_holes_ask(struct ms_holes *holes,
    char *const *recipients, size_t count, ms_holes_answered *answered,
    void *arg);

/* Nobody wants the answer any more; NULL is fine. */
void ms_holes_forget(struct ms_holes_question *question);

#endif
