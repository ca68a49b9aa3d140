#include "capture/hearing.h"

#include <string.h>

#include "capture/ahead.h"
#include "capture/answers.h"
#include "capture/handout.h"
#include "capture/seal.h"
#include "capture/stray.h"
#include "capture/suspect.h"
#include "smtp/session.h"

#define BLOCK 65536

/* Recipients of a message that are told; RFC 5321 wants 100 at least. */
#define RECIPIENTS_MAX 10000

struct hearing {
	const struct ms_dialogue *dialogue;
	struct ms_handout *handout;
	struct ms_answers *answers;
	struct ms_session_config config;
	struct ms_session *session;
	unsigned char *block;
	bool sealed;		/* a handshake was agreed on */

	/* Where the client is: the next byte to be fed. */
	struct ms_asking asking;
	uint64_t client;	/* of all its bytes */
	uint64_t base;		/* where this session began */
	uint64_t known;		/* all before it was told in events */
	int64_t time_us;
	enum ms_turn_kind end;	/* of the client: END, RESET; BYTES: none */

	bool last;		/* chunk of a message, if that is asked */

	/* Of the message that is being heard: */
	bool lost;		/* in content, its end may be in a gap, */
	bool spoken;		/* after which the server said something, */
	bool line_start;	/* and the next byte begins a line */
	size_t gap_turn;

	struct ms_suspect suspect;
	bool due;		/* it is time to hear it once more */
	struct ms_seal *seal;
	struct ms_stray *stray;	/* what stands between messages */
	int64_t stray_us;
};

static void
begin_session(struct hearing *h)
{
	if (h->session) {
		ms_handout_helo(h->handout,
		    ms_session_state(h->session)->helo);
		h->config.greeting = false;
	}
	ms_session_free(h->session);
	h->session = ms_session_new(&h->config);
	h->base = h->client;
	h->known = h->client;
	h->lost = false;
}

/* The rest begins anew: what was agreed on is unknown. */
static void
renew(struct hearing *h)
{
	ms_answers_doubt(h->answers);
	begin_session(h);
}

/* The message is over, with REPLY (NULL: none is known). WHY: it is not
 * complete, unless there is a better reason. */
static enum ms_status
end_mail(struct hearing *h, const char *reply, const char *why,
    struct ms_error *err)
{
	h->due = h->suspect.again;
	return ms_handout_end(h->handout, h->session, reply, why, err);
}

/* Hand out what stood between messages. */
static enum ms_status
give_stray(struct hearing *h, struct ms_error *err)
{
	enum ms_status status = ms_handout_begin(h->handout,
	    MS_HEARING_STRAY, h->stray_us, err);

	if (status == MS_OK)
		status = ms_stray_give(h->stray, h->config.loose,
		    ms_handout_bytes, h->handout, err);
	return status != MS_OK ? status : end_mail(h, NULL,
	    ms_stray_why(h->stray), err);
}

/* A command was understood, or nothing follows: what stood before it is no
 * command. Is it worth a look? */
static enum ms_status
close_stray(struct hearing *h, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	/* Between the chunks of a message: then behind it. */
	if (ms_handout_is_open(h->handout))
		return MS_OK;
	if (ms_stray_matters(h->stray))
		status = give_stray(h, err);
	ms_stray_close(h->stray);
	return status;
}

/* Hear chunks once more. What stood between them is given before. */
static enum ms_status
go_back(struct hearing *h, struct ms_error *err)
{
	struct ms_stray_place place;
	enum ms_status status = close_stray(h, err);

	place = ms_suspect_back(&h->suspect, h->client);
	h->asking.turn = place.turn;
	h->asking.at = place.at;
	h->client = place.client;
	ms_stray_back(h->stray, &place);
	ms_answers_back(h->answers);
	h->sealed = h->due = false;
	begin_session(h);
	return status;
}

