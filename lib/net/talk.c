#include "net/talk.h"

#include "net/attempt.h"
#include "net/channel.h"
#include "net/inbox.h"
#include "net/patience.h"
#include "net/pending.h"
#include "net/watch.h"

enum {
	INPUT_MAX = 64 << 10,
	/* So much output is worth a system call of its own at once. */
	MUCH = 64 << 10,
	/* After so many blocks of input others have their turn. */
	TURN_MAX = 4
};

enum state {
	CONNECTING,
	OPEN,
	LAST_WORDS,		/* what is said in the clear, then TLS */
	SHAKING,		/* hands */
	OVER
};

struct ms_talk {
	struct ms_loop *loop;
	const struct ms_talk_events *events;
	void *arg;
	struct ms_channel channel;
	struct ms_watch *reading, *writing;
	struct ms_loop_chore chore;
	struct ms_attempt *attempt;	/* while CONNECTING */
	struct ms_patience patience;
	struct ms_inbox in;
	struct ms_pending out;

	/* LAST_WORDS: what TLS will be, and what is to be said under it. */
	struct ms_channel secured;
	struct ms_pending inner;

	enum state state;
	void *owned;		/* by the loop, since it was closed: likewise */
	char *peer, *local;
	unsigned busy;		/* functions that still need it */
	bool gone;		/* freed by its owner: nobody is to be called */
	bool paused, news;	/* NEWS: data has to be called */
	bool peer_ended;
	bool finish, finished;	/* we shall send no more; have said so */
	bool wrote;		/* drained has to be called */
	bool await_read, await_write;	/* what was begun goes on then */
};

/* The other one has no socket of its own. */
static void
close_channel(struct ms_talk *talk, bool reset)
{
	ms_watch_free(talk->reading);
	ms_watch_free(talk->writing);
	talk->reading = talk->writing = NULL;
	talk->secured.fd = -1;
	ms_channel_close(&talk->secured, false);
	ms_channel_close(&talk->channel, reset);
	ms_pending_clear(&talk->out);
	ms_pending_clear(&talk->inner);
}

static void
destroy(void *arg)
{
	struct ms_talk *talk = arg;

	ms_loop_drop(talk->loop, &talk->chore);
	if (talk->owned)
		ms_loop_disown(talk->loop, talk->owned);
	ms_patience_clear(&talk->patience);
	ms_attempt_free(talk->attempt);
	close_channel(talk, false);
	ms_inbox_clear(&talk->in);
	g_free(talk->peer);
	g_free(talk->local);
	g_free(talk);
}

static bool
may_read(const struct ms_talk *talk)
{
	return talk->state == OPEN && !talk->gone && !talk->paused &&
	    !talk->peer_ended && !ms_inbox_full(&talk->in);
}

/* Wait for what something can be done with. */
static void
wait(struct ms_talk *talk)
{
	ms_watch_want(talk->reading, talk->await_read || may_read(talk));
	ms_watch_want(talk->writing, talk->await_write);
}

/* Ends every function that calls somebody back or is called by the loop. */
static void
leave(struct ms_talk *talk)
{
	if (--talk->busy > 0)
		return;
	if (talk->gone || (talk->owned && talk->finished && talk->peer_ended))
		destroy(talk);
	else if (talk->reading)
		wait(talk);
}

static void
over(struct ms_talk *talk, enum ms_talk_end end, const char *why)
{
	if (talk->state == OVER)
		return;
	ms_inbox_keep(&talk->in);
	ms_patience_clear(&talk->patience);
	ms_loop_drop(talk->loop, &talk->chore);
	ms_attempt_free(talk->attempt);
	talk->attempt = NULL;
	close_channel(talk, false);
	talk->state = OVER;
	if (talk->owned)
		talk->gone = true;
	else if (!talk->gone)
		talk->events->closed(talk->arg, end, why);
}

static void
tell_data(struct ms_talk *talk)
{
	if (talk->owned) {
		ms_inbox_clear(&talk->in);
	} else if (talk->news && !talk->paused && !talk->gone) {
		talk->news = false;
		if (talk->events->data)
			talk->events->data(talk->arg);
	}
	ms_inbox_keep(&talk->in);
}

static void
tell_end(struct ms_talk *talk)
{
	talk->peer_ended = true;
	if (talk->gone || talk->owned)
		return;
	if (talk->events->ended)
		talk->events->ended(talk->arg);
	else
		over(talk, MS_TALK_ENDED, "closed by the peer");
}

