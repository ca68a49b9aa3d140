#include "replay/learn.h"

#include <string.h>

#include "capture/replies.h"
#include "replay/glimpse.h"
#include "smtp/session.h"

#define BLOCK 65536

/* Lines up to that are kept with their step, others are read again. */
#define LINE_KEPT 8192

/* What the first byte of TLS says: a handshake (RFC 8446, 5.1). */
#define TLS_RECORD 0x16

#define NO_TLS "TLS begins there, and what was said inside is not in the " \
	"capture"

#define NO_END "the message there has no end (a dot on a line of its own), " \
	"but was answered"

struct learner {
	struct ms_dialogue *dialogue;
	struct ms_role *role;
	struct ms_session *session;
	struct ms_replies *replies;
	GArray *heard;		/* size_t for each piece: how many steps were
				 * answered when it was said */
	GArray *pauses;		/* int64_t for each piece, likewise */
	size_t answered;	/* steps, in their order */
	size_t piece;		/* of the client, which is fed, */
	uint64_t consumed;	/* and what of all its bytes was */
	uint64_t said;		/* bytes of all pieces so far */
	size_t text;		/* bytes that the role keeps in memory */
	int64_t time_us;	/* of the last turn; -1: unknown */
	size_t open;		/* the step whose bytes go on; 0: none */
	bool blind;		/* what the server said is not known (any
				 * more) */
	bool deaf;		/* nor what the client said */
	bool tls;		/* STARTTLS was accepted, and TLS did not
				 * begin yet */
	size_t heard_turn;	/* that the last reply was in */
	bool endless;		/* a message was answered before its end, which
				 * nobody knows */
	bool ended;		/* the end of the connection was captured */
	bool leaving;		/* so was the client's */
};

static size_t
last_step(const struct learner *l)
{
	return l->role->steps->len - 2;
}

/* What comes now cannot be played. */
static void
cut(struct learner *l, const char *why)
{
	l->deaf = true;
	if (!l->role->cut)
		l->role->cut = g_strdup(why);
}

/* Nobody knows any more which reply belongs to what. */
static void
lose_server(struct learner *l)
{
	l->blind = true;
	if (!l->role->cut)
		l->role->cut = g_strdup("not all that the server said there "
		    "was captured: replies are not compared from there on");
}

static enum ms_status
charge(struct learner *l, size_t size, struct ms_error *err)
{
	l->text += size;
	if (l->text <= MS_ROLE_TEXT_MAX &&
	    l->role->steps->len <= MS_ROLE_STEPS_MAX)
		return MS_OK;
	return ms_error_set(err, MS_E_LIMIT, "a client that said more than "
	    "%d things, or things too long to be kept", MS_ROLE_STEPS_MAX);
}

/* The piece that the byte at OFFSET is in. Steps come in their order, so that
 * it is the one that is fed or not far before. */
static size_t
piece_of(const struct learner *l, uint64_t offset)
{
	const struct ms_role_piece *pieces = (const struct ms_role_piece *)
	    (const void *)l->role->pieces->data;
	size_t i = l->piece;

	while (i + 1 < l->role->pieces->len && pieces[i + 1].offset <= offset)
		i++;
	while (i > 0 && pieces[i].offset > offset)
		i--;
	return i;
}

/* What the session left out up to OFFSET, as the rest of a line that is too
 * long, belongs to the last step. */
static void
extend(struct learner *l, uint64_t offset)
{
	struct ms_step *step = ms_role_step(l->role, last_step(l));

	if (last_step(l) > 0 && step->offset + step->size < offset)
		step->size = offset - step->offset;
}

/* Append STEP, which begins at OFFSET of what the client said. */
static enum ms_status
add_step(struct learner *l, struct ms_step *step, uint64_t offset,
    struct ms_error *err)
{
	const size_t at = l->role->steps->len - 1;
	const size_t piece = piece_of(l, offset);
	const struct ms_role_piece *said = &g_array_index(l->role->pieces,
	    struct ms_role_piece, piece);

