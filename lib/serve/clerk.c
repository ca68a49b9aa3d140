#include "serve/clerk.h"

#include "base/at.h"
#include "serve/chronicle.h"
#include "serve/control.h"

#include <errno.h>
#include <unistd.h>

/* Who does not read an answer for so long is broken. */
#define UNREAD_MS 5000

/* A front. There may be one that takes over from one that ends. */
struct peer {
	int fd;
	uint64_t number;
	struct ms_task task;	/* of which not all is there */
	unsigned owed;		/* answers */
	bool ended;		/* it will not ask any more */
};

struct ms_clerk {
	int control;
	GPtrArray *peers;	/* of struct peer */
	uint64_t peer_numbers;
	uint64_t asker;		/* of the last task */
	unsigned char *block;	/* MS_FRAME_MAX bytes */
	bool ending;
};

static void
free_peer(gpointer data)
{
	struct peer *peer = data;

	(void)close(peer->fd);
	ms_task_clear(&peer->task);
	g_free(peer);
}

static void
add_peer(struct ms_clerk *clerk, int fd)
{
	struct peer *peer = g_new0(struct peer, 1);

	peer->fd = fd;
	peer->number = ++clerk->peer_numbers;
	ms_task_init(&peer->task);
	g_ptr_array_add(clerk->peers, peer);
}

static struct peer *
find_peer(const struct ms_clerk *clerk, uint64_t number)
{
	for (guint i = 0; i < clerk->peers->len; i++) {
		struct peer *peer = clerk->peers->pdata[i];

		if (peer->number == number)
			return peer;
	}
	return NULL;
}

/* PEER says no more; what it has asked will be answered. */
static void
end_peer(struct ms_clerk *clerk, struct peer *peer)
{
	peer->ended = true;
	if (peer->owed == 0)
		(void)g_ptr_array_remove(clerk->peers, peer);
}

static void
hear_peer(struct ms_clerk *clerk, struct peer *peer, struct ms_task *task)
{
	size_t got;
	int fd;
	enum ms_status status = ms_frame_receive(peer->fd, clerk->block,
	    MS_FRAME_MAX, &got, &fd);

	if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
		return;
	if (status != MS_OK && fd >= 0)
		(void)close(fd);
	if (status == MS_END) {
		end_peer(clerk, peer);
		return;
	}
	if (status == MS_OK)
		status = ms_task_read(clerk->block, got, fd, &peer->task);
	if (status == MS_OK) {
		*task = peer->task;
		ms_task_init(&peer->task);
		peer->owed++;
		clerk->asker = peer->number;
	} else if (status != MS_END) {
		/* Not what it should be. */
		(void)g_ptr_array_remove(clerk->peers, peer);
	}
}

static void
hear_master(struct ms_clerk *clerk)
{
	enum ms_control order;
	char *text;
	int fd;
	const enum ms_status status = ms_control_receive(clerk->control,
	    &order, &text, &fd);

	if (status == MS_E_IO)
		return;
	if (status != MS_OK) {
		/* Without a master nobody waits for anything. */
		g_ptr_array_set_size(clerk->peers, 0);
		clerk->ending = true;
	} else if (order == MS_CONTROL_PEER && fd >= 0) {
		add_peer(clerk, fd);
		fd = -1;
	} else if (order == MS_CONTROL_LOG && fd >= 0) {
		ms_chronicle_take(fd);
	} else {
		clerk->ending = true;
	}
	if (fd >= 0)
		(void)close(fd);
	g_free(text);
}

struct ms_clerk *
ms_clerk_new(int control, const char *text)
{
	struct ms_clerk *clerk = g_new0(struct ms_clerk, 1);

	clerk->control = control;
	clerk->block = g_malloc(MS_FRAME_MAX);
	clerk->peers = g_ptr_array_new_with_free_func(free_peer);
	(void)ms_control_send(control, MS_CONTROL_READY, text, -1);
	return clerk;
}

