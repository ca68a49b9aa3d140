#include "pipeline/pipeline.h"

#include "base/clock.h"
#include "base/tempdir.h"
#include "engine/clamav.h"
#include "pipeline/crew.h"
#include "pipeline/track.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Checks by other scanners at once, and how often their time is looked at. */
#define CHECKS_LEAST 4
#define TICK_MS 200

/* Things in line at most, done or not. */
#define WINDOW_MAX 2048

/* Facts of finished messages that wait for their turn: in memory up to this,
 * beyond in a temporary file. */
#define WAITING_BYTES_MAX (4u << 20)

static void keep_piece(struct ms_pipeline *pipeline, struct ms_track *entry);

/* What was found in the whole message was found in each of its pieces; unless
 * SCANNED, they stay pieces. */
static void
drop_whole(struct ms_pipeline *pipeline, struct ms_track *whole, bool scanned)
{
	for (GList *l = pipeline->line.head; l; l = l->next) {
		struct ms_track *entry = l->data;

		if (entry->whole != whole)
			continue;
		entry->whole = NULL;
		entry->joined = scanned && ms_shelf_add_all(pipeline->shelf,
		    entry->facts, whole->facts, NULL) == MS_OK;
	}
	g_hash_table_remove(pipeline->by_id, &whole->id);
	ms_track_free(pipeline, whole);
}

/* Is what was found in ENTRY enough, so that no other scanner need look? Who
 * has wishes may not mind what breaks a rule, and says whether malware counts.
 */
static bool
is_enough(const struct ms_track *entry)
{
	const unsigned kinds = ms_shelf_kinds(entry->facts);
	const struct ms_checking_wish *wish = entry->wishes &&
	    entry->wishes->len > 0 ? entry->wishes->pdata[0] : NULL;

	return wish ? !wish->despite && (kinds & 1u << MS_FINDING_MALWARE) :
	    kinds != 0;
}

/* Is ENTRY, which was scanned, for other scanners, and with them now? */
static bool
check(struct ms_pipeline *pipeline, struct ms_track *entry)
{
	if (!pipeline->checking || entry->checked || entry->job.joined ||
	    entry->job.raw || is_enough(entry))
		return false;
	entry->checked = true;
	return ms_checking_begin(pipeline->checking, entry->id,
	    entry->job.fd, entry->job.size, entry->wishes);
}

static void
finish(struct ms_pipeline *pipeline, struct ms_track *entry, int64_t elapsed)
{
	entry->outcome->elapsed_ms += elapsed;
	if (check(pipeline, entry))
		return;
	if (entry->job.joined) {
		drop_whole(pipeline, entry, true);
		return;
	}
	entry->done = true;
	if (entry->piece.id)
		keep_piece(pipeline, entry);
	else if (!entry->forget)
		ms_recall_keep(pipeline->recall, &entry->mark, entry->facts);
	if (g_queue_peek_head(&pipeline->line) != entry)
		ms_shelf_rest(pipeline->shelf, entry->facts);
	g_hash_table_remove(pipeline->by_id, &entry->id);
	ms_track_rest(pipeline, entry);
}

static void
on_fact(void *arg, uint64_t id, const unsigned char *frame, size_t size)
{
	struct ms_pipeline *pipeline = arg;
	struct ms_track *entry = g_hash_table_lookup(pipeline->by_id, &id);

	if (entry)
		ms_track_fact(pipeline, entry, frame, size);
}

/* Hand picked bytes on, within what one message may cost. */
static enum ms_status
on_blob(void *arg, uint64_t id, const unsigned char *frame, size_t size,
    int fd, struct ms_error *err)
{
	struct ms_pipeline *pipeline = arg;
	struct ms_track *entry = g_hash_table_lookup(pipeline->by_id, &id);
	struct ms_pipeline_config *config = &pipeline->config;
	struct ms_blob blob;
	enum ms_status status = !entry ? MS_END : ms_shelf_put_blob(
	    pipeline->shelf, entry->facts, frame, size,
	    config->limits.total_bytes + entry->job.size, &blob);

	if (status == MS_OK)
		status = config->blob(config->blob_arg, &blob, fd, err);
	return status == MS_END ? MS_OK : status;
}

