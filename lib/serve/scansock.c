#include "serve/scansock.h"

#include "base/clock.h"
#include "net/listen.h"
#include "net/watch.h"
#include "pool/errand.h"
#include "pool/outbox.h"
#include "serve/account.h"
#include "serve/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
	CLIENTS_MAX = 512,
	ERRANDS_MAX = 32,	/* of each */
	FRAMES_AT_ONCE = 16,
	UNSENT_MAX = 4096	/* frames that wait for a client to read */
};

struct client {
	struct ms_scansock *sock;
	int fd;
	char *name;		/* "local user 1000 process 4711" */
	struct ms_watch *watch, *writable;
	struct ms_outbox unsent;
	GPtrArray *errands;	/* of struct errand */
	/* Of the message that comes next; without an envelope: none came. */
	struct ms_errand_envelope asked;
	bool ended;		/* nothing more will be heard */
};

struct errand {
	struct client *client;
	uint64_t id;		/* the client's */
	bool parts;		/* are wanted */
	/* With a door: */
	struct ms_case *message;	/* NULL: there was none */
	char *door;
	char *host;		/* of the client, or NULL */
	int64_t began_ms;
	/* Without: */
	uint64_t question;
	struct ms_envelope *envelope;
	int body;		/* to be kept; -1: it is not */
	uint64_t size;
	uint64_t keeping;	/* 0: the store is not asked */
	GByteArray *done;	/* for then */
};

struct ms_scansock {
	const struct ms_case_config *config;
	int64_t began;		/* when, and the messages with a door since, */
	uint64_t numbers;	/* which gives each a name */
	struct ms_listen *listen;
	GPtrArray *clients;	/* of struct client */
	unsigned char *block;	/* MS_FRAME_MAX bytes */
	ms_loop_callback *gone;	/* NULL: others are still let in */
	void *arg;
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
	const struct ms_case_config *config = errand->client->sock->config;

	ms_case_free(errand->message);
	g_free(errand->door);
	g_free(errand->host);
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

	ms_metrics_less(c->sock->config->metrics, MS_METRICS_LOCAL_CLIENTS, 1);
	g_ptr_array_unref(c->errands);
	ms_outbox_clear(&c->unsent);
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
	struct ms_scansock *sock = c->sock;

	if (why)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, c->name, "%s", why);
	(void)g_ptr_array_remove(sock->clients, c);
	if (sock->gone && sock->clients->len == 0)
		sock->gone(sock->arg);
}

/* Send what waits; there may be nothing more to wait for. False: C is gone. */
static bool
send_unsent(struct client *c)
{
	if (ms_outbox_send(&c->unsent, c->fd) != MS_OK) {
		drop_client(c, NULL);
		return false;
	}
	if (ms_outbox_length(&c->unsent) > UNSENT_MAX) {
		drop_client(c, "it does not read its answers");
		return false;
	}
	if (c->ended && c->errands->len == 0 &&
	    ms_outbox_length(&c->unsent) == 0) {
		drop_client(c, NULL);
		return false;
	}
	ms_watch_want(c->writable, ms_outbox_length(&c->unsent) > 0);
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

	ms_outbox_put(&c->unsent, frame, -1);
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
		ms_watch_want(c->watch, !c->ended);
}

static void
on_kept(void *arg, bool good, const char *text)
{
	struct errand *errand = arg;

	errand->keeping = 0;
	if (good)
		ms_metrics_add(errand->client->sock->config->metrics,
		    MS_METRICS_QUARANTINED, 1);
	queue_frame(errand->client, ms_errand_kept(errand->id, good, text));
	finish(errand);
}

/* Have the store keep the message. False: it cannot be asked, and that is
 * said. */
