#include "capture/answers.h"

#include "capture/ahead.h"
#include "capture/replies.h"

struct ms_answers {
	const struct ms_dialogue *dialogue;
	struct ms_replies *replies;
	bool heard;		/* the server was captured */
	bool greets;
	bool doubt;		/* order does not tell */
	size_t next;		/* the client says nothing before that turn,
				 * after the one that was asked for last */
};

/* The turns in which the sides say something first. */
static void
find_first(const struct ms_dialogue *dialogue, size_t first[MS_SIDES])
{
	const GArray *turns = dialogue->turns;

	first[MS_SIDE_CLIENT] = first[MS_SIDE_SERVER] = turns->len;
	for (size_t i = turns->len; i > 0; i--) {
		const struct ms_turn *turn = ms_dialogue_turn(dialogue, i - 1);

		if (turn->kind == MS_TURN_BYTES)
			first[turn->side] = i - 1;
	}
}

enum ms_status
ms_answers_new(const struct ms_dialogue *dialogue,
    struct ms_answers **result, struct ms_error *err)
{
	struct ms_answers *answers = g_new0(struct ms_answers, 1);
	const struct ms_reply *reply;
	enum ms_status status;
	size_t first[MS_SIDES];

	find_first(dialogue, first);
	answers->dialogue = dialogue;
	answers->replies = ms_replies_new(dialogue);
	answers->heard = first[MS_SIDE_SERVER] < dialogue->turns->len;
	answers->doubt = !dialogue->begun;
	status = ms_replies_peek(answers->replies, &reply, err);
	answers->greets = status == MS_OK && (reply->code == 220 ||
	    (dialogue->begun && ms_replies_turn(answers->replies) <
	    first[MS_SIDE_CLIENT]));
	if (status < 0) {
		ms_answers_free(answers);
		return status;
	}
	*result = answers;
	return MS_OK;
}

void
ms_answers_free(struct ms_answers *answers)
{
	if (!answers)
		return;
	ms_replies_free(answers->replies);
	g_free(answers);
}

bool
ms_answers_greets(const struct ms_answers *answers)
{
	return answers->greets;
}

void
ms_answers_doubt(struct ms_answers *answers)
{
	answers->doubt = true;
}

void
ms_answers_back(struct ms_answers *answers)
{
	answers->next = 0;
}

char *
ms_answers_text(int code, const char *text)
{
	char *reply = g_strdup_printf("%d%s%s", code, text && *text ? " " : "",
	    text ? text : "");

	return g_strdelimit(reply, "\n", ' ');
}

/* The turn in which the client goes on. */
static size_t
next_turn(struct ms_answers *answers, const struct ms_asking *asking)
{
	const struct ms_dialogue *dialogue = answers->dialogue;
	size_t i = MAX(answers->next, asking->turn + 1);

	if (asking->at < ms_dialogue_turn(dialogue, asking->turn)->size)
		return asking->turn;
	for (; i < dialogue->turns->len; i++) {
		const struct ms_turn *turn = ms_dialogue_turn(dialogue, i);

		if (turn->side == MS_SIDE_CLIENT &&
		    turn->kind == MS_TURN_BYTES)
			break;
	}
	answers->next = i;
	return i;
}

static enum ms_status
look_ahead(const struct ms_answers *answers, const struct ms_asking *asking,
    struct ms_ahead *ahead, struct ms_error *err)
{
	return ms_ahead_look(answers->dialogue, asking->turn, asking->at,
	    ahead, err);
}

static bool
is_asked(const struct ms_asking *asking, enum ms_verb verb)
{
	return asking->event == MS_EVENT_COMMAND && asking->verb == verb;
}

/* The reply that nobody has captured: what the client does next tells. */
static enum ms_status
guess(const struct ms_answers *answers, const struct ms_asking *asking,
    int *code, struct ms_error *err)
{
	bool auth = asking->event == MS_EVENT_RESPONSE ||
	    is_asked(asking, MS_VERB_AUTH);
	bool data = is_asked(asking, MS_VERB_DATA);
	struct ms_ahead ahead;
	enum ms_status status;
	bool command;

	*code = asking->event == MS_EVENT_BAD_LINE ||
	    is_asked(asking, MS_VERB_UNKNOWN) ? 500 : 250;
	if (!auth && !data && !is_asked(asking, MS_VERB_STARTTLS))
		return MS_OK;
	status = look_ahead(answers, asking, &ahead, err);
	if (status != MS_OK)
		return status;
	/* Content may begin with a word that is a verb. */
	command = ms_ahead_is_command(ahead.bytes, ahead.size, data);
	if (auth)
		*code = command || ahead.size == 0 ? 235 : 334;
	else if (data)
		*code = command ? 503 : 354;
	else
		*code = ahead.size == 0 || ms_ahead_is_tls(&ahead) ? 220 : 454;
	return MS_OK;
}

