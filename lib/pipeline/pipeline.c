#include "pipeline/pipeline.h"

#include "base/clock.h"
#include "base/tempdir.h"
#include "engine/clamav.h"
#include "pipeline/shelf.h"
#include "pool/pool.h"
#include "pool/reader.h"
#include "pool/teller.h"
#include "source/compressed.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Things in line at most, done or not. */
#define WINDOW_MAX 2048

/* Facts of finished messages that wait for their turn: in memory up to this,
 * beyond in a temporary file. */
#define WAITING_BYTES_MAX (4u << 20)

/* After its own deadline, checked between steps, a worker gets this long to
 * notice; then it is killed. */
#define GRACE_MS 500

/* Messages that one worker looks at in its life. */
#define RECYCLE 500

/* One thing in line. */
struct entry {
	uint64_t id;
	void *note;		/* then nothing below is used */
	struct ms_outcome *outcome;
	struct ms_shelf_item *facts;
	struct ms_pool_job job;
	bool done;
	bool retried;
};

struct ms_pipeline {
	struct ms_pipeline_config config;
	char *dir;
	char *work_dir;
	char *sandbox;
	struct ms_pool *pool;		/* NULL: in process */
	struct ms_engine *engine;	/* in process */
	struct ms_layers *layers;	/* in process */
	struct ms_frame_ready about;	/* in process */
	GQueue line;			/* of struct entry *, in input order */
	GHashTable *by_id;		/* those not done */
	uint64_t next_id;
	struct ms_shelf *shelf;		/* facts of entries in line */
	GArray *readers;		/* pids, until they are waited for */
};

static void
free_entry(struct ms_pipeline *pipeline, struct entry *entry)
{
	if (entry->job.fd >= 0)
		(void)close(entry->job.fd);
	ms_shelf_drop(pipeline->shelf, entry->facts);
	ms_outcome_free(entry->outcome);
	g_free(entry);
}

static void
keep_frame(struct ms_pipeline *pipeline, struct entry *entry,
    GByteArray *frame)
{
	ms_shelf_put(pipeline->shelf, entry->facts, frame->data, frame->len);
	g_byte_array_unref(frame);
}

static void
finish(struct ms_pipeline *pipeline, struct entry *entry, int64_t elapsed)
{
	entry->done = true;
	if (g_queue_peek_head(&pipeline->line) != entry)
		ms_shelf_rest(pipeline->shelf, entry->facts);
	entry->outcome->elapsed_ms += elapsed;
	g_hash_table_remove(pipeline->by_id, &entry->id);
	if (entry->job.fd >= 0)
		(void)close(entry->job.fd);
	entry->job.fd = -1;
}

static void
on_fact(void *arg, uint64_t id, const unsigned char *frame, size_t size)
{
	struct ms_pipeline *pipeline = arg;
	struct entry *entry = g_hash_table_lookup(pipeline->by_id, &id);

	if (entry)
		ms_shelf_put(pipeline->shelf, entry->facts, frame, size);
}

static void
on_done(void *arg, uint64_t id, int64_t elapsed)
{
	struct ms_pipeline *pipeline = arg;
	struct entry *entry = g_hash_table_lookup(pipeline->by_id, &id);

	if (entry)
		finish(pipeline, entry, elapsed);
}

/*
 * The worker died over this message. What it had found stays found. A second
 * try looks at the raw bytes alone, and can add findings but never make the
 * message clean.
 */
static void
on_died(void *arg, uint64_t id, enum ms_pool_death death,
    const char *detail, int64_t elapsed)
{
	struct ms_pipeline *pipeline = arg;
	struct entry *entry = g_hash_table_lookup(pipeline->by_id, &id);

	if (!entry)
		return;
	if (death == MS_POOL_TIMED_OUT) {
		keep_frame(pipeline, entry, ms_frame_gap(
		    MS_REASON_LIMIT_TIME, "", "stopped at max-scantime"));
		finish(pipeline, entry, elapsed);
		return;
	}
	keep_frame(pipeline, entry, ms_frame_gap(MS_REASON_WORKER_DIED, "",
	    detail));
	if (entry->retried) {
		finish(pipeline, entry, elapsed);
		return;
	}
	entry->retried = true;
	entry->outcome->elapsed_ms += elapsed;
	entry->job.reduced = true;
	ms_pool_submit(pipeline->pool, &entry->job);
}

static enum ms_status
open_pool(struct ms_pipeline *pipeline, struct ms_error *err)
{
	static const struct ms_pool_events events = { on_fact, on_done,
		on_died };
	const struct ms_pipeline_config *config = &pipeline->config;
	const struct ms_pool_config pool = {
		.zygote = {
			.ops = config->ops,
			.engine = config->engine,
			.scan = { .limits = config->limits,
			    .spool = { .heap_max = 4u << 20 } },
			.parts = config->parts,
			.worker_memory = config->worker_memory,
			.dir = pipeline->work_dir,
		},
		.workers = config->workers,
		.deadline_ms = config->limits.time_ms + GRACE_MS,
		.recycle = RECYCLE,
	};

	return ms_pool_open(&pool, &events, pipeline, &pipeline->pool, err);
}

