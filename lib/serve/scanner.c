#include "serve/scanner.h"

#include "message/intake.h"
#include "pool/bundle.h"
#include "pool/errand.h"
#include "pool/outbox.h"
#include "serve/about.h"
#include "serve/chronicle.h"
#include "serve/control.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* How often deadlines of messages are looked at. */
#define TICK_MS 100

/* Most bytes of answers that wait for somebody who does not read them. */
#define UNREAD_MAX ((size_t)16 << 20)

/* So much of a message is read before others have their turn, and so many that
 * are larger are read at a time. */
#define SLICE ((uint64_t)1 << 20)
#define READINGS_MAX 2

/* Somebody who asks. */
struct peer {
	int fd;			/* -1: gone, to be forgotten */
	uint64_t number;
	unsigned errands;	/* that are not answered */
	bool ended;		/* will not ask any more */
	GByteArray *bundle;	/* of what is said to it now; or NULL */
	struct ms_outbox unsent;
};

/* Whose message it is. */
struct errand {
	uint64_t id;
	uint64_t peer;		/* its number */
	bool parts;		/* are to be told */
};

/* A message that is read slice by slice. */
struct reading {
	uint64_t peer;		/* its number */
	struct ms_errand_scan scan;
	int fd;
	uint64_t at;		/* read so far */
	struct ms_intake *intake;
};

struct scanner {
	int control;
	uint64_t generation;
	char *about;		/* what looks at messages */
	GPtrArray *peers;
	uint64_t peer_numbers;
	struct ms_pipeline *pipeline;
	struct ms_metrics *metrics;
	struct ms_intake_config config;
	struct ms_intake *intake;	/* of what is read at once */
	GQueue readings;	/* of struct reading */
	GHashTable *errands;	/* ticket to struct errand */
	uint64_t tickets;
	unsigned char *block;	/* MS_FRAME_MAX bytes */
	bool draining, over, failed;
};

static void
unref_frame(gpointer frame)
{
	g_byte_array_unref(frame);
}

static void
drop_peer(struct peer *peer)
{
	if (peer->fd >= 0)
		(void)close(peer->fd);
	peer->fd = -1;
	ms_outbox_clear(&peer->unsent);
}

static void
free_peer(gpointer data)
{
	drop_peer(data);
	g_free(data);
}

static void
add_peer(struct scanner *s, int fd)
{
	struct peer *peer = g_new0(struct peer, 1);

	peer->fd = fd;
	peer->number = ++s->peer_numbers;
	ms_outbox_init(&peer->unsent);
	g_ptr_array_add(s->peers, peer);
}

/* The one that is still there, or NULL. */
static struct peer *
find_peer(const struct scanner *s, uint64_t number)
{
	for (guint i = 0; i < s->peers->len; i++) {
		struct peer *peer = s->peers->pdata[i];

		if (peer->number == number)
			return peer->fd >= 0 ? peer : NULL;
	}
	return NULL;
}

/* Send what waits. */
static void
send_unsent(struct peer *peer)
{
	if (peer->fd >= 0 && ms_outbox_send(&peer->unsent, peer->fd) != MS_OK)
		drop_peer(peer);
}

static void
send_frame(struct peer *peer, GByteArray *frame, int fd)
{
	ms_outbox_put(&peer->unsent, frame, fd);
	send_unsent(peer);
	if (peer->unsent.size > UNREAD_MAX)
		drop_peer(peer);
}

static void
send_bundle(struct peer *peer)
{
	GByteArray *bundle = g_steal_pointer(&peer->bundle);

	if (bundle && peer->fd >= 0)
		send_frame(peer, bundle, -1);
	else if (bundle)
		unref_frame(bundle);
}

/* To be sent with all else that is said about the message. */
static void
tell(void *arg, GByteArray *frame)
{
	struct peer *peer = arg;

	if (ms_bundle_add(&peer->bundle, frame))
		return;
	send_bundle(peer);
	if (ms_bundle_add(&peer->bundle, frame))
		return;
	if (peer->fd >= 0)
		send_frame(peer, frame, -1);
	else
		unref_frame(frame);
}

