#ifndef MS_CLERK_H
#define MS_CLERK_H

#include "serve/task.h"

#include <poll.h>

/*
 * The other side of serve/task.h, for the body of a process that does tasks:
 * what its master and the front say to it, one thing after the other.
 */

struct ms_clerk;

/* CONTROL is a loan. The master is told READY with TEXT. */
struct ms_clerk *ms_clerk_new(int control, const char *text);
void ms_clerk_free(struct ms_clerk *clerk);

/*
 * Wait for a task, if it WANTS one, or for one of COUNT descriptors in OTHERS,
 * whose revents are then set. *TASK, which is as after ms_task_init() or
 * ms_task_clear() before, has a number if there is a task.
 *
 * MS_OK   something of that has happened, or nothing
 * MS_END  no more tasks come: the master says so, and all fronts are gone,
 *         too
 */
enum ms_status ms_clerk_wait(struct ms_clerk *clerk, bool wants,
    struct pollfd *others, size_t count, struct ms_task *task);

/* Which front the last task came from: there may be several, when one takes
 * over from another. */
uint64_t ms_clerk_front(const struct ms_clerk *clerk);

/* Answer the task ID of FRONT, once; if that is gone, the log is told. */
void ms_clerk_answer(struct ms_clerk *clerk, uint64_t front, uint64_t id,
    bool good, const char *text);

/* The bytes of TASK's note, *SIZE of them, with a NUL behind them, for
 * g_free(). MS_E_IO, MS_E_PEER: it is not what was said. */
enum ms_status ms_clerk_read_note(const struct ms_task *task, char **text,
    size_t *size, struct ms_error *err);

#endif