void
ms_clerk_free(struct ms_clerk *clerk)
{
	if (!clerk)
		return;
	g_ptr_array_unref(clerk->peers);
	g_free(clerk->block);
	g_free(clerk);
}

/* One task at a time; those who come first in the list have not always the
 * first word. */
static void
hear(struct ms_clerk *clerk, const struct pollfd *fds, struct ms_task *task)
{
	const guint count = clerk->peers->len;
	guint first = 0;

	while (first < count && ((struct peer *)clerk->peers->pdata[first])->
	    number <= clerk->asker)
		first++;
	for (guint n = 0; n < count; n++) {
		const guint i = (first + n) % count;

		if (fds[i].revents) {
			hear_peer(clerk, clerk->peers->pdata[i], task);
			break;
		}
	}
}

enum ms_status
ms_clerk_wait(struct ms_clerk *clerk, bool wants, struct pollfd *others,
    size_t count, struct ms_task *task)
{
	const guint peers = clerk->peers->len;
	struct pollfd *fds;
	int n;

	if (clerk->ending && peers == 0)
		return MS_END;
	fds = g_new0(struct pollfd, count + peers + 1);
	for (size_t i = 0; i < count; i++)
		fds[i] = others[i];
	for (guint i = 0; i < peers; i++) {
		const struct peer *peer = clerk->peers->pdata[i];

		fds[count + i] = (struct pollfd){ .events = POLLIN,
			.fd = wants && !peer->ended ? peer->fd : -1 };
	}
	/* Who ends has been told all there is to hear from there. */
	fds[count + peers] = (struct pollfd){ .events = POLLIN,
		.fd = clerk->ending ? -1 : clerk->control };
	n = poll(fds, (nfds_t)(count + peers + 1), -1);
	for (size_t i = 0; i < count; i++)
		others[i].revents = n > 0 ? fds[i].revents : 0;
	if (n > 0)
		hear(clerk, fds + count, task);
	if (n > 0 && fds[count + peers].revents)
		hear_master(clerk);
	g_free(fds);
	return MS_OK;
}

uint64_t
ms_clerk_front(const struct ms_clerk *clerk)
{
	return clerk->asker;
}

/* Who asked is gone; somebody should know. */
static void
tell_log(bool good, const char *text)
{
	ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL,
	    "%s (whoever asked for that is gone)%s%s", good ? "done" :
	    "failed", *text != '\0' ? ": " : "", text);
}

void
ms_clerk_answer(struct ms_clerk *clerk, uint64_t front, uint64_t id, bool good,
    const char *text)
{
	struct peer *peer = find_peer(clerk, front);
	GByteArray *frame;
	struct ms_error err;
	bool told = true;

	if (!peer) {
		tell_log(good, text);
		return;
	}
	frame = ms_task_done(id, good, text);
	/* Who has gone may have left tasks behind, which are read first. */
	while (ms_frame_send(peer->fd, frame, -1, &err) != MS_OK) {
		struct pollfd wait = { .fd = peer->fd, .events = POLLOUT };

		told = errno == EINTR || (errno == EAGAIN &&
		    poll(&wait, 1, UNREAD_MS) != 0);
		if (!told)
			break;
	}
	if (!told)
		tell_log(good, text);
	g_byte_array_unref(frame);
	peer->owed--;
	if (peer->ended)
		end_peer(clerk, peer);
}

enum ms_status
ms_clerk_read_note(const struct ms_task *task, char **text, size_t *size,
    struct ms_error *err)
{
	char *note = g_malloc(task->note_size + 1);
	uint64_t at = 0;

	while (at < task->note_size) {
		size_t got = 0;

		if (ms_at_read(task->note, at, note + at,
		    (size_t)(task->note_size - at), &got) != MS_OK) {
			g_free(note);
			return ms_error_errno(err, "cannot read the note");
		}
		if (got == 0) {
			g_free(note);
			return ms_error_set(err, MS_E_PEER,
			    "the note is shorter than was said");
		}
		at += got;
	}
	note[at] = '\0';
	*text = note;
	*size = (size_t)at;
	return MS_OK;
}