/* The client's bytes from START to END are neither command nor content. */
static void
add_stray(struct hearing *h, uint64_t start, uint64_t end)
{
	if (!ms_stray_is_open(h->stray))
		h->stray_us = h->time_us;
	ms_stray_add(h->stray, start, end);
	if (start == 0 && !h->dialogue->begun)
		ms_stray_lacks(h->stray, "the capture begins in it");
}

/* A reply was given: does a message end with it? */
static enum ms_status
answered(struct hearing *h, const struct ms_answer *given,
    const struct ms_answered *what, struct ms_error *err)
{
	bool chunk = h->asking.event == MS_EVENT_CHUNK_END;
	bool failed = chunk && (h->last ? given->code == 500 ||
	    given->code == 502 : given->code >= 400);
	enum ms_status status;
	char *reply;

	if (what->recipient >= 0 && h->last && given->code >= 400 &&
	    (chunk || h->asking.event == MS_EVENT_CONTENT_END))
		ms_handout_late(h->handout, (unsigned)what->recipient,
		    ms_answers_text(given->code, given->text));
	if (chunk)
		ms_suspect_judge(&h->suspect, given);
	if (!what->ends && !failed)
		return MS_OK;
	reply = given->text ? ms_answers_text(given->code, given->text) :
	    NULL;
	status = end_mail(h, reply, failed ?
	    "the server refused one of its chunks" : NULL, err);
	g_free(reply);
	return status;
}

/* The reply to what waits for one. */
static enum ms_status
answer(struct hearing *h, struct ms_error *err)
{
	struct ms_answer reply;
	struct ms_answered what;
	enum ms_status status = ms_answers_next(h->answers, &h->asking,
	    &reply, err);

	if (status != MS_OK)
		return status;
	if (reply.refusal)
		ms_handout_refused(h->handout, reply.refusal);
	if (reply.doubtful)
		ms_stray_lacks_at(h->stray, h->client, reply.doubtful);
	if (ms_session_answer(h->session, reply.code, reply.text, &what) ==
	    MS_OK)
		status = answered(h, &reply, &what, err);
	g_free(reply.text);
	return status;
}

/* Content comes: a message begins, unless it goes on. */
static enum ms_status
take_content(struct hearing *h, const struct ms_event *event,
    struct ms_error *err)
{
	enum ms_status status = ms_handout_begin(h->handout,
	    MS_HEARING_MESSAGE, h->time_us, err);

	return status != MS_OK ? status : ms_handout_bytes(h->handout,
	    event->data, event->data_size, err);
}

/* BDAT, unless the server takes it for something else. */
static void
begin_chunk(struct hearing *h)
{
	const struct ms_stray_place place = { h->asking.turn, h->asking.at,
		h->client };

	if (ms_suspect_begin(&h->suspect, &place))
		return;
	ms_session_unchunk(h->session);
	h->asking.verb = MS_VERB_UNKNOWN;
	ms_stray_lacks_at(h->stray, h->client,
	    "nobody heard whether the server took a chunk");
}

static enum ms_status
take_command(struct hearing *h, const struct ms_event *event,
    struct ms_error *err)
{
	uint64_t start = h->base + event->offset;
	enum ms_status status;

	h->asking.verb = event->kind == MS_EVENT_COMMAND ?
	    event->request->verb : MS_VERB_UNKNOWN;
	if (h->asking.verb == MS_VERB_UNKNOWN) {
		add_stray(h, start, start + event->size);
		return MS_OK;
	}
	status = close_stray(h, err);
	/* Between chunks. */
	if (status == MS_OK && h->asking.verb != MS_VERB_BDAT &&
	    h->asking.verb != MS_VERB_NOOP)
		status = end_mail(h, NULL, "the client gave it up", err);
	if (h->asking.verb == MS_VERB_BDAT)
		begin_chunk(h);
	return status;
}

