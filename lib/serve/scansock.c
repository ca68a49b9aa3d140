#include "serve/scansock.h"

#include "net/listen.h"
#include "net/watch.h"
#include "pool/errand.h"
#include "serve/chronicle.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
	CLIENTS_MAX = 64,
	ERRANDS_MAX = 32,	/* of each */
	FRAMES_AT_ONCE = 16,
	UNSENT_MAX = 4096	/* frames that wait for a client to read */
};

struct client {
	struct ms_scansock *sock;
	int fd;
	char *name;		/* "local 1000/4711" */
	struct ms_watch *watch, *writable;
	GQueue unsent;		/* of GByteArray */
	GPtrArray *errands;	/* of struct errand */
};

struct errand {
	struct client *client;
	uint64_t id;		/* the client's */
	uint64_t question;
};

struct ms_scansock {
	struct ms_loop *loop;
	struct ms_inquiry *inquiry;
	struct ms_metrics *metrics;
	struct ms_listen *listen;
	GPtrArray *clients;	/* of struct client */
	unsigned char *block;	/* MS_FRAME_MAX bytes */
};

/* File systems that others answer for: FUSE, NFS, SMB, 9p, AFS. */
static const long foreign[] = { 0x65735546, 0x6969, 0x517b, 0xff534d42,
	0xfe534d42, 0x01021997, 0x5346414f };

const char *
ms_scansock_objection(int fd, uint64_t size)
{
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return "the message is no file";
	if (fstatfs(fd, &fs) != 0)
		return "the message is nowhere";
	for (size_t i = 0; i < G_N_ELEMENTS(foreign); i++)
		if ((unsigned long)fs.f_type == (unsigned long)foreign[i])
			return "the message is not on this machine";
	if (size > (uint64_t)st.st_size)
		return "the message is shorter than was said";
	return NULL;
}

static void
unref_frame(gpointer frame)
{
	g_byte_array_unref(frame);
}

static void
free_client(gpointer data)
{
	struct client *c = data;

	for (guint i = 0; i < c->errands->len; i++) {
		struct errand *errand = c->errands->pdata[i];

		ms_inquiry_forget(c->sock->inquiry, errand->question);
	}
	ms_metrics_less(c->sock->metrics, MS_METRICS_LOCAL_CLIENTS, 1);
	g_ptr_array_unref(c->errands);
	g_queue_clear_full(&c->unsent, unref_frame);
	ms_watch_free(c->watch);
	ms_watch_free(c->writable);
	(void)close(c->fd);
	g_free(c->name);
	g_free(c);
}

static void
drop_client(struct client *c, const char *why)
{
	if (why)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, c->name, "%s", why);
	(void)g_ptr_array_remove(c->sock->clients, c);
}

/* Send what waits. False: C is gone. */
static bool
send_unsent(struct client *c)
{
	GByteArray *frame;
	struct ms_error err;

	while ((frame = g_queue_peek_head(&c->unsent))) {
		if (ms_frame_send(c->fd, frame, -1, &err) != MS_OK) {
			if (errno == EAGAIN || errno == EINTR)
				break;
			drop_client(c, NULL);
			return false;
		}
		unref_frame(g_queue_pop_head(&c->unsent));
	}
	if (g_queue_get_length(&c->unsent) > UNSENT_MAX) {
		drop_client(c, "it does not read its answers");
		return false;
	}
	ms_watch_want(c->writable, !g_queue_is_empty(&c->unsent));
	return true;
}

static void
on_writable(void *arg)
{
	(void)send_unsent(arg);
}

static void
queue_frame(void *arg, GByteArray *frame)
{
	struct client *c = arg;

	g_queue_push_tail(&c->unsent, frame);
}

static void
on_answered(void *arg, const struct ms_answer *answer)
{
	struct errand *errand = arg;
	struct client *c = errand->client;
	const struct ms_errand_done done = {
		.id = errand->id,
		.verdict = answer->verdict,
		.elapsed_ms = (uint64_t)MAX(answer->elapsed_ms, 0),
		.deaths = answer->deaths,
		.sha256 = answer->sha256,
		.sha256_canonical = answer->sha256_canonical,
	};

	if (answer->failure) {
		queue_frame(c, ms_errand_refused(errand->id,
		    answer->failure));
	} else {
		ms_errand_tell(errand->id, answer->facts, queue_frame, c);
		queue_frame(c, ms_errand_done(&done));
	}
	(void)g_ptr_array_remove(c->errands, errand);
	if (send_unsent(c))
		ms_watch_want(c->watch, true);
}

