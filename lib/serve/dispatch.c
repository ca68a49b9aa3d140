#include "serve/dispatch.h"

#include "net/timer.h"
#include "serve/links.h"

struct pending {
	struct ms_dispatch *dispatch;
	struct ms_task task;
	struct ms_timer *timer;
	bool half;		/* the current link has its body */
	struct ms_link *link;	/* that has all of it; NULL: it waits */
	ms_dispatch_answered *answered;	/* NULL: it is forgotten */
	void *arg;
};

struct ms_dispatch {
	struct ms_loop *loop;
	struct ms_dispatch_config config;
	struct ms_links *links;
	uint64_t numbers;
	GQueue waiting;		/* of struct pending */
	GHashTable *pending;	/* id to struct pending: all there are */
};

static void
free_pending(gpointer data)
{
	struct pending *p = data;

	ms_timer_free(p->timer);
	ms_task_clear(&p->task);
	g_free(p);
}

/* Tell what came of P, which is gone then. */
static void
tell(struct pending *p, bool good, const char *text)
{
	struct ms_dispatch *dispatch = p->dispatch;

	if (p->link)
		ms_links_settle(p->link);
	else
		(void)g_queue_remove(&dispatch->waiting, p);
	(void)g_hash_table_steal(dispatch->pending, &p->task.id);
	if (p->answered)
		p->answered(p->arg, good, text);
	free_pending(p);
}

static void
fail(struct pending *p, const char *why)
{
	char *text = g_strdup_printf("%s %s", p->dispatch->config.whom, why);

	tell(p, false, text);
	g_free(text);
}

/* A task that LINK has, or NULL. Who is told may change the table. */
static struct pending *
any_of(const struct ms_dispatch *dispatch, const struct ms_link *link)
{
	GHashTableIter at;
	gpointer value;

	g_hash_table_iter_init(&at, dispatch->pending);
	while (g_hash_table_iter_next(&at, NULL, &value)) {
		struct pending *p = value;

		if (p->link == link)
			return p;
	}
	return NULL;
}

/* Of half a task nobody makes anything: who comes next gets all of it. */
static void
take_back(struct ms_dispatch *dispatch)
{
	struct pending *p = g_queue_peek_head(&dispatch->waiting);

	if (p)
		p->half = false;
}

static void
on_lost(void *arg, struct ms_link *link, bool died)
{
	struct ms_dispatch *dispatch = arg;
	struct pending *p;

	if (!ms_links_current(dispatch->links))
		take_back(dispatch);
	while ((p = any_of(dispatch, link)))
		fail(p, died ? "died" : "talks nonsense");
}

static bool
send_task(struct pending *p)
{
	struct ms_dispatch *dispatch = p->dispatch;
	struct ms_task *task = &p->task;
	uint64_t id = task->id;

	if (task->body >= 0 && !p->half)
		p->half = ms_links_send(dispatch->links, ms_task_body(id,
		    task->body_size), task->body);
	if ((task->body >= 0 && !p->half) || !ms_links_send(dispatch->links,
	    ms_task_note(id, task->note_size, &task->words), task->note))
		return false;
	p->link = ms_links_current(dispatch->links);
	ms_links_owe(p->link);
	ms_task_clear(task);
	task->id = id;
	return true;
}

static void
on_turn(void *arg)
{
	struct ms_dispatch *dispatch = arg;
	struct pending *p;

	while (ms_links_current(dispatch->links) &&
	    (p = g_queue_peek_head(&dispatch->waiting)) && send_task(p))
		(void)g_queue_pop_head(&dispatch->waiting);
}

/* The timer of a task. */
static void
on_late(void *arg)
{
	struct pending *p = arg;
	struct ms_dispatch *dispatch = p->dispatch;

	if (!p->link && g_queue_get_length(&dispatch->waiting) >
	    dispatch->config.waiting_max)
		fail(p, "has too much to do");
	else
		fail(p, ms_links_current(dispatch->links) ?
		    "does not answer" : "is not there");
	on_turn(dispatch);
}

static enum ms_status
on_frame(void *arg, struct ms_link *link, const unsigned char *data,
    size_t size, int *fd)
{
	struct ms_dispatch *dispatch = arg;
	struct pending *p;
	uint64_t id;
	char *text;
	bool good;

	if (*fd >= 0 || ms_task_read_done(data, size, &id, &good, &text) !=
	    MS_OK)
		return MS_E_PEER;
	p = g_hash_table_lookup(dispatch->pending, &id);
	if (p && p->link == link)
		tell(p, good, text);
	g_free(text);
	return MS_OK;
}

struct ms_dispatch *
ms_dispatch_new(struct ms_loop *loop, const struct ms_dispatch_config *config)
{
	static const struct ms_links_events events = { on_frame, on_lost,
		on_turn };
	struct ms_dispatch *dispatch = g_new0(struct ms_dispatch, 1);

	dispatch->loop = loop;
	dispatch->config = *config;
	dispatch->links = ms_links_new(loop, &events, dispatch);
	dispatch->pending = g_hash_table_new_full(g_int64_hash, g_int64_equal,
	    NULL, free_pending);
	g_queue_init(&dispatch->waiting);
	return dispatch;
}

void
ms_dispatch_free(struct ms_dispatch *dispatch)
{
	if (!dispatch)
		return;
	ms_links_free(dispatch->links);
	g_queue_clear(&dispatch->waiting);
	g_hash_table_unref(dispatch->pending);
	g_free(dispatch);
}

void
ms_dispatch_peer(struct ms_dispatch *dispatch, int socket)
{
	take_back(dispatch);
	ms_links_peer(dispatch->links, socket);
}

uint64_t
ms_dispatch_ask(struct ms_dispatch *dispatch, const struct ms_task *task,
    ms_dispatch_answered *answered, void *arg)
{
	struct pending *p = g_new0(struct pending, 1);
	const int64_t answer_ms = dispatch->config.answer_ms;

	p->dispatch = dispatch;
	p->task = *task;
	p->task.id = ++dispatch->numbers;
	ms_task_words_copy(&p->task.words, &task->words);
	p->answered = answered;
	p->arg = arg;
	p->timer = ms_timer_new(dispatch->loop, on_late, p);
	g_queue_push_tail(&dispatch->waiting, p);
	(void)g_hash_table_insert(dispatch->pending, &p->task.id, p);
	on_turn(dispatch);
	if (!p->link && g_queue_get_length(&dispatch->waiting) >
	    dispatch->config.waiting_max)
		ms_timer_set(p->timer, 0);
	else if (answer_ms > 0)
		ms_timer_set(p->timer, answer_ms);
	return dispatch->numbers;
}

void
ms_dispatch_forget(struct ms_dispatch *dispatch, uint64_t number)
{
	struct pending *p = g_hash_table_lookup(dispatch->pending, &number);

	if (p)
		p->answered = NULL;
}