/* That is all; REWRITTEN, or NULL, goes along. */
static void
tell_done(struct peer *peer, struct ms_errand_done *done,
    const struct ms_body *rewritten)
{
	const int fd = rewritten ? dup(rewritten->fd) : -1;

	if (fd < 0) {
		tell(peer, ms_errand_done(done));
		send_bundle(peer);
		return;
	}
	done->rewritten = true;
	done->rewritten_size = rewritten->size;
	send_bundle(peer);
	if (peer->fd >= 0)
		send_frame(peer, ms_errand_done(done), fd);
	else
		(void)close(fd);
}

static void
fail(struct scanner *s, const struct ms_error *err)
{
	(void)ms_control_send(s->control, MS_CONTROL_SAY, err->text, -1);
	s->failed = s->over = true;
}

/* Read on for a SLICE: MS_END, it is not the last. */
static enum ms_status
read_slice(struct reading *r, struct ms_message **message,
    struct ms_error *err)
{
	const uint64_t size = r->scan.size;
	const enum ms_status status = ms_intake_read(r->intake, r->fd, &r->at,
	    MIN(size, r->at + SLICE), err);

	if (status == MS_OK && r->at < size)
		return MS_END;
	return status == MS_OK ? ms_intake_end(r->intake, message, err) :
	    status;
}

static void
refuse(struct peer *peer, const struct ms_errand_scan *scan, const char *why)
{
	peer->errands--;
	send_frame(peer, ms_errand_refused(scan->id, why), -1);
}

static void
submit(struct scanner *s, struct peer *peer, const struct ms_errand_scan *scan,
    struct ms_message *message)
{
	const struct errand errand = { scan->id, peer->number, scan->parts };
	struct ms_error err = { "" };

	message->origin.source = g_strdup("smtp");
	message->origin.format = scan->raw ? "raw" : "eml";
	message->origin.index = 1;
	message->origin.delivered = -1;
	message->origin.ticket = ++s->tickets;
	message->checks = scan->chosen ? g_strdup(scan->checks) : NULL;
	if (ms_pipeline_submit(s->pipeline, message, &err) != MS_OK) {
		refuse(peer, scan, err.text);
		return;
	}
	(void)g_hash_table_insert(s->errands,
	    g_memdup2(&s->tickets, sizeof s->tickets),
	    g_memdup2(&errand, sizeof errand));
}

/* False: there is more of it to be read. */
static bool
read_on(struct scanner *s, struct reading *r)
{
	struct peer *peer = find_peer(s, r->peer);
	struct ms_message *message;
	struct ms_error err = { "" };
	enum ms_status status;

	/* Nobody is there any more who would be told. */
	if (!peer)
		return true;
	status = read_slice(r, &message, &err);
	if (status == MS_OK)
		submit(s, peer, &r->scan, message);
	else if (status != MS_END)
		refuse(peer, &r->scan, err.text);
	return status != MS_END;
}

static void
free_reading(gpointer data)
{
	struct reading *r = data;

	(void)close(r->fd);
	ms_intake_free(r->intake);
	g_free(r);
}

/* The next slice of who waits longest for it. */
static void
go_on_reading(struct scanner *s)
{
	struct reading *r = g_queue_pop_head(&s->readings);

	if (r && read_on(s, r))
		free_reading(r);
	else if (r)
		g_queue_push_tail(&s->readings, r);
}

/* FD goes with it. */
static void
take(struct scanner *s, struct peer *peer, const struct ms_errand_scan *scan,
    int fd)
{
	struct reading now = { peer->number, *scan, fd, 0, s->intake };
	struct reading *later;

	peer->errands++;
	if (fd < 0) {
		refuse(peer, scan, "no message came along");
	} else if (scan->size <= SLICE) {
		ms_intake_open(now.intake, fd, scan->size);
		(void)read_on(s, &now);
		(void)close(fd);
	} else {
		later = g_memdup2(&now, sizeof now);
		later->intake = ms_intake_new(&s->config);
		ms_intake_open(later->intake, fd, scan->size);
		g_queue_push_tail(&s->readings, later);
	}
}