static void
take(struct client *c, const struct ms_errand_scan *scan, int fd)
{
	const char *why = fd < 0 ? "no message came along" :
	    ms_scansock_objection(fd, scan->size);
	struct errand *errand;

	if (why) {
		queue_frame(c, ms_errand_refused(scan->id, why));
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	errand = g_new(struct errand, 1);
	*errand = (struct errand){ c, scan->id, 0 };
	g_ptr_array_add(c->errands, errand);
	ms_metrics_add(c->sock->metrics, MS_METRICS_LOCAL_SCANS, 1);
	errand->question = ms_inquiry_ask(c->sock->inquiry, fd, scan->size,
	    on_answered, errand);
}

/* One frame. False: there is none now, or C is gone. */
static bool
hear(struct client *c)
{
	struct ms_errand_scan scan;
	size_t got;
	int fd;
	const enum ms_status status = ms_frame_receive(c->fd, c->sock->block,
	    MS_FRAME_MAX, &got, &fd);

	if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
		return false;
	if (status == MS_OK && ms_errand_read_scan(c->sock->block, got,
	    &scan) == MS_OK) {
		take(c, &scan, fd);
		return send_unsent(c);
	}
	if (fd >= 0)
		(void)close(fd);
	drop_client(c, status == MS_END ? NULL :
	    "it talks nonsense, or another version of ours");
	return false;
}

static void
on_readable(void *arg)
{
	struct client *c = arg;

	for (int i = 0; i < FRAMES_AT_ONCE; i++) {
		/* The rest waits in the socket. */
		if (c->errands->len >= ERRANDS_MAX) {
			ms_watch_want(c->watch, false);
			return;
		}
		if (!hear(c))
			return;
	}
}

static char *
name_of(int fd)
{
	struct ucred who = { .pid = 0 };
	socklen_t size = sizeof who;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
		return g_strdup("local");
	return g_strdup_printf("local user %u process %d",
	    (unsigned)who.uid, (int)who.pid);
}

static void
on_accepted(void *arg, int fd, const struct ms_endpoint *peer)
{
	struct ms_scansock *sock = arg;
	char *name = name_of(fd);
	struct client *c;

	(void)peer;
	if (sock->clients->len >= CLIENTS_MAX) {
		ms_chronicle_tell(MS_LOGENTRY_WARNING, name,
		    "turned away: there are too many like it");
		g_free(name);
		(void)close(fd);
		return;
	}
	ms_chronicle_tell(MS_LOGENTRY_DEBUG, name, "comes to have mail "
	    "scanned");
	c = g_new0(struct client, 1);
	c->sock = sock;
	c->fd = fd;
	c->name = name;
	g_queue_init(&c->unsent);
	c->errands = g_ptr_array_new_with_free_func(g_free);
	c->watch = ms_watch_fd(sock->loop, fd, false, on_readable, c);
	c->writable = ms_watch_fd(sock->loop, fd, true, on_writable, c);
	ms_watch_want(c->watch, true);
	g_ptr_array_add(sock->clients, c);
	ms_metrics_add(sock->metrics, MS_METRICS_LOCAL_CLIENTS, 1);
}

struct ms_scansock *
ms_scansock_new(struct ms_loop *loop, int fd, struct ms_inquiry *inquiry,
    struct ms_metrics *metrics)
{
	static const struct ms_listen_events events = {
		.accepted = on_accepted };
	struct ms_scansock *sock = g_new0(struct ms_scansock, 1);

	sock->loop = loop;
	sock->inquiry = inquiry;
	sock->metrics = metrics;
	sock->block = g_malloc(MS_FRAME_MAX);
	sock->clients = g_ptr_array_new_with_free_func(free_client);
	sock->listen = ms_listen_new(loop, fd, &events, sock);
	return sock;
}

void
ms_scansock_free(struct ms_scansock *sock)
{
	if (!sock)
		return;
	ms_listen_free(sock->listen);
	g_ptr_array_unref(sock->clients);
	g_free(sock->block);
	g_free(sock);
}