static void
on_done(void *arg, uint64_t id, int64_t elapsed)
{
	struct ms_pipeline *pipeline = arg;
	struct ms_track *entry = g_hash_table_lookup(pipeline->by_id, &id);

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
	struct ms_track *entry = g_hash_table_lookup(pipeline->by_id, &id);

	if (!entry)
		return;
	if (death == MS_POOL_TIMED_OUT) {
		ms_track_frame(pipeline, entry, ms_frame_gap(
		    MS_REASON_LIMIT_TIME, "", "stopped at max-scantime"));
		finish(pipeline, entry, elapsed);
		return;
	}
	ms_track_frame(pipeline, entry, ms_frame_gap(MS_REASON_WORKER_DIED, "",
	    detail));
	entry->outcome->deaths++;
	if (entry->retried) {
		finish(pipeline, entry, elapsed);
		return;
	}
	entry->retried = true;
	entry->outcome->elapsed_ms += elapsed;
	entry->job.reduced = true;
	ms_pool_submit(pipeline->pool, &entry->job);
}

static void
on_checked(void *arg, uint64_t id, int fd, uint64_t size)
{
	struct ms_pipeline *pipeline = arg;
	struct ms_track *entry = g_hash_table_lookup(pipeline->by_id, &id);

	if (fd >= 0 && entry)
		ms_outcome_rewrite(entry->outcome, fd, size);
	else if (fd >= 0)
		(void)close(fd);
	if (entry)
		finish(pipeline, entry, 0);
}

static enum ms_status
open_workers(struct ms_pipeline *pipeline, struct ms_error *err)
{
	static const struct ms_pool_events events = { on_blob, on_fact,
		on_done, on_died };
	const struct ms_pool_config pool = ms_crew_config(&pipeline->config,
	    pipeline->work_dir);

	if (pipeline->config.in_process)
		return ms_local_open(&pool.zygote, &events, pipeline,
		    &pipeline->local, err);
	return ms_pool_open(&pool, &events, pipeline, &pipeline->pool, err);
}

/* Make ready for other scanners, if there are some. */
static enum ms_status
open_checking(struct ms_pipeline *pipeline, struct ms_error *err)
{
	static const struct ms_checking_events events = { on_fact,
		on_checked };
	const struct ms_checking_config config = {
		.checks = pipeline->config.checks,
		.count = pipeline->config.check_count,
		.at_once = MAX(2 * pipeline->config.workers, CHECKS_LEAST),
		.dir = pipeline->dir,
	};
	struct epoll_event event = { .events = EPOLLIN };
	const int own = pipeline->pool ? ms_pool_fd(pipeline->pool) : -1;

	if (config.count == 0)
		return MS_OK;
	pipeline->checking = ms_checking_new(&config, &events, pipeline);
	pipeline->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (pipeline->epoll < 0 || epoll_ctl(pipeline->epoll, EPOLL_CTL_ADD,
	    ms_checking_fd(pipeline->checking), &event) != 0 ||
	    (own >= 0 && epoll_ctl(pipeline->epoll, EPOLL_CTL_ADD, own,
	    &event) != 0))
		return ms_error_errno(err, "cannot wait for scanners");
	return MS_OK;
}

enum ms_status
ms_pipeline_open(const struct ms_pipeline_config *config,
    struct ms_pipeline **result, struct ms_error *err)
{
	struct ms_pipeline *pipeline = g_new0(struct ms_pipeline, 1);
	enum ms_status status;