static enum ms_status
take(struct hearing *h, const struct ms_event *event, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	h->known = h->base + event->offset + event->size;
	if (event->kind != MS_EVENT_CONTENT)
		h->asking.event = event->kind;
	switch (event->kind) {
	case MS_EVENT_COMMAND:
	case MS_EVENT_BAD_LINE:
		return take_command(h, event, err);
	case MS_EVENT_CONTENT:
		if (h->asking.verb == MS_VERB_BDAT)
			ms_suspect_bytes(&h->suspect, event->data,
			    event->data_size);
		return take_content(h, event, err);
	case MS_EVENT_CHUNK_END:
	case MS_EVENT_CONTENT_END:
		h->last = event->kind == MS_EVENT_CONTENT_END || event->last;
		h->lost = false;
		if (event->kind == MS_EVENT_CHUNK_END)
			status = ms_suspect_end(&h->suspect, h->dialogue,
			    h->asking.turn, h->asking.at, err);
		return status != MS_OK ? status : take_content(h,
		    &(struct ms_event){ 0 }, err);
	case MS_EVENT_TLS:
		h->sealed = true;
		break;
	case MS_EVENT_RESPONSE:
		break;
	}
	return MS_OK;
}

/* Feed SIZE bytes at DATA; *USED of them were taken: all, unless a handshake
 * comes. */
static enum ms_status
feed(struct hearing *h, const unsigned char *data, size_t size, size_t *used,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;
	struct ms_event event;

	*used = 0;
	while (status == MS_OK && !h->sealed && !h->due) {
		size_t n;
		bool told;

		/* QUIT does not make the client go away. */
		if (ms_session_is_over(h->session) && *used < size)
			renew(h);
		told = ms_session_feed(h->session, data + *used,
		    size - *used, &n, &event) == MS_OK;

		/* What is there before the handshake is looked at. */
		if (told && event.kind == MS_EVENT_TLS)
			n = 0;
		*used += n;
		h->asking.at += n;
		h->client += n;
		if (told)
			status = take(h, &event, err);
		else if (ms_session_waits(h->session))
			status = answer(h, err);
		else if (*used == size)
			break;
		else
			renew(h);
	}
	return status;
}

/* A message ended in a gap: what was said to it afterwards is the reply. */
static enum ms_status
end_unseen(struct hearing *h, struct ms_error *err)
{
	const struct ms_asking asking = h->asking;
	enum ms_status status;

	h->asking = (struct ms_asking){ .turn = h->gap_turn,
		.at = UINT64_MAX, .event = MS_EVENT_CONTENT_END };
	h->lost = false;
	status = answer(h, err);
	h->asking = asking;
	if (status == MS_OK)
		status = end_mail(h, NULL, NULL, err);
	return status;
}

/* After a gap in a message: did it end in there? The server has said
 * something, or the line that the SIZE bytes at DATA begin with tells. */
static enum ms_status
find_end(struct hearing *h, const unsigned char *data, size_t size,
    struct ms_error *err)
{
	const char *line = (const char *)data;
	enum ms_status status = MS_OK;
	struct ms_ahead ahead;
	bool is = h->spoken;

	if (!is && h->line_start && strchr("MEHLRQmehlrq", *line)) {
		if (!memchr(line, '\n', size)) {
			status = ms_ahead_look(h->dialogue,
			    h->asking.turn, h->asking.at, &ahead, err);
			line = ahead.bytes;
			size = ahead.size;
		}
		is = ms_ahead_is_command(line, size, true);
	}
	return status == MS_OK && is ? end_unseen(h, err) : status;
}

/* The SIZE bytes in the block, of the client's turn. */
static enum ms_status
hear_block(struct hearing *h, size_t size, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	const unsigned char *feed_at, *p = h->block, *end = p + size;
	size_t n = 1;

	while (status == MS_OK && p < end && n > 0 && !h->sealed &&
	    !h->due) {
		size_t piece = (size_t)(end - p);

		if (h->lost)
			status = find_end(h, p, piece, err);
		if (h->lost) {
			feed_at = memchr(p, '\n', piece);
			h->line_start = feed_at != NULL;
			if (feed_at)
				piece = (size_t)(feed_at - p) + 1;
		}
		if (status == MS_OK)
			status = feed(h, p, piece, &n, err);
		p += n;
	}
	return status;
}

