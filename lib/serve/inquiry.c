#include "serve/inquiry.h"

#include "base/clock.h"
#include "net/timer.h"
#include "pool/bundle.h"
#include "pool/errand.h"
#include "serve/links.h"

#include <unistd.h>

struct question {
	struct ms_inquiry *inquiry;
	uint64_t number;
	struct ms_link *link;	/* that it was sent over; NULL: it waits */
	int fd;			/* -1: it was sent */
	uint64_t size;
	char *checks;		/* NULL: all */
	int64_t asked_ms;
	struct ms_facts facts;
	struct ms_timer *timer;
	ms_inquiry_answered *answered;	/* NULL: it is forgotten */
	void *arg;
};

struct ms_inquiry {
	struct ms_loop *loop;
	struct ms_inquiry_config config;
	struct ms_links *links;	/* to scanners */
	uint64_t numbers;
	GQueue waiting;		/* of struct question */
	GHashTable *asked;	/* number to struct question: sent ones */
};

static void
free_question(struct question *q)
{
	ms_timer_free(q->timer);
	ms_facts_clear(&q->facts);
	if (q->fd >= 0)
		(void)close(q->fd);
	g_free(q->checks);
	g_free(q);
}

/* Tell what came of Q, which is in no list any more: either FAILURE or DONE is
 * NULL. FD, a loan, came with the latter, or is -1. */
static void
tell(struct question *q, const char *failure,
    const struct ms_errand_done *done, int fd)
{
	const struct ms_body rewritten = { fd, done ? done->rewritten_size :
	    0 };
	struct ms_answer answer = {
		.failure = failure,
		.verdict = failure ? MS_VERDICT_ERROR :
		    ms_verdict_of(&q->facts),
		.facts = &q->facts,
		.elapsed_ms = ms_clock_ms() - q->asked_ms,
	};

	if (done) {
		answer.deaths = done->deaths;
		answer.rewritten = fd >= 0 ? &rewritten : NULL;
		answer.scanner = done->scanner;
		answer.sha256 = done->sha256;
		answer.sha256_canonical = done->sha256_canonical;
	}
	if (q->answered)
		q->answered(q->arg, &answer);
	free_question(q);
}

/* A sent question that LINK owes an answer to, taken out; NULL: none. */
static struct question *
steal_asked(struct ms_inquiry *inquiry, const struct ms_link *link)
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
on_lost(void *arg, struct ms_link *link, bool died)
{
	struct ms_inquiry *inquiry = arg;
	struct question *q;

	/* Who is told may ask again, which then waits, and forget others. */
	while ((q = steal_asked(inquiry, link)))
		tell(q, died ? "the scanner died" :
		    "the scanner talks nonsense", NULL, -1);
}

static bool
send_question(struct ms_inquiry *inquiry, struct question *q)
{
	struct ms_errand_scan scan = { .id = q->number, .size = q->size,
		.parts = inquiry->config.parts,
		.chosen = q->checks != NULL };

	if (q->checks)
		(void)g_strlcpy(scan.checks, q->checks, sizeof scan.checks);
	if (!ms_links_send(inquiry->links, ms_errand_scan(&scan), q->fd))
		return false;
	(void)close(q->fd);
	q->fd = -1;
	q->link = ms_links_current(inquiry->links);
	ms_links_owe(q->link);
	ms_timer_set(q->timer, inquiry->config.scan_ms);
	return true;
}

/* Send those whose turn it is. */
static void
on_turn(void *arg)
{
	struct ms_inquiry *inquiry = arg;
	const struct ms_link *link = ms_links_current(inquiry->links);
	struct question *q;

	while (link && ms_links_owed(link) < inquiry->config.at_once &&
	    (q = g_queue_peek_head(&inquiry->waiting)) &&
	    send_question(inquiry, q)) {
		(void)g_queue_pop_head(&inquiry->waiting);
		(void)g_hash_table_insert(inquiry->asked, &q->number, q);
	}
}

/* Tell what came of Q, which was sent. DONE and FD: as above. */
static void
settle(struct question *q, const char *failure,
    const struct ms_errand_done *done, int fd)
{
	(void)g_hash_table_steal(q->inquiry->asked, &q->number);
	ms_links_settle(q->link);
	tell(q, failure, done, fd);
}

/* The timer of a question. */
static void
on_late(void *arg)
{
	struct question *q = arg;
	struct ms_inquiry *inquiry = q->inquiry;

	if (q->fd >= 0) {
		(void)g_queue_remove(&inquiry->waiting, q);
		tell(q, ms_inquiry_is_answered(inquiry) ?
		    "the scanner is busy" : "there is no scanner", NULL, -1);
	} else {
		settle(q, "the scanner does not answer", NULL, -1);
	}
	on_turn(inquiry);
}

/* The question with that number, if LINK is to answer it. */
static struct question *
find(const struct ms_inquiry *inquiry, const struct ms_link *link,
    uint64_t number)
{
	struct question *q = g_hash_table_lookup(inquiry->asked, &number);

	return q && q->link == link ? q : NULL;
}

