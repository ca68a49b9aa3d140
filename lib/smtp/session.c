#include "smtp/session.h"

#include <string.h>

#include "smtp/owed.h"
#include "smtp/standing.h"

#define LINE_MAX_DEFAULT 4096
#define RESPONSE_MAX_DEFAULT 12288
#define RECIPIENTS_MAX_DEFAULT 1000

/* What the next byte of the client is part of. */
enum mode {
	MODE_COMMAND,
	MODE_RESPONSE,
	MODE_CONTENT,
	MODE_CHUNK,
	MODE_TLS_DUE,
	MODE_TLS,
	MODE_OVER
};

struct ms_session {
	struct ms_session_config config;
	struct ms_session_state state;
	enum mode mode;
	GQueue *pending;	/* of struct ms_owed, the oldest first */
	bool blocked;		/* its last one has to be answered before
				 * anything else is taken */
	bool done;		/* the transaction is over: forget it */
	unsigned anew;		/* of those pending, that begin anew: MAIL,
				 * RSET, hello */
	uint64_t offset;	/* of the next byte that is fed */
	struct ms_gather gather;	/* lines */
	struct ms_payload payload;
	uint64_t content_offset;
	bool chunking;		/* PAYLOAD is that of chunks so far */
	struct ms_owed *chunk;	/* a BDAT of which the payload is not over,
				 * or which is not answered */
	uint64_t left;		/* of its bytes */
	bool unknown;		/* how many are left nobody knows */
};

struct ms_session *
ms_session_new(const struct ms_session_config *config)
{
	struct ms_session *s = g_new0(struct ms_session, 1);
	struct ms_session_config *c = &s->config;

	*c = *config;
	c->line_max = c->line_max ? c->line_max : LINE_MAX_DEFAULT;
	c->response_max = c->response_max ? c->response_max :
	    RESPONSE_MAX_DEFAULT;
	c->recipients_max = c->recipients_max ? c->recipients_max :
	    RECIPIENTS_MAX_DEFAULT;
	c->pipeline_max = c->pipeline_max ? c->pipeline_max : 1;
	ms_standing_init(&s->state);
	s->pending = g_queue_new();
	ms_gather_init(&s->gather);
	if (c->greeting)
		g_queue_push_tail(s->pending,
		    ms_owed_new(MS_ASKED_GREETING, 0));
	return s;
}

void
ms_session_free(struct ms_session *session)
{
	struct ms_owed *asked;

	if (!session)
		return;
	/* A BDAT that was answered before its end is in no queue. */
	if (session->chunk && !g_queue_find(session->pending, session->chunk))
		ms_owed_free(session->chunk);
	while ((asked = g_queue_pop_head(session->pending)))
		ms_owed_free(asked);
	g_queue_free(session->pending);
	ms_gather_clear(&session->gather);
	ms_standing_clear(&session->state);
	g_free(session);
}

static struct ms_owed *
ask(struct ms_session *s, enum ms_asked what, uint64_t offset)
{
	struct ms_owed *asked = ms_owed_new(what, offset);

	g_queue_push_tail(s->pending, asked);
	return asked;
}

/* What was decided before is now to be forgotten. */
static void
settle(struct ms_session *s)
{
	if (!s->done)
		return;
	s->done = false;
	ms_standing_reset(&s->state);
	if (!s->chunk)
		s->chunking = false;
}

static bool
begins_anew(enum ms_verb verb)
{
	return verb == MS_VERB_MAIL || verb == MS_VERB_RSET ||
	    verb == MS_VERB_EHLO || verb == MS_VERB_HELO ||
	    verb == MS_VERB_LHLO;
}

static bool
blocks(enum ms_verb verb)
{
	return verb == MS_VERB_DATA || verb == MS_VERB_AUTH ||
	    verb == MS_VERB_STARTTLS || verb == MS_VERB_XCLIENT ||
	    verb == MS_VERB_QUIT;
}

/* BDAT: its bytes follow at once. One of which nobody knows the size has
 * none. */
static void
begin_chunk(struct ms_session *s, struct ms_owed *asked)
{
	if (!asked->request.has_size)
		return;
	s->chunk = asked;
	s->left = asked->request.size;
	s->unknown = false;
	s->mode = MODE_CHUNK;
	s->content_offset = s->offset;
	if (!s->chunking || s->anew > 0)
		ms_payload_init(&s->payload, MS_PAYLOAD_CHUNKS);
	s->chunking = true;
}

