#include "pool/local.h"

#include "base/clock.h"
#include "pool/broker.h"
#include "pool/courier.h"
#include "pool/teller.h"

#include <sys/mman.h>
#include <unistd.h>

struct ms_local {
	const struct ms_pool_events *events;
	void *arg;
	struct ms_scan_config scan;
	struct ms_engine *engine;
	struct ms_frame_ready ready;
	bool parts;
	struct ms_broker *broker;	/* NULL: the engine is not remote */
	struct ms_courier courier;
};

/* The engine, with somebody who asks for it if it is remote. */
static enum ms_status
open_engine(struct ms_local *local, const struct ms_zygote_config *config,
    struct ms_error *err)
{
	struct ms_engine_config engine = config->engine;
	struct ms_engine_delegate delegate = { .ask = ms_courier_ask,
		.arg = &local->courier };
	enum ms_status status = MS_OK;

	local->courier.socket = -1;
	if (config->ops->remote) {
		status = ms_broker_open(&config->broker, &local->broker, err);
		if (status == MS_OK)
			status = ms_broker_connect(local->broker,
			    &local->courier.socket, err);
		if (status != MS_OK)
			return status;
		ms_broker_describe(local->broker, &delegate);
		engine.delegate = &delegate;
	}
	return ms_engine_open(config->ops, &engine, &local->engine, err);
}

enum ms_status
ms_local_open(const struct ms_zygote_config *config,
    const struct ms_pool_events *events, void *arg, struct ms_local **result,
    struct ms_error *err)
{
	struct ms_local *local = g_new0(struct ms_local, 1);
	struct ms_engine_info info;
	enum ms_status status;

	ms_scan_start();
	local->events = events;
	local->arg = arg;
	local->parts = config->parts;
	status = open_engine(local, config, err);
	if (status == MS_OK)
		status = ms_engine_set_tmpdir(local->engine, config->dir,
		    err);
	if (status != MS_OK) {
		ms_local_close(local);
		return status;
	}
	ms_engine_info(local->engine, &info);
	local->ready = (struct ms_frame_ready){ info.name, info.version,
		info.database, info.signatures, info.database_time };
	local->scan = config->scan;
	local->scan.engine = local->engine;
	local->scan.layers = ms_layers_new(info.contexts);
	local->scan.spool.dir = config->dir;
	*result = local;
	return MS_OK;
}

void
ms_local_close(struct ms_local *local)
{
	if (!local)
		return;
	ms_engine_close(local->engine);
	if (local->courier.socket >= 0)
		(void)close(local->courier.socket);
	ms_broker_close(local->broker);
	ms_layers_free(local->scan.layers);
	ms_frame_ready_clear(&local->ready);
	g_free(local);
}

const struct ms_frame_ready *
ms_local_ready(const struct ms_local *local)
{
	return &local->ready;
}

/* One job. */
struct run {
	struct ms_local *local;
	uint64_t id;
	enum ms_status status;		/* of the first blob that failed */
	struct ms_error *err;
};

static void
on_fact(void *arg, GByteArray *frame)
{
	const struct run *run = arg;

	run->local->events->fact(run->local->arg, run->id, frame->data,
	    frame->len);
	g_byte_array_unref(frame);
}

static enum ms_status
on_blob(void *arg, GByteArray *frame, int fd, struct ms_error *err)
{
	struct run *run = arg;

	if (run->status == MS_OK)
		run->status = run->local->events->blob(run->local->arg,
		    run->id, frame->data, frame->len, fd, run->err);
	g_byte_array_unref(frame);
	return close(fd) == 0 ? MS_OK : ms_error_errno(err, "close");
}

/* Scan the bytes at DATA. */
static void
scan(struct run *run, const struct ms_pool_job *job, const void *data)
{
	struct ms_teller teller = { on_fact, on_blob, run, 0 };
	const struct ms_scan_input input = {
		.data = data,
		.size = (size_t)job->size,
		.omitted = job->omitted,
		.raw = job->raw,
		.joined = job->joined,
		.reduced = job->reduced,
	};

	ms_scan(&run->local->scan, &input,
	    ms_teller_sink(run->local->parts), &teller);
}

enum ms_status
ms_local_scan(struct ms_local *local, const struct ms_pool_job *job,
    struct ms_error *err)
{
	struct run run = { local, job->id, MS_OK, err };
	int64_t began = ms_clock_ms();
	void *map = NULL;

	ms_courier_begin(&local->courier, local->scan.limits.time_ms);
	if (job->size > 0)
		map = mmap(NULL, job->size, PROT_READ, MAP_PRIVATE, job->fd,
		    0);
	if (map == MAP_FAILED)
		run.status = ms_error_errno(err, "mmap");
	else
		scan(&run, job, map ? map : "");
	if (map && map != MAP_FAILED)
		(void)munmap(map, job->size);
	local->events->done(local->arg, job->id, ms_clock_ms() - began);
	return run.status;
}
