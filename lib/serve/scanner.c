#include "serve/scanner.h"

#include "base/at.h"
#include "base/clock.h"
#include "message/intake.h"
#include "pool/errand.h"
#include "serve/control.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* How often deadlines of messages are looked at. */
#define TICK_MS 100

/* Whose message it is. */
struct errand {
	uint64_t id;
	uint64_t peer;		/* the number of the socket it came over */
};

struct scanner {
	int control;
	int peer;		/* -1: nobody is there */
	uint64_t peers;		/* so far: the number of this one */
	struct ms_pipeline *pipeline;
	struct ms_intake *intake;
	GHashTable *errands;	/* ticket to struct errand */
	uint64_t tickets;
	unsigned char *block;	/* MS_FRAME_MAX bytes */
	bool over, failed;
};

/* The socket is full for a moment, or whoever reads it is gone. */
static void
send_frame(struct scanner *s, GByteArray *frame)
{
	struct pollfd wait = { .fd = s->peer, .events = POLLOUT };
	struct ms_error err;

	while (s->peer >= 0 &&
	    ms_frame_send(s->peer, frame, -1, &err) != MS_OK) {
		if ((errno != EAGAIN && errno != EINTR) ||
		    (poll(&wait, 1, -1) < 0 && errno != EINTR)) {
			(void)close(s->peer);
			s->peer = -1;
		}
	}
	g_byte_array_unref(frame);
}

static void
send_fact(void *arg, GByteArray *frame)
{
	send_frame(arg, frame);
}

static void
fail(struct scanner *s, const struct ms_error *err)
{
	(void)ms_control_send(s->control, MS_CONTROL_SAY, err->text, -1);
	s->failed = s->over = true;
}

/* The message of SIZE bytes in FD, with its digests. */
static enum ms_status
copy(struct scanner *s, int fd, uint64_t size, struct ms_message **message,
    struct ms_error *err)
{
	uint64_t at = 0;
	enum ms_status status = MS_OK;

	ms_intake_begin(s->intake, MS_INTAKE_AS_IS);
	while (status == MS_OK && at < size) {
		size_t got = 0;

		status = ms_at_read(fd, at, s->block,
		    (size_t)MIN(size - at, MS_FRAME_MAX), &got);
		if (status != MS_OK)
			return ms_error_errno(err, "cannot read the message");
		if (got == 0)
			return ms_error_set(err, MS_E_PEER,
			    "the message is shorter than was said");
		status = ms_intake_feed(s->intake, s->block, got, err);
		at += got;
	}
	return status == MS_OK ? ms_intake_end(s->intake, message, err) :
	    status;
}

static void
take(struct scanner *s, const struct ms_errand_scan *scan, int fd)
{
	struct ms_message *message;
	struct errand *errand;
	struct ms_error err = { "" };

	if (fd < 0 || copy(s, fd, scan->size, &message, &err) != MS_OK) {
		send_frame(s, ms_errand_refused(scan->id, fd < 0 ?
		    "no message came along" : err.text));
		return;
	}
	message->origin.source = g_strdup("smtp");
	message->origin.format = scan->raw ? "raw" : "eml";
	message->origin.index = 1;
	message->origin.delivered = -1;
	message->origin.ticket = ++s->tickets;
	if (ms_pipeline_submit(s->pipeline, message, &err) != MS_OK) {
		send_frame(s, ms_errand_refused(scan->id, err.text));
		return;
	}
	errand = g_new(struct errand, 1);
	*errand = (struct errand){ scan->id, s->peers };
	(void)g_hash_table_insert(s->errands,
	    g_memdup2(&s->tickets, sizeof s->tickets), errand);
}

static void
answer(struct scanner *s, const struct ms_outcome *outcome)
{
	const uint64_t ticket = outcome->origin.ticket;
	const struct errand *errand = g_hash_table_lookup(s->errands, &ticket);

	if (errand && errand->peer == s->peers && s->peer >= 0) {
		const struct ms_errand_done done = {
			.id = errand->id,
			.verdict = outcome->verdict,
			.elapsed_ms = (uint64_t)MAX(outcome->elapsed_ms, 0),
			.generation = 1,
			.sha256 = outcome->sha256,
		};

		ms_errand_tell(errand->id, &outcome->facts, send_fact, s);
		send_frame(s, ms_errand_done(&done));
	}
	(void)g_hash_table_remove(s->errands, &ticket);
}

/* What the pipeline has done. */
static void
deliver(struct scanner *s)
{
	struct ms_outcome *outcome = NULL;
	struct ms_error err = { "" };
	enum ms_status status;
	void *note;

	do {
		status = ms_pipeline_next(s->pipeline, 0, &outcome, &note,
		    &err);
		if (outcome)
			answer(s, outcome);
		ms_outcome_free(outcome);
	} while (status == MS_OK && outcome);
	if (status < 0)
		fail(s, &err);
}