static enum ms_status
open_engine(struct ms_pipeline *pipeline, struct ms_error *err)
{
	struct ms_engine_info info;
	enum ms_status status;

	ms_scan_start();
	status = ms_engine_open(pipeline->config.ops,
	    &pipeline->config.engine, &pipeline->engine, err);
	if (status == MS_OK)
		status = ms_engine_set_tmpdir(pipeline->engine,
		    pipeline->work_dir, err);
	if (status != MS_OK)
		return status;
	ms_engine_info(pipeline->engine, &info);
	pipeline->layers = ms_layers_new(info.contexts);
	pipeline->about = (struct ms_frame_ready){ info.name, info.version,
		info.database, info.signatures, info.database_time };
	return MS_OK;
}

enum ms_status
ms_pipeline_open(const struct ms_pipeline_config *config,
    struct ms_pipeline **result, struct ms_error *err)
{
	struct ms_pipeline *pipeline = g_new0(struct ms_pipeline, 1);
	enum ms_status status = MS_OK;

	pipeline->config = *config;
	if (!config->ops)
		pipeline->config.ops = &ms_clamav;
	g_queue_init(&pipeline->line);
	pipeline->readers = g_array_new(FALSE, FALSE, sizeof(int));
	pipeline->by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
	pipeline->sandbox = config->in_process ?
	    g_strdup("none (in process)") : ms_sandbox_describe();
	if (config->require_sandbox &&
	    (config->in_process || !ms_sandbox_is_complete()))
		status = ms_error_set(err, MS_E_USAGE,
		    "a sandbox is required, and here it is: %s",
		    pipeline->sandbox);
	if (status == MS_OK)
		status = ms_tempdir_make(config->tempdir, &pipeline->dir,
		    err);
	if (status == MS_OK)
		status = ms_tempdir_make(config->workdir,
		    &pipeline->work_dir, err);
	pipeline->shelf = ms_shelf_new(pipeline->dir, WAITING_BYTES_MAX);
	if (status == MS_OK)
		status = config->in_process ? open_engine(pipeline, err) :
		    open_pool(pipeline, err);
	if (status != MS_OK) {
		ms_pipeline_close(pipeline);
		return status;
	}
	*result = pipeline;
	return MS_OK;
}

/* End the readers that there have been, and wait for them. */
static void
reap_readers(struct ms_pipeline *pipeline)
{
	for (guint i = 0; i < pipeline->readers->len; i++) {
		int pid = g_array_index(pipeline->readers, int, i);

		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
	}
	g_array_set_size(pipeline->readers, 0);
}

void
ms_pipeline_close(struct ms_pipeline *pipeline)
{
	struct entry *entry;

	if (!pipeline)
		return;
	ms_pool_close(pipeline->pool);
	ms_engine_close(pipeline->engine);
	ms_layers_free(pipeline->layers);
	ms_frame_ready_clear(&pipeline->about);
	while ((entry = g_queue_pop_head(&pipeline->line)))
		free_entry(pipeline, entry);
	g_hash_table_unref(pipeline->by_id);
	ms_shelf_free(pipeline->shelf);
	reap_readers(pipeline);
	g_array_unref(pipeline->readers);
	if (pipeline->dir)
		ms_tempdir_remove(pipeline->dir);
	if (pipeline->work_dir)
		ms_tempdir_remove(pipeline->work_dir);
	g_free(pipeline->dir);
	g_free(pipeline->work_dir);
	g_free(pipeline->sandbox);
	g_free(pipeline);
}

void
ms_pipeline_about(const struct ms_pipeline *pipeline,
    struct ms_pipeline_about *about)
{
	const struct ms_frame_ready *ready = pipeline->pool ?
	    ms_pool_ready(pipeline->pool) : &pipeline->about;

	*about = (struct ms_pipeline_about){ ready->engine, ready->version,
		ready->database, ready->signatures, ready->database_time,
		pipeline->sandbox, pipeline->config.ops->blind };
	if (about->blind)
		about->version = about->database = NULL;
}

const char *
ms_pipeline_dir(const struct ms_pipeline *pipeline)
{
	return pipeline->dir;
}

bool
ms_pipeline_wants(const struct ms_pipeline *pipeline)
{
	if (g_queue_get_length((GQueue *)(uintptr_t)&pipeline->line) >=
	    WINDOW_MAX)
		return false;
	return pipeline->pool ? ms_pool_room(pipeline->pool) > 0 : true;
}

/* In process, facts are kept as the frames that a worker would send, so that
 * there is one way to read them. */
struct local {
	struct ms_pipeline *pipeline;
	struct entry *entry;
};

static void
keep_local(void *arg, GByteArray *frame)
{
	const struct local *local = arg;

	keep_frame(local->pipeline, local->entry, frame);
}