/* May another message come? */
static bool
wants(const struct scanner *s)
{
	return s->readings.length < READINGS_MAX &&
	    ms_pipeline_wants(s->pipeline);
}

static void
answer(struct scanner *s, const struct ms_outcome *outcome)
{
	const uint64_t ticket = outcome->origin.ticket;
	const struct errand *errand = g_hash_table_lookup(s->errands, &ticket);
	struct peer *peer = errand ? find_peer(s, errand->peer) : NULL;

	ms_metrics_add(s->metrics, MS_METRICS_WORKER_DEATHS, outcome->deaths);
	if (peer) {
		struct ms_errand_done done = {
			.id = errand->id,
			.verdict = outcome->verdict,
			.elapsed_ms = (uint64_t)MAX(outcome->elapsed_ms, 0),
			.generation = s->generation,
			.deaths = outcome->deaths,
			.sha256 = outcome->sha256,
			.sha256_canonical = outcome->sha256_canonical,
		};

		(void)g_strlcpy(done.scanner, s->about, sizeof done.scanner);
		peer->errands--;
		ms_errand_tell(errand->id, &outcome->facts, errand->parts,
		    tell, peer);
		tell_done(peer, &done, outcome->rewritten);
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
hear_peer(struct scanner *s, struct peer *peer)
{
	struct ms_errand_scan scan;
	size_t got;
	int fd;
	const enum ms_status status = ms_frame_receive(peer->fd, s->block,
	    MS_FRAME_MAX, &got, &fd);

	if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
		return;
	if (status == MS_OK && ms_errand_read_scan(s->block, got, &scan) ==
	    MS_OK) {
		take(s, peer, &scan, fd);
		return;
	}
	if (status == MS_END)
		peer->ended = true;
	else
		drop_peer(peer);
	if (fd >= 0)
		(void)close(fd);
}

static void
hear_master(struct scanner *s)
{
	enum ms_control order;
	char *text;
	int fd;
	const enum ms_status status = ms_control_receive(s->control, &order,
	    &text, &fd);

	if (status == MS_E_IO)
		return;
	if (status != MS_OK) {
		s->over = true;
		return;
	}
	if (order == MS_CONTROL_PEER && fd >= 0)
		add_peer(s, fd);
	else if (order == MS_CONTROL_LOG && fd >= 0)
		ms_chronicle_take(fd);
	if (order != MS_CONTROL_PEER && fd >= 0)
		(void)close(fd);
	if (order == MS_CONTROL_ALIVE)
		(void)ms_control_send(s->control, order, NULL, -1);
	s->draining |= order == MS_CONTROL_DRAIN;
	s->over |= order == MS_CONTROL_END;
	g_free(text);
}

/* What is to be waited for; the peers come last, in their order. */
static void
list_fds(const struct scanner *s, GArray *fds)
{
	const bool more = wants(s);
	const struct pollfd first[] = {
		{ .fd = s->control, .events = POLLIN },
		/* While it has nothing to do it tells nothing. */
		{ .fd = g_hash_table_size(s->errands) > 0 ?
		  ms_pipeline_fd(s->pipeline) : -1, .events = POLLIN },
	};

	g_array_set_size(fds, 0);
	g_array_append_vals(fds, first, G_N_ELEMENTS(first));
	for (guint i = 0; i < s->peers->len; i++) {
		const struct peer *peer = s->peers->pdata[i];
		struct pollfd one = { .fd = peer->fd, .events =
			(more && !peer->ended ? POLLIN : 0) |
			(peer->unsent.size > 0 ? POLLOUT : 0) };

		/* Who is gone would be told of for ever. */
		if (one.events == 0)
			one.fd = -1;
		g_array_append_val(fds, one);
	}
}

/* Forget those who are done. */
static void
tidy_peers(struct scanner *s)
{
	for (guint i = s->peers->len; i-- > 0; ) {
		struct peer *peer = s->peers->pdata[i];

		if (peer->fd < 0 || (peer->ended && peer->errands == 0 &&
		    peer->unsent.size == 0))
			g_ptr_array_remove_index(s->peers, i);
	}
	if (s->draining && s->peers->len == 0 &&
	    g_hash_table_size(s->errands) == 0)
		s->over = true;
}

static void
hear_peers(struct scanner *s, const struct pollfd *fds, guint count)
{
	for (guint i = 0; i < count; i++) {
		struct peer *peer = s->peers->pdata[i];

		if (fds[i].revents & POLLOUT)
			send_unsent(peer);
		if (peer->fd >= 0 && !peer->ended && fds[i].revents &&
		    wants(s))
			hear_peer(s, peer);
	}
}

static void
work(struct scanner *s)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct pollfd));

	while (!s->over) {
		const bool busy = g_hash_table_size(s->errands) > 0;
		const struct pollfd *fds;
		int n;

		list_fds(s, list);
		n = poll((struct pollfd *)(void *)list->data, list->len,
		    s->readings.length > 0 ? 0 : busy ? TICK_MS : -1);
		if (n < 0 && errno != EINTR)
			break;
		fds = (const struct pollfd *)(const void *)list->data;
		if (n > 0 && !s->over)
			hear_peers(s, fds + 2, list->len - 2);
		go_on_reading(s);
		/* Also those of just now: of what was seen before the verdict
		 * is known at once, and no descriptor tells of it. */
		if (g_hash_table_size(s->errands) > 0)
			deliver(s);
		if (n > 0 && !s->over && fds[0].revents)
			hear_master(s);
		tidy_peers(s);
	}
	g_array_unref(list);
}

