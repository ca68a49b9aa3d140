#include "serve/scansock.h"

#include "net/listen.h"
#include "net/watch.h"
#include "pool/errand.h"
#include "serve/account.h"
#include "serve/chronicle.h"

#include <errno.h>
#include <fcntl.h>
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
	/* Of the message that comes next; without an envelope: none came. */
	struct ms_errand_envelope asked;
};

struct errand {
	struct client *client;
	uint64_t id;		/* the client's */
	bool parts;		/* are wanted */
	uint64_t question;
	struct ms_envelope *envelope;
	int body;		/* to be kept; -1: it is not */
	uint64_t size;
	uint64_t keeping;	/* 0: the store is not asked */
	GByteArray *done;	/* for then */
};

struct ms_scansock {
	struct ms_loop *loop;
	struct ms_scansock_config config;
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
free_errand(gpointer data)
{
	struct errand *errand = data;
	const struct ms_scansock_config *config =
	    &errand->client->sock->config;

	ms_inquiry_forget(config->inquiry, errand->question);
	if (errand->keeping != 0)
		ms_dispatch_forget(config->store, errand->keeping);
	ms_envelope_free(errand->envelope);
	if (errand->body >= 0)
		(void)close(errand->body);
	if (errand->done)
		unref_frame(errand->done);
	g_free(errand);
}

static void
free_client(gpointer data)
{
	struct client *c = data;

	ms_metrics_less(c->sock->config.metrics, MS_METRICS_LOCAL_CLIENTS, 1);
	g_ptr_array_unref(c->errands);
	g_queue_clear_full(&c->unsent, unref_frame);
	ms_errand_envelope_clear(&c->asked);
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

/* All that there is to say of ERRAND is said. */
static void
finish(struct errand *errand)
{
	struct client *c = errand->client;

	if (errand->done)
		queue_frame(c, g_steal_pointer(&errand->done));
	(void)g_ptr_array_remove(c->errands, errand);
	if (send_unsent(c))
		ms_watch_want(c->watch, true);
}

static void
on_kept(void *arg, bool good, const char *text)
{
	struct errand *errand = arg;

	errand->keeping = 0;
	if (good)
		ms_metrics_add(errand->client->sock->config.metrics,
		    MS_METRICS_QUARANTINED, 1);
	queue_frame(errand->client, ms_errand_kept(errand->id, good, text));
	finish(errand);
}

/* Have the store keep the message. False: it cannot be asked, and that is
 * said. */
static bool
start_keeping(struct errand *errand, const struct ms_answer *answer)
{
	struct ms_dispatch *store = errand->client->sock->config.store;
	struct ms_task task = { .body = errand->body, .note = -1,
		.body_size = errand->size };
	struct ms_outcome *outcome = ms_account(answer, errand->size,
	    g_steal_pointer(&errand->envelope));
	struct ms_error err = { "there is no quarantine" };

	errand->body = -1;
	if (store && ms_account_note(outcome, &task, &err) == MS_OK) {
		errand->keeping = ms_dispatch_ask(store, &task, on_kept,
		    errand);
	} else {
		ms_task_clear(&task);
		queue_frame(errand->client, ms_errand_kept(errand->id, false,
		    err.text));
	}
	ms_outcome_free(outcome);
	return errand->keeping != 0;
}

static void
on_answered(void *arg, const struct ms_answer *answer)
{
	struct errand *errand = arg;
	struct client *c = errand->client;
	const bool keep = errand->body >= 0 && !answer->failure &&
	    answer->facts->findings->len > 0;
	const struct ms_errand_done done = {
		.id = errand->id,
		.verdict = answer->verdict,
		.elapsed_ms = (uint64_t)MAX(answer->elapsed_ms, 0),
		.deaths = answer->deaths,
		.sha256 = answer->sha256,
		.sha256_canonical = answer->sha256_canonical,
	};

	errand->question = 0;
	if (answer->failure) {
		queue_frame(c, ms_errand_refused(errand->id,
		    answer->failure));
	} else {
		ms_errand_tell(errand->id, answer->facts, errand->parts,
		    queue_frame, c);
		errand->done = ms_errand_done(&done);
	}
	if (keep && start_keeping(errand, answer))
		(void)send_unsent(c);
	else
		finish(errand);
}

static void
take(struct client *c, const struct ms_errand_scan *scan, int fd)
{
	const char *why = fd < 0 ? "no message came along" :
	    ms_scansock_objection(fd, scan->size);
	struct errand *errand;

	/* An envelope is the next message's, or nobody's. */
	if (c->asked.envelope && c->asked.id != scan->id)
		ms_errand_envelope_clear(&c->asked);
	if (why) {
		queue_frame(c, ms_errand_refused(scan->id, why));
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	errand = g_new(struct errand, 1);
	*errand = (struct errand){ .client = c, .id = scan->id, .body = -1,
		.parts = scan->parts, .size = scan->size };
	if (c->asked.envelope && c->asked.keep)
		errand->body = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	errand->envelope = g_steal_pointer(&c->asked.envelope);
	ms_errand_envelope_clear(&c->asked);
	g_ptr_array_add(c->errands, errand);
	ms_metrics_add(c->sock->config.metrics, MS_METRICS_LOCAL_SCANS, 1);
	errand->question = ms_inquiry_ask(c->sock->config.inquiry, fd,
	    scan->size, on_answered, errand);
}

static enum ms_status
take_envelope(struct client *c, size_t got)
{
	struct ms_errand_envelope asked;
	const enum ms_status status = ms_errand_read_envelope(c->sock->block,
	    got, &asked);

	if (status != MS_OK)
		return status;
	ms_errand_envelope_clear(&c->asked);
	c->asked = asked;
	return MS_OK;
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
	if (status == MS_OK && fd < 0 && take_envelope(c, got) == MS_OK)
		return true;
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
	c->errands = g_ptr_array_new_with_free_func(free_errand);
	c->watch = ms_watch_fd(sock->loop, fd, false, on_readable, c);
	c->writable = ms_watch_fd(sock->loop, fd, true, on_writable, c);
	ms_watch_want(c->watch, true);
	g_ptr_array_add(sock->clients, c);
	ms_metrics_add(sock->config.metrics, MS_METRICS_LOCAL_CLIENTS, 1);
}

struct ms_scansock *
ms_scansock_new(struct ms_loop *loop, int fd,
    const struct ms_scansock_config *config)
{
	static const struct ms_listen_events events = {
		.accepted = on_accepted };
	struct ms_scansock *sock = g_new0(struct ms_scansock, 1);

	sock->loop = loop;
	sock->config = *config;
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