	extend(l, offset);
	step->after = at;
	if (!l->blind)
		step->after = MIN(at, MAX(1, g_array_index(l->heard, size_t,
		    piece)));
	if (said->offset == offset)
		step->pause_us = g_array_index(l->pauses, int64_t, piece);
	g_array_insert_val(l->role->steps, (guint)at, *step);
	return charge(l, sizeof *step + step->line_size, err);
}

/* What is open goes up to END. */
static void
close_step(struct learner *l, uint64_t end)
{
	struct ms_step *step;

	if (l->open == 0)
		return;
	step = ms_role_step(l->role, l->open);
	step->size = end - step->offset;
	l->open = 0;
}

/* The line of STEP, byte for byte. */
static enum ms_status
take_line(struct learner *l, struct ms_step *step,
    const struct ms_event *event, struct ms_error *err)
{
	size_t got = 1;

	step->offset = event->offset;
	step->size = event->size;
	if (event->size > LINE_KEPT)
		return MS_OK;
	step->line = g_malloc(event->size + 1);
	while (step->line_size < event->size && got > 0) {
		enum ms_status status;

		got = (size_t)event->size - step->line_size;
		status = ms_role_client(l->role,
		    event->offset + step->line_size, step->line +
		    step->line_size, &got, err);
		if (status != MS_OK)
			return status;
		step->line_size += got;
	}
	step->line[step->line_size] = '\0';
	step->offset += step->line_size;
	step->size = 0;
	return MS_OK;
}

static enum ms_status
on_line(struct learner *l, const struct ms_event *event, struct ms_error *err)
{
	struct ms_step step = { .kind = event->kind == MS_EVENT_RESPONSE ?
	    MS_STEP_RESPONSE : MS_STEP_COMMAND };
	enum ms_status status = take_line(l, &step, event, err);

	/* A reply may have ended a message before its end. */
	close_step(l, event->offset);
	if (event->kind == MS_EVENT_COMMAND)
		(void)g_strlcpy(step.verb,
		    ms_request_verb(event->request->verb), sizeof step.verb);
	if (status == MS_OK)
		status = add_step(l, &step, event->offset, err);
	else
		g_free(step.line);
	if (status == MS_OK && event->kind == MS_EVENT_COMMAND &&
	    event->request->verb == MS_VERB_BDAT)
		l->open = last_step(l);
	return status;
}

/* Bytes of a message, or its end, which began at START. */
static enum ms_status
on_content(struct learner *l, uint64_t start, struct ms_error *err)
{
	struct ms_step step = { .kind = MS_STEP_CONTENT, .offset = start };
	enum ms_status status;

	if (l->open > 0)
		return MS_OK;
	status = add_step(l, &step, start, err);
	l->open = last_step(l);
	return status;
}

/* START: of what was fed when the event came. */
static enum ms_status
on_event(struct learner *l, const struct ms_event *event, uint64_t start,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	switch (event->kind) {
	case MS_EVENT_COMMAND:
	case MS_EVENT_RESPONSE:
	case MS_EVENT_BAD_LINE:
		return on_line(l, event, err);
	case MS_EVENT_CONTENT:
		return on_content(l, start, err);
	case MS_EVENT_CONTENT_END:
		status = on_content(l, start, err);
		close_step(l, l->consumed);
		return status;
	case MS_EVENT_CHUNK_END:
		close_step(l, l->consumed);
		return MS_OK;
	case MS_EVENT_TLS:
		l->tls = true;
		return MS_OK;
	}
	return status;
}

