#ifndef MS_POOL_H
#define MS_POOL_H

#include "base/error.h"
#include "pool/frame.h"
#include "pool/zygote.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The supervisor's view of zygote and workers: jobs go in, checked facts and
 * ends come out. Two jobs are in flight per worker, so that the hop costs
 * nothing, unless the pool is prompt. A worker that passes its deadline is
 * killed; one that dies is replaced; both are told with the job that was
 * being worked on, and jobs that waited behind it go to other workers.
 */

struct ms_pool_config {
	struct ms_zygote_config zygote;
	unsigned workers;
	int64_t deadline_ms;	/* for one message, by the wall clock */
	unsigned recycle;	/* messages after which a worker is replaced */
	bool prompt;		/* none waits behind another in a worker, that
				 * a third one could do at once */
};

struct ms_pool_job {
	uint64_t id;		/* the caller's, unique while in the pool */
	int fd;			/* the message; stays the caller's, and open
				 * until the job is done or died */
	uint64_t size;
	uint64_t omitted;
	bool raw;
	bool joined;
	bool reduced;		/* goes to a worker of its own */
};

enum ms_pool_death {
	MS_POOL_CRASHED,
	MS_POOL_TIMED_OUT
};

/* What can happen to a job; the last of done and died ends it. */
struct ms_pool_events {
	/*
	 * Bytes that were picked (scan/pick.h): FRAME says which, and FD,
	 * which is a loan, has as many of them under seal. NULL if nothing
	 * is to be picked.
	 *
	 * MS_OK      the next ones may come
	 * MS_E_PEER  they are not what FRAME says: the worker cannot be
	 *            trusted any more
	 * other      ms_pool_wait() is to fail with what is in ERR
	 */
	enum ms_status (*blob)(void *arg, uint64_t id,
	    const unsigned char *frame, size_t size, int fd,
	    struct ms_error *err);
	/* FRAME passed ms_frame_read_fact(). */
	void (*fact)(void *arg, uint64_t id, const unsigned char *frame,
	    size_t size);
	void (*done)(void *arg, uint64_t id, int64_t elapsed_ms);
	void (*died)(void *arg, uint64_t id, enum ms_pool_death death,
	    const char *detail, int64_t elapsed_ms);
};

struct ms_pool;

/*
 * Start the zygote and wait until it has loaded its database.
 *
 * MS_OK        *POOL is ready; CONFIG is copied, what it points to must
 *              outlive the pool
 * MS_E_ENGINE  the database did not load: ERR says why
 * other        no processes or sockets to be had
 */
enum ms_status ms_pool_open(const struct ms_pool_config *config,
    const struct ms_pool_events *events, void *arg, struct ms_pool **pool,
    struct ms_error *err);

/* Ends all processes, whatever they do, and waits for them. */
void ms_pool_close(struct ms_pool *pool);

/* What the zygote loaded: a loan for the life of the pool. */
const struct ms_frame_ready *ms_pool_ready(const struct ms_pool *pool);

/* How many more jobs would keep the workers busy now. */
unsigned ms_pool_room(const struct ms_pool *pool);

/* Queue a job, copying it. */
void ms_pool_submit(struct ms_pool *pool, const struct ms_pool_job *job);

/* A descriptor, on loan for the life of the pool, that can be read from when
 * ms_pool_wait() would not wait; but for deadlines, for which it is to be
 * called now and then. */
int ms_pool_fd(const struct ms_pool *pool);

/*
 * Wait up to TIMEOUT_MS for something to happen, and tell it.
 *
 * MS_OK      told, or nothing happened, or a signal came
 * MS_E_PEER  the zygote died: no job will be done any more
 */
enum ms_status ms_pool_wait(struct ms_pool *pool, int timeout_ms,
    struct ms_error *err);

#endif