static enum ms_status
start(struct scanner *s, const struct ms_scanner_config *config,
    struct ms_error *err)
{
	struct ms_pipeline_about about;
	const enum ms_status status = ms_pipeline_open(&config->pipeline,
	    &s->pipeline, err);
	char *ready;

	if (status != MS_OK)
		return status;
	ms_pipeline_about(s->pipeline, &about);
	s->config = (struct ms_intake_config){ .spool = config->spool,
		.max_bytes = config->pipeline.limits.part_bytes };
	s->config.spool.dir = ms_pipeline_dir(s->pipeline);
	s->intake = ms_intake_new(&s->config);
	if (ms_about_check(&about, config->age_max_days, err) != MS_OK)
		return MS_E_ENGINE;
	ms_metrics_engine(s->metrics, &about);
	ms_metrics_set(s->metrics, MS_METRICS_WORKERS,
	    config->pipeline.workers);
	ready = ms_about_all(&about);
	s->about = ms_about_engine(&about);
	(void)ms_control_send(s->control, MS_CONTROL_READY, ready, -1);
	g_free(ready);
	return MS_OK;
}

int
ms_scanner_run(void *arg, int control)
{
	const struct ms_scanner_config *config = arg;
	struct scanner s = { .control = control,
		.generation = config->generation };
	struct ms_error err = { "" };

	s.block = g_malloc(MS_FRAME_MAX);
	s.errands = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
	    g_free);
	s.peers = g_ptr_array_new_with_free_func(free_peer);
	s.metrics = config->metrics;
	ms_metrics_withhold(s.metrics);
	if (start(&s, config, &err) == MS_OK) {
		work(&s);
	} else {
		(void)ms_control_send(control, MS_CONTROL_FAILED, err.text, -1);
		s.failed = true;
	}
	g_ptr_array_unref(s.peers);
	g_queue_clear_full(&s.readings, free_reading);
	ms_intake_free(s.intake);
	if (s.pipeline)
		ms_pipeline_close(s.pipeline);
	g_hash_table_unref(s.errands);
	g_free(s.block);
	g_free(s.about);
	return s.failed ? 1 : 0;
}