static void
take_command(struct ms_session *s, struct ms_event *event)
{
	const bool alone = g_queue_is_empty(s->pending);
	struct ms_owed *asked = ask(s, MS_ASKED_COMMAND, event->offset);
	struct ms_request *request = &asked->request;

	ms_request_parse(request, (const char *)event->data,
	    event->data_size);
	event->kind = MS_EVENT_COMMAND;
	event->request = request;
	asked->problem = request->problem;
	if (asked->problem.code == 0 && alone)
		asked->problem = ms_standing_order(&s->state, request,
		    &s->config);
	event->problem = asked->problem;
	s->blocked = blocks(request->verb);
	if (request->verb == MS_VERB_BDAT)
		begin_chunk(s, asked);
	else if (begins_anew(request->verb))
		s->anew++;
}

static struct ms_refusal
refusal_of(unsigned flaws)
{
	if (flaws & MS_LINE_LONG)
		return (struct ms_refusal){ 500, "5.5.2", "Line too long" };
	if (flaws & MS_LINE_BARE_LF)
		return (struct ms_refusal){ 521, "5.5.2", "Bare line feed" };
	if (flaws & MS_LINE_BARE_CR)
		return (struct ms_refusal){ 521, "5.5.2",
			"Bare carriage return" };
	return (struct ms_refusal){ 500, "5.5.2", "NUL in a command" };
}

static void
take_bad_line(struct ms_session *s, struct ms_event *event)
{
	event->kind = MS_EVENT_BAD_LINE;
	event->problem = refusal_of(event->flaws);
	(void)ask(s, MS_ASKED_BAD_LINE, event->offset);
	s->blocked = s->mode == MODE_RESPONSE;
}

/* A line is there. A lenient one may end with LF, and with more CRs. */
static void
take_line(struct ms_session *s, struct ms_event *event)
{
	const struct ms_gather *gather = &s->gather;
	bool bad = gather->flaws != 0;

	event->offset = gather->offset;
	event->size = gather->size;
	event->data = gather->data;
	event->data_size = gather->data_size;
	event->flaws = gather->flaws;
	if (bad && s->config.lenient) {
		while (event->data_size > 0 &&
		    event->data[event->data_size - 1] == '\r')
			event->data_size--;
		bad = (event->flaws & (MS_LINE_NUL | MS_LINE_LONG)) ||
		    memchr(event->data, '\r', event->data_size);
	}
	if (bad) {
		take_bad_line(s, event);
	} else if (s->mode == MODE_RESPONSE) {
		event->kind = MS_EVENT_RESPONSE;
		(void)ask(s, MS_ASKED_RESPONSE, event->offset);
		s->blocked = true;
	} else {
		take_command(s, event);
	}
}

static enum ms_status
feed_line(struct ms_session *s, const unsigned char *data, size_t size,
    size_t *used, struct ms_event *event)
{
	const enum ms_status status = ms_gather_feed(&s->gather, data, size,
	    s->mode == MODE_RESPONSE ? s->config.response_max :
	    s->config.line_max, s->offset, used);

	s->offset += *used;
	if (status == MS_OK)
		take_line(s, event);
	return status;
}

static enum ms_status
feed_content(struct ms_session *s, const unsigned char *data, size_t size,
    size_t *used, struct ms_event *event)
{
	enum ms_status status = ms_payload_feed(&s->payload, data, size, used,
	    &event->data, &event->data_size);

	event->offset = s->offset;
	event->size = *used;
	s->offset += *used;
	if (status == MS_OK) {
		event->kind = MS_EVENT_CONTENT_END;
		event->data = NULL;
		event->offset = s->content_offset;
		event->size = s->payload.facts.raw_size;
		event->facts = &s->payload.facts;
		(void)ask(s, MS_ASKED_CONTENT, s->content_offset);
		s->mode = MODE_COMMAND;
		return MS_OK;
	}
	event->kind = MS_EVENT_CONTENT;
	return event->data_size > 0 ? MS_OK : MS_END;
}

/* All bytes of the chunk are here. */
static void
end_chunk(struct ms_session *s, struct ms_event *event)
{
	struct ms_owed *chunk = s->chunk;

	s->mode = MODE_COMMAND;
	event->kind = MS_EVENT_CHUNK_END;
	event->offset = s->content_offset;
	event->size = chunk->request.size;
	event->last = chunk->request.last;
	event->request = &chunk->request;
	event->problem = chunk->problem;
	event->facts = &s->payload.facts;
	if (event->last) {
		const unsigned char *none;
		size_t size;

		ms_payload_end(&s->payload, &none, &size);
	}
	s->blocked = g_queue_find(s->pending, chunk) != NULL;
}