/* Give the session what it takes of the client's pieces. */
static enum ms_status
feed(struct learner *l, struct ms_error *err)
{
	unsigned char *block = g_malloc(BLOCK);
	const uint64_t fed = l->said;
	enum ms_status status = MS_OK;
	struct ms_event event;
	size_t got, used = 0, at;

	do {
		const uint64_t before = l->consumed;

		got = l->consumed < fed && !l->tls ? BLOCK : 0;
		if (got > 0)
			status = ms_role_client(l->role, l->consumed, block,
			    &got, err);
		for (at = 0; status == MS_OK && !l->tls; ) {
			const uint64_t start = l->consumed;
			const enum ms_status more = ms_session_feed(
			    l->session, block + at, got - at, &used, &event);

			at += used;
			l->consumed += used;
			l->piece = piece_of(l, l->consumed);
			if (more != MS_OK)
				break;
			status = on_event(l, &event, start, err);
		}
		if (l->consumed == before)
			break;
	} while (status == MS_OK && l->consumed < fed);
	g_free(block);
	return status;
}

/* How long after what was said before it did the reply that is next come?
 * Several in a turn came together. */
static int64_t
delay_of(struct learner *l)
{
	const size_t turn = ms_replies_turn(l->replies);
	const int64_t now = ms_dialogue_turn(l->dialogue, turn)->time_us;
	const int64_t before = turn > l->heard_turn ?
	    ms_dialogue_turn(l->dialogue, turn - 1)->time_us : -1;

	l->heard_turn = turn;
	return now >= 0 && before >= 0 ? MAX(0, now - before) : 0;
}

/* A reply, CODE with TEXT; RECORDED: it was heard. */
static enum ms_status
answer(struct learner *l, int code, const char *text, bool recorded,
    struct ms_error *err)
{
	struct ms_answered answered = { 0 };
	struct ms_step *step;

	if (ms_session_answer(l->session, code, text, &answered) != MS_OK ||
	    answered.asked == MS_ASKED_NOTHING) {
		l->role->unasked += recorded;
		return MS_OK;
	}
	if (l->endless)
		return MS_OK;
	if (recorded && answered.asked == MS_ASKED_CONTENT &&
	    answered.unseen && (l->open == 0 || !ms_glimpse_dot(l->role,
	    ms_role_step(l->role, l->open)->offset, l->consumed))) {
		l->endless = true;
		cut(l, NO_END);
		return MS_OK;
	}
	step = ms_role_step(l->role, MIN(l->answered, last_step(l)));
	if (recorded && step->count == 0)
		step->answer_us = delay_of(l);
	if (recorded)
		ms_role_answer(l->role, step, code, text);
	if (!answered.more)
		l->answered++;
	return charge(l, text ? strlen(text) : 0, err);
}

/* All replies that were heard before turn TURN, and what the client said that
 * waited for them. */
static enum ms_status
answer_until(struct learner *l, size_t turn, struct ms_error *err)
{
	const struct ms_reply *reply;
	enum ms_status status = MS_OK;

	while (status == MS_OK && !l->blind) {
		status = ms_replies_peek(l->replies, &reply, err);
		if (status != MS_OK || ms_replies_turn(l->replies) >= turn)
			break;
		/* Nobody can know to what this is the reply. */
		if (ms_replies_shaken(l->replies) && l->answered > 0) {
			lose_server(l);
			break;
		}
		status = answer(l, reply->code, reply->text->str, true, err);
		ms_replies_take(l->replies);
		if (status == MS_OK)
			status = feed(l, err);
	}
	return status == MS_END ? MS_OK : status;
}

static enum ms_status
on_said(struct learner *l, size_t turn, struct ms_error *err)
{
	const struct ms_turn *t = ms_dialogue_turn(l->dialogue, turn);
	const struct ms_role_piece piece = { turn, l->said };
	const int64_t pause = t->time_us >= 0 && l->time_us >= 0 ?
	    MAX(0, t->time_us - l->time_us) : 0;

	if (l->deaf)
		return MS_OK;
	if (l->tls) {
		cut(l, NO_TLS);
		return MS_OK;
	}
	g_array_append_val(l->role->pieces, piece);
	g_array_append_val(l->heard, l->answered);
	g_array_append_val(l->pauses, pause);
	l->said += t->size;
	return feed(l, err);
}