/* From PLACE on it is TLS, up to where the client has said END. */
static enum ms_status
hear_sealed(struct hearing *h, struct ms_stray_place *place, uint64_t end,
    struct ms_error *err)
{
	char *why = ms_seal_why(h->client, end, h->dialogue->number);
	enum ms_status status = ms_handout_begin(h->handout,
	    MS_HEARING_SEALED, h->time_us, err);

	if (status == MS_OK)
		status = ms_stray_rest(h->stray, place, end,
		    ms_handout_bytes, h->handout, err);
	h->asking.turn = place->turn;
	h->asking.at = place->at;
	h->client = place->client;
	if (status == MS_OK)
		status = end_mail(h, NULL, why, err);
	g_free(why);
	h->known = h->client;
	return status;
}

/* A handshake was agreed on: is it one that comes, and does it end? */
static enum ms_status
hear_handshake(struct hearing *h, struct ms_error *err)
{
	struct ms_stray_place place = { h->asking.turn, h->asking.at,
		h->client };
	enum ms_status status = close_stray(h, err);
	uint64_t end = UINT64_MAX;

	if (status == MS_OK)
		status = ms_seal_end(h->seal, &place, &end, err);
	if (status == MS_OK && end > h->client)
		status = hear_sealed(h, &place, end, err);
	if (status != MS_OK || end == UINT64_MAX)
		return status;
	h->sealed = false;
	renew(h);
	return MS_OK;
}

/* What the client says in this turn, and, of TLS, in all others. */
static enum ms_status
hear_turn(struct hearing *h, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	size_t got, turn = h->asking.turn;

	while (status == MS_OK && h->asking.turn == turn &&
	    h->asking.at < ms_dialogue_turn(h->dialogue, turn)->size) {
		if (h->sealed) {
			status = hear_handshake(h, err);
			continue;
		}
		got = BLOCK;
		status = ms_dialogue_read(h->dialogue, turn, h->asking.at,
		    h->block, &got, err);
		if (status == MS_OK)
			status = hear_block(h, got, err);
		if (status == MS_OK && h->due)
			status = go_back(h, err);
	}
	return status;
}

/* Some bytes of the client are missing here. */
static enum ms_status
hear_gap(struct hearing *h, uint64_t size, struct ms_error *err)
{
	bool content = ms_session_in_content(h->session);
	enum ms_status status = MS_OK;
	char *why;

	if (h->sealed)
		return MS_OK;
	why = ms_stray_gap(size, h->client, h->dialogue->number);
	if (content)
		status = take_content(h, &(struct ms_event){ 0 }, err);
	if (ms_handout_is_open(h->handout)) {
		ms_handout_lacks(h->handout, why);
	} else {
		if (h->client > h->known)
			add_stray(h, h->known, h->client);
		ms_stray_lacks_at(h->stray, h->client, why);
		h->known = h->client;
	}
	g_free(why);
	ms_answers_doubt(h->answers);
	if (!ms_session_skip(h->session, size) && content) {
		h->lost = true;
		h->gap_turn = h->asking.turn;
		h->spoken = false;
		h->line_start = false;
	}
	return status;
}