static enum ms_channel_answer
fill(struct ms_talk *talk, struct ms_error *err)
{
	size_t got;
	enum ms_channel_answer answer = ms_inbox_fill(&talk->in,
	    &talk->channel, talk->loop, &got, err);

	if (got > 0) {
		ms_patience_progress(&talk->patience);
		talk->news = true;
	}
	return answer;
}

static void
take(struct ms_talk *talk)
{
	for (int turn = 0; turn < TURN_MAX && may_read(talk); turn++) {
		struct ms_error err = { "" };
		enum ms_channel_answer answer = fill(talk, &err);

		tell_data(talk);
		if (talk->state == OVER || talk->gone)
			return;
		talk->await_write |= answer == MS_CHANNEL_WANT_WRITE;
		if (answer == MS_CHANNEL_END)
			tell_end(talk);
		else if (answer == MS_CHANNEL_FAILED)
			over(talk, MS_TALK_LOST, err.text);
		if (answer != MS_CHANNEL_DONE)
			return;
	}
	/* The socket will not say so again. */
	if (may_read(talk) && ms_channel_has(&talk->channel))
		ms_loop_later(talk->loop, &talk->chore);
}

/* Nothing can be sent any more. What the peer said before it went may be the
 * reason. */
static void
broken(struct ms_talk *talk, const char *why)
{
	struct ms_error err;

	ms_pending_clear(&talk->out);
	while (talk->state == OPEN && !talk->peer_ended &&
	    !ms_inbox_full(&talk->in) && fill(talk, &err) == MS_CHANNEL_DONE)
		ms_inbox_keep(&talk->in);
	tell_data(talk);
	if (!talk->gone)
		over(talk, MS_TALK_LOST, why);
}

/* What goes on as soon as the socket is ready for it? */
static bool
waits(struct ms_talk *talk, enum ms_channel_answer answer)
{
	talk->await_read = answer == MS_CHANNEL_WANT_READ;
	talk->await_write = answer == MS_CHANNEL_WANT_WRITE;
	return talk->await_read || talk->await_write;
}

/* Send what is queued, calling nobody. */
static enum ms_channel_answer
send_out(struct ms_talk *talk, struct ms_error *err)
{
	size_t sent;
	enum ms_channel_answer answer = ms_channel_write(&talk->channel,
	    &talk->out, &sent, err);

	if (sent > 0)
		ms_patience_progress(&talk->patience);
	(void)waits(talk, answer);
	return answer;
}

static void
shake(struct ms_talk *talk)
{
	struct ms_error err = { "" };
	enum ms_channel_answer answer = ms_channel_shake(&talk->channel,
	    &err);

	if (waits(talk, answer))
		return;
	if (answer != MS_CHANNEL_DONE) {
		over(talk, MS_TALK_TLS, answer == MS_CHANNEL_END ?
		    "closed amidst the TLS handshake" : err.text);
		return;
	}
	talk->state = OPEN;
	ms_patience_progress(&talk->patience);
	/* What came with the handshake, and what was written during it. */
	ms_loop_later(talk->loop, &talk->chore);
	if (!talk->gone && !talk->owned && talk->events->secured)
		talk->events->secured(talk->arg);
}

static void
pour(struct ms_talk *talk)
{
	struct ms_error err = { "" };
	enum ms_channel_answer answer = send_out(talk, &err);

	if (answer == MS_CHANNEL_FAILED)
		broken(talk, err.text);
	if (answer != MS_CHANNEL_DONE)
		return;
	if (talk->wrote) {
		talk->wrote = false;
		if (!talk->gone && !talk->owned && talk->events->drained)
			talk->events->drained(talk->arg);
	}
	if (talk->gone || talk->out.size > 0)
		return;
	if (talk->state == LAST_WORDS) {
		talk->state = SHAKING;
		talk->channel = talk->secured;
		talk->secured = (struct ms_channel){ -1, NULL, NULL };
		talk->out = talk->inner;
		talk->wrote = talk->out.size > 0;
		talk->inner = (struct ms_pending){ NULL, 0, 0, 0 };
		shake(talk);
	} else if (talk->state == OPEN && talk->finish && !talk->finished) {
		talk->finished = true;
		ms_channel_finish(&talk->channel);
	}
}

