#include "pool/pool.h"

#include "base/clock.h"
#include "pool/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* One being worked on, one waiting in the socket. */
#define DEPTH 2

/* Where bytes come back nothing waits there: the worker reads from it that
 * they were taken. */
static unsigned
depth(const struct ms_pool_config *config)
{
	return config->prompt || config->zygote.scan.pick.any ? 1 : DEPTH;
}

/* How long a worker may take to end when it is told to. */
#define LEAVE_MS 2000

/* Frames taken from one worker before the others get their turn. */
#define FRAMES_AT_ONCE 64

struct worker {
	int socket;			/* -1: none yet, or gone */
	struct ms_pool_job jobs[DEPTH];	/* the first is being worked on */
	unsigned count;
	unsigned sent;			/* in this worker's life */
	int64_t since_ms;		/* when the first job began */
	bool killed;			/* for its deadline */
	bool leaving;			/* was told to go, at since_ms */
	bool late;			/* but that job ended all the same */
	bool alone;			/* has a reduced job: no second one */
	bool started;			/* said that its box is closed */
	bool broke;			/* sent what it must not */
	bool exited;			/* the zygote reported wait_status */
	int wait_status;
};

struct ms_pool {
	struct ms_pool_config config;
	struct ms_pool_events events;
	void *arg;
	struct ms_frame_ready ready;
	int zygote;
	int zygote_pid;
	GQueue waiting;			/* of struct ms_pool_job * */
	struct worker *workers;
	int epoll;			/* has the zygote, as number WORKERS,
					 * and each worker as its own */
	struct epoll_event *events_of;	/* of one wait */
	struct ms_error fatal;		/* why no worker can start; or empty */
};

static enum ms_status
lost_zygote(struct ms_error *err)
{
	return ms_error_set(err, MS_E_PEER, "the engine process died");
}

static enum ms_status
command(const struct ms_pool *pool, enum ms_frame_type type, uint32_t slot,
    int fd, struct ms_error *err)
{
	GByteArray *frame = ms_frame_slot(type, slot, 0);
	enum ms_status status = ms_frame_send(pool->zygote, frame, fd, err);

	g_byte_array_unref(frame);
	return status == MS_OK ? MS_OK : lost_zygote(err);
}