/* TLS begins, and the dialogue has what is inside. */
static void
on_secure(struct learner *l)
{
	for (size_t i = last_step(l); l->tls && i > 0; i--) {
		struct ms_step *step = ms_role_step(l->role, i);

		if (strcmp(step->verb, "STARTTLS") != 0)
			continue;
		step->secure = true;
		l->tls = false;
		ms_session_secured(l->session);
		return;
	}
	if (last_step(l) == 0)
		l->role->tls_first = true;
}

static enum ms_status
on_turn(struct learner *l, size_t i, struct ms_error *err)
{
	const struct ms_turn *turn = ms_dialogue_turn(l->dialogue, i);
	struct ms_step *end;
	enum ms_status status = answer_until(l, i, err);

	if (status != MS_OK)
		return status;
	if (turn->kind == MS_TURN_SECURE)
		on_secure(l);
	else if (turn->kind == MS_TURN_END || turn->kind == MS_TURN_RESET)
		l->ended = true;
	else if (turn->kind == MS_TURN_GAP && turn->side == MS_SIDE_SERVER)
		lose_server(l);
	if (turn->side == MS_SIDE_SERVER)
		return MS_OK;
	if (turn->kind == MS_TURN_BYTES)
		status = on_said(l, i, err);
	else if (turn->kind == MS_TURN_GAP)
		cut(l, "what the client said there was not captured");
	else if ((turn->kind == MS_TURN_END ||
	    turn->kind == MS_TURN_RESET) && !l->leaving) {
		l->leaving = true;
		end = ms_role_step(l->role, l->role->steps->len - 1);
		end->after = l->answered;
		end->reset = turn->kind == MS_TURN_RESET;
	}
	return status;
}

/* What a server would answer to the oldest that waits for a reply. */
static int
supposed(const struct learner *l)
{
	static const struct {
		const char *verb;
		int code;
	} codes[] = {
		{ "DATA", 354 }, { "AUTH", 334 }, { "QUIT", 221 },
		{ "XCLIENT", 220 }, { "VRFY", 252 },
	};
	const struct ms_step *step = ms_role_step(l->role,
	    MIN(l->answered, last_step(l)));
	unsigned char next = 0;
	const char *blank;
	size_t got = 1;

	if (strcmp(step->verb, "STARTTLS") == 0) {
		(void)ms_role_client(l->role, l->consumed, &next, &got, NULL);
		return next == TLS_RECORD ? 220 : 454;
	}
	/* With an initial response (RFC 4954, 4). */
	blank = step->line ? strchr(step->line, ' ') : NULL;
	if (strcmp(step->verb, "AUTH") == 0 && blank &&
	    strchr(blank + 1, ' '))
		return 235;
	for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
		if (strcmp(step->verb, codes[i].verb) == 0)
			return codes[i].code;
	return step->kind == MS_STEP_RESPONSE ? 235 : 250;
}

/* Nobody heard replies to what is left. */
static enum ms_status
suppose(struct learner *l, struct ms_error *err)
{
	enum ms_status status = feed(l, err);

	while (status == MS_OK && ms_session_owes(l->session) > 0) {
		const uint64_t before = l->consumed;
		const size_t answered = l->answered;

		status = answer(l, supposed(l), NULL, false, err);
		if (status == MS_OK)
			status = feed(l, err);
		if (l->consumed == before && l->answered == answered)
			break;
	}
	return status;
}

