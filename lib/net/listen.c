#include "net/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rights.h"
#include "net/redirect.h"
#include "net/timer.h"
#include "net/watch.h"

enum {
	BACKLOG = 4096,
	/* Others want to be served as well. */
	TURN_MAX = 64,
	/* Until descriptors or memory may be there again. */
	REST_MS = 250,
	/* More are not open when a process begins. */
	EARLY_FDS = 256
};

struct ms_listen {
	struct ms_watch *watch;
	struct ms_timer *rest;
	const struct ms_listen_events *events;
	void *arg;
	int fd;
	bool paused, failing;
	bool busy, gone;	/* calls back; was freed meanwhile */
};

/* Does anybody listen at the unix socket ENDPOINT? */
static bool
is_stale(const struct ms_endpoint *endpoint)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	bool stale;

	if (fd < 0)
		return false;
	stale = connect(fd, &endpoint->u.any, endpoint->size) != 0 &&
	    errno == ECONNREFUSED;
	(void)close(fd);
	return stale;
}

static void
remove_stale(const struct ms_endpoint *endpoint)
{
	const char *path = endpoint->u.un.sun_path;
	struct stat st;

	if (endpoint->u.any.sa_family == AF_UNIX && lstat(path, &st) == 0 &&
	    S_ISSOCK(st.st_mode) && is_stale(endpoint))
		(void)unlink(path);
}

/* Linux makes the file with the mode of the socket, less the umask: at no
 * time can others get in. What the umask took is put back. */
static bool
bind_unix(int fd, const struct ms_endpoint *endpoint, mode_t mode)
{
	const char *path = endpoint->u.un.sun_path;
	struct stat st;

	remove_stale(endpoint);
	return fchmod(fd, mode) == 0 &&
	    bind(fd, &endpoint->u.any, endpoint->size) == 0 &&
	    lstat(path, &st) == 0 && ((st.st_mode & 07777) == mode ||
	    chmod(path, mode) == 0);
}

/* To the file itself, and if it is a socket: the directory may be that of
 * somebody whom we do not trust. */
static bool
give_away(const char *path, uid_t uid, gid_t gid)
{
	const int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	bool good;

	if (fd < 0)
		return false;
	good = fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    fchownat(fd, "", uid, gid, AT_EMPTY_PATH) == 0;
	(void)close(fd);
	return good;
}

/* The unix socket ENDPOINT, which was just made, to its OWNER. */
static enum ms_status
settle(const struct ms_endpoint *endpoint,
    const struct ms_listen_owner *owner, struct ms_error *err)
{
	const char *path = endpoint->u.un.sun_path;
	const bool root = ms_rights_are_all();
	struct stat st;
	uid_t uid;
	gid_t gid;
	enum ms_status status = ms_rights_find(root ? owner->user : NULL,
	    owner->said ? owner->said : root ? owner->group : NULL, &uid, &gid,
	    err);

	if (status != MS_OK)
		return status;
	if (!owner->said && lstat(path, &st) == 0 && st.st_gid != getegid())
		gid = (gid_t)-1;
	if (uid == (uid_t)-1 && gid == (gid_t)-1)
		return MS_OK;
	return give_away(path, uid, gid) ? MS_OK : ms_error_errno(err,
	    "%s: cannot give it to %s%s%s", path,
	    root && owner->user ? owner->user : "",
	    owner->said ? " group " : "", owner->said ? owner->said : "");
}

static bool
bind_to(int fd, const struct ms_endpoint *endpoint, mode_t mode)
{
	const int one = 1, family = endpoint->u.any.sa_family;

	if (family == AF_UNIX)
		return bind_unix(fd, endpoint, mode);
	/* Whoever wants both families says so twice. */
	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0
	    && (family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &one, sizeof one) == 0) &&
	    bind(fd, &endpoint->u.any, endpoint->size) == 0;
}

