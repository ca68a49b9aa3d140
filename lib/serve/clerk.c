#include "serve/clerk.h"

#include "base/at.h"
#include "serve/control.h"

#include <errno.h>
#include <unistd.h>

/* Besides those of the caller. */
enum { CONTROL, PEER, OWN };

struct ms_clerk {
	int control;
	int peer;		/* -1: nobody is there */
	uint64_t peers;		/* so far: the number of this one */
	struct ms_task task;	/* of which not all is there */
	unsigned char *block;	/* MS_FRAME_MAX bytes */
	bool ending;
};

static void
drop_peer(struct ms_clerk *clerk)
{
	if (clerk->peer >= 0)
		(void)close(clerk->peer);
	clerk->peer = -1;
	ms_task_clear(&clerk->task);
}

static void
hear_peer(struct ms_clerk *clerk, struct ms_task *task)
{
	size_t got;
	int fd;
	enum ms_status status = ms_frame_receive(clerk->peer, clerk->block,
	    MS_FRAME_MAX, &got, &fd);

	if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
		return;
	if (status != MS_OK && fd >= 0)
		(void)close(fd);
	/* There is an end of the peer, and one of the beginning of a task. */
	if (status == MS_OK)
		status = ms_task_read(clerk->block, got, fd, &clerk->task);
	else
		status = MS_E_PEER;
	if (status == MS_OK) {
		*task = clerk->task;
		ms_task_init(&clerk->task);
	} else if (status != MS_END) {
		/* Gone, or not what it should be: another one will come. */
		drop_peer(clerk);
	}
}

static void
hear_master(struct ms_clerk *clerk)
{
	enum ms_control order;
	char *text = NULL;
	size_t got;
	int fd;
	const enum ms_status status = ms_frame_receive(clerk->control,
	    clerk->block, MS_FRAME_MAX, &got, &fd);

	if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
		return;
	if (status != MS_OK || ms_control_read(clerk->block, got, &order,
	    &text) != MS_OK) {
		/* Without a master nobody waits for anything. */
		drop_peer(clerk);
		clerk->ending = true;
	} else if (order == MS_CONTROL_PEER && fd >= 0) {
		drop_peer(clerk);
		clerk->peer = fd;
		clerk->peers++;
		fd = -1;
	} else {
		clerk->ending |= order == MS_CONTROL_END;
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
	clerk->peer = -1;
	clerk->block = g_malloc(MS_FRAME_MAX);
	ms_task_init(&clerk->task);
	(void)ms_control_send(control, MS_CONTROL_READY, text, -1);
	return clerk;
}

void
ms_clerk_free(struct ms_clerk *clerk)
{
	if (!clerk)
		return;
	drop_peer(clerk);
	g_free(clerk->block);
	g_free(clerk);
}

enum ms_status
ms_clerk_wait(struct ms_clerk *clerk, bool wants, struct pollfd *others,
    size_t count, struct ms_task *task)
{
	struct pollfd *fds;
	int n;

	if (clerk->ending && clerk->peer < 0)
		return MS_END;
	fds = g_new0(struct pollfd, OWN + count);
	fds[CONTROL] = (struct pollfd){ .events = POLLIN,
		.fd = clerk->ending ? -1 : clerk->control };
	fds[PEER] = (struct pollfd){ .events = POLLIN,
		.fd = wants ? clerk->peer : -1 };
	for (size_t i = 0; i < count; i++)
		fds[OWN + i] = others[i];
	n = poll(fds, (nfds_t)(OWN + count), -1);
	for (size_t i = 0; i < count; i++)
		others[i].revents = n > 0 ? fds[OWN + i].revents : 0;
	if (n > 0 && fds[PEER].revents)
		hear_peer(clerk, task);
	if (n > 0 && fds[CONTROL].revents)
		hear_master(clerk);
	g_free(fds);
	return MS_OK;
}

uint64_t
ms_clerk_front(const struct ms_clerk *clerk)
{
	return clerk->peers;
}

void
ms_clerk_answer(struct ms_clerk *clerk, uint64_t front, uint64_t id, bool good,
    const char *text)
{
	struct pollfd wait = { .fd = clerk->peer, .events = POLLOUT };
	GByteArray *frame = ms_task_done(id, good, text);
	struct ms_error err;

	/* Who has gone may have left tasks behind, which are read first. */
	while (clerk->peer >= 0 && front == clerk->peers &&
	    ms_frame_send(clerk->peer, frame, -1, &err) != MS_OK)
		if ((errno != EAGAIN && errno != EINTR) ||
		    (poll(&wait, 1, -1) < 0 && errno != EINTR))
			break;
	g_byte_array_unref(frame);
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