static void
on_ready(struct ms_talk *talk, bool writable)
{
	const bool tls = talk->channel.ssl != NULL;

	talk->busy++;
	if (talk->state == SHAKING) {
		shake(talk);
	} else {
		/* Under TLS either may have waited for the other. */
		if (tls || writable)
			pour(talk);
		if (!talk->gone && (tls || !writable))
			take(talk);
	}
	leave(talk);
}

static void
on_readable(void *arg)
{
	on_ready(arg, false);
}

static void
on_writable(void *arg)
{
	on_ready(arg, true);
}

/* What was put off to the end of a callback. */
static void
on_chore(void *arg)
{
	struct ms_talk *talk = arg;

	talk->busy++;
	if ((talk->state == OPEN || talk->state == LAST_WORDS) &&
	    !talk->gone && !talk->await_read && !talk->await_write)
		pour(talk);
	if (talk->state == OPEN && !talk->gone)
		tell_data(talk);
	if (may_read(talk) && ms_channel_has(&talk->channel))
		take(talk);
	leave(talk);
}

static void
on_due(void *arg)
{
	struct ms_talk *talk = arg;
	struct ms_error err;

	talk->busy++;
	/* Nobody can speak to who does not listen. */
	if (talk->paused && talk->out.size == 0)
		ms_patience_progress(&talk->patience);
	if (ms_patience_check(&talk->patience, &err) != MS_OK)
		over(talk, MS_TALK_LATE, err.text);
	leave(talk);
}

static void
begin(struct ms_talk *talk, int fd, const struct ms_endpoint *peer)
{
	ms_channel_open(&talk->channel, fd, peer->u.any.sa_family != AF_UNIX);
	talk->state = OPEN;
	ms_patience_progress(&talk->patience);
	talk->peer = ms_endpoint_print(peer);
	talk->reading = ms_watch_fd(talk->loop, fd, false, on_readable, talk);
	talk->writing = ms_watch_fd(talk->loop, fd, true, on_writable, talk);
}

static void
on_attempt(void *arg, int fd, const struct ms_endpoint *peer, bool late,
    const char *why)
{
	struct ms_talk *talk = arg;

	talk->busy++;
	if (fd >= 0) {
		begin(talk, fd, peer);
		ms_attempt_free(talk->attempt);
		talk->attempt = NULL;
		/* What was written before. */
		ms_loop_later(talk->loop, &talk->chore);
		if (talk->events->connected)
			talk->events->connected(talk->arg);
	} else {
		char *text = g_strdup(why);

		over(talk, late ? MS_TALK_LATE : MS_TALK_REFUSED, text);
		g_free(text);
	}
	leave(talk);
}

static struct ms_talk *
new_talk(struct ms_loop *loop, const struct ms_talk_config *config)
{
	struct ms_talk *talk = g_new0(struct ms_talk, 1);

	talk->loop = loop;
	talk->events = config->events;
	talk->arg = config->arg;
	talk->in.max = config->input_max ? config->input_max : INPUT_MAX;
	talk->channel.fd = talk->secured.fd = -1;
	talk->chore.callback = on_chore;
	talk->chore.arg = talk;
	ms_patience_init(&talk->patience, loop, on_due, talk);
	return talk;
}

struct ms_talk *
ms_talk_connect(struct ms_loop *loop, const struct ms_endpoint *list,
    size_t count, const struct ms_talk_config *config)
{
	struct ms_talk *talk = new_talk(loop, config);

	talk->attempt = ms_attempt_new(loop, list, count,
	    config->connect_ms, on_attempt, talk);
	return talk;
}

struct ms_talk *
ms_talk_accept(struct ms_loop *loop, int fd, const struct ms_endpoint *peer,
    const struct ms_talk_config *config)
{
	struct ms_talk *talk = new_talk(loop, config);
	struct ms_endpoint asked;

	if (!peer) {
		ms_endpoint_ask(&asked, fd, true);
		peer = &asked;
	}
	begin(talk, fd, peer);
	wait(talk);
	return talk;
}

void
ms_talk_hand(struct ms_talk *talk, const struct ms_talk_events *events,
    void *arg)
{
	talk->events = events;
	talk->arg = arg;
}

void
ms_talk_free(struct ms_talk *talk)
{
	if (!talk)
		return;
	talk->gone = true;
	talk->busy++;
	leave(talk);
}

void
ms_talk_abort(struct ms_talk *talk)
{
	talk->state = OVER;
	close_channel(talk, true);
	ms_talk_free(talk);
}