static bool
watch(const struct ms_pool *pool, int fd, uint32_t number)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = number };

	return epoll_ctl(pool->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Hear no more of WORKER. A process that was forked just now may hold the
 * socket, so that closing it does not do alone. */
static void
hang_up(const struct ms_pool *pool, struct worker *worker)
{
	if (worker->socket < 0)
		return;
	(void)epoll_ctl(pool->epoll, EPOLL_CTL_DEL, worker->socket, NULL);
	(void)close(worker->socket);
	worker->socket = -1;
}

static enum ms_status
spawn(struct ms_pool *pool, uint32_t slot, struct ms_error *err)
{
	struct worker *worker = &pool->workers[slot];
	enum ms_status status;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return ms_error_errno(err, "cannot start a worker");
	status = command(pool, MS_FRAME_SPAWN, slot, pair[1], err);
	(void)close(pair[1]);
	if (status == MS_OK && !watch(pool, pair[0], slot))
		status = ms_error_errno(err, "cannot start a worker");
	if (status != MS_OK) {
		(void)close(pair[0]);
		return status;
	}
	/* Ours must never block: whoever is at the other end may not read. */
	(void)fcntl(pair[0], F_SETFL, O_NONBLOCK);
	*worker = (struct worker){ .socket = pair[0] };
	return MS_OK;
}

/* The zygote's first word. */
static enum ms_status
wait_ready(struct ms_pool *pool, struct ms_error *err)
{
	unsigned char data[MS_FRAME_MAX];
	enum ms_status status;
	size_t size;
	int fd;

	do
		status = ms_frame_receive(pool->zygote, data, sizeof data,
		    &size, &fd);
	while (status == MS_E_IO && errno == EINTR);
	if (fd >= 0)
		(void)close(fd);
	if (status != MS_OK)
		return ms_error_set(err, MS_E_ENGINE,
		    "the engine process died while it loaded the database");
	if (ms_frame_type(data, size) == MS_FRAME_FAILED &&
	    ms_frame_read_failed(data, size, err) == MS_OK)
		return MS_E_ENGINE;
	if (ms_frame_read_ready(data, size, &pool->ready) != MS_OK)
		return ms_error_set(err, MS_E_PEER,
		    "the engine process broke the protocol");
	return MS_OK;
}

enum ms_status
ms_pool_open(const struct ms_pool_config *config,
    const struct ms_pool_events *events, void *arg, struct ms_pool **result,
    struct ms_error *err)
{
	struct ms_pool *pool = g_new0(struct ms_pool, 1);
	enum ms_status status;

	pool->config = *config;
	pool->events = *events;
	pool->arg = arg;
	pool->zygote = pool->epoll = -1;
	g_queue_init(&pool->waiting);
	pool->workers = g_new0(struct worker, config->workers);
	pool->events_of = g_new0(struct epoll_event, config->workers + 1);
	for (unsigned i = 0; i < config->workers; i++)
		pool->workers[i].socket = -1;
	status = ms_zygote_start(&pool->config.zygote, &pool->zygote,
	    &pool->zygote_pid, err);
	if (status == MS_OK)
		status = wait_ready(pool, err);
	/* Not before: the zygote has no use for it. */
	pool->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (status == MS_OK && (pool->epoll < 0 ||
	    !watch(pool, pool->zygote, config->workers)))
		status = ms_error_errno(err, "cannot watch workers");
	for (unsigned i = 0; i < config->workers && status == MS_OK; i++)
		status = spawn(pool, i, err);
	if (status != MS_OK) {
		ms_pool_close(pool);
		return status;
	}
	*result = pool;
	return MS_OK;
}

void
ms_pool_close(struct ms_pool *pool)
{
	if (!pool)
		return;
	for (unsigned i = 0; i < pool->config.workers; i++)
		hang_up(pool, &pool->workers[i]);
	/* The zygote sees the end of its socket, ends the workers and their
	 * directories, then itself. */
	if (pool->zygote >= 0)
		(void)close(pool->zygote);
	if (pool->epoll >= 0)
		(void)close(pool->epoll);
	while (pool->zygote_pid > 0 &&
	    waitpid(pool->zygote_pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	ms_frame_ready_clear(&pool->ready);
	g_queue_clear_full(&pool->waiting, g_free);
	g_free(pool->workers);
	g_free(pool->events_of);
	g_free(pool);
}

const struct ms_frame_ready *
ms_pool_ready(const struct ms_pool *pool)
{
	return &pool->ready;
}

unsigned
ms_pool_room(const struct ms_pool *pool)
{
	/* In a prompt one as many wait here, for who is done first. */
	unsigned room = pool->config.workers * (pool->config.prompt ? DEPTH :
	    depth(&pool->config));

	for (unsigned i = 0; i < pool->config.workers; i++)
		room -= MIN(room, pool->workers[i].count);
	return room - MIN(room, pool->waiting.length);
}

/* May WORKER take JOB? */
static bool
can_take(const struct ms_pool *pool, const struct worker *worker,
    const struct ms_pool_job *job)
{
	if (worker->socket < 0 || worker->killed || worker->alone ||
	    worker->count >= depth(&pool->config) ||
	    worker->sent >= pool->config.recycle)
		return false;
	return !job->reduced || worker->count == 0;
}

/* The worker that is to take JOB: an idle one before a busy one. */
static struct worker *
choose(struct ms_pool *pool, const struct ms_pool_job *job)
{
	struct worker *best = NULL;

	for (unsigned i = 0; i < pool->config.workers; i++) {
		struct worker *worker = &pool->workers[i];

		if (can_take(pool, worker, job) &&
		    (!best || worker->count < best->count))
			best = worker;
	}
	return best;
}

/* False: WORKER died before it had anything to do, for which no message is to
 * blame; what another one had to do, its end will tell. */
static bool
send_job(const struct ms_pool *pool, struct worker *worker,
    const struct ms_pool_job *job)
{
	const struct ms_frame_scan scan = { job->id, job->size,
		job->omitted, job->raw, job->joined, job->reduced };
	GByteArray *frame = ms_frame_scan(&scan);
	enum ms_status status = ms_frame_send(worker->socket, frame, job->fd,
	    NULL);

	g_byte_array_unref(frame);
	if (worker->count == 0 && status != MS_OK)
		hang_up(pool, worker);
	if (worker->socket < 0)
		return false;
	if (worker->count == 0)
		worker->since_ms = ms_clock_ms();
	worker->jobs[worker->count++] = *job;
	worker->alone = job->reduced;
	worker->sent++;
	return true;
}

static void
deal(struct ms_pool *pool)
{
	struct ms_pool_job *job;
	struct worker *worker;

	while ((job = g_queue_peek_head(&pool->waiting))) {
		worker = choose(pool, job);
		if (!worker)
			return;
		if (send_job(pool, worker, job))
			g_free(g_queue_pop_head(&pool->waiting));
	}
}

void
ms_pool_submit(struct ms_pool *pool, const struct ms_pool_job *job)
{
	struct ms_pool_job *copy = g_memdup2(job, sizeof *job);

	/* A second try is late already. */
	if (job->reduced)
		g_queue_push_head(&pool->waiting, copy);
	else
		g_queue_push_tail(&pool->waiting, copy);
	deal(pool);
}

/* The first job of WORKER is over; the next one began with that. */
static struct ms_pool_job
shift(struct worker *worker)
{
	struct ms_pool_job job = worker->jobs[0];

	worker->count--;
	worker->jobs[0] = worker->jobs[1];
	worker->since_ms = ms_clock_ms();
	worker->alone = false;
	worker->late = worker->killed;
	return job;
}

/* How a worker ended, for people. */
static char *
describe_end(const struct worker *worker)
{
	int status = worker->wait_status;

	if (worker->broke)
		return g_strdup("worker broke the protocol");
	if (WIFSIGNALED(status))
		return g_strdup_printf("worker killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	return g_strdup_printf("worker exited with status %d",
	    WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

/* WORKER is gone: tell the job that it was at, put back those behind it (or
 * all, if none of them is why it was killed), and start another one. */
static enum ms_status
bury(struct ms_pool *pool, struct worker *worker, struct ms_error *err)
{
	int64_t elapsed = ms_clock_ms() - worker->since_ms;
	unsigned first = worker->late ? 0 : 1;
	char *detail = describe_end(worker);

	hang_up(pool, worker);
	for (unsigned i = worker->count; i > first; i--)
		g_queue_push_head(&pool->waiting,
		    g_memdup2(&worker->jobs[i - 1], sizeof *worker->jobs));
	if (worker->count > 0 && !worker->late)
		pool->events.died(pool->arg, worker->jobs[0].id,
		    worker->killed ? MS_POOL_TIMED_OUT : MS_POOL_CRASHED,
		    detail, elapsed);
	g_free(detail);
	return spawn(pool, (uint32_t)(worker - pool->workers), err);
}

static void
kill_worker(struct ms_pool *pool, const struct worker *worker)
{
	(void)command(pool, MS_FRAME_KILL,
	    (uint32_t)(worker - pool->workers), -1, NULL);
}

/* The first frame, sent before the worker reads anything from outside: its
 * word that the box is closed, or why it could not be. */
static bool
take_first(struct ms_pool *pool, struct worker *worker,
    const unsigned char *data, size_t size)
{
	struct ms_error text;

	if (ms_frame_type(data, size) == MS_FRAME_STARTED) {
		worker->started = true;
		return true;
	}
	if (ms_frame_read_failed(data, size, &text) == MS_OK)
		(void)ms_error_set(&pool->fatal, MS_E_PEER,
		    "cannot box a worker: %s", text.text);
	return false;
}

/* The bytes in FD, and the word that they were taken. A worker that does not
 * read it must not make us wait. */
static bool
take_blob(struct ms_pool *pool, struct worker *worker,
    const unsigned char *data, size_t size, int fd)
{
	enum ms_status status = MS_OK;
	struct ms_blob blob;
	GByteArray *frame;

	if (!pool->events.blob || fd < 0 ||
	    ms_frame_read_blob(data, size, &blob) != MS_OK ||
	    ms_sealed_check(fd, blob.size) != MS_OK)
		return false;
	if (!worker->late)
		status = pool->events.blob(pool->arg, worker->jobs[0].id,
		    data, size, fd, &pool->fatal);
	if (status == MS_E_PEER)
		*pool->fatal.text = '\0';
	if (status != MS_OK)
		return false;
	frame = ms_frame_taken();
	status = ms_frame_send(worker->socket, frame, -1, NULL);
	g_byte_array_unref(frame);
	return status == MS_OK;
}

/* One frame from WORKER, with FD beside it unless that is -1; false if it is
 * none that it may send. */
static bool
take_frame(struct ms_pool *pool, struct worker *worker,
    const unsigned char *data, size_t size, int fd)
{
	struct ms_pool_job job;
	int64_t elapsed;
	uint64_t id;

	if (!worker->started)
		return take_first(pool, worker, data, size);
	if (worker->count == 0)
		return false;
	if (ms_frame_type(data, size) == MS_FRAME_BLOB)
		return take_blob(pool, worker, data, size, fd);
	/* About a job that another worker will get from the beginning. */
	if (worker->late)
		return true;
	if (ms_frame_type(data, size) != MS_FRAME_END) {
		if (ms_frame_read_fact(data, size, NULL) != MS_OK)
			return false;
		pool->events.fact(pool->arg, worker->jobs[0].id, data, size);
		return true;
	}
	if (ms_frame_read_end(data, size, &id) != MS_OK ||
	    id != worker->jobs[0].id)
		return false;
	elapsed = ms_clock_ms() - worker->since_ms;
	job = shift(worker);
	pool->events.done(pool->arg, job.id, elapsed);
	/* An old worker is let go when it has nothing to do. */
	if (worker->count == 0 && worker->sent >= pool->config.recycle) {
		(void)shutdown(worker->socket, SHUT_WR);
		worker->leaving = true;
	}
	return true;
}

/* All that WORKER has sent. */
static void
hear_worker(struct ms_pool *pool, struct worker *worker)
{
	unsigned char data[MS_FRAME_MAX];
	size_t size;
	int fd;

	for (int i = 0; i < FRAMES_AT_ONCE; i++) {
		enum ms_status status = ms_frame_receive(worker->socket,
		    data, sizeof data, &size, &fd);
		bool taken = status == MS_OK &&
		    take_frame(pool, worker, data, size, fd);

		if (fd >= 0)
			(void)close(fd);
		/* Who has nothing to do has nothing more to say. */
		if (status == MS_E_IO || (taken && worker->count == 0))
			return;
		if (taken)
			continue;
		/* Gone, or not to be trusted any more: no more is read, and
		 * the zygote reports the end. */
		worker->broke = status != MS_END;
		hang_up(pool, worker);
		kill_worker(pool, worker);
		return;
	}
}

/* A worker process has ended. What it sent before is heard first. */
static enum ms_status
hear_zygote(struct ms_pool *pool, struct ms_error *err)
{
	unsigned char data[MS_FRAME_MAX];
	enum ms_status status;
	struct worker *worker;
	int32_t wait_status;
	uint32_t slot;
	size_t size;
	int fd;

	status = ms_frame_receive(pool->zygote, data, sizeof data, &size,
	    &fd);
	if (fd >= 0)
		(void)close(fd);
	if (status == MS_E_IO)
		return MS_OK;
	if (status != MS_OK ||
	    ms_frame_type(data, size) != MS_FRAME_EXITED ||
	    ms_frame_read_slot(data, size, &slot, &wait_status) != MS_OK ||
	    slot >= pool->config.workers)
		return lost_zygote(err);
	worker = &pool->workers[slot];
	while (worker->socket >= 0)
		hear_worker(pool, worker);
	worker->exited = true;
	worker->wait_status = wait_status;
	return bury(pool, worker, err);
}

/* Hear all that WORKER has sent so far: it may have ended its message long
 * ago, while the supervisor waited for something else. */
static void
catch_up(struct ms_pool *pool, struct worker *worker)
{
	struct pollfd more = { .fd = worker->socket, .events = POLLIN };

	while (worker->socket >= 0 && poll(&more, 1, 0) > 0)
		hear_worker(pool, worker);
}

static bool
is_overdue(const struct ms_pool *pool, const struct worker *worker)
{
	return worker->count > 0 && !worker->killed &&
	    ms_clock_ms() - worker->since_ms >= pool->config.deadline_ms;
}

static void
enforce_deadlines(struct ms_pool *pool)
{
	for (unsigned i = 0; i < pool->config.workers; i++) {
		struct worker *worker = &pool->workers[i];

		/* One that was told to go is not to be asked again. */
		if (worker->leaving &&
		    ms_clock_ms() - worker->since_ms >= LEAVE_MS) {
			worker->leaving = false;
			kill_worker(pool, worker);
		}
		if (is_overdue(pool, worker))
			catch_up(pool, worker);
		if (!is_overdue(pool, worker))
			continue;
		worker->killed = true;
		kill_worker(pool, worker);
	}
}

/* Milliseconds until the next deadline, at most TIMEOUT_MS. */
static int
next_deadline(const struct ms_pool *pool, int timeout_ms)
{
	int64_t now = ms_clock_ms(), left = timeout_ms;

	for (unsigned i = 0; i < pool->config.workers; i++) {
		const struct worker *worker = &pool->workers[i];

		if (worker->count > 0 && !worker->killed)
			left = MIN(left, worker->since_ms +
			    pool->config.deadline_ms - now);
	}
	return (int)MAX(left, 0);
}

int
ms_pool_fd(const struct ms_pool *pool)
{
	return pool->epoll;
}

enum ms_status
ms_pool_wait(struct ms_pool *pool, int timeout_ms, struct ms_error *err)
{
	unsigned count = pool->config.workers;
	enum ms_status status = MS_OK;
	bool zygote = false;
	int ready;

	ready = epoll_wait(pool->epoll, pool->events_of, (int)count + 1,
	    next_deadline(pool, timeout_ms));
	for (int i = 0; i < ready; i++) {
		uint32_t number = pool->events_of[i].data.u32;

		if (number == count)
			zygote = true;
		else if (pool->workers[number].socket >= 0)
			hear_worker(pool, &pool->workers[number]);
	}
	if (zygote)
		status = hear_zygote(pool, err);
	if (*pool->fatal.text != '\0')
		return ms_error_set(err, MS_E_PEER, "%s", pool->fatal.text);
	enforce_deadlines(pool);
	if (status == MS_OK)
		deal(pool);
	return status;
}