static enum ms_status
scan_here(struct ms_pipeline *pipeline, struct entry *entry,
    struct ms_message *message, struct ms_error *err)
{
	const struct ms_scan_config config = {
		.engine = pipeline->engine,
		.layers = pipeline->layers,
		.limits = pipeline->config.limits,
		.spool = { .heap_max = 4u << 20, .dir = pipeline->work_dir },
	};
	struct local local = { pipeline, entry };
	struct ms_teller teller = { keep_local, &local };
	struct ms_scan_input input = {
		.size = (size_t)entry->job.size,
		.omitted = entry->job.omitted,
		.raw = entry->job.raw,
	};
	int64_t began = ms_clock_ms();
	enum ms_status status = ms_spool_map(message->body, &input.data,
	    err);

	if (status == MS_OK)
		ms_scan(&config, &input,
		    ms_teller_sink(pipeline->config.parts), &teller);
	finish(pipeline, entry, ms_clock_ms() - began);
	return status;
}

enum ms_status
ms_pipeline_submit(struct ms_pipeline *pipeline, struct ms_message *message,
    struct ms_error *err)
{
	struct entry *entry = g_new0(struct entry, 1);
	const char *format = message->origin.format;
	enum ms_status status = MS_OK;

	entry->id = pipeline->next_id++;
	entry->outcome = ms_outcome_new(message);
	entry->facts = ms_shelf_add(pipeline->shelf);
	entry->job = (struct ms_pool_job){
		.id = entry->id,
		.fd = -1,
		.size = ms_spool_size(message->body),
		.omitted = message->omitted,
		.raw = format && strcmp(format, "raw") == 0,
	};
	if (message->cut)
		keep_frame(pipeline, entry, ms_frame_gap(
		    MS_REASON_TRUNCATED, "",
		    "the source could not be read to its end"));
	g_queue_push_tail(&pipeline->line, entry);
	g_hash_table_insert(pipeline->by_id, &entry->id, entry);
	if (!pipeline->pool)
		status = scan_here(pipeline, entry, message, err);
	else if (entry->job.size > 0)
		status = ms_spool_seal(message->body, &entry->job.fd, err);
	if (status == MS_OK && pipeline->pool)
		ms_pool_submit(pipeline->pool, &entry->job);
	ms_message_free(message);
	return status;
}

void
ms_pipeline_note(struct ms_pipeline *pipeline, void *note)
{
	struct entry *entry = g_new0(struct entry, 1);

	entry->note = note;
	entry->job.fd = -1;
	entry->done = true;
	g_queue_push_tail(&pipeline->line, entry);
}

/* The outcome of ENTRY, which is gone with it. */
static enum ms_status
take_outcome(struct ms_pipeline *pipeline, struct entry *entry,
    struct ms_outcome **outcome, struct ms_error *err)
{
	struct ms_facts *facts = &entry->outcome->facts;
	enum ms_status status = ms_shelf_take(pipeline->shelf, entry->facts,
	    facts, err);

	entry->facts = NULL;
	if (status == MS_OK) {
		ms_facts_settle(facts, pipeline->config.all_matches);
		if (pipeline->config.doubt)
			ms_facts_doubt(facts);
		entry->outcome->verdict = ms_verdict_of(facts);
		/* Nothing is wrong with it, and nobody has looked. */
		if (pipeline->config.ops->blind &&
		    entry->outcome->verdict == MS_VERDICT_CLEAN)
			entry->outcome->verdict = MS_VERDICT_SKIPPED;
		*outcome = entry->outcome;
		entry->outcome = NULL;
	}
	free_entry(pipeline, entry);
	return status;
}

enum ms_status
ms_pipeline_next(struct ms_pipeline *pipeline, int timeout_ms,
    struct ms_outcome **outcome, void **note, struct ms_error *err)
{
	struct entry *entry = g_queue_peek_head(&pipeline->line);
	enum ms_status status;

	*outcome = NULL;
	*note = NULL;
	if (!entry)
		return MS_END;
	if (!entry->done) {
		status = ms_pool_wait(pipeline->pool, timeout_ms, err);
		if (status != MS_OK || !entry->done)
			return status;
	}
	(void)g_queue_pop_head(&pipeline->line);
	if (!entry->note)
		return take_outcome(pipeline, entry, outcome, err);
	*note = entry->note;
	free_entry(pipeline, entry);
	return MS_OK;
}

enum ms_status
ms_pipeline_start_reader(void *arg, int fd, int *stream,
    struct ms_error *err)
{
	struct ms_pipeline *pipeline = arg;
	enum ms_status status;
	int pid;

	/* There is one at a time, and an old one that hangs ends here. */
	reap_readers(pipeline);
	status = ms_reader_start(ms_compressed_run, fd, stream, &pid, err);
	if (status == MS_OK)
		g_array_append_val(pipeline->readers, pid);
	return status;
}

char *
ms_pipeline_sandbox(void)
{
	return ms_sandbox_describe();
}
