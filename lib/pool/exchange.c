#include "pool/exchange.h"

#include "base/at.h"
#include "engine/clamdline.h"
#include "net/dial.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes of a content in one piece. */
#define CHUNK ((size_t)64 << 10)

/* The length before a piece. */
#define PREFIX 4

/* How soon a connection that could not be queued is tried again. */
#define AGAIN_MS 10

enum step { CONNECT, COMMAND, PASS, STREAM, ANSWER };

struct ms_exchange {
	struct ms_exchange_task task;
	GArray *addresses;
	guint at;		/* of these, the one being tried */
	int fd;			/* -1: not connected */
	enum step step;
	int64_t again_ms;	/* to connect; 0: not so */
	unsigned char *out;	/* to be sent: */
	size_t out_size, sent;
	uint64_t offset;	/* bytes of the content taken for that */
	bool ended;		/* and the end of it */
	unsigned char *in;	/* MS_CLAMDLINE_MAX bytes */
	size_t in_size;
};

static const struct {
	const char *text;
	size_t size;
	enum step next;
} commands[] = {
	[MS_EXCHANGE_VERSION] = { "zVERSION", 9, ANSWER },
	[MS_EXCHANGE_FILDES] = { "zFILDES", 8, PASS },
	[MS_EXCHANGE_INSTREAM] = { "zINSTREAM", 10, STREAM },
};

struct ms_exchange *
ms_exchange_new(const struct ms_exchange_task *task, const GArray *addresses)
{
	struct ms_exchange *x = g_new0(struct ms_exchange, 1);

	x->task = *task;
	x->addresses = g_array_copy((GArray *)(uintptr_t)addresses);
	x->fd = -1;
	x->out = g_malloc(PREFIX + CHUNK);
	x->in = g_malloc(MS_CLAMDLINE_MAX);
	return x;
}

static void
hang_up(struct ms_exchange *x)
{
	if (x->fd >= 0)
		(void)close(x->fd);
	x->fd = -1;
}

void
ms_exchange_free(struct ms_exchange *x)
{
	if (!x)
		return;
	hang_up(x);
	g_array_unref(x->addresses);
	g_free(x->out);
	g_free(x->in);
	g_free(x);
}

struct pollfd
ms_exchange_poll(const struct ms_exchange *x)
{
	return (struct pollfd){ .fd = x->fd, .events = (short)
	    (x->step == CONNECT ? POLLOUT :
	    x->step == ANSWER ? POLLIN : POLLIN | POLLOUT) };
}

int64_t
ms_exchange_wake_ms(const struct ms_exchange *x)
{
	if (x->step != CONNECT)
		return x->task.answered_ms;
	return x->again_ms > 0 ? MIN(x->again_ms, x->task.connected_ms) :
	    x->task.connected_ms;
}

const unsigned char *
ms_exchange_answer(const struct ms_exchange *x, size_t *size)
{
	*size = x->in_size;
	return x->in;
}

/* For errno: is it only that one has to wait? */
static bool
must_wait(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* MS_OK: connected. MS_END: not yet. */
static enum ms_status
reach(struct ms_exchange *x, int64_t now_ms, struct ms_error *err)
{
	enum ms_status status = MS_E_PEER;

	if (x->again_ms > now_ms)
		return MS_END;
	x->again_ms = 0;
	while (x->at < x->addresses->len) {
		status = x->fd >= 0 ? MS_OK : ms_dial_begin(&g_array_index(
		    x->addresses, struct ms_endpoint, x->at), &x->fd, err);
		if (status == MS_END) {
			x->fd = -1;
			x->again_ms = now_ms + AGAIN_MS;
			return MS_END;
		}
		if (status == MS_OK)
			status = ms_dial_begun(x->fd, err);
		else
			x->fd = -1;
		if (status == MS_OK || status == MS_END)
			return status;
		hang_up(x);
		x->at++;
	}
	return status;
}

/* Take what has come. MS_OK: the answer is whole. MS_END: not yet. */
static enum ms_status
hear(struct ms_exchange *x, struct ms_error *err)
{
	while (x->in_size < MS_CLAMDLINE_MAX) {
		const ssize_t n = recv(x->fd, x->in + x->in_size,
		    MS_CLAMDLINE_MAX - x->in_size, 0);
		const unsigned char *end;

		if (n < 0 && must_wait())
			return MS_END;
		if (n < 0)
			return ms_error_set(err, MS_E_PEER,
			    "the connection is lost: %s", strerror(errno));
		if (n == 0)
			return ms_error_set(err, MS_E_PEER, x->in_size > 0 ?
			    "it closed the connection in its answer" :
			    "it closed the connection without an answer");
		end = memchr(x->in + x->in_size, '\0', (size_t)n);
		x->in_size = end ? (size_t)(end - x->in) :
		    x->in_size + (size_t)n;
		if (end)
			return MS_OK;
	}
	return ms_error_set(err, MS_E_PEER, "it does not end its answer");
}

/* Pass the content's descriptor, with the one byte that clamd wants. */
static ssize_t
pass(const struct ms_exchange *x)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .space = "" };
	struct iovec byte = { .iov_base = (char[]){ "" }, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof control };
	struct cmsghdr *header = CMSG_FIRSTHDR(&msg);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof x->task.fd);
	memcpy(CMSG_DATA(header), &x->task.fd, sizeof x->task.fd);
	return sendmsg(x->fd, &msg, MSG_NOSIGNAL);
}