static enum ms_status
feed_chunk(struct ms_session *s, const unsigned char *data, size_t size,
    size_t *used, struct ms_event *event)
{
	const size_t most = (size_t)MIN((uint64_t)size, s->left);

	if (s->left == 0) {
		*used = 0;
		end_chunk(s, event);
		return MS_OK;
	}
	if (most == 0)
		return MS_END;
	event->kind = MS_EVENT_CONTENT;
	(void)ms_payload_feed(&s->payload, data, most, used, &event->data,
	    &event->data_size);
	event->offset = s->offset;
	event->size = *used;
	event->problem = s->chunk->problem;
	s->offset += *used;
	s->left -= *used;
	return MS_OK;
}

bool
ms_session_waits(const struct ms_session *session)
{
	if (session->mode == MODE_TLS)
		return true;
	/* Its bytes come whatever is answered. */
	if (session->mode == MODE_CHUNK || session->mode == MODE_TLS_DUE)
		return false;
	return session->blocked ||
	    session->pending->length >= session->config.pipeline_max;
}

/* A BDAT whose payload is over, and which was answered before that. */
static void
drop_chunk(struct ms_session *s)
{
	if (!s->chunk || s->mode == MODE_CHUNK ||
	    g_queue_find(s->pending, s->chunk))
		return;
	ms_owed_free(s->chunk);
	s->chunk = NULL;
}

enum ms_status
ms_session_feed(struct ms_session *session, const void *data, size_t size,
    size_t *used, struct ms_event *event)
{
	const unsigned char *p = size > 0 ? data : (const void *)"";
	enum ms_status status = MS_END;
	size_t at = 0;

	*used = 0;
	drop_chunk(session);
	settle(session);
	while (status == MS_END && !ms_session_waits(session)) {
		size_t n = 0;

		*event = (struct ms_event){ 0 };
		if (session->mode == MODE_TLS_DUE) {
			session->mode = MODE_TLS;
			event->kind = MS_EVENT_TLS;
			event->offset = session->offset;
			event->size = size - at;
			return MS_OK;
		}
		if (at == size && !(session->mode == MODE_CHUNK &&
		    session->left == 0))
			break;
		if (session->mode == MODE_OVER) {
			session->offset += size - at;
			n = size - at;
		} else if (session->mode == MODE_CONTENT) {
			status = feed_content(session, p + at, size - at, &n,
			    event);
		} else if (session->mode == MODE_CHUNK) {
			status = feed_chunk(session, p + at, size - at, &n,
			    event);
		} else {
			status = feed_line(session, p + at, size - at, &n,
			    event);
		}
		at += n;
	}
	*used = at;
	return status;
}

static void
answer_verb(struct ms_session *s, struct ms_owed *asked, int code)
{
	const bool good = code / 100 == 2;

	switch (asked->request.verb) {
	case MS_VERB_DATA:
		if (code / 100 != 3)
			break;
		s->mode = MODE_CONTENT;
		s->content_offset = s->offset;
		ms_payload_init(&s->payload, s->config.loose ?
		    MS_PAYLOAD_LOOSE : MS_PAYLOAD_DATA);
		break;
	case MS_VERB_AUTH:
		if (code == 334)
			s->mode = MODE_RESPONSE;
		break;
	case MS_VERB_STARTTLS:
		if (good)
			s->mode = MODE_TLS_DUE;
		break;
	case MS_VERB_QUIT:
		if (good)
			s->mode = MODE_OVER;
		break;
	default:
		break;
	}
}

/* BDAT: true if it was its last reply. */
static bool
answer_chunk(struct ms_session *s, struct ms_owed *asked, int code,
    struct ms_answered *answered)
{
	struct ms_session_state *state = &s->state;
	const bool failed = state->chunk_failed;
	const bool last = asked->request.last;
	bool over = true;

	if (asked == s->chunk && s->mode == MODE_CHUNK) {
		asked->unseen = answered->unseen = true;
		if (s->unknown)
			s->mode = MODE_COMMAND;
		if (code / 100 != 2 && asked->problem.code == 0)
			asked->problem = (struct ms_refusal){ 503, "5.5.1",
				"This chunk was refused" };
	}
	if (last)
		over = ms_owed_answer(asked, &s->state, answered);
	if (!over)
		return false;
	/* In LMTP, each of them has its own reply. */
	(void)ms_standing_answer(state, &asked->request,
	    asked->got > 1 ? 250 : code, NULL, 0);
	answered->ends = code / 100 == 2 ? last : !failed && state->open;
	s->done |= last;
	return true;
}