void
ms_talk_close(struct ms_talk *talk, int64_t linger_ms)
{
	if (talk->state == OVER || talk->state == CONNECTING ||
	    linger_ms <= 0) {
		ms_talk_free(talk);
		return;
	}
	talk->owned = ms_loop_own(talk->loop, destroy, talk);
	talk->finish = true;
	talk->paused = false;
	ms_patience_quiet(&talk->patience, -1);
	ms_patience_deadline(&talk->patience, linger_ms);
	ms_loop_later(talk->loop, &talk->chore);
}

const unsigned char *
ms_talk_peek(struct ms_talk *talk, size_t *size)
{
	return ms_inbox_peek(&talk->in, size);
}

void
ms_talk_consume(struct ms_talk *talk, size_t size)
{
	/* If nothing more fitted in, the loop does not look for more. */
	if (size > 0 && ms_inbox_full(&talk->in))
		ms_loop_later(talk->loop, &talk->chore);
	ms_inbox_consume(&talk->in, size);
}

void
ms_talk_pause(struct ms_talk *talk)
{
	talk->paused = true;
	talk->busy++;
	leave(talk);
}

void
ms_talk_resume(struct ms_talk *talk)
{
	if (!talk->paused || talk->state == OVER)
		return;
	talk->paused = false;
	ms_patience_progress(&talk->patience);
	talk->news = ms_inbox_size(&talk->in) > 0;
	ms_loop_later(talk->loop, &talk->chore);
}

void
ms_talk_write(struct ms_talk *talk, const void *data, size_t size)
{
	if (size == 0 || talk->state == OVER || talk->finish)
		return;
	if (talk->out.size == 0)
		ms_patience_progress(&talk->patience);
	if (talk->state == LAST_WORDS) {
		ms_pending_append(&talk->inner, data, size);
		return;
	}
	ms_pending_append(&talk->out, data, size);
	talk->wrote = true;
	ms_loop_later(talk->loop, &talk->chore);
	/* If it fails it will fail again when somebody can be told. */
	if (talk->state == OPEN && talk->out.size >= MUCH &&
	    !talk->await_read && !talk->await_write)
		(void)send_out(talk, NULL);
}

size_t
ms_talk_queued(const struct ms_talk *talk)
{
	return talk->out.size + talk->inner.size;
}

void
ms_talk_finish(struct ms_talk *talk)
{
	if (talk->state == OVER)
		return;
	talk->finish = true;
	ms_loop_later(talk->loop, &talk->chore);
}

enum ms_status
ms_talk_secure(struct ms_talk *talk, struct ms_tls *tls, const char *name,
    struct ms_error *err)
{
	struct ms_channel secured = { talk->channel.fd, NULL, NULL };
	enum ms_status status;

	if (talk->state != OPEN || talk->channel.ssl || talk->finish)
		return ms_error_set(err, MS_E_USAGE,
		    "TLS can begin once, and where something can be said");
	if (ms_inbox_size(&talk->in) > 0)
		return ms_error_set(err, MS_E_PEER, "%zu bytes were sent "
		    "before TLS that would have been taken for secured ones",
		    ms_inbox_size(&talk->in));
	status = ms_channel_secure(&secured, tls, name, err);
	if (status != MS_OK)
		return status;
	talk->secured = secured;
	talk->state = LAST_WORDS;
	ms_loop_later(talk->loop, &talk->chore);
	return MS_OK;
}

void
ms_talk_security(struct ms_talk *talk, struct ms_tls_facts *facts)
{
	ms_tls_facts(talk->channel.ssl, facts);
}

void
ms_talk_deadline(struct ms_talk *talk, int64_t ms)
{
	if (talk->state != OVER)
		ms_patience_deadline(&talk->patience, ms);
}

void
ms_talk_patience(struct ms_talk *talk, int64_t ms)
{
	if (talk->state != OVER)
		ms_patience_quiet(&talk->patience, ms);
}

const char *
ms_talk_peer(struct ms_talk *talk)
{
	return talk->peer ? talk->peer : "unknown";
}

const char *
ms_talk_local(struct ms_talk *talk)
{
	struct ms_endpoint here;

	if (!talk->local && talk->channel.fd >= 0) {
		ms_endpoint_ask(&here, talk->channel.fd, false);
		talk->local = ms_endpoint_print(&here);
	}
	return talk->local ? talk->local : "unknown";
}

int
ms_talk_fd(const struct ms_talk *talk)
{
	return talk->channel.fd;
}
