#include "serve/inquiry.h"

#include "base/clock.h"
#include "net/timer.h"
#include "net/watch.h"
#include "pool/errand.h"

#include <errno.h>
#include <unistd.h>

/* Frames that are read before others get a turn. */
#define FRAMES_MAX 64

struct question {
	struct ms_inquiry *inquiry;
	uint64_t number;
	int fd;			/* -1: it was sent */
	uint64_t size;
	int64_t asked_ms;
	struct ms_facts facts;
	struct ms_timer *timer;
	ms_inquiry_answered *answered;	/* NULL: it is forgotten */
	void *arg;
};

struct ms_inquiry {
	struct ms_loop *loop;
	struct ms_inquiry_config config;
	int socket;		/* -1: no scanner */
	struct ms_watch *watch;
	struct ms_timer *retry;	/* the socket was full */
	uint64_t numbers;
	GQueue waiting;		/* of struct question */
	GHashTable *asked;	/* number to struct question: sent ones */
	unsigned char *block;	/* MS_FRAME_MAX bytes */
};

static void
free_question(struct question *q)
{
	ms_timer_free(q->timer);
	ms_facts_clear(&q->facts);
	if (q->fd >= 0)
		(void)close(q->fd);
	g_free(q);
}

/* Tell what came of Q, which is in no list any more. */
static void
tell(struct question *q, const char *failure)
{
	const struct ms_answer answer = {
		.failure = failure,
		.verdict = failure ? MS_VERDICT_ERROR :
		    ms_verdict_of(&q->facts),
		.facts = &q->facts,
		.elapsed_ms = ms_clock_ms() - q->asked_ms,
	};

	if (q->answered)
		q->answered(q->arg, &answer);
	free_question(q);
}

static void
drop_scanner(struct ms_inquiry *inquiry, const char *why)
{
	GHashTableIter at;
	gpointer value;

	ms_watch_free(inquiry->watch);
	inquiry->watch = NULL;
	if (inquiry->socket >= 0)
		(void)close(inquiry->socket);
	inquiry->socket = -1;
	/* Who is told may ask again, which then waits, and forget others. */
	while (g_hash_table_iter_init(&at, inquiry->asked),
	    g_hash_table_iter_next(&at, NULL, &value)) {
		g_hash_table_iter_steal(&at);
		tell(value, why);
	}
}

static bool
send_question(struct ms_inquiry *inquiry, struct question *q)
{
	const struct ms_errand_scan scan = { .id = q->number,
		.size = q->size };
	GByteArray *frame = ms_errand_scan(&scan);
	struct ms_error err;
	const bool sent = ms_frame_send(inquiry->socket, frame, q->fd,
	    &err) == MS_OK;

	g_byte_array_unref(frame);
	if (!sent)
		return false;
	(void)close(q->fd);
	q->fd = -1;
	ms_timer_set(q->timer, inquiry->config.scan_ms);
	return true;
}

/* Send those whose turn it is. */
static void
advance(void *arg)
{
	struct ms_inquiry *inquiry = arg;
	struct question *q;

	while (inquiry->socket >= 0 && g_hash_table_size(inquiry->asked) <
	    inquiry->config.at_once &&
	    (q = g_queue_peek_head(&inquiry->waiting))) {
		if (!send_question(inquiry, q)) {
			/* Full, or gone, which its reader will be told. */
			ms_timer_set(inquiry->retry, 50);
			break;
		}
		(void)g_queue_pop_head(&inquiry->waiting);
		(void)g_hash_table_insert(inquiry->asked, &q->number, q);
	}
}

/* The timer of a question. */
static void
on_late(void *arg)
{
	struct question *q = arg;
	struct ms_inquiry *inquiry = q->inquiry;

	if (q->fd >= 0) {
		(void)g_queue_remove(&inquiry->waiting, q);
		tell(q, inquiry->socket < 0 ? "there is no scanner" :
		    "the scanner is busy");
	} else {
		(void)g_hash_table_steal(inquiry->asked, &q->number);
		tell(q, "the scanner does not answer");
	}
	advance(inquiry);
}

/* The question with that number, if it was sent. */
static struct question *
find(struct ms_inquiry *inquiry, uint64_t number)
{
	return g_hash_table_lookup(inquiry->asked, &number);
}

static enum ms_status
hear_fact(struct ms_inquiry *inquiry, size_t size)
{
	const unsigned char *frame;
	size_t frame_size;
	uint64_t number;
	struct question *q;

	if (ms_errand_read_fact(inquiry->block, size, &number, &frame,
	    &frame_size) != MS_OK)
		return MS_E_PEER;
	q = find(inquiry, number);
	return ms_frame_read_fact(frame, frame_size, q ? &q->facts : NULL);
}

