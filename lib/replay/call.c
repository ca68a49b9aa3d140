#include "replay/call.h"

#include <string.h>

#include "base/clock.h"
#include "net/timer.h"
#include "replay/feeder.h"
#include "replay/login.h"

#define LINGER_MS 2000		/* for the peer's end, after ours */
#define END_SIZE 3		/* ".", CR, LF, which end a message */

struct ms_call {
	const struct ms_call_config *config;
	const struct ms_role *role;
	struct ms_played *played;
	ms_call_done *done;
	void *arg;
	int64_t began_ms;
	struct ms_talk *talk;
	struct ms_timer *late;	/* for what we wait for */
	struct ms_timer *pace;	/* for what is to be sent */
	struct ms_reply reply;
	struct ms_reply offers;	/* what was answered to EHLO */
	struct ms_feeder feeder;
	struct ms_login login;
	size_t next;		/* step that is to be sent, or is being */
	bool sending;		/* some of it was */
	bool paused;		/* its pause is over */
	size_t answered;	/* steps before that one are */
	size_t got;		/* replies to it */
	unsigned accepted;	/* recipients, for LMTP */
	int code;		/* of the last reply */
	bool securing, finished, hanging;
};

static struct ms_step *
step_at(const struct ms_call *call, size_t i)
{
	return ms_role_step(call->role, i);
}

static void
dispose(struct ms_call *call)
{
	ms_timer_free(call->late);
	ms_timer_free(call->pace);
	ms_reply_clear(&call->reply);
	ms_reply_clear(&call->offers);
	ms_played_free(call->played);
	g_free(call);
}

void
ms_call_free(struct ms_call *call)
{
	if (!call)
		return;
	ms_talk_free(call->talk);
	dispose(call);
}

/* Over: the connection was seen to. */
static void
conclude(struct ms_call *call)
{
	struct ms_played *played = call->played;
	ms_call_done *done = call->done;
	void *arg = call->arg;

	for (size_t i = MAX(call->next, 1); i + 1 < call->role->steps->len; i++)
		played->unsent += step_at(call, i)->own == MS_STEP_RECORDED;
	played->sent = call->feeder.sent;
	played->elapsed_ms = ms_clock_ms() - call->began_ms;
	call->played = NULL;
	call->talk = NULL;
	dispose(call);
	done(arg, played);
}

static void
hang_up(struct ms_call *call, bool abort)
{
	if (abort)
		ms_talk_abort(call->talk);
	else
		ms_talk_close(call->talk, LINGER_MS);
	conclude(call);
}

/* It cannot be played to this server. */
static void
fail(struct ms_call *call, const char *what, const char *why)
{
	call->played->failed = what ? g_strconcat(what, ": ", why, NULL) :
	    g_strdup(why);
	hang_up(call, true);
}

/* Something happened: time begins anew, if something is waited for. */
static void
rearm(struct ms_call *call)
{
	if (call->sending || call->securing || call->hanging ||
	    call->answered < call->next || ms_talk_queued(call->talk) > 0)
		ms_timer_set(call->late, call->config->timeout_ms);
	else
		ms_timer_stop(call->late);
}

/* Is every reply there that is to come? */
static bool
all_answered(const struct ms_call *call)
{
	for (size_t i = call->answered; i < call->next; i++)
		if (!ms_role_is_silent(step_at(call, i)))
			return false;
	return true;
}

/* The step that is next is left out. */
static void
leave_out(struct ms_call *call)
{
	const struct ms_step *step = step_at(call, call->next);

	if (step->own == MS_STEP_RECORDED) {
		call->played->unsent++;
		if (call->config->expect != MS_EXPECT_NONE && step->count > 0)
			ms_played_differ(call->played, MS_DIFFERENCE_UNSENT,
			    step, ms_role_recorded(call->role, step, 0), 0,
			    "not sent: the server does not wait for it");
	}
	call->next++;
	call->answered = call->next;
	call->got = 0;
}

static bool
offers_tls(const struct ms_call *call)
{
	return ms_reply_extension(&call->offers, "STARTTLS", NULL);
}

/* Does the server want the next step? All before it are answered. */
static bool
is_wanted(const struct ms_call *call, const struct ms_step *step)
{
	if (step->kind == MS_STEP_CONTENT)
		return call->code / 100 == 3;
	if (step->kind == MS_STEP_RESPONSE)
		return call->code == 334;
	return true;
}