static bool
start_keeping(struct errand *errand, const struct ms_answer *answer)
{
	struct ms_dispatch *store = errand->client->sock->config->store;
	struct ms_task task = { .body = errand->body, .note = -1,
		.body_size = errand->size };
	struct ms_outcome *outcome = ms_account(answer, "scan", errand->size,
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

static GByteArray *
done_of(const struct errand *errand, const struct ms_answer *answer)
{
	struct ms_errand_done done = {
		.id = errand->id,
		.verdict = answer->verdict,
		.elapsed_ms = (uint64_t)MAX(answer->elapsed_ms, 0),
		.deaths = answer->deaths,
		.sha256 = answer->sha256,
		.sha256_canonical = answer->sha256_canonical,
	};

	if (answer->scanner)
		(void)g_strlcpy(done.scanner, answer->scanner,
		    sizeof done.scanner);
	return ms_errand_done(&done);
}

static void
on_answered(void *arg, const struct ms_answer *answer)
{
	struct errand *errand = arg;
	struct client *c = errand->client;
	const bool keep = errand->body >= 0 && !answer->failure &&
	    answer->facts->findings->len > 0;

	errand->question = 0;
	if (answer->failure) {
		queue_frame(c, ms_errand_refused(errand->id,
		    answer->failure));
	} else {
		ms_errand_tell(errand->id, answer->facts, errand->parts,
		    queue_frame, c);
		errand->done = done_of(errand, answer);
	}
	if (keep && start_keeping(errand, answer))
		(void)send_unsent(c);
	else
		finish(errand);
}

static void
queue_ruling(struct errand *errand, const struct ms_ruling *ruling)
{
	static const char *const none[] = { NULL };
	struct client *c = errand->client;
	const struct ms_body *body = ms_case_rewritten(errand->message);
	int fd = -1;
	struct ms_errand_ruling frame = {
		.id = errand->id,
		.action = ruling->action,
		.verdict = ruling->verdict,
		.what = ruling->what,
		.part = ruling->part,
		.reply = ruling->reply,
		.address = ruling->address,
		.next = ruling->next,
		.subject = ruling->subject,
		.kept = (char *)(uintptr_t)ms_case_kept(errand->message),
		.names = ruling->names ? ruling->names :
		    (char **)(uintptr_t)none,
		.fields = ms_marking_split(ruling->fields),
	};

	if (body && ruling->fields) {
		fd = fcntl(body->fd, F_DUPFD_CLOEXEC, 3);
		frame.rewritten = fd >= 0;
		frame.size = fd >= 0 ? body->size : 0;
	}
	/* The door must not send what it has in its place. */
	if (body && ruling->fields && fd < 0)
		queue_frame(c, ms_errand_refused(errand->id,
		    "no descriptor is left"));
	else
		ms_outbox_put(&c->unsent, ms_errand_ruling(&frame), fd);
	g_strfreev(frame.fields);
}

/* Tell of it, here: what the door does then it cannot do otherwise. */
static void
end_case(struct errand *errand, const struct ms_ruling *ruling)
{
	const char *text = ruling->reply;
	const struct ms_proxy_end end = {
		.action = ruling->action,
		.decided = true,
		.code = text ? (int)g_ascii_strtoull(text, NULL, 10) : 0,
		.text = text && strlen(text) > 4 ? text + 4 : NULL,
		.size = errand->size,
	};
	struct ms_chronicle_message message = {
		.door = errand->door,
		.client = errand->host,
		.end = &end,
		.receive_ms = -1,
		.deliver_ms = -1,
		.whole_ms = ms_clock_ms() - errand->began_ms,
	};

	ms_case_end(errand->message, &message);
}

/* The case is ruled about. */
static void
on_ruled(void *arg, const struct ms_ruling *ruling)
{
	struct errand *errand = arg;
	const struct ms_answer *answer = ms_case_answer(errand->message);

	if (!answer->failure && answer->scanner) {
		ms_errand_tell(errand->id, answer->facts, errand->parts,
		    queue_frame, errand->client);
		errand->done = done_of(errand, answer);
		queue_frame(errand->client, g_steal_pointer(&errand->done));
	}
	queue_ruling(errand, ruling);
	end_case(errand, ruling);
	finish(errand);
}

/* Make a case of the message in FD, which is then the case's. */
static void
open_case(struct errand *errand, int fd)
{
	struct ms_scansock *sock = errand->client->sock;
	struct ms_errand_envelope *asked = &errand->client->asked;
	struct ms_envelope *envelope = asked->envelope;
	char *id = g_strdup_printf("%" G_GINT64_MODIFIER "x-%s-%"
	    G_GUINT64_FORMAT, sock->began, asked->door, ++sock->numbers);
	const struct ms_case_question question = {
		.door = asked->door,
		.client = envelope->client_address,
		.authenticated = asked->authenticated,
		.login = asked->login,
		.parts = errand->parts,
		.envelope = envelope,
		.words = {
			.client = g_strdup(envelope->client_address),
			.remote_helo = g_strdup(envelope->helo),
		},
		.refusal = asked->gated ? NULL :
		    ms_gate_message(sock->config, asked),
		.fd = fd,
		.size = errand->size,
	};

	errand->host = g_strdup(envelope->client_address);
	errand->door = g_steal_pointer(&asked->door);
	asked->envelope = NULL;
	errand->began_ms = ms_clock_ms();
	errand->message = ms_case_new(sock->config, id, on_ruled, errand);
	ms_case_ask(errand->message, &question);
	g_clear_pointer(&asked->login, g_free);
	g_free(id);
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
	ms_chronicle_tell(MS_LOGENTRY_DEBUG, c->name, "has a message scanned");
	errand = g_new(struct errand, 1);
	*errand = (struct errand){ .client = c, .id = scan->id, .body = -1,
		.parts = scan->parts, .size = scan->size };
	g_ptr_array_add(c->errands, errand);
	ms_metrics_add(c->sock->config->metrics, MS_METRICS_LOCAL_SCANS, 1);
	if (c->asked.envelope && c->asked.door) {
		open_case(errand, fd);
		return;
	}
	if (c->asked.envelope && c->asked.keep)
		errand->body = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	errand->envelope = g_steal_pointer(&c->asked.envelope);
	ms_errand_envelope_clear(&c->asked);
	errand->question = ms_inquiry_ask(c->sock->config->inquiry, fd,
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
	if (asked.door && (*asked.door == '\0' || asked.door[strspn(
	    asked.door, G_CSET_a_2_z)] != '\0')) {
		ms_errand_envelope_clear(&asked);
		return MS_E_PEER;
	}
	ms_errand_envelope_clear(&c->asked);
	c->asked = asked;
	return MS_OK;
}

/* Is somebody of the envelope that came before wanted? Nothing is waited for
 * here. False: there is no such envelope. */
static bool
take_gate(struct client *c, size_t got)
{
	struct ms_errand_gate gate;

	if (ms_errand_read_gate(c->sock->block, got, &gate) != MS_OK ||
	    !c->asked.envelope || !c->asked.door || c->asked.id != gate.id)
		return false;
	queue_frame(c, ms_gate_answer(c->sock->config, &c->asked, &gate));
	ms_errand_envelope_clear(&c->asked);
	return true;
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
	if (status == MS_OK && fd < 0 && (take_envelope(c, got) == MS_OK ||
	    ms_errand_read_recipients(c->sock->block, got, &c->asked) ==
	    MS_OK))
		return true;
	if (status == MS_OK && fd < 0 && take_gate(c, got))
		return send_unsent(c);
	if (status == MS_OK && ms_errand_read_scan(c->sock->block, got,
	    &scan) == MS_OK) {
		take(c, &scan, fd);
		return send_unsent(c);
	}
	if (fd >= 0)
		(void)close(fd);
	if (status == MS_END && c->sock->gone) {
		c->ended = true;
		ms_watch_want(c->watch, false);
		(void)send_unsent(c);
		return false;
	}
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
	ms_chronicle_tell(MS_LOGENTRY_DEBUG, name, "has come");
	c = g_new0(struct client, 1);
	c->sock = sock;
	c->fd = fd;
	c->name = name;
	ms_outbox_init(&c->unsent);
	c->errands = g_ptr_array_new_with_free_func(free_errand);
	c->watch = ms_watch_fd(sock->config->loop, fd, false, on_readable, c);
	c->writable = ms_watch_fd(sock->config->loop, fd, true, on_writable,
	    c);
	ms_watch_want(c->watch, true);
	g_ptr_array_add(sock->clients, c);
	ms_metrics_add(sock->config->metrics, MS_METRICS_LOCAL_CLIENTS, 1);
}

struct ms_scansock *
ms_scansock_new(const struct ms_case_config *config, int fd)
{
	static const struct ms_listen_events events = {
		.accepted = on_accepted };
	struct ms_scansock *sock = g_new0(struct ms_scansock, 1);

	sock->config = config;
	sock->began = ms_clock_wall();
	sock->block = g_malloc(MS_FRAME_MAX);
	sock->clients = g_ptr_array_new_with_free_func(free_client);
	sock->listen = ms_listen_new(config->loop, fd, &events, sock);
	return sock;
}

void
ms_scansock_retire(struct ms_scansock *sock, ms_loop_callback *gone,
    void *arg)
{
	ms_listen_free(sock->listen);
	sock->listen = NULL;
	sock->gone = gone;
	sock->arg = arg;
	/* Their end is read after all that they sent. */
	for (guint i = 0; i < sock->clients->len; i++) {
		const struct client *c = sock->clients->pdata[i];

		(void)shutdown(c->fd, SHUT_RD);
	}
}

bool
ms_scansock_is_empty(const struct ms_scansock *sock)
{
	return sock->clients->len == 0;
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