static bool
answer_command(struct ms_session *s, struct ms_owed *asked, int code,
    const char *text, struct ms_answered *answered)
{
	const struct ms_request *request = &asked->request;

	answered->verb = request->verb;
	if (request->verb == MS_VERB_BDAT)
		return answer_chunk(s, asked, code, answered);
	answered->recipient = ms_standing_answer(&s->state, request, code,
	    text, s->config.recipients_max);
	answer_verb(s, asked, code);
	if (begins_anew(request->verb)) {
		s->anew--;
		if (code / 100 == 2 && !s->chunk)
			s->chunking = false;
	}
	return true;
}

/* The oldest one has all its replies. */
static void
pop(struct ms_session *s)
{
	struct ms_owed *asked = g_queue_pop_head(s->pending);

	if (g_queue_is_empty(s->pending))
		s->blocked = false;
	if (asked == s->chunk && s->mode == MODE_CHUNK)
		return;
	if (asked == s->chunk)
		s->chunk = NULL;
	ms_owed_free(asked);
}

enum ms_status
ms_session_answer(struct ms_session *session, int code, const char *text,
    struct ms_answered *answered)
{
	struct ms_answered unused = { .recipient = -1 };
	struct ms_owed *asked;
	bool over = true;

	answered = answered ? answered : &unused;
	*answered = (struct ms_answered){ .recipient = -1 };
	settle(session);
	asked = g_queue_peek_head(session->pending);
	if (!asked && session->mode == MODE_CONTENT) {
		asked = ask(session, MS_ASKED_CONTENT,
		    session->content_offset);
		asked->unseen = true;
		session->mode = MODE_COMMAND;
	}
	if (!asked)
		return MS_END;
	answered->asked = asked->asked;
	answered->offset = asked->offset;
	answered->unseen = asked->unseen;
	if (asked->asked == MS_ASKED_COMMAND) {
		over = answer_command(session, asked, code, text, answered);
	} else if (asked->asked == MS_ASKED_CONTENT) {
		over = ms_owed_answer(asked, &session->state,
		    answered);
		answered->ends = session->done = over;
	} else if (session->mode == MODE_RESPONSE && code != 334) {
		session->state.authenticated |= code / 100 == 2;
		session->mode = MODE_COMMAND;
	}
	if (over)
		pop(session);
	return MS_OK;
}

unsigned
ms_session_owes(const struct ms_session *session)
{
	unsigned all = 0;

	for (const GList *l = session->pending->head; l; l = l->next) {
		const struct ms_owed *asked = l->data;

		all += ms_owed_replies(asked, &session->state) - asked->got;
	}
	return all;
}

void
ms_session_secured(struct ms_session *session)
{
	ms_standing_forget(&session->state);
	session->state.tls = true;
	session->done = session->chunking = false;
	session->mode = MODE_COMMAND;
	ms_gather_reset(&session->gather);
}

bool
ms_session_skip(struct ms_session *session, uint64_t size)
{
	bool known = false;

	switch (session->mode) {
	case MODE_CONTENT:
		ms_payload_skip(&session->payload);
		break;
	case MODE_CHUNK:
		known = size > 0 && size <= session->left;
		session->unknown |= size == 0;
		session->left -= MIN(size, session->left);
		ms_payload_skip(&session->payload);
		break;
	case MODE_COMMAND:
	case MODE_RESPONSE:
		ms_gather_skip(&session->gather);
		break;
	case MODE_TLS_DUE:
	case MODE_TLS:
	case MODE_OVER:
		break;
	}
	return known;
}

void
ms_session_unchunk(struct ms_session *session)
{
	if (session->mode != MODE_CHUNK)
		return;
	/* It is still owed a reply. */
	session->chunk = NULL;
	session->left = 0;
	session->mode = MODE_COMMAND;
}

bool
ms_session_in_content(const struct ms_session *session)
{
	return session->mode == MODE_CONTENT || session->mode == MODE_CHUNK;
}

bool
ms_session_is_over(const struct ms_session *session)
{
	return session->mode == MODE_OVER;
}

const struct ms_session_state *
ms_session_state(const struct ms_session *session)
{
	return &session->state;
}

const char *
ms_session_protocol(const struct ms_session *session)
{
	return ms_standing_protocol(&session->state);
}