/* Is REPLY the one to what was asked? If there is doubt, time tells: it came
 * after that, and before the client went on. What was sent together is told
 * apart by nothing but order. */
static bool
fits(struct ms_answers *answers, const struct ms_asking *asking,
    const struct ms_reply *reply)
{
	size_t when = ms_replies_turn(answers->replies);
	bool asks_more = reply->code / 100 == 3;

	if (answers->doubt && when > next_turn(answers, asking) &&
	    next_turn(answers, asking) > asking->turn)
		return false;
	if (is_asked(asking, MS_VERB_DATA))
		return asks_more || reply->code >= 400;
	return !asks_more || is_asked(asking, MS_VERB_AUTH) ||
	    asking->event == MS_EVENT_RESPONSE;
}

/* The reply to what was asked. MS_END: there is none. */
static enum ms_status
find(struct ms_answers *answers, const struct ms_asking *asking,
    const struct ms_reply **reply, struct ms_error *err)
{
	bool data = is_asked(asking, MS_VERB_DATA);
	enum ms_status status = MS_END;

	while (answers->heard) {
		size_t when;

		status = ms_replies_peek(answers->replies, reply, err);
		if (status != MS_OK)
			break;
		answers->doubt |= ms_replies_shaken(answers->replies);
		when = ms_replies_turn(answers->replies);
		/* What was said before it was asked is passed over. */
		if (!answers->doubt || when > asking->turn) {
			if (fits(answers, asking, *reply))
				return MS_OK;
			/* One too few, or, before that to DATA, one too
			 * many. */
			answers->doubt = true;
			if (!data || when > next_turn(answers, asking))
				return MS_END;
		}
		ms_replies_take(answers->replies);
	}
	return status;
}

/* The server wants no content, and the client sends what is none of its
 * commands: it is heard all the same. */
static enum ms_status
insist(struct ms_answers *answers, const struct ms_asking *asking,
    struct ms_answer *answer, struct ms_error *err)
{
	struct ms_ahead ahead;
	enum ms_status status;

	if (!is_asked(asking, MS_VERB_DATA) || answer->code < 400)
		return MS_OK;
	status = look_ahead(answers, asking, &ahead, err);
	if (status != MS_OK || ahead.size == 0 ||
	    ms_ahead_is_command(ahead.bytes, ahead.size, false))
		return status;
	answer->refusal = ms_answers_text(answer->code, answer->text);
	answer->code = 354;
	answers->doubt = true;
	return MS_OK;
}

enum ms_status
ms_answers_next(struct ms_answers *answers, const struct ms_asking *asking,
    struct ms_answer *answer, struct ms_error *err)
{
	const struct ms_reply *reply;
	enum ms_status status = find(answers, asking, &reply, err);

	*answer = (struct ms_answer){ 0 };
	if (status == MS_END) {
		status = guess(answers, asking, &answer->code, err);
		if (is_asked(asking, MS_VERB_DATA) && answer->code >= 400)
			answer->doubtful = "the reply to DATA was not captured";
	} else if (status == MS_OK) {
		answer->code = reply->code;
		answer->text = g_strdup(reply->text->str);
		ms_replies_take(answers->replies);
		status = insist(answers, asking, answer, err);
	}
	if (status != MS_OK) {
		g_free(answer->text);
		g_free(answer->refusal);
	}
	return status;
}

enum ms_status
ms_answers_somebody(struct ms_answers *answers, bool *did,
    struct ms_error *err)
{
	const struct ms_reply *reply;
	enum ms_status status;

	if (answers->greets)
		ms_replies_take(answers->replies);
	status = ms_replies_peek(answers->replies, &reply, err);
	*did = status == MS_OK && reply->code < 400;
	return status == MS_END ? MS_OK : status;
}