/* Somebody has the ENDPOINT called ADDRESS: who may that be? */
static enum ms_status
say_taken(const char *address, const struct ms_endpoint *endpoint,
    struct ms_error *err)
{
	const bool local = endpoint->u.any.sa_family == AF_UNIX;
	struct stat st;
	char *name;

	if (local && lstat(endpoint->u.un.sun_path, &st) == 0 &&
	    !S_ISSOCK(st.st_mode))
		return ms_error_set(err, MS_E_IO, "cannot listen on %s: what "
		    "is there is no socket", address);
	if (local)
		return ms_error_set(err, MS_E_IO, "cannot listen on %s: %s: "
		    "another program has it (ss -lxp shows which)", address,
		    g_strerror(EADDRINUSE));
	name = ms_endpoint_print(endpoint);
	(void)ms_error_set(err, MS_E_IO, "cannot listen on %s: %s: another "
	    "program has it, perhaps an old clamsmtpd or mailscan "
	    "(ss -ltnp 'sport = %s' shows which)", address,
	    g_strerror(EADDRINUSE), strrchr(name, ':'));
	g_free(name);
	return MS_E_IO;
}

/* Why could the socket for ENDPOINT not be had? errno says. */
static enum ms_status
say_why(const char *address, const struct ms_endpoint *endpoint,
    struct ms_error *err)
{
	if (errno == EADDRINUSE)
		return say_taken(address, endpoint, err);
	/* A socket is made, its directory is not. */
	if (errno == ENOENT)
		return ms_error_set(err, MS_E_IO, "cannot listen on %s: its "
		    "directory is not there", address);
	return ms_error_errno(err, "cannot listen on %s", address);
}

