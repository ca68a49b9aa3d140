#include "serve/links.h"

#include "net/timer.h"
#include "net/watch.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* Frames that are read before others get a turn. */
#define FRAMES_MAX 64

/* To the next try, when a socket was full. */
#define RETRY_MS 50

struct ms_link {
	struct ms_links *links;
	int socket;
	struct ms_watch *watch;
	unsigned owed;
};

struct ms_links {
	struct ms_loop *loop;
	const struct ms_links_events *events;
	void *arg;
	struct ms_link *current;
	GPtrArray *all;		/* of struct ms_link: it, and those that owe */
	struct ms_timer *timer;	/* for a turn */
	unsigned char *block;	/* MS_FRAME_MAX bytes */
};

static void
free_link(gpointer data)
{
	struct ms_link *link = data;

	ms_watch_free(link->watch);
	(void)close(link->socket);
	g_free(link);
}

static void
give_turn(struct ms_links *links)
{
	if (links->events->turn)
		links->events->turn(links->arg);
}

/* Let those go of which nothing is to be expected. Not before the loop is back,
 * since who calls may be reading from one of them. */
static void
on_time(void *arg)
{
	struct ms_links *links = arg;

	for (guint i = links->all->len; i-- > 0;) {
		const struct ms_link *link = links->all->pdata[i];

		if (link != links->current && link->owed == 0)
			(void)g_ptr_array_remove_index(links->all, i);
	}
	give_turn(links);
}

static void
lose(struct ms_link *link, bool died)
{
	struct ms_links *links = link->links;

	if (links->current == link)
		links->current = NULL;
	if (links->events->lost)
		links->events->lost(links->arg, link, died);
	(void)g_ptr_array_remove(links->all, link);
}

/* One frame. MS_E_IO: there is none now. */
static enum ms_status
hear(struct ms_link *link)
{
	struct ms_links *links = link->links;
	size_t got;
	int fd;
	enum ms_status status = ms_frame_receive(link->socket, links->block,
	    MS_FRAME_MAX, &got, &fd);

	if (status == MS_E_IO && errno != EAGAIN && errno != EINTR)
		status = MS_E_PEER;
	if (status == MS_OK && links->events->hear(links->arg, link,
	    links->block, got, &fd) != MS_OK)
		status = MS_E_PEER;
	if (fd >= 0) {
		(void)close(fd);
		status = MS_E_PEER;
	}
	return status;
}

static void
on_socket(void *arg)
{
	struct ms_link *link = arg;
	struct ms_links *links = link->links;
	enum ms_status status = MS_OK;

	for (unsigned i = 0; i < FRAMES_MAX && status == MS_OK; i++)
		status = hear(link);
	if (status != MS_OK && status != MS_E_IO)
		lose(link, status == MS_END);
	give_turn(links);
}

struct ms_links *
ms_links_new(struct ms_loop *loop, const struct ms_links_events *events,
    void *arg)
{
	struct ms_links *links = g_new0(struct ms_links, 1);

	links->loop = loop;
	links->events = events;
	links->arg = arg;
	links->all = g_ptr_array_new_with_free_func(free_link);
	links->timer = ms_timer_new(loop, on_time, links);
	links->block = g_malloc(MS_FRAME_MAX);
	return links;
}

void
ms_links_free(struct ms_links *links)
{
	if (!links)
		return;
	g_ptr_array_unref(links->all);
	ms_timer_free(links->timer);
	g_free(links->block);
	g_free(links);
}

void
ms_links_peer(struct ms_links *links, int socket)
{
	struct ms_link *link = g_new0(struct ms_link, 1);

	/* The old one sees the end when it has read all, answers, closes. */
	if (links->current) {
		(void)shutdown(links->current->socket, SHUT_WR);
		ms_timer_set(links->timer, 0);
	}
	link->links = links;
	link->socket = socket;
	link->watch = ms_watch_fd(links->loop, socket, false, on_socket, link);
	ms_watch_want(link->watch, true);
	g_ptr_array_add(links->all, link);
	links->current = link;
	give_turn(links);
}

struct ms_link *
ms_links_current(const struct ms_links *links)
{
	return links->current;
}

bool
ms_links_send(struct ms_links *links, GByteArray *frame, int fd)
{
	const struct ms_link *link = links->current;
	struct ms_error err;
	const bool sent = link && ms_frame_send(link->socket, frame, fd,
	    &err) == MS_OK;

	g_byte_array_unref(frame);
	/* Full, or gone, which its reader will be told. */
	if (link && !sent)
		ms_timer_set(links->timer, RETRY_MS);
	return sent;
}

void
ms_links_owe(struct ms_link *link)
{
	link->owed++;
}

void
ms_links_settle(struct ms_link *link)
{
	link->owed--;
	if (link->owed == 0 && link != link->links->current)
		ms_timer_set(link->links->timer, 0);
}

unsigned
ms_links_owed(const struct ms_link *link)
{
	return link->owed;
}