static enum ms_status
hear(struct hearing *h, struct ms_error *err)
{
	const GArray *turns = h->dialogue->turns;
	enum ms_status status = MS_OK;

	while (h->asking.turn < turns->len && status == MS_OK) {
		const size_t i = h->asking.turn;
		const struct ms_turn *turn = ms_dialogue_turn(h->dialogue, i);

		if (turn->kind == MS_TURN_SECURE) {
			h->sealed = false;
			ms_session_secured(h->session);
		} else if (turn->side == MS_SIDE_SERVER) {
			h->spoken |= turn->kind == MS_TURN_BYTES;
		} else if (turn->kind == MS_TURN_BYTES) {
			h->time_us = turn->time_us;
			status = hear_turn(h, err);
		} else if (turn->kind == MS_TURN_GAP) {
			status = hear_gap(h, turn->size, err);
		} else if (turn->kind != MS_TURN_NOTE) {
			h->end = turn->kind;
		}
		/* TLS, and what is heard once more, lead elsewhere. */
		if (h->asking.turn == i) {
			h->asking.turn++;
			h->asking.at = 0;
		}
	}
	return status;
}

/* The client says no more. */
static enum ms_status
end(struct hearing *h, struct ms_error *err)
{
	const bool inside = ms_session_in_content(h->session);
	const bool open = ms_handout_is_open(h->handout);
	enum ms_status status = MS_OK;
	bool deaf = false;

	if (inside && h->asking.verb == MS_VERB_BDAT)
		status = ms_suspect_cut(&h->suspect, h->answers, err);
	if (status == MS_OK && inside && !open)
		status = take_content(h, &(struct ms_event){ 0 }, err);
	else if (!inside && !open && h->client > h->known)
		add_stray(h, h->known, h->client);
	if (status == MS_OK)
		status = end_mail(h, NULL, h->end == MS_TURN_END ?
		    "the connection ended before the message did" :
		    h->end == MS_TURN_RESET ?
		    "the connection was broken off before the message ended" :
		    "the capture ends before the message does", err);
	if (status != MS_OK || h->due)
		return status;
	if (h->client == 0)
		status = ms_answers_somebody(h->answers, &deaf, err);
	if (status == MS_OK && deaf)
		ms_stray_lacks_at(h->stray, 0, "the client was not captured");
	return status == MS_OK ? close_stray(h, err) : status;
}

/* How is it written? */
static enum ms_status
prepare(struct hearing *h, struct ms_error *err)
{
	enum ms_status status;
	struct ms_ahead ahead;
	const char *feed_at;

	status = ms_answers_new(h->dialogue, &h->answers, err);
	if (status == MS_OK)
		status = ms_ahead_look(h->dialogue, 0, 0, &ahead, err);
	if (status != MS_OK)
		return status;
	feed_at = memchr(ahead.bytes, '\n', ahead.size);
	h->config.loose = feed_at && (feed_at == ahead.bytes ||
	    feed_at[-1] != '\r');
	h->config.greeting = ms_answers_greets(h->answers);
	begin_session(h);
	h->sealed = ms_ahead_is_tls(&ahead);
	return MS_OK;
}

enum ms_status
ms_hearing(const struct ms_dialogue *dialogue,
    const struct ms_hearing_ops *ops, void *arg, struct ms_error *err)
{
	struct hearing h = {
		.dialogue = dialogue,
		.handout = ms_handout_new(dialogue, ops, arg),
		.config = { .lenient = true,
		    .recipients_max = RECIPIENTS_MAX },
		.stray = ms_stray_new(dialogue),
		.seal = ms_seal_new(dialogue),
		.block = g_malloc(BLOCK),
		/* A greeting is as good as the reply to it. */
		.asking = { .event = MS_EVENT_COMMAND,
		    .verb = MS_VERB_NOOP },
		.time_us = -1,
		.end = MS_TURN_BYTES,
	};
	enum ms_status status = prepare(&h, err);
	bool more = true;

	while (status == MS_OK && more) {
		status = hear(&h, err);
		if (status == MS_OK)
			status = end(&h, err);
		more = h.due;
		if (status == MS_OK && more)
			status = go_back(&h, err);
	}
	ms_session_free(h.session);
	ms_answers_free(h.answers);
	ms_stray_free(h.stray);
	ms_seal_free(h.seal);
	ms_handout_free(h.handout);
	g_free(h.block);
	return status;
}
