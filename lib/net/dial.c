#include "net/dial.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

struct ms_dial {
	int fd;
};

/* An address in its pieces. */
struct place {
	char *path;		/* NULL: it is a host */
	char *host, *port;
};

static void
place_clear(struct place *place)
{
	g_free(place->path);
	g_free(place->host);
	g_free(place->port);
}

static bool
is_port(const char *text)
{
	const size_t size = strlen(text);
	uint64_t port = g_ascii_strtoull(text, NULL, 10);

	return size > 0 && size <= 5 && strspn(text, "0123456789") == size &&
	    port > 0 && port < 65536;
}

static enum ms_status
parse(const char *text, struct place *place, struct ms_error *err)
{
	const char *colon = strrchr(text, ':');
	const char *host = text, *end = colon;

	if (g_str_has_prefix(text, "unix:")) {
		const size_t size = strlen(text + 5);

		if (size == 0 ||
		    size >= sizeof ((struct sockaddr_un *)0)->sun_path)
			return ms_error_set(err, MS_E_USAGE,
			    "%s: no path of a socket", text);
		place->path = g_strdup(text + 5);
		return MS_OK;
	}
	if (colon && text[0] == '[' && colon[-1] == ']') {
		host++;
		end--;
	}
	/* An IPv6 address without brackets ends who knows where. */
	if (!colon || end <= host || !is_port(colon + 1) ||
	    (host == text && memchr(host, ':', (size_t)(end - host))))
		return ms_error_set(err, MS_E_USAGE, "%s is no address: want "
		    "HOST:PORT, [IPV6]:PORT or unix:PATH", text);
	place->host = g_strndup(host, (size_t)(end - host));
	place->port = g_strdup(colon + 1);
	return MS_OK;
}

enum ms_status
ms_dial_check(const char *text, struct ms_error *err)
{
	struct place place = { 0 };
	enum ms_status status = parse(text, &place, err);

	place_clear(&place);
	return status;
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
open_socket(const struct sockaddr *address, socklen_t size,
    int64_t deadline_ms, int *fd, struct ms_error *err)
{
	enum ms_status status;

	*fd = socket(address->sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return ms_error_errno(err, "socket");
	status = connect_to(*fd, address, size, deadline_ms, err);
	if (status != MS_OK)
		(void)close(*fd);
	return status;
}

static enum ms_status
open_path(const char *path, int64_t deadline_ms, int *fd,
    struct ms_error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)g_strlcpy(address.sun_path, path, sizeof address.sun_path);
	return open_socket((const struct sockaddr *)&address, sizeof address,
	    deadline_ms, fd, err);
}

static enum ms_status
open_host(const struct place *place, int64_t deadline_ms, int *fd,
    struct ms_error *err)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG };
	enum ms_status status = MS_E_PEER;
	struct addrinfo *list;
	int why = getaddrinfo(place->host, place->port, &hints, &list);

	if (why != 0)
		return ms_error_set(err, MS_E_PEER, "%s", gai_strerror(why));
	for (const struct addrinfo *a = list; a && status != MS_OK;
	    a = a->ai_next)
		status = open_socket(a->ai_addr, a->ai_addrlen, deadline_ms,
		    fd, err);
	freeaddrinfo(list);
	return status;
}

enum ms_status
ms_dial_open(const char *address, int64_t deadline_ms, struct ms_dial **dial,
    struct ms_error *err)
{
	struct place place = { 0 };
	enum ms_status status = parse(address, &place, err);
	int fd = -1;

	if (status != MS_OK)
		return status;
	status = place.path ? open_path(place.path, deadline_ms, &fd, err) :
	    open_host(&place, deadline_ms, &fd, err);
	place_clear(&place);
	if (status != MS_OK) {
		ms_error_context(err, "cannot connect to %s", address);
		return status;
	}
	*dial = g_new0(struct ms_dial, 1);
	(*dial)->fd = fd;
	return MS_OK;
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