	pipeline->config = *config;
	pipeline->epoll = -1;
	if (!config->ops)
		pipeline->config.ops = &ms_clamav;
	g_queue_init(&pipeline->line);
	ms_keep_init(&pipeline->keep, config->keep_found, config->keep_gaps);
	pipeline->by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
	status = ms_crew_sandbox(config, &pipeline->sandbox, err);
	if (status == MS_OK)
		status = ms_tempdir_make(config->tempdir, &pipeline->dir,
		    err);
	pipeline->readers = ms_readers_new(pipeline->dir);
	if (status == MS_OK)
		status = ms_tempdir_make(config->workdir,
		    &pipeline->work_dir, err);
	pipeline->shelf = ms_shelf_new(pipeline->dir, WAITING_BYTES_MAX);
	pipeline->recall = ms_recall_new(pipeline->dir);
	if (status == MS_OK)
		status = open_workers(pipeline, err);
	if (status == MS_OK)
		status = open_checking(pipeline, err);
	if (status != MS_OK) {
		ms_pipeline_close(pipeline);
		return status;
	}
	*result = pipeline;
	return MS_OK;
}

void
ms_pipeline_close(struct ms_pipeline *pipeline)
{
	struct ms_track *entry;

	if (!pipeline)
		return;
	ms_checking_free(pipeline->checking);
	if (pipeline->epoll >= 0)
		(void)close(pipeline->epoll);
	ms_pool_close(pipeline->pool);
	ms_local_close(pipeline->local);
	while ((entry = g_queue_pop_head(&pipeline->line)))
		ms_track_free(pipeline, entry);
	g_hash_table_unref(pipeline->by_id);
	ms_pieces_free(pipeline->pieces);
	ms_shelf_free(pipeline->shelf);
	ms_recall_free(pipeline->recall);
	ms_readers_free(pipeline->readers);
	ms_tempdir_remove(pipeline->dir);
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
	*about = ms_crew_about(&pipeline->config, pipeline->pool ?
	    ms_pool_ready(pipeline->pool) : ms_local_ready(pipeline->local),
	    pipeline->sandbox);
}

const char *
ms_pipeline_dir(const struct ms_pipeline *pipeline)
{
	return pipeline->dir;
}

/* Must something come out before more goes in? */
static bool
is_full(const struct ms_pipeline *pipeline)
{
	return pipeline->line.length >= WINDOW_MAX ||
	    ms_keep_is_full(&pipeline->keep) || (pipeline->checking &&
	    ms_checking_is_full(pipeline->checking));
}

bool
ms_pipeline_wants(const struct ms_pipeline *pipeline)
{
	if (is_full(pipeline))
		return false;
	return pipeline->pool ? ms_pool_room(pipeline->pool) > 0 : true;
}

/* Let the pieces in line whose numbers are among OWNERS wait for WHOLE. */
static void
wait_for(struct ms_pipeline *pipeline, const GArray *owners,
    struct ms_track *whole)
{
	GHashTable *set = g_hash_table_new(g_int64_hash, g_int64_equal);

	for (guint i = 0; i < owners->len; i++)
		g_hash_table_add(set, &g_array_index(owners, uint64_t, i));
	for (GList *l = pipeline->line.head; l; l = l->next) {
		struct ms_track *entry = l->data;

		if (!entry->note && g_hash_table_contains(set, &entry->id))
			entry->whole = whole;
	}
	g_hash_table_unref(set);
}

/* A message is whole with the piece that came last: it is scanned as well. If
 * that cannot be, its pieces stay pieces. */
static void
scan_whole(struct ms_pipeline *pipeline)
{
	static const struct ms_message nobody = { .size = 0 };
	const struct ms_spool_config config = { .memfd_max = 32u << 20,
		.dir = pipeline->dir };
	struct ms_spool *body = ms_spool_new(&config);
	GArray *owners = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	struct ms_track *whole;
	uint64_t id;

	if (ms_pieces_join(pipeline->pieces,
	    pipeline->config.limits.part_bytes, body, owners, NULL) ==
	    MS_OK) {
		whole = ms_track_new(pipeline, &nobody);
		whole->job.joined = true;
		wait_for(pipeline, owners, whole);
		id = whole->id;
		if (ms_track_begin(pipeline, whole, body, NULL) != MS_OK &&
		    g_hash_table_contains(pipeline->by_id, &id))
			drop_whole(pipeline, whole, false);
	}
	g_array_unref(owners);
	ms_spool_free(body);
}

