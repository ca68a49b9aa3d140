#include "pool/worker.h"

#include "base/clock.h"
#include "pool/frame.h"
#include "pool/teller.h"

#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* Freed memory above this goes back to the kernel after a message. */
#define KEEP_BYTES ((size_t)64 << 20)

struct worker {
	const struct ms_worker_config *config;
	int socket;
	const char *heap_end;	/* before the first message */
};

/* Send and drop FRAME. A fact that cannot be told must not end as "clean", so
 * a worker that cannot tell it ends itself. */
static void
answer(void *arg, GByteArray *frame)
{
	const struct worker *worker = arg;

	if (ms_frame_send(worker->socket, frame, -1, NULL) != MS_OK)
		_exit(1);
	g_byte_array_unref(frame);
}

/* Send FRAME with FD, drop both and wait until the other side has taken them:
 * so there is never more than one on its way. */
static enum ms_status
hand_over(void *arg, GByteArray *frame, int fd, struct ms_error *err)
{
	const struct worker *worker = arg;
	unsigned char data[MS_FRAME_MAX];
	enum ms_status status;
	size_t size;
	int other;

	errno = 0;
	status = ms_frame_send(worker->socket, frame, fd, err);
	/* The kernel counts what all processes of a user have on its way. */
	if (status != MS_OK && errno != ETOOMANYREFS)
		_exit(1);
	g_byte_array_unref(frame);
	(void)close(fd);
	if (status != MS_OK)
		return MS_E_IO;
	do
		status = ms_frame_receive(worker->socket, data, sizeof data,
		    &size, &other);
	while (status == MS_E_IO && errno == EINTR);
	if (status != MS_OK || other >= 0 ||
	    ms_frame_read_taken(data, size) != MS_OK)
		_exit(1);
	return MS_OK;
}

/* The kernel's own word on CPU time: twice the deadline from now. */
static void
limit_cpu(const struct worker *worker)
{
	int64_t until_ms = ms_clock_cpu_ms() +
	    worker->config->scan.limits.time_ms * 2;
	struct rlimit limit = {
		.rlim_cur = (rlim_t)(until_ms / 1000 + 2),
		.rlim_max = RLIM_INFINITY,
	};

	(void)setrlimit(RLIMIT_CPU, &limit);
}

static void
scan(struct worker *worker, const struct ms_frame_scan *request,
    const void *data)
{
	struct ms_teller teller = { answer, hand_over, worker, 0 };
	const struct ms_scan_input input = {
		.data = data,
		.size = (size_t)request->size,
		.omitted = request->omitted,
		.raw = request->raw,
		.joined = request->joined,
		.reduced = request->reduced,
	};

	limit_cpu(worker);
	if (worker->config->courier)
		ms_courier_begin(worker->config->courier,
		    worker->config->scan.limits.time_ms);
	ms_scan(&worker->config->scan, &input,
	    ms_teller_sink(worker->config->parts), &teller);
}

/* To count what is free costs as much as a small scan does: only where there
 * can be so much. */
static void
give_back(const struct worker *worker)
{
	const char *end = sbrk(0);

	if (end - worker->heap_end > (ptrdiff_t)KEEP_BYTES &&
	    mallinfo2().fordblks > KEEP_BYTES)
		(void)malloc_trim(0);
}

/* Serve one request, whose bytes are FD. */
static bool
serve(struct worker *worker, const unsigned char *data, size_t size, int fd)
{
	static const unsigned char nothing[1];
	struct ms_frame_scan request;
	void *map = NULL;

	if (ms_frame_read_scan(data, size, &request) != MS_OK)
		return false;
	if (request.size > 0) {
		if (fd < 0)
			return false;
		map = mmap(NULL, request.size, PROT_READ,
		    MAP_PRIVATE | MAP_POPULATE, fd, 0);
		if (map == MAP_FAILED)
			return false;
	}
	scan(worker, &request, map ? map : nothing);
	if (map)
		(void)munmap(map, request.size);
	answer(worker, ms_frame_end(request.id));
	give_back(worker);
	return true;
}

static int
loop(struct worker *worker)
{
	unsigned char data[MS_FRAME_MAX];
	enum ms_status status;
	size_t size;
	int fd;

	for (;;) {
		status = ms_frame_receive(worker->socket, data, sizeof data,
		    &size, &fd);
		if (status == MS_E_IO && errno == EINTR)
			continue;
		if (status != MS_OK)
			return status == MS_END ? 0 : 1;
		if (!serve(worker, data, size, fd))
			return 1;
		if (fd >= 0)
			(void)close(fd);
	}
}

int
ms_worker_run(int socket, const struct ms_worker_config *config)
{
	struct worker worker = { config, socket, NULL };
	struct ms_error err;

	/* Who talks to others is not to be driven out by one who computes. */
	(void)sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 });
	/* Memory that one call into libclamav frees, the next one takes:
	 * with a large database tens of MB each time. */
	(void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
	if (ms_sandbox_enter(&config->sandbox, &err) != MS_OK) {
		answer(&worker, ms_frame_failed(err.text));
		return 1;
	}
	worker.heap_end = sbrk(0);
	answer(&worker, ms_frame_slot(MS_FRAME_STARTED, 0, 0));
	return loop(&worker);
}
