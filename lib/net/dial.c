#include "net/dial.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/endpoint.h"

/* Between two attempts to join a queue that is full. */
#define FULL_MS 20

struct ms_dial {
	int fd;
};

enum ms_status
ms_dial_check(const char *text, struct ms_error *err)
{
	return ms_endpoint_check(text, err);
}

/* Wait until EVENTS can be had from FD. */
static enum ms_status
wait_for(int fd, short events, int64_t deadline_ms, struct ms_error *err)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	for (;;) {
		int64_t left = deadline_ms - ms_clock_ms();
		int n;

		if (left <= 0)
			return ms_error_set(err, MS_E_PEER,
			    "the server takes too long");
		n = poll(&pfd, 1, (int)MIN(left, 3600000));
		if (n > 0)
			return MS_OK;
		if (n < 0 && errno != EINTR)
			return ms_error_errno(err, "poll");
	}
}

/* Connect FD, which does not block. */
static enum ms_status
connect_to(int fd, const struct sockaddr *address, socklen_t size,
    int64_t deadline_ms, struct ms_error *err)
{
	socklen_t length = sizeof(int);
	enum ms_status status;
	int why = 0;

	if (connect(fd, address, size) == 0)
		return MS_OK;
	if (errno == EINPROGRESS) {
		status = wait_for(fd, POLLOUT, deadline_ms, err);
		if (status != MS_OK)
			return status;
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &length) == 0
		    && why == 0)
			return MS_OK;
		errno = why;
	}
	return ms_error_set(err, MS_E_PEER, "%s", strerror(errno));
}

/* A socket that is connected to ADDRESS, in *FD. */
static enum ms_status
open_socket(const struct ms_endpoint *address, int64_t deadline_ms, int *fd,
    struct ms_error *err)
{
	const int one = 1;
	enum ms_status status;

	*fd = socket(address->u.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return ms_error_errno(err, "socket");
	/* What is written in two pieces would wait for the peer in between. */
	if (address->u.any.sa_family != AF_UNIX)
		(void)setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof one);
	status = connect_to(*fd, &address->u.any, address->size, deadline_ms,
	    err);
	if (status != MS_OK)
		(void)close(*fd);
	return status;
}

enum ms_status
ms_dial_open(const char *address, int64_t deadline_ms, struct ms_dial **dial,
    struct ms_error *err)
{
	GArray *list;
	enum ms_status status = ms_endpoint_resolve(address, false, &list,
	    err);
	int fd = -1;

	if (status == MS_E_USAGE)
		return status;
	if (status == MS_OK) {
		status = MS_E_PEER;
		for (guint i = 0; i < list->len && status != MS_OK; i++)
			status = open_socket(&g_array_index(list,
			    struct ms_endpoint, i), deadline_ms, &fd, err);
		g_array_unref(list);
	}
	if (status != MS_OK) {
		ms_error_context(err, "cannot connect to %s", address);
		return status;
	}
	*dial = g_new0(struct ms_dial, 1);
	(*dial)->fd = fd;
	return MS_OK;
}

enum ms_status
ms_dial_wait(int fd, bool write, int64_t deadline_ms, struct ms_error *err)
{
	return wait_for(fd, write ? POLLOUT : POLLIN, deadline_ms, err);
}

/* Connect FD to ADDRESS, of a unix socket; while too many wait there, wait
 * with them. */
static enum ms_status
join(int fd, const struct ms_endpoint *address, int64_t deadline_ms,
    struct ms_error *err)
{
	while (connect(fd, &address->u.any, address->size) != 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return ms_error_set(err, MS_E_PEER, "%s",
			    strerror(errno));
		if (ms_clock_ms() >= deadline_ms)
			return ms_error_set(err, MS_E_PEER,
			    "the server takes too long");
		/* No descriptor tells when there is room. */
		(void)poll(NULL, 0, FULL_MS);
	}
	return MS_OK;
}

enum ms_status
ms_dial_packets(const char *address, int64_t deadline_ms, int *fd,
    struct ms_error *err)
{
	GArray *list = NULL;
	enum ms_status status = ms_endpoint_check(address, err);

	if (status != MS_OK)
		return status;
	if (!g_str_has_prefix(address, "unix:"))
		return ms_error_set(err, MS_E_USAGE, "%s: no unix socket",
		    address);
	status = ms_endpoint_resolve(address, false, &list, err);
	if (status != MS_OK)
		return status;
	*fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	status = *fd < 0 ? ms_error_errno(err, "socket") :
	    join(*fd, &g_array_index(list, struct ms_endpoint, 0),
	    deadline_ms, err);
	g_array_unref(list);
	if (status == MS_OK)
		return MS_OK;
	if (*fd >= 0)
		(void)close(*fd);
	ms_error_context(err, "cannot connect to %s", address);
	return status;
}

void
ms_dial_close(struct ms_dial *dial)
{
	if (!dial)
		return;
	(void)close(dial->fd);
	g_free(dial);
}

/* For errno: is it only that one has to wait? */
static bool
must_wait(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK;
}

enum ms_status
ms_dial_read(struct ms_dial *dial, void *data, size_t size,
    int64_t deadline_ms, size_t *got, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	while (status == MS_OK) {
		ssize_t n = recv(dial->fd, data, size, 0);

		if (n >= 0) {
			*got = (size_t)n;
			return n > 0 ? MS_OK : MS_END;
		}
		if (must_wait())
			status = wait_for(dial->fd, POLLIN, deadline_ms, err);
		else if (errno != EINTR)
			status = ms_error_set(err, MS_E_PEER,
			    "the connection is lost: %s", strerror(errno));
	}
	return status;
}

enum ms_status
ms_dial_write(struct ms_dial *dial, const void *data, size_t size,
    int64_t deadline_ms, struct ms_error *err)
{
	const char *p = data;
	enum ms_status status = MS_OK;

	while (status == MS_OK && size > 0) {
		ssize_t n = send(dial->fd, p, size, MSG_NOSIGNAL);

		if (n >= 0) {
			p += n;
			size -= (size_t)n;
		} else if (must_wait()) {
			status = wait_for(dial->fd, POLLOUT, deadline_ms,
			    err);
		} else if (errno != EINTR) {
			status = ms_error_set(err, MS_E_PEER,
			    "the connection is lost: %s", strerror(errno));
		}
	}
	return status;
}

enum ms_status
ms_dial_begin(const struct ms_endpoint *address, int *fd,
    struct ms_error *err)
{
	int why;

	*fd = socket(address->u.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return ms_error_errno(err, "socket");
	if (connect(*fd, &address->u.any, address->size) == 0 ||
	    errno == EINPROGRESS)
		return MS_OK;
	why = errno;
	(void)close(*fd);
	/* The queue of a unix socket is full. */
	if (why == EAGAIN)
		return MS_END;
	return ms_error_set(err, MS_E_PEER, "%s", strerror(why));
}

enum ms_status
ms_dial_begun(int fd, struct ms_error *err)
{
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	socklen_t length = sizeof(int);
	int why = 0;

	if (poll(&pfd, 1, 0) <= 0)
		return MS_END;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &length) == 0 &&
	    why == 0)
		return MS_OK;
	return ms_error_set(err, MS_E_PEER, "%s", strerror(why));
}