/* Leave out what is not wanted. False: wait for replies first. */
static bool
settle(struct ms_call *call)
{
	for (;;) {
		const struct ms_step *step = step_at(call, call->next);
		const bool depends = step->kind == MS_STEP_CONTENT ||
		    step->kind == MS_STEP_RESPONSE ||
		    step->kind == MS_STEP_LOGIN ||
		    step->own != MS_STEP_RECORDED;

		if (step->after > call->answered ||
		    (depends && call->answered < call->next))
			return false;
		if (step->own == MS_STEP_OFFERED && step->secure &&
		    !offers_tls(call)) {
			leave_out(call);
			leave_out(call);
		} else if (!is_wanted(call, step))
			leave_out(call);
		else
			return true;
	}
}

/* The client's end. False: the call is over. */
static bool
leave(struct ms_call *call, const struct ms_step *end)
{
	const bool at_once = end->reset || call->role->cut;

	/* What was said comes first. */
	if (at_once && ms_talk_queued(call->talk) > 0)
		return true;
	if (at_once || all_answered(call)) {
		const bool within = call->code / 100 == 3;

		hang_up(call, end->reset || (call->role->cut && within));
		return false;
	}
	if (!call->hanging)
		ms_talk_finish(call->talk);
	call->hanging = true;
	return true;
}

/* Is it the step after which the connection is to be broken off? */
static bool
is_last(const struct ms_call *call, const struct ms_step *step)
{
	return call->config->abort_after &&
	    g_ascii_strcasecmp(call->config->abort_after, step->verb) == 0;
}

/* It is to be broken off within this one. */
static bool
breaks_within(const struct ms_call *call, const struct ms_step *step)
{
	return call->config->abort_after &&
	    step->kind == MS_STEP_CONTENT && step->size >= END_SIZE &&
	    g_ascii_strcasecmp(call->config->abort_after, "content") == 0;
}

/* False: the call is over. */
static bool
begin(struct ms_call *call, const struct ms_step *step)
{
	char *line;

	call->sending = true;
	call->paused = false;
	ms_feeder_begin(&call->feeder, step,
	    breaks_within(call, step) ? END_SIZE : 0);
	if (step->kind != MS_STEP_LOGIN)
		return true;
	line = ms_login_first(&call->login, &call->offers,
	    call->config->user, call->config->password);
	if (!line) {
		fail(call, NULL, "the server offers neither AUTH PLAIN nor "
		    "AUTH LOGIN");
		return false;
	}
	ms_feeder_write(&call->feeder, line);
	g_free(line);
	return true;
}

/* Is there a pause before STEP? Then the timer runs. */
static bool
pauses(struct ms_call *call, const struct ms_step *step)
{
	const double speed = call->config->speed;
	const int64_t ms = speed > 0 ?
	    (int64_t)((double)step->pause_us / 1000 / speed) : 0;

	if (call->paused || ms <= 0)
		return false;
	call->paused = true;
	ms_timer_set(call->pace, ms);
	return true;
}

/* timer: send what can be sent. The call may be over after it. */
static void
pump(void *arg)
{
	struct ms_call *call = arg;
	struct ms_error err = { "" };
	enum ms_status status;
	int64_t wait_ms;

	while (!call->securing && !call->hanging) {
		const struct ms_step *step;

		if (!call->sending && !settle(call))
			break;
		step = step_at(call, call->next);
		if (step->kind == MS_STEP_CLOSE) {
			if (!leave(call, step))
				return;
			break;
		}
		if (!call->sending && pauses(call, step))
			break;
		if (!call->sending && !begin(call, step))
			return;
		status = ms_feeder_go(&call->feeder, ms_clock_ms(), &wait_ms,
		    &err);
		if (status < 0) {
			fail(call, NULL, err.text);
			return;
		}
		if (status == MS_END) {
			if (wait_ms >= 0)
				ms_timer_set(call->pace, wait_ms);
			break;
		}
		if (breaks_within(call, step))
			break;
		call->sending = false;
		call->next++;
	}
	rearm(call);
}

/* Replies that STEP is to get: in LMTP one for each recipient that was
 * accepted (RFC 2033, 4.2). */
static size_t
wanted(const struct ms_call *call, const struct ms_step *step)
{
	return call->role->lmtp && call->accepted > 0 &&
	    ms_role_ends_message(step) ? call->accepted : 1;
}