static enum ms_status
hear_done(struct ms_inquiry *inquiry, size_t size)
{
	struct ms_errand_done done;
	struct question *q;

	if (ms_errand_read_done(inquiry->block, size, &done) != MS_OK)
		return MS_E_PEER;
	q = find(inquiry, done.id);
	if (!q)
		return MS_OK;
	(void)g_hash_table_steal(inquiry->asked, &done.id);
	/* What it says and what its facts say must be the same. */
	tell(q, done.verdict == ms_verdict_of(&q->facts) ? NULL :
	    "the scanner contradicts itself");
	return MS_OK;
}

static enum ms_status
hear_refused(struct ms_inquiry *inquiry, size_t size)
{
	struct question *q;
	uint64_t number;
	char *why;

	if (ms_errand_read_refused(inquiry->block, size, &number, &why) !=
	    MS_OK)
		return MS_E_PEER;
	q = find(inquiry, number);
	if (q) {
		(void)g_hash_table_steal(inquiry->asked, &number);
		tell(q, why);
	}
	g_free(why);
	return MS_OK;
}

static enum ms_status
hear(struct ms_inquiry *inquiry, size_t size)
{
	switch (ms_errand_type(inquiry->block, size)) {
	case MS_ERRAND_FACT:
		return hear_fact(inquiry, size);
	case MS_ERRAND_DONE:
		return hear_done(inquiry, size);
	case MS_ERRAND_REFUSED:
		return hear_refused(inquiry, size);
	default:
		return MS_E_PEER;
	}
}

static void
on_socket(void *arg)
{
	struct ms_inquiry *inquiry = arg;

	for (unsigned i = 0; i < FRAMES_MAX && inquiry->socket >= 0; i++) {
		size_t got;
		int fd;
		enum ms_status status = ms_frame_receive(inquiry->socket,
		    inquiry->block, MS_FRAME_MAX, &got, &fd);

		if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
			break;
		if (fd >= 0) {
			(void)close(fd);
			status = MS_E_PEER;
		}
		if (status == MS_OK)
			status = hear(inquiry, got);
		if (status != MS_OK)
			drop_scanner(inquiry, status == MS_END ?
			    "the scanner died" :
			    "the scanner talks nonsense");
	}
	advance(inquiry);
}

struct ms_inquiry *
ms_inquiry_new(struct ms_loop *loop, const struct ms_inquiry_config *config)
{
	struct ms_inquiry *inquiry = g_new0(struct ms_inquiry, 1);

	inquiry->loop = loop;
	inquiry->config = *config;
	inquiry->socket = -1;
	inquiry->retry = ms_timer_new(loop, advance, inquiry);
	inquiry->asked = g_hash_table_new(g_int64_hash, g_int64_equal);
	inquiry->block = g_malloc(MS_FRAME_MAX);
	g_queue_init(&inquiry->waiting);
	return inquiry;
}

void
ms_inquiry_free(struct ms_inquiry *inquiry)
{
	struct question *q;
	GHashTableIter at;
	gpointer value;

	if (!inquiry)
		return;
	ms_watch_free(inquiry->watch);
	if (inquiry->socket >= 0)
		(void)close(inquiry->socket);
	while ((q = g_queue_pop_head(&inquiry->waiting)))
		free_question(q);
	g_hash_table_iter_init(&at, inquiry->asked);
	while (g_hash_table_iter_next(&at, NULL, &value)) {
		g_hash_table_iter_steal(&at);
		free_question(value);
	}
	g_hash_table_unref(inquiry->asked);
	ms_timer_free(inquiry->retry);
	g_free(inquiry->block);
	g_free(inquiry);
}

void
ms_inquiry_peer(struct ms_inquiry *inquiry, int socket)
{
	drop_scanner(inquiry, "the scanner died");
	inquiry->socket = socket;
	inquiry->watch = ms_watch_fd(inquiry->loop, socket, false, on_socket,
	    inquiry);
	ms_watch_want(inquiry->watch, true);
	advance(inquiry);
}

uint64_t
ms_inquiry_ask(struct ms_inquiry *inquiry, int fd, uint64_t size,
    ms_inquiry_answered *answered, void *arg)
{
	struct question *q = g_new0(struct question, 1);

	q->inquiry = inquiry;
	q->number = ++inquiry->numbers;
	q->fd = fd;
	q->size = size;
	q->asked_ms = ms_clock_ms();
	q->answered = answered;
	q->arg = arg;
	ms_facts_init(&q->facts);
	q->timer = ms_timer_new(inquiry->loop, on_late, q);
	ms_timer_set(q->timer, inquiry->config.wait_ms);
	g_queue_push_tail(&inquiry->waiting, q);
	advance(inquiry);
	return inquiry->numbers;
}

void
ms_inquiry_forget(struct ms_inquiry *inquiry, uint64_t number)
{
	struct question *q = find(inquiry, number);

	/* What the scanner has, it has: its place is taken until it is
	 * done. */
	if (q) {
		q->answered = NULL;
		return;
	}
	for (GList *l = inquiry->waiting.head; l; l = l->next) {
		q = l->data;
		if (q->number == number) {
			g_queue_delete_link(&inquiry->waiting, l);
			free_question(q);
			return;
		}
	}
}
