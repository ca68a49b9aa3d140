#include "serve/dispatch.h"

#include "net/timer.h"
#include "net/watch.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* Frames that are read before others get a turn. */
#define FRAMES_MAX 64

/* To the next try, when the socket was full. */
#define RETRY_MS 50

/* The other process. */
struct link {
	struct ms_dispatch *dispatch;
	int socket;
	struct ms_watch *watch;
};

struct pending {
	struct ms_dispatch *dispatch;
	struct ms_task task;	/* a descriptor of -1: was sent */
	struct ms_timer *timer;
	const struct link *link;	/* that got some of it; NULL: none */
	bool sent;		/* all of it */
	ms_dispatch_answered *answered;	/* NULL: it is forgotten */
	void *arg;
};

struct ms_dispatch {
	struct ms_loop *loop;
	struct ms_dispatch_config config;
	struct link *current;	/* gets tasks; NULL: nobody is there */
	GPtrArray *links;	/* it, and those that owe answers */
	struct ms_timer *retry;
	uint64_t numbers;
	GQueue waiting;		/* of struct pending */
	GHashTable *pending;	/* id to struct pending: all there are */
	unsigned char *block;	/* MS_FRAME_MAX bytes */
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

	if (!p->sent)
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

static void
free_link(gpointer data)
{
	struct link *link = data;

	ms_watch_free(link->watch);
	(void)close(link->socket);
	g_free(link);
}

/* A task of which LINK got something (of half a task nobody will make
 * anything), or NULL. Who is told may change the table. */
static struct pending *
any_of(const struct link *link)
{
	GHashTableIter at;
	gpointer value;

	g_hash_table_iter_init(&at, link->dispatch->pending);
	while (g_hash_table_iter_next(&at, NULL, &value)) {
		struct pending *p = value;

		if (p->link == link)
			return p;
	}
	return NULL;
}

static void
drop_link(struct link *link, const char *why)
{
	struct ms_dispatch *dispatch = link->dispatch;
	struct pending *p;

	if (dispatch->current == link)
		dispatch->current = NULL;
	while ((p = any_of(link)))
		fail(p, why);
	(void)g_ptr_array_remove(dispatch->links, link);
}

static bool
send_fd(struct pending *p, GByteArray *frame, int *fd)
{
	const struct link *link = p->dispatch->current;
	struct ms_error err;
	const bool sent = ms_frame_send(link->socket, frame, *fd, &err) ==
	    MS_OK;

	g_byte_array_unref(frame);
	if (sent) {
		(void)close(*fd);
		*fd = -1;
		p->link = link;
	}
	return sent;
}

static bool
send_task(struct pending *p)
{
	struct ms_task *task = &p->task;

	if (task->body >= 0 && !send_fd(p, ms_task_body(task->id,
	    task->body_size), &task->body))
		return false;
	p->sent = send_fd(p, ms_task_note(task->id, task->note_size,
	    &task->words), &task->note);
	return p->sent;
}

static void
advance(void *arg)
{
	struct ms_dispatch *dispatch = arg;
	struct pending *p;

	while (dispatch->current &&
	    (p = g_queue_peek_head(&dispatch->waiting))) {
		if (!send_task(p)) {
			/* Full, or gone, which its reader will be told. */
			ms_timer_set(dispatch->retry, RETRY_MS);
			break;
		}
		(void)g_queue_pop_head(&dispatch->waiting);
	}
}

/* The timer of a task. */
static void
on_late(void *arg)
{
	struct pending *p = arg;
	struct ms_dispatch *dispatch = p->dispatch;

	if (!p->sent && g_queue_get_length(&dispatch->waiting) >
	    dispatch->config.waiting_max)
		fail(p, "has too much to do");
	else
		fail(p, dispatch->current ? "does not answer" :
		    "is not there");
	advance(dispatch);
}

static enum ms_status
hear(const struct link *link, size_t size)
{
	struct ms_dispatch *dispatch = link->dispatch;
	struct pending *p;
	uint64_t id;
	char *text;
	bool good;

	if (ms_task_read_done(dispatch->block, size, &id, &good, &text) !=
	    MS_OK)
		return MS_E_PEER;
	p = g_hash_table_lookup(dispatch->pending, &id);
	if (p && p->sent && p->link == link)
		tell(p, good, text);
	g_free(text);
	return MS_OK;
}

static void
on_socket(void *arg)
{
	struct link *link = arg;
	struct ms_dispatch *dispatch = link->dispatch;

	for (unsigned i = 0; i < FRAMES_MAX; i++) {
		size_t got;
		int fd;
		enum ms_status status = ms_frame_receive(link->socket,
		    dispatch->block, MS_FRAME_MAX, &got, &fd);

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
		drop_link(link, status == MS_END ? "died" :
		    "talks nonsense");
		break;
	}
	advance(dispatch);
}

struct ms_dispatch *
ms_dispatch_new(struct ms_loop *loop, const struct ms_dispatch_config *config)
{
	struct ms_dispatch *dispatch = g_new0(struct ms_dispatch, 1);

	dispatch->loop = loop;
	dispatch->config = *config;
	dispatch->links = g_ptr_array_new_with_free_func(free_link);
	dispatch->retry = ms_timer_new(loop, advance, dispatch);
	dispatch->pending = g_hash_table_new_full(g_int64_hash, g_int64_equal,
	    NULL, free_pending);
	dispatch->block = g_malloc(MS_FRAME_MAX);
	g_queue_init(&dispatch->waiting);
	return dispatch;
}

void
ms_dispatch_free(struct ms_dispatch *dispatch)
{
	if (!dispatch)
		return;
	g_ptr_array_unref(dispatch->links);
	g_queue_clear(&dispatch->waiting);
	g_hash_table_unref(dispatch->pending);
	ms_timer_free(dispatch->retry);
	g_free(dispatch->block);
	g_free(dispatch);
}

void
ms_dispatch_peer(struct ms_dispatch *dispatch, int socket)
{
	struct link *link = g_new0(struct link, 1);

	/* The old one sees the end when it has read all, answers, closes. */
	if (dispatch->current)
		(void)shutdown(dispatch->current->socket, SHUT_WR);
	link->dispatch = dispatch;
	link->socket = socket;
	link->watch = ms_watch_fd(dispatch->loop, socket, false, on_socket,
	    link);
	ms_watch_want(link->watch, true);
	g_ptr_array_add(dispatch->links, link);
	dispatch->current = link;
	advance(dispatch);
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
	advance(dispatch);
	if (!p->sent && g_queue_get_length(&dispatch->waiting) >
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