static enum ms_status
open_one(const struct ms_listen_config *config,
    const struct ms_endpoint *endpoint, GArray *fds, struct ms_error *err)
{
	const int fd = socket(endpoint->u.any.sa_family,
	    (config->packets ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0);

	if (fd >= 0 && config->transparent &&
	    endpoint->u.any.sa_family != AF_UNIX && ms_redirect_listen(fd,
	    endpoint->u.any.sa_family, err) != MS_OK) {
		(void)close(fd);
		ms_error_context(err, "%s", config->address);
		return MS_E_IO;
	}
	if (fd < 0 || !bind_to(fd, endpoint,
	    config->mode ? config->mode : 0600) ||
	    listen(fd, config->backlog ? config->backlog : BACKLOG) != 0) {
		const enum ms_status status = say_why(config->address,
		    endpoint, err);

		if (fd >= 0)
			(void)close(fd);
		return status;
	}
	g_array_append_val(fds, fd);
	return endpoint->u.any.sa_family == AF_UNIX ?
	    settle(endpoint, &config->owner, err) : MS_OK;
}

enum ms_status
ms_listen_open(const struct ms_listen_config *config, GArray *fds,
    struct ms_error *err)
{
	const guint before = fds->len;
	GArray *list;
	enum ms_status status = ms_endpoint_resolve(config->address, true,
	    &list, err);

	if (status != MS_OK)
		return status;
	for (guint i = 0; i < list->len && status == MS_OK; i++)
		status = open_one(config, &g_array_index(list,
		    struct ms_endpoint, i), fds, err);
	g_array_unref(list);
	if (status == MS_OK)
		return status;
	for (guint i = before; i < fds->len; i++)
		(void)close(g_array_index(fds, int, i));
	if (fds->len > before)
		ms_listen_remove(config->address);
	g_array_set_size(fds, before);
	return status;
}

void
ms_listen_remove(const char *address)
{
	GArray *list;

	if (!g_str_has_prefix(address, "unix:") ||
	    ms_endpoint_resolve(address, true, &list, NULL) != MS_OK)
		return;
	remove_stale(&g_array_index(list, struct ms_endpoint, 0));
	g_array_unref(list);
}

static bool
has_option(int fd, int option, int value)
{
	socklen_t size = sizeof(int);
	int is = -1;

	return getsockopt(fd, SOL_SOCKET, option, &is, &size) == 0 &&
	    is == value;
}

enum ms_status
ms_listen_check(int fd, struct ms_error *err)
{
	if (!has_option(fd, SO_TYPE, SOCK_STREAM) ||
	    !has_option(fd, SO_ACCEPTCONN, 1))
		return ms_error_set(err, MS_E_USAGE,
		    "descriptor %d is no socket that listens", fd);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
		return ms_error_errno(err, "descriptor %d", fd);
	return MS_OK;
}

void
ms_listen_hasten(void)
{
	const int on = 1;

	/* What is accepted has the options of what it was accepted at. For
	 * those not of the Internet there is no such option. */
	for (int fd = 0; fd < EARLY_FDS; fd++)
		if (has_option(fd, SO_ACCEPTCONN, 1))
			(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
			    sizeof on);
}

char *
ms_listen_name(int fd)
{
	struct ms_endpoint endpoint;

	ms_endpoint_ask(&endpoint, fd, false);
	return ms_endpoint_print(&endpoint);
}

/* Errors of one connection that was gone before it was accepted say nothing
 * of the next; accept(2) names them. */
static bool
is_theirs(int why)
{
	static const int theirs[] = { ECONNABORTED, EINTR, EPROTO, ENETDOWN,
		ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
		ENETUNREACH, EPERM, ETIMEDOUT };

	for (size_t i = 0; i < G_N_ELEMENTS(theirs); i++)
		if (why == theirs[i])
			return true;
	return false;
}

static void
fail(struct ms_listen *listen, int why)
{
	ms_watch_want(listen->watch, false);
	ms_timer_set(listen->rest, REST_MS);
	if (listen->failing)
		return;
	listen->failing = true;
	if (listen->events->failed)
		listen->events->failed(listen->arg, g_strerror(why));
}

static void
on_readable(void *arg)
{
	struct ms_listen *listen = arg;
	int why = 0;

	listen->busy = true;
	for (int i = 0; i < TURN_MAX && !listen->gone && !listen->paused;
	    i++) {
		struct sockaddr_storage any;
		struct ms_endpoint peer;
		socklen_t size = sizeof any;
		const int fd = accept4(listen->fd, (struct sockaddr *)&any,
		    &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			listen->failing = false;
			ms_endpoint_take(&peer, (struct sockaddr *)&any,
			    size);
			listen->events->accepted(listen->arg, fd, &peer);
		} else if (!is_theirs(errno)) {
			why = errno;
			break;
		}
	}
	listen->busy = false;
	if (listen->gone)
		ms_listen_free(listen);
	else if (why != 0 && why != EAGAIN && why != EWOULDBLOCK)
		fail(listen, why);
}

static void
on_rested(void *arg)
{
	struct ms_listen *listen = arg;

	ms_watch_want(listen->watch, !listen->paused);
}

struct ms_listen *
ms_listen_new(struct ms_loop *loop, int fd,
    const struct ms_listen_events *events, void *arg)
{
	struct ms_listen *listen = g_new0(struct ms_listen, 1);

	listen->events = events;
	listen->arg = arg;
	listen->fd = fd;
	listen->rest = ms_timer_new(loop, on_rested, listen);
	listen->watch = ms_watch_fd(loop, fd, false, on_readable, listen);
	ms_watch_want(listen->watch, true);
	return listen;
}

void
ms_listen_free(struct ms_listen *listen)
{
	if (!listen)
		return;
	ms_watch_free(listen->watch);
	ms_timer_free(listen->rest);
	listen->watch = NULL;
	listen->rest = NULL;
	listen->gone = true;
	if (listen->busy)
		return;
	g_free(listen);
}

void
ms_listen_pause(struct ms_listen *listen)
{
	listen->paused = true;
	ms_timer_stop(listen->rest);
	ms_watch_want(listen->watch, false);
}

void
ms_listen_resume(struct ms_listen *listen)
{
	listen->paused = false;
	ms_watch_want(listen->watch, true);
}