static enum ms_status
hear_fact(const struct ms_inquiry *inquiry, const struct ms_link *link,
    const unsigned char *data, size_t size)
{
	const unsigned char *frame;
	size_t frame_size;
	uint64_t number;
	struct question *q;

	if (ms_errand_read_fact(data, size, &number, &frame,
	    &frame_size) != MS_OK)
		return MS_E_PEER;
	q = find(inquiry, link, number);
	return ms_frame_read_fact(frame, frame_size, q ? &q->facts : NULL);
}

static enum ms_status
hear_done(const struct ms_inquiry *inquiry, const struct ms_link *link,
    const unsigned char *data, size_t size, int fd)
{
	struct ms_errand_done done;
	struct question *q;

	if (ms_errand_read_done(data, size, &done) != MS_OK ||
	    done.rewritten != (fd >= 0))
		return MS_E_PEER;
	q = find(inquiry, link, done.id);
	if (!q)
		return MS_OK;
	/* What it says and what its facts say must be the same. */
	settle(q, done.verdict == ms_verdict_of(&q->facts) ? NULL :
	    "the scanner contradicts itself", &done, fd);
	return MS_OK;
}

static enum ms_status
hear_refused(const struct ms_inquiry *inquiry, const struct ms_link *link,
    const unsigned char *data, size_t size)
{
	struct question *q;
	uint64_t number;
	char *why;

	if (ms_errand_read_refused(data, size, &number, &why) !=
	    MS_OK)
		return MS_E_PEER;
	q = find(inquiry, link, number);
	if (q)
		settle(q, why, NULL, -1);
	g_free(why);
	return MS_OK;
}

static enum ms_status
hear(const struct ms_inquiry *inquiry, const struct ms_link *link,
    const unsigned char *data, size_t size)
{
	switch (ms_errand_type(data, size)) {
	case MS_ERRAND_FACT:
		return hear_fact(inquiry, link, data, size);
	case MS_ERRAND_DONE:
		return hear_done(inquiry, link, data, size, -1);
	case MS_ERRAND_REFUSED:
		return hear_refused(inquiry, link, data, size);
	default:
		return MS_E_PEER;
	}
}

static enum ms_status
on_frame(void *arg, struct ms_link *link, const unsigned char *data,
    size_t size, int *fd)
{
	const struct ms_inquiry *inquiry = arg;
	const unsigned char *frame;
	enum ms_status status;
	size_t at = 0, frame_size;

	if (*fd >= 0) {
		/* With a descriptor comes one that is alone. */
		status = hear_done(inquiry, link, data, size, *fd);
		(void)close(*fd);
		*fd = -1;
		return status;
	}
	if (ms_errand_type(data, size) != MS_ERRAND_BUNDLE)
		return hear(inquiry, link, data, size);
	do
		status = ms_bundle_next(data, size, &at, &frame, &frame_size);
	while (status == MS_OK &&
	    (status = hear(inquiry, link, frame, frame_size)) == MS_OK);
	return status == MS_END ? MS_OK : status;
}

struct ms_inquiry *
ms_inquiry_new(struct ms_loop *loop, const struct ms_inquiry_config *config)
{
	static const struct ms_links_events events = { on_frame, on_lost,
		on_turn };
	struct ms_inquiry *inquiry = g_new0(struct ms_inquiry, 1);

	inquiry->loop = loop;
	inquiry->config = *config;
	inquiry->links = ms_links_new(loop, &events, inquiry);
	inquiry->asked = g_hash_table_new(g_int64_hash, g_int64_equal);
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
	ms_links_free(inquiry->links);
	while ((q = g_queue_pop_head(&inquiry->waiting)))
		free_question(q);
	g_hash_table_iter_init(&at, inquiry->asked);
	while (g_hash_table_iter_next(&at, NULL, &value)) {
		g_hash_table_iter_steal(&at);
		free_question(value);
	}
	g_hash_table_unref(inquiry->asked);
	g_free(inquiry);
}

void
ms_inquiry_peer(struct ms_inquiry *inquiry, int socket)
{
	ms_links_peer(inquiry->links, socket);
}

bool
ms_inquiry_is_answered(const struct ms_inquiry *inquiry)
{
	return ms_links_current(inquiry->links) != NULL;
}

uint64_t
ms_inquiry_ask(struct ms_inquiry *inquiry, int fd, uint64_t size,
    ms_inquiry_answered *answered, void *arg)
{
	return ms_inquiry_ask_for(inquiry, fd, size, NULL, answered, arg);
}

uint64_t
ms_inquiry_ask_for(struct ms_inquiry *inquiry, int fd, uint64_t size,
    const char *checks, ms_inquiry_answered *answered, void *arg)
{
	struct question *q = g_new0(struct question, 1);

	q->inquiry = inquiry;
	q->number = ++inquiry->numbers;
	q->fd = fd;
	q->size = size;
	q->checks = g_strdup(checks);
	q->asked_ms = ms_clock_ms();
	q->answered = answered;
	q->arg = arg;
	ms_facts_init(&q->facts);
	q->timer = ms_timer_new(inquiry->loop, on_late, q);
	ms_timer_set(q->timer, inquiry->config.wait_ms);
	g_queue_push_tail(&inquiry->waiting, q);
	on_turn(inquiry);
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