/* False: the call is over. */
static bool
compare(struct ms_call *call, const struct ms_step *step)
{
	const struct ms_recorded *recorded = ms_role_recorded(call->role,
	    step, call->got);
	const struct ms_reply *reply = &call->reply;
	const enum ms_expect expect = call->config->expect;

	call->played->replies++;
	if (step->own != MS_STEP_RECORDED) {
		char *text;

		if (reply->code < 400 || step->own == MS_STEP_OFFERED)
			return true;
		text = ms_played_reply(reply->code, reply->text->str);
		fail(call, step->verb, g_strdelimit(text, "\n", ' '));
		g_free(text);
		return false;
	}
	if (!recorded && !ms_role_is_silent(step))
		return true;
	call->played->compared++;
	if (recorded ? !ms_compare(expect, recorded, call->role->made, reply) :
	    expect != MS_EXPECT_NONE)
		ms_played_differ(call->played, MS_DIFFERENCE_REPLY, step,
		    recorded, reply->code, reply->text->str);
	return true;
}

/* What the reply to STEP changes. */
static void
note(struct ms_call *call, const struct ms_step *step)
{
	const bool accepted = call->code / 100 == 2;

	if (strcmp(step->verb, "RCPT") == 0)
		call->accepted += accepted;
	else if (strcmp(step->verb, "MAIL") == 0 ||
	    strcmp(step->verb, "RSET") == 0)
		call->accepted = 0;
	else if (accepted && (strcmp(step->verb, "EHLO") == 0 ||
	    strcmp(step->verb, "LHLO") == 0))
		g_string_assign(call->offers.text, call->reply.text->str);
}

/* The server asks for what nobody recorded: it would take all that follows
 * for that. */
static bool
is_stuck(const struct ms_call *call, const struct ms_step *step)
{
	const struct ms_step *next = step_at(call, call->answered);

	if (strcmp(step->verb, "DATA") == 0 && call->code / 100 == 3)
		return next->kind != MS_STEP_CONTENT;
	if (strcmp(step->verb, "AUTH") == 0 && call->code == 334 &&
	    step->kind == MS_STEP_COMMAND)
		return next->kind != MS_STEP_RESPONSE;
	return step->secure && step->own == MS_STEP_RECORDED &&
	    call->code != 220;
}

static bool
secure(struct ms_call *call)
{
	struct ms_error err = { "" };

	if (!call->config->tls) {
		fail(call, NULL, "TLS is wanted, and not set up");
		return false;
	}
	if (ms_talk_secure(call->talk, call->config->tls,
	    call->config->tls_name, &err) != MS_OK) {
		fail(call, "TLS", err.text);
		return false;
	}
	call->securing = true;
	return true;
}

/* The step that waits for a reply got all of them. False: the call is
 * over. */
static bool
on_answered(struct ms_call *call, const struct ms_step *step)
{
	call->answered++;
	call->got = 0;
	note(call, step);
	if (is_last(call, step)) {
		call->played->aborted = true;
		hang_up(call, true);
		return false;
	}
	if (is_stuck(call, step)) {
		hang_up(call, true);
		return false;
	}
	if (!step->secure)
		return true;
	if (call->code == 220)
		return secure(call);
	/* Without TLS then, and no second hello. */
	if (step->own == MS_STEP_OFFERED)
		leave_out(call);
	return true;
}

/* A reply is there. False: the call is over. */
static bool
on_reply(struct ms_call *call)
{
	const struct ms_step *step = step_at(call, call->answered);
	char *line;

	call->code = call->reply.code;
	if (call->answered >= call->next && !call->sending) {
		call->played->replies++;
		if (call->config->expect != MS_EXPECT_NONE)
			ms_played_differ(call->played,
			    MS_DIFFERENCE_UNASKED, NULL, NULL,
			    call->reply.code, call->reply.text->str);
		return true;
	}
	if (!compare(call, step))
		return false;
	if (step->kind == MS_STEP_LOGIN && call->code == 334) {
		line = ms_login_next(&call->login, call->config->user,
		    call->config->password);
		ms_feeder_write(&call->feeder, line ? line : "*\r\n");
		g_free(line);
		return true;
	}
	return ++call->got < wanted(call, step) || on_answered(call, step);
}