/* Nobody knows which of the pieces of message ID belong together. */
static void
doubt_pieces(struct ms_pipeline *pipeline, const char *id)
{
	for (GList *l = pipeline->line.head; l; l = l->next) {
		struct ms_track *entry = l->data;

		entry->doubtful |= entry->piece.id &&
		    strcmp(entry->piece.id, id) == 0;
	}
}

/* Keep the message's share of the whole that it is a piece of. */
static void
keep_piece(struct ms_pipeline *pipeline, struct ms_track *entry)
{
	const struct ms_piece piece = { entry->piece.id, entry->piece.number,
		entry->piece.total };
	const uint64_t range[2] = { entry->piece.offset,
		entry->job.size - entry->piece.offset };

	if (!pipeline->config.join || entry->job.fd < 0 ||
	    entry->piece.offset > entry->job.size)
		return;
	if (!pipeline->pieces)
		pipeline->pieces = ms_pieces_new(pipeline->dir,
		    pipeline->config.limits.total_bytes);
	if (ms_pieces_add(pipeline->pieces, &piece, entry->job.fd, range,
	    entry->id, NULL) == MS_OK)
		scan_whole(pipeline);
	if (ms_pieces_doubtful(pipeline->pieces, piece.id))
		doubt_pieces(pipeline, piece.id);
}

/* What is in BODY is known already: ENTRY has its facts. */
static enum ms_status
recalled(struct ms_pipeline *pipeline, struct ms_track *entry,
    struct ms_spool *body, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	entry->job.size = ms_spool_size(body);
	if (entry->job.size > 0 && ms_track_wants_body(pipeline, entry))
		status = ms_spool_seal(body, &entry->job.fd, err);
	if (status == MS_OK)
		finish(pipeline, entry, 0);
	return status;
}

/* ENTRY could not be begun, and is in line no more. */
static void
forget(struct ms_pipeline *pipeline, struct ms_track *entry)
{
	(void)g_queue_remove(&pipeline->line, entry);
	(void)g_hash_table_remove(pipeline->by_id, &entry->id);
	ms_track_free(pipeline, entry);
}

enum ms_status
ms_pipeline_submit(struct ms_pipeline *pipeline, struct ms_message *message,
    struct ms_error *err)
{
	struct ms_track *entry = ms_track_new(pipeline, message);
	enum ms_status status = MS_OK;

	entry->job.raw = message->sealed ||
	    g_strcmp0(message->origin.format, "raw") == 0;
	/* Contents that are handed over are in no facts. */
	entry->forget = message->cut || message->sealed ||
	    pipeline->config.blob || pipeline->checking ||
	    ms_crew_forgets(&pipeline->config);
	if (message->checks)
		entry->wishes = ms_checking_wishes(message->checks);
	if (message->cut || message->sealed)
		ms_track_frame(pipeline, entry, ms_frame_gap(message->cut ?
		    MS_REASON_TRUNCATED : MS_REASON_ENCRYPTED, "",
		    message->why));
	g_queue_push_tail(&pipeline->line, entry);
	entry->mark = ms_recall_mark(pipeline->recall, message,
	    entry->job.raw);
	if (entry->forget || !ms_recall_give(pipeline->recall, &entry->mark,
	    pipeline->shelf, entry->facts))
		status = ms_track_begin(pipeline, entry, message->body, err);
	else
		status = recalled(pipeline, entry, message->body, err);
	/* Nobody will ever say that it is done. */
	if (status != MS_OK && !entry->done)
		forget(pipeline, entry);
	ms_message_free(message);
	return status;
}

void
ms_pipeline_end(struct ms_pipeline *pipeline)
{
	pipeline->ended = true;
}

void
ms_pipeline_note(struct ms_pipeline *pipeline, void *note)
{
	struct ms_track *entry = g_new0(struct ms_track, 1);

	entry->note = note;
	entry->job.fd = -1;
	entry->done = true;
	g_queue_push_tail(&pipeline->line, entry);
}

/* Does ENTRY, which is done, wait for the other pieces of its whole? In
 * process there is nothing to wait for. */