/* What all of it means. */
static void
conclude(struct learner *l, size_t heard)
{
	struct ms_role *role = l->role;
	const struct ms_dialogue *dialogue = l->dialogue;
	const size_t last = role->steps->len - 1;
	const bool within = ms_session_in_content(l->session) || l->endless;
	struct ms_step *end = ms_role_step(role, last);

	close_step(l, l->consumed);
	extend(l, l->consumed);
	if (!l->leaving || l->blind)
		end->after = last - (within ? 1 : 0);
	end->after = CLAMP(end->after, 1, last);
	for (size_t i = heard; i < last; i++)
		ms_role_step(role, i)->silent = !l->blind && l->ended &&
		    !l->deaf && dialogue->heard[MS_SIDE_SERVER];
	if (ms_glimpse_tls(role)) {
		g_array_remove_range(role->steps, 1, (guint)last - 1);
		ms_role_step(role, 1)->after = 1;
		g_free(role->cut);
		role->cut = g_strdup(NO_TLS);
	}
	if (l->tls && l->consumed < l->said)
		cut(l, NO_TLS);
	if (!role->cut && within && !l->leaving)
		role->cut = g_strdup("the capture ends within a message");
	if (!role->cut && !dialogue->begun)
		role->cut = g_strdup("the capture lacks its beginning");
	if (!role->cut && !dialogue->heard[MS_SIDE_CLIENT])
		role->cut = g_strdup("the client was not captured");
}

/* Is the first thing that the server said a greeting? */
static enum ms_status
has_greeting(struct learner *l, bool *greeting, struct ms_error *err)
{
	const struct ms_reply *reply;
	enum ms_status status = ms_replies_peek(l->replies, &reply, err);
	size_t first = 0;

	*greeting = false;
	if (status != MS_OK)
		return status == MS_END ? MS_OK : status;
	while (first < l->dialogue->turns->len && (ms_dialogue_turn(
	    l->dialogue, first)->kind != MS_TURN_BYTES || ms_dialogue_turn(
	    l->dialogue, first)->side != MS_SIDE_CLIENT))
		first++;
	*greeting = reply->code == 220 || (l->dialogue->begun &&
	    ms_replies_turn(l->replies) < first);
	return MS_OK;
}

static enum ms_status
listen_to(struct learner *l, struct ms_error *err)
{
	struct ms_session_config config = { .lmtp = l->role->lmtp,
		.lenient = true, .recipients_max = MS_ROLE_STEPS_MAX,
		.pipeline_max = MS_ROLE_STEPS_MAX };
	enum ms_status status = has_greeting(l, &config.greeting, err);
	size_t heard;

	l->blind = !l->dialogue->heard[MS_SIDE_SERVER];
	l->answered = config.greeting ? 0 : 1;
	l->session = ms_session_new(&config);
	for (size_t i = 0; i < l->dialogue->turns->len && status == MS_OK;
	    i++) {
		const struct ms_turn *turn = ms_dialogue_turn(l->dialogue, i);

		status = on_turn(l, i, err);
		if (turn->kind == MS_TURN_BYTES)
			l->time_us = turn->time_us;
	}
	if (status == MS_OK)
		status = answer_until(l, l->dialogue->turns->len, err);
	heard = l->answered;
	if (status == MS_OK)
		status = suppose(l, err);
	if (status == MS_OK)
		conclude(l, heard);
	return status;
}

enum ms_status
ms_learn(struct ms_dialogue *dialogue, struct ms_role **role,
    struct ms_error *err)
{
	struct learner l = { .dialogue = dialogue, .role = ms_role_new(),
		.time_us = -1 };
	enum ms_status status;

	l.role->dialogue = dialogue;
	l.role->number = dialogue->number;
	l.role->client = g_strdup(dialogue->client);
	l.role->server = g_strdup(dialogue->server);
	if (dialogue->unit)
		l.role->origin = g_strdup_printf("%s %" G_GUINT64_FORMAT,
		    dialogue->unit, dialogue->position);
	l.role->lmtp = ms_glimpse_lmtp(dialogue);
	l.heard = g_array_new(FALSE, FALSE, sizeof(size_t));
	l.pauses = g_array_new(FALSE, FALSE, sizeof(int64_t));
	l.replies = ms_replies_new(dialogue);
	status = listen_to(&l, err);
	ms_replies_free(l.replies);
	ms_session_free(l.session);
	g_array_unref(l.heard);
	g_array_unref(l.pauses);
	*role = status == MS_OK ? l.role : NULL;
	if (status != MS_OK)
		ms_role_free(l.role);
	return status;
}