/* talk: data */
static void
on_data(void *arg)
{
	struct ms_call *call = arg;
	struct ms_error err = { "" };
	const unsigned char *data;
	size_t size, used;

	while ((data = ms_talk_peek(call->talk, &size)), size > 0) {
		const enum ms_status status = ms_reply_feed(&call->reply,
		    data, size, &used, &err);

		ms_talk_consume(call->talk, used);
		if (status < 0) {
			if (call->config->expect != MS_EXPECT_NONE)
				ms_played_differ(call->played,
				    MS_DIFFERENCE_CLOSED,
				    step_at(call, call->answered), NULL, 0,
				    err.text);
			hang_up(call, true);
			return;
		}
		if (status == MS_OK && !on_reply(call))
			return;
		if (call->securing)
			break;
	}
	if (call->hanging && all_answered(call))
		hang_up(call, false);
	else
		pump(call);
}

/* talk: connected */
static void
on_connected(void *arg)
{
	struct ms_call *call = arg;

	call->played->connected = true;
	if (call->role->preamble)
		ms_feeder_write(&call->feeder, call->role->preamble);
	call->next = 1;
	if (call->role->tls_first && !secure(call))
		return;
	rearm(call);
}

/* talk: drained */
static void
on_drained(void *arg)
{
	struct ms_call *call = arg;

	if (call->sending && call->feeder.at == call->feeder.end &&
	    breaks_within(call, step_at(call, call->next))) {
		call->played->aborted = true;
		hang_up(call, true);
		return;
	}
	pump(call);
}

/* talk: secured */
static void
on_secured(void *arg)
{
	struct ms_call *call = arg;

	call->securing = false;
	pump(call);
}

/* The server is gone, or does not answer, as WHY says. */
static void
miss(struct ms_call *call, enum ms_difference_kind kind, const char *why)
{
	const struct ms_step *step = step_at(call, call->answered);
	const struct ms_recorded *recorded = ms_role_recorded(call->role,
	    step, call->got);

	if (call->config->expect == MS_EXPECT_NONE ||
	    step->kind == MS_STEP_CLOSE || ms_role_is_silent(step))
		return;
	if (step->own == MS_STEP_RECORDED && !recorded &&
	    kind == MS_DIFFERENCE_CLOSED && step->kind != MS_STEP_GREETING)
		return;
	ms_played_differ(call->played, kind, step, recorded, 0, why);
}

/* talk: closed */
static void
on_closed(void *arg, enum ms_talk_end end, const char *why)
{
	struct ms_call *call = arg;

	if (!call->played->connected || end == MS_TALK_TLS)
		call->played->failed = g_strdup(why);
	else
		miss(call, MS_DIFFERENCE_CLOSED, end == MS_TALK_ENDED ?
		    "the server closed the connection" : why);
	ms_talk_free(call->talk);
	conclude(call);
}

static const struct ms_talk_events events = {
	.connected = on_connected,
	.data = on_data,
	.drained = on_drained,
	.secured = on_secured,
	.closed = on_closed,
};

/* timer */
static void
on_late(void *arg)
{
	struct ms_call *call = arg;
	char *why = g_strdup_printf("nothing for %d seconds",
	    (int)(call->config->timeout_ms / 1000));

	if (call->securing)
		call->played->failed = g_strconcat("TLS: ", why, NULL);
	else
		miss(call, MS_DIFFERENCE_LATE, why);
	g_free(why);
	hang_up(call, true);
}

struct ms_call *
ms_call_start(const struct ms_call_config *config,
    const struct ms_role *role, uint64_t run, ms_call_done *done, void *arg)
{
	struct ms_call *call = g_new0(struct ms_call, 1);
	const struct ms_talk_config talk = { .events = &events, .arg = call,
		.connect_ms = config->connect_ms };

	call->config = config;
	call->role = role;
	call->done = done;
	call->arg = arg;
	call->played = ms_played_new(role, run);
	call->began_ms = ms_clock_ms();
	call->late = ms_timer_new(config->loop, on_late, call);
	call->pace = ms_timer_new(config->loop, pump, call);
	ms_reply_init(&call->reply);
	ms_reply_init(&call->offers);
	ms_feeder_init(&call->feeder, role, config->split, config->slow,
	    call->began_ms);
	call->talk = ms_talk_connect(config->loop, config->list,
	    config->count, &talk);
	call->feeder.talk = call->talk;
	return call;
}