static bool
waits(const struct ms_pipeline *pipeline, const struct ms_track *entry)
{
	if (!entry->piece.id || entry->joined || !pipeline->pool)
		return false;
	return entry->whole || (pipeline->config.join &&
	    !is_full(pipeline) && (!pipeline->ended ||
	    g_hash_table_size(pipeline->by_id) > 0));
}

/* The outcome of ENTRY, which is gone with it. */
static enum ms_status
take_outcome(struct ms_pipeline *pipeline, struct ms_track *entry,
    struct ms_outcome **outcome, struct ms_error *err)
{
	struct ms_facts *facts = &entry->outcome->facts;
	enum ms_status status = ms_shelf_take(pipeline->shelf, entry->facts,
	    facts, err);

	entry->facts = NULL;
	if (status == MS_OK) {
		if (entry->piece.id && (!entry->joined || entry->doubtful))
			ms_pieces_tell(&entry->piece, facts);
		ms_facts_settle(facts, pipeline->config.all_matches);
		if (pipeline->config.doubt)
			ms_facts_doubt(facts);
		entry->outcome->verdict = ms_verdict_of(facts);
		/* Nothing is wrong with it, and nobody has looked. */
		if (pipeline->config.ops->blind &&
		    entry->outcome->verdict == MS_VERDICT_CLEAN)
			entry->outcome->verdict = MS_VERDICT_SKIPPED;
		if (entry->kept) {
			ms_outcome_body(entry->outcome, entry->job.fd,
			    entry->job.size);
			entry->job.fd = -1;
		}
		*outcome = entry->outcome;
		entry->outcome = NULL;
	}
	ms_track_free(pipeline, entry);
	return status;
}

/* The thing in line whose turn it is, if it is done. */
static struct ms_track *
whose_turn(struct ms_pipeline *pipeline)
{
	for (GList *l = pipeline->line.head; l; l = l->next) {
		struct ms_track *entry = l->data;

		if (entry->done && !waits(pipeline, entry))
			return entry;
		if (!pipeline->config.unordered)
			break;
	}
	return NULL;
}

/* Until workers or other scanners have something to say. */
static enum ms_status
wait_for_work(struct ms_pipeline *pipeline, int timeout_ms,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;
	struct epoll_event event;

	if (!pipeline->checking)
		return ms_pool_wait(pipeline->pool, timeout_ms, err);
	/* Deadlines of theirs do not show. */
	(void)epoll_wait(pipeline->epoll, &event, 1,
	    timeout_ms < 0 ? TICK_MS : MIN(timeout_ms, TICK_MS));
	if (pipeline->pool)
		status = ms_pool_wait(pipeline->pool, 0, err);
	ms_checking_turn(pipeline->checking);
	return status;
}

enum ms_status
ms_pipeline_next(struct ms_pipeline *pipeline, int timeout_ms,
    struct ms_outcome **outcome, void **note, struct ms_error *err)
{
	struct ms_track *entry = whose_turn(pipeline);
	enum ms_status status;

	*outcome = NULL;
	*note = NULL;
	if (pipeline->line.length == 0)
		return MS_END;
	if (!entry) {
		status = wait_for_work(pipeline, timeout_ms, err);
		if (status != MS_OK)
			return status;
		entry = whose_turn(pipeline);
	}
	if (!entry)
		return MS_OK;
	(void)g_queue_remove(&pipeline->line, entry);
	if (!entry->note)
		return take_outcome(pipeline, entry, outcome, err);
	*note = entry->note;
	ms_track_free(pipeline, entry);
	return MS_OK;
}

int
ms_pipeline_fd(const struct ms_pipeline *pipeline)
{
	if (pipeline->checking)
		return pipeline->epoll;
	return pipeline->pool ? ms_pool_fd(pipeline->pool) : -1;
}

enum ms_status
ms_pipeline_start_reader(void *arg, enum ms_source_reader reader, int fd,
    int *stream, struct ms_error *err)
{
	return ms_readers_source(((struct ms_pipeline *)arg)->readers, reader,
	    fd, stream, err);
}