static void
hear_peer(struct scanner *s)
{
	struct ms_errand_scan scan;
	size_t got;
	int fd;
	const enum ms_status status = ms_frame_receive(s->peer, s->block,
	    MS_FRAME_MAX, &got, &fd);

	if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
		return;
	if (status == MS_OK && ms_errand_read_scan(s->block, got, &scan) ==
	    MS_OK) {
		take(s, &scan, fd);
	} else {
		/* Gone, or not what it should be: another one will come. */
		(void)close(s->peer);
		s->peer = -1;
	}
	if (fd >= 0)
		(void)close(fd);
}

static void
hear_master(struct scanner *s)
{
	enum ms_control order;
	char *text;
	size_t got;
	int fd;
	const enum ms_status status = ms_frame_receive(s->control, s->block,
	    MS_FRAME_MAX, &got, &fd);

	if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
		return;
	if (status != MS_OK || ms_control_read(s->block, got, &order, &text) !=
	    MS_OK) {
		s->over = true;
		return;
	}
	if (order == MS_CONTROL_PEER && fd >= 0) {
		if (s->peer >= 0)
			(void)close(s->peer);
		s->peer = fd;
		s->peers++;
	} else if (fd >= 0) {
		(void)close(fd);
	}
	s->over |= order == MS_CONTROL_END;
	g_free(text);
}

static void
work(struct scanner *s)
{
	while (!s->over) {
		const bool busy = g_hash_table_size(s->errands) > 0;
		struct pollfd fds[] = {
			{ .fd = s->control, .events = POLLIN },
			/* While it has nothing to do it tells nothing. */
			{ .fd = busy ? ms_pipeline_fd(s->pipeline) : -1,
			  .events = POLLIN },
			{ .fd = ms_pipeline_wants(s->pipeline) ? s->peer : -1,
			  .events = POLLIN },
		};
		const int n = poll(fds, G_N_ELEMENTS(fds),
		    busy ? TICK_MS : -1);

		if (n < 0 && errno != EINTR)
			break;
		if (busy)
			deliver(s);
		if (n > 0 && !s->over && fds[2].revents)
			hear_peer(s);
		if (n > 0 && !s->over && fds[0].revents)
			hear_master(s);
	}
}

/* What of the engine is no good; MS_OK: nothing. */
static enum ms_status
check(const struct ms_scanner_config *config,
    const struct ms_pipeline_about *about, struct ms_error *err)
{
	const int64_t days = about->database_time < 0 ? -1 :
	    (ms_clock_wall() - about->database_time) / 86400;

	if (about->blind)
		return ms_error_set(err, MS_E_USAGE,
		    "the engine looks for nothing");
	if (config->age_max_days > 0 && days >= config->age_max_days)
		return ms_error_set(err, MS_E_ENGINE, "the signature database "
		    "is %" G_GINT64_FORMAT " days old", days);
	return MS_OK;
}

static enum ms_status
start(struct scanner *s, const struct ms_scanner_config *config,
    struct ms_error *err)
{
	struct ms_intake_config intake = {
		.spool = config->spool,
		.max_bytes = config->pipeline.limits.part_bytes,
	};
	struct ms_pipeline_about about;
	const enum ms_status status = ms_pipeline_open(&config->pipeline,
	    &s->pipeline, err);
	char *ready;

	if (status != MS_OK)
		return status;
	ms_pipeline_about(s->pipeline, &about);
	intake.spool.dir = ms_pipeline_dir(s->pipeline);
	s->intake = ms_intake_new(&intake);
	if (check(config, &about, err) != MS_OK)
		return MS_E_ENGINE;
	ready = g_strdup_printf("%s %s, database %s, %" G_GUINT64_FORMAT
	    " signatures, sandbox %s", about.engine,
	    about.version ? about.version : "?",
	    about.database ? about.database : "?", about.signatures,
	    about.sandbox ? about.sandbox : "?");
	(void)ms_control_send(s->control, MS_CONTROL_READY, ready, -1);
	g_free(ready);
	return MS_OK;
}

int
ms_scanner_run(void *arg, int control)
{
	struct scanner s = { .control = control, .peer = -1 };
	struct ms_error err = { "" };

	s.block = g_malloc(MS_FRAME_MAX);
	s.errands = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
	    g_free);
	if (start(&s, arg, &err) == MS_OK) {
		work(&s);
	} else {
		(void)ms_control_send(control, MS_CONTROL_FAILED, err.text, -1);
		s.failed = true;
	}
	if (s.peer >= 0)
		(void)close(s.peer);
	ms_intake_free(s.intake);
	if (s.pipeline)
		ms_pipeline_close(s.pipeline);
	g_hash_table_unref(s.errands);
	g_free(s.block);
	return s.failed ? 1 : 0;
}
