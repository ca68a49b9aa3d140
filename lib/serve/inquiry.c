#include "serve/inquiry.h"

#include "base/clock.h"
#include "net/timer.h"
#include "net/watch.h"
#include "pool/errand.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* Frames that are read before others get a turn. */
#define FRAMES_MAX 64

/* A scanner. */
struct link {
	struct ms_inquiry *inquiry;
	int socket;
	struct ms_watch *watch;
	unsigned asked;		/* questions that it has */
};

struct question {
	struct ms_inquiry *inquiry;
	uint64_t number;
	struct link *link;	/* that it was sent over; NULL: it waits */
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
	struct link *current;	/* gets questions; NULL: no scanner */
	GPtrArray *links;	/* it, and those that owe answers */
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

/* Tell what came of Q, which is in no list any more: either FAILURE or DONE is
 * NULL. */
static void
tell(struct question *q, const char *failure,
    const struct ms_errand_done *done)
{
	struct ms_answer answer = {
		.failure = failure,
		.verdict = failure ? MS_VERDICT_ERROR :
		    ms_verdict_of(&q->facts),
		.facts = &q->facts,
		.elapsed_ms = ms_clock_ms() - q->asked_ms,
	};

	if (done) {
		answer.deaths = done->deaths;
		answer.sha256 = done->sha256;
		answer.sha256_canonical = done->sha256_canonical;
	}
	if (q->answered)
		q->answered(q->arg, &answer);
	free_question(q);
}

static void
free_link(gpointer data)
{
	struct link *link = data;

	ms_watch_free(link->watch);
	(void)close(link->socket);
	g_free(link);
}

/* A sent question that LINK owes an answer to, taken out; NULL: none. */
static struct question *
steal_asked(struct ms_inquiry *inquiry, const struct link *link)
{
	GHashTableIter at;
	gpointer value;

	g_hash_table_iter_init(&at, inquiry->asked);
	while (g_hash_table_iter_next(&at, NULL, &value)) {
		struct question *q = value;

		if (q->link != link)
			continue;
		g_hash_table_iter_steal(&at);
		return q;
	}
	return NULL;
}

static void
drop_link(struct ms_inquiry *inquiry, struct link *link, const char *why)
{
	struct question *q;

	if (inquiry->current == link)
		inquiry->current = NULL;
	/* Who is told may ask again, which then waits, and forget others. */
	while ((q = steal_asked(inquiry, link)))
		tell(q, why, NULL);
	(void)g_ptr_array_remove(inquiry->links, link);
}

static bool
send_question(struct ms_inquiry *inquiry, struct question *q)
{
	const struct ms_errand_scan scan = { .id = q->number,
		.size = q->size };
	GByteArray *frame = ms_errand_scan(&scan);
	struct link *link = inquiry->current;
	struct ms_error err;
	const bool sent = ms_frame_send(link->socket, frame, q->fd, &err) ==
	    MS_OK;

	g_byte_array_unref(frame);
	if (!sent)
		return false;
	(void)close(q->fd);
	q->fd = -1;
	q->link = link;
	link->asked++;
	ms_timer_set(q->timer, inquiry->config.scan_ms);
	return true;
}

/* Send those whose turn it is. */
static void
advance(void *arg)
{
	struct ms_inquiry *inquiry = arg;
	struct question *q;

	while (inquiry->current &&
	    inquiry->current->asked < inquiry->config.at_once &&
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

/* Tell what came of Q, which was sent. DONE: as above. */
static void
settle(struct question *q, const char *failure,
    const struct ms_errand_done *done)
{
	(void)g_hash_table_steal(q->inquiry->asked, &q->number);
	q->link->asked--;
	tell(q, failure, done);
}

/* The timer of a question. */
static void
on_late(void *arg)
{
	struct question *q = arg;
	struct ms_inquiry *inquiry = q->inquiry;

	if (q->fd >= 0) {
		(void)g_queue_remove(&inquiry->waiting, q);
		tell(q, inquiry->current ? "the scanner is busy" :
		    "there is no scanner", NULL);
	} else {
		settle(q, "the scanner does not answer", NULL);
	}
	advance(inquiry);
}

/* The question with that number, if LINK is to answer it. */
static struct question *
find(const struct link *link, uint64_t number)
{
	struct question *q = g_hash_table_lookup(link->inquiry->asked,
	    &number);

	return q && q->link == link ? q : NULL;
}

static enum ms_status
hear_fact(const struct link *link, size_t size)
{
	const unsigned char *frame;
	size_t frame_size;
	uint64_t number;
	struct question *q;

	if (ms_errand_read_fact(link->inquiry->block, size, &number, &frame,
	    &frame_size) != MS_OK)
		return MS_E_PEER;
	q = find(link, number);
	return ms_frame_read_fact(frame, frame_size, q ? &q->facts : NULL);
}

static enum ms_status
hear_done(const struct link *link, size_t size)
{
	struct ms_errand_done done;
	struct question *q;

	if (ms_errand_read_done(link->inquiry->block, size, &done) != MS_OK)
		return MS_E_PEER;
	q = find(link, done.id);
	if (!q)
		return MS_OK;
	/* What it says and what its facts say must be the same. */
	settle(q, done.verdict == ms_verdict_of(&q->facts) ? NULL :
	    "the scanner contradicts itself", &done);
	return MS_OK;
}

static enum ms_status
hear_refused(const struct link *link, size_t size)
{
	struct question *q;
	uint64_t number;
	char *why;

	if (ms_errand_read_refused(link->inquiry->block, size, &number, &why) !=
	    MS_OK)
		return MS_E_PEER;
	q = find(link, number);
	if (q)
		settle(q, why, NULL);
	g_free(why);
	return MS_OK;
}

static enum ms_status
hear(const struct link *link, size_t size)
{
	switch (ms_errand_type(link->inquiry->block, size)) {
	case MS_ERRAND_FACT:
		return hear_fact(link, size);
	case MS_ERRAND_DONE:
		return hear_done(link, size);
	case MS_ERRAND_REFUSED:
		return hear_refused(link, size);
	default:
		return MS_E_PEER;
	}
}

static void
on_socket(void *arg)
{
	struct link *link = arg;
	struct ms_inquiry *inquiry = link->inquiry;

	for (unsigned i = 0; i < FRAMES_MAX; i++) {
		size_t got;
		int fd;
		enum ms_status status = ms_frame_receive(link->socket,
		    inquiry->block, MS_FRAME_MAX, &got, &fd);

		if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
			break;
		if (fd >= 0) {
			(void)close(fd);
			status = MS_E_PEER;
		}
		if (status == MS_OK)
			status = hear(link, got);
		if (status == MS_OK)
			continue;
		drop_link(inquiry, link, status == MS_END ?
		    "the scanner died" : "the scanner talks nonsense");
		break;
	}
	advance(inquiry);
}

struct ms_inquiry *
ms_inquiry_new(struct ms_loop *loop, const struct ms_inquiry_config *config)
{
	struct ms_inquiry *inquiry = g_new0(struct ms_inquiry, 1);

	inquiry->loop = loop;
	inquiry->config = *config;
	inquiry->links = g_ptr_array_new_with_free_func(free_link);
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
	g_ptr_array_unref(inquiry->links);
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
	struct link *link = g_new0(struct link, 1);

	/* The old one sees the end when it has read all, answers, closes. */
	if (inquiry->current)
		(void)shutdown(inquiry->current->socket, SHUT_WR);
	link->inquiry = inquiry;
	link->socket = socket;
	link->watch = ms_watch_fd(inquiry->loop, socket, false, on_socket,
	    link);
	ms_watch_want(link->watch, true);
	g_ptr_array_add(inquiry->links, link);
	inquiry->current = link;
	advance(inquiry);
}

bool
ms_inquiry_is_answered(const struct ms_inquiry *inquiry)
{
	return inquiry->current != NULL;
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
	struct question *q = g_hash_table_lookup(inquiry->asked, &number);

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
