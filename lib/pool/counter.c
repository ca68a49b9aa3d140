#include "pool/counter.h"

#include "base/clock.h"
#include "net/dial.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* How often one message is handed in, and the time between. */
#define TRIES 10
#define PAUSE_MS 300

struct ms_counter {
	int fd;
	bool lost;		/* nobody is there any more */
	uint64_t numbers;
	unsigned char *block;	/* MS_FRAME_MAX bytes */
};

/* A question that is being answered. */
struct asking {
	struct ms_counter *counter;
	uint64_t id;
	int64_t deadline_ms;
	const struct ms_counter_question *question;
	struct ms_counter_reply *reply;
	bool over;
};

enum ms_status
ms_counter_open(const char *address, int64_t deadline_ms,
    struct ms_counter **counter, struct ms_error *err)
{
	int fd;
	const enum ms_status status = ms_dial_packets(address, deadline_ms,
	    &fd, err);

	if (status != MS_OK)
		return status;
	*counter = g_new0(struct ms_counter, 1);
	(*counter)->fd = fd;
	(*counter)->block = g_malloc(MS_FRAME_MAX);
	return MS_OK;
}

void
ms_counter_close(struct ms_counter *counter)
{
	if (!counter)
		return;
	(void)close(counter->fd);
	g_free(counter->block);
	g_free(counter);
}

static enum ms_status
lost(const struct asking *a, struct ms_error *err)
{
	a->counter->lost = true;
	return ms_error_set(err, MS_E_PEER, "the service went away");
}

/* Send FRAME, which is then gone, and FD unless it is -1. */
static enum ms_status
say(const struct asking *a, GByteArray *frame, int fd, struct ms_error *err)
{
	enum ms_status status = ms_frame_send(a->counter->fd, frame, fd, err);
	bool gone;

	while (status != MS_OK && (errno == EAGAIN || errno == EINTR)) {
		status = ms_dial_wait(a->counter->fd, true, a->deadline_ms,
		    err);
		if (status == MS_OK)
			status = ms_frame_send(a->counter->fd, frame, fd, err);
		else
			break;
	}
	gone = errno == EPIPE || errno == ECONNRESET;
	g_byte_array_unref(frame);
	if (status == MS_OK)
		return MS_OK;
	return gone ? lost(a, err) : MS_E_PEER;
}

static enum ms_status
nonsense(struct ms_error *err)
{
	return ms_error_set(err, MS_E_PEER,
	    "the service talks nonsense, or is another version of ours");
}

static enum ms_status
hear_fact(const struct asking *a, size_t size, struct ms_error *err)
{
	const unsigned char *frame;
	size_t frame_size;
	uint64_t id;

	if (ms_errand_read_fact(a->counter->block, size, &id, &frame,
	    &frame_size) != MS_OK || id != a->id ||
	    ms_frame_read_fact(frame, frame_size, &a->reply->facts) != MS_OK)
		return nonsense(err);
	return MS_OK;
}

static enum ms_status
hear_refused(const struct asking *a, size_t size, struct ms_error *err)
{
	uint64_t id;
	char *why;

	if (ms_errand_read_refused(a->counter->block, size, &id, &why) !=
	    MS_OK)
		return nonsense(err);
	(void)ms_error_set(err, MS_E_PEER, "the service does not take the "
	    "message: %s", why);
	g_free(why);
	return MS_E_PEER;
}

/* Can it be: delivered only what was looked at, or need not be? */
static bool
is_sound(const struct ms_counter_reply *reply, int fd)
{
	const struct ms_errand_ruling *ruling = &reply->ruling;

	if (ruling->rewritten != (fd >= 0))
		return false;
	return reply->scanned || ruling->verdict == MS_VERDICT_SKIPPED ||
	    ruling->action == MS_ACTION_DEFER ||
	    ruling->action == MS_ACTION_DROP ||
	    ruling->action == MS_ACTION_QUARANTINE ||
	    ruling->action == MS_ACTION_REJECT;
}

/* FD is the reply's, if it is one. */
static enum ms_status
hear_ruling(struct asking *a, size_t size, int *fd, struct ms_error *err)
{
	struct ms_counter_reply *reply = a->reply;

	if (ms_errand_read_ruling(a->counter->block, size, &reply->ruling) !=
	    MS_OK)
		return nonsense(err);
	if (reply->ruling.id != a->id || !is_sound(reply, *fd))
		return nonsense(err);
	reply->rewritten = *fd;
	*fd = -1;
	a->over = true;
	return MS_OK;
}

static enum ms_status
hear_frame(struct asking *a, size_t size, int *fd, struct ms_error *err)
{
	const unsigned char *block = a->counter->block;

	switch (ms_errand_type(block, size)) {
	case MS_ERRAND_FACT:
		return hear_fact(a, size, err);
	case MS_ERRAND_DONE:
		if (ms_errand_read_done(block, size, &a->reply->done) !=
		    MS_OK || a->reply->done.id != a->id)
			return nonsense(err);
		a->reply->scanned = true;
		return MS_OK;
	case MS_ERRAND_REFUSED:
		return hear_refused(a, size, err);
	case MS_ERRAND_RULING:
		return hear_ruling(a, size, fd, err);
	default:
		return nonsense(err);
	}
}