/* The next piece of the content, or the end of it, to be sent. */
static enum ms_status
fill(struct ms_exchange *x, struct ms_error *err)
{
	const uint64_t left = x->task.size - x->offset;
	size_t got = 0;
	guint32 prefix;

	while (got < MIN(left, CHUNK)) {
		size_t n = 0;

		if (ms_at_read(x->task.fd, x->offset + got,
		    x->out + PREFIX + got, (size_t)MIN(left, CHUNK) - got,
		    &n) != MS_OK || n == 0)
			return ms_error_set(err, MS_E_IO,
			    "cannot read the content");
		got += n;
	}
	prefix = GUINT32_TO_BE((guint32)got);
	memcpy(x->out, &prefix, PREFIX);
	x->out_size = PREFIX + got;
	x->sent = 0;
	x->offset += got;
	x->ended = got == 0;
	return MS_OK;
}

/* MS_OK: all is sent. MS_END: not yet. */
static enum ms_status
send_out(struct ms_exchange *x, struct ms_error *err)
{
	while (x->sent < x->out_size) {
		const ssize_t n = send(x->fd, x->out + x->sent,
		    x->out_size - x->sent, MSG_NOSIGNAL);

		if (n < 0 && must_wait())
			return MS_END;
		if (n < 0)
			return ms_error_set(err, MS_E_PEER,
			    "the connection is lost: %s", strerror(errno));
		x->sent += (size_t)n;
	}
	return MS_OK;
}

/* What is to be said. MS_OK: all of it was. MS_END: not yet. */
static enum ms_status
speak(struct ms_exchange *x, struct ms_error *err)
{
	enum ms_status status = send_out(x, err);

	while (status == MS_OK && x->step != ANSWER) {
		if (x->step == COMMAND) {
			x->step = commands[x->task.command].next;
		} else if (x->step == PASS) {
			if (pass(x) == 1)
				x->step = ANSWER;
			else
				status = must_wait() ? MS_END :
				    ms_error_errno(err,
				    "cannot pass a descriptor");
		} else if (x->ended) {
			x->step = ANSWER;
		} else {
			status = fill(x, err);
			if (status == MS_OK)
				status = send_out(x, err);
		}
	}
	return status;
}

static void
begin_command(struct ms_exchange *x)
{
	x->out_size = commands[x->task.command].size;
	memcpy(x->out, commands[x->task.command].text, x->out_size);
	x->sent = 0;
	x->step = COMMAND;
}

static enum ms_exchange_state
late(const struct ms_exchange *x, int64_t now_ms, struct ms_error *err)
{
	if (now_ms < (x->step == CONNECT ? x->task.connected_ms :
	    x->task.answered_ms))
		return MS_EXCHANGE_GOING;
	(void)ms_error_set(err, MS_E_PEER, "it does not answer in time");
	return x->step == CONNECT ? MS_EXCHANGE_UNREACHABLE :
	    MS_EXCHANGE_LOST;
}

enum ms_exchange_state
ms_exchange_go(struct ms_exchange *x, int64_t now_ms, struct ms_error *err)
{
	enum ms_status spoken, heard;
	struct ms_error ignored;

	if (x->step == CONNECT) {
		const enum ms_status status = reach(x, now_ms, err);

		if (status == MS_END)
			return late(x, now_ms, err);
		if (status != MS_OK)
			return MS_EXCHANGE_UNREACHABLE;
		begin_command(x);
	}
	spoken = speak(x, err);
	/* It may have said why it does not listen any more. */
	heard = hear(x, spoken < 0 ? &ignored : err);
	if (heard == MS_OK)
		return MS_EXCHANGE_ANSWERED;
	if (heard < 0 || spoken < 0)
		return MS_EXCHANGE_LOST;
	return late(x, now_ms, err);
}