/* Wait until there is a frame, and call who waits for it now and then. */
static enum ms_status
await(const struct asking *a, struct ms_error *err)
{
	const struct ms_counter_question *question = a->question;
	int64_t until_ms;

	if (!question->idle)
		return ms_dial_wait(a->counter->fd, false, a->deadline_ms,
		    err);
	do {
		until_ms = MIN(a->deadline_ms, ms_clock_ms() +
		    question->idle_ms);
		if (ms_dial_wait(a->counter->fd, false, until_ms, err) ==
		    MS_OK)
			return MS_OK;
	} while (ms_clock_ms() < a->deadline_ms &&
	    question->idle(question->arg));
	return MS_E_PEER;
}

/* Wait for a frame, and take it. */
static enum ms_status
hear(struct asking *a, struct ms_error *err)
{
	enum ms_status status = await(a, err);
	size_t got;
	int fd;

	if (status != MS_OK)
		return status;
	status = ms_frame_receive(a->counter->fd, a->counter->block,
	    MS_FRAME_MAX, &got, &fd);
	if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
		return MS_OK;
	if (status == MS_OK)
		status = hear_frame(a, got, &fd, err);
	else
		status = lost(a, err);
	if (fd >= 0)
		(void)close(fd);
	return status;
}

/* With ALL recipients that an envelope can have, or the first ones. */
static enum ms_status
say_envelope(const struct asking *a, bool all, struct ms_error *err)
{
	const struct ms_counter_question *question = a->question;
	const struct ms_errand_envelope envelope = {
		.id = a->id,
		.door = (char *)(uintptr_t)question->door,
		.authenticated = question->authenticated,
		.login = (char *)(uintptr_t)question->login,
		.gated = question->gated,
		.envelope = (struct ms_envelope *)(uintptr_t)
		    question->envelope,
	};
	uint32_t told;
	enum ms_status status = say(a, ms_errand_envelope(&envelope, &told),
	    -1, err);

	for (unsigned i = 1; all && status == MS_OK &&
	    i < MS_ERRAND_ENVELOPE_FRAMES &&
	    told < question->envelope->count; i++)
		status = say(a, ms_errand_recipients(&envelope, &told), -1,
		    err);
	return status;
}

enum ms_status
ms_counter_ask(struct ms_counter *counter,
    const struct ms_counter_question *question,
    struct ms_counter_reply *reply, struct ms_error *err)
{
	struct asking a = { counter, ++counter->numbers,
		question->deadline_ms, question, reply, false };
	const struct ms_errand_scan scan = { .id = a.id,
		.size = question->size, .parts = question->parts };
	enum ms_status status;

	*reply = (struct ms_counter_reply){ .rewritten = -1 };
	ms_facts_init(&reply->facts);
	status = say_envelope(&a, true, err);
	if (status == MS_OK)
		status = say(&a, ms_errand_scan(&scan), question->fd, err);
	while (status == MS_OK && !a.over)
		status = hear(&a, err);
	if (status != MS_OK)
		ms_counter_reply_clear(reply);
	return status;
}

enum ms_status
ms_counter_once(const char *address,
    const struct ms_counter_question *question,
    struct ms_counter_reply *reply, struct ms_error *err)
{
	enum ms_status status = MS_E_PEER;
	bool again = true;

	for (unsigned i = 0; i < TRIES && again; i++) {
		struct ms_counter *counter;

		if (i > 0)
			(void)poll(NULL, 0, PAUSE_MS);
		status = ms_counter_open(address, question->deadline_ms,
		    &counter, err);
		if (status != MS_OK)
			return status;
		status = ms_counter_ask(counter, question, reply, err);
		again = status != MS_OK && counter->lost &&
		    ms_clock_ms() < question->deadline_ms;
		ms_counter_close(counter);
	}
	return status;
}

static enum ms_status
hear_gated(const struct asking *a, struct ms_errand_gated *gated,
    struct ms_error *err)
{
	enum ms_status status = ms_dial_wait(a->counter->fd, false,
	    a->deadline_ms, err);
	size_t got;
	int fd;

	if (status != MS_OK)
		return status;
	if (ms_frame_receive(a->counter->fd, a->counter->block, MS_FRAME_MAX,
	    &got, &fd) != MS_OK)
		return lost(a, err);
	if (fd >= 0)
		(void)close(fd);
	if (ms_errand_read_gated(a->counter->block, got, gated) != MS_OK)
		return nonsense(err);
	if (gated->id == a->id)
		return MS_OK;
	g_clear_pointer(&gated->reply, g_free);
	return nonsense(err);
}

enum ms_status
ms_counter_gate(const char *address,
    const struct ms_counter_question *question, enum ms_errand_whom whom,
    struct ms_errand_gated *gated, struct ms_error *err)
{
	struct asking a = { .id = 1, .deadline_ms = question->deadline_ms,
		.question = question };
	const struct ms_errand_gate gate = { a.id, whom };
	enum ms_status status = ms_counter_open(address, a.deadline_ms,
	    &a.counter, err);

	if (status != MS_OK)
		return status;
	status = say_envelope(&a, false, err);
	if (status == MS_OK)
		status = say(&a, ms_errand_gate(&gate), -1, err);
	if (status == MS_OK)
		status = hear_gated(&a, gated, err);
	ms_counter_close(a.counter);
	return status;
}

void
ms_counter_reply_clear(struct ms_counter_reply *reply)
{
	ms_errand_ruling_clear(&reply->ruling);
	ms_facts_clear(&reply->facts);
	if (reply->rewritten >= 0)
		(void)close(reply->rewritten);
	reply->rewritten = -1;
}
