#include "smtp/standing.h"

#include <string.h>

/* Most bytes that are kept of a reply. */
#define REPLY_MAX 512

static void
clear_recipient(gpointer data)
{
	struct ms_recipient *recipient = data;

	ms_address_clear(&recipient->address);
	g_free(recipient->argument);
	g_free(recipient->orcpt);
	g_free(recipient->reply);
}

static void
clear_keyword(gpointer data)
{
	struct ms_keyword *keyword = data;

	g_free(keyword->name);
	g_free(keyword->value);
}

void
ms_standing_init(struct ms_session_state *state)
{
	*state = (struct ms_session_state){
		.client = g_array_new(FALSE, FALSE,
		    sizeof(struct ms_keyword)),
		.forwarded = g_array_new(FALSE, FALSE,
		    sizeof(struct ms_keyword)),
		.recipients = g_array_new(FALSE, FALSE,
		    sizeof(struct ms_recipient)),
	};
	g_array_set_clear_func(state->client, clear_keyword);
	g_array_set_clear_func(state->forwarded, clear_keyword);
	g_array_set_clear_func(state->recipients, clear_recipient);
}

void
ms_standing_clear(struct ms_session_state *state)
{
	ms_standing_reset(state);
	g_free(state->helo);
	g_array_free(state->client, TRUE);
	g_array_free(state->forwarded, TRUE);
	g_array_free(state->recipients, TRUE);
	*state = (struct ms_session_state){ 0 };
}

static void
clear_transaction(struct ms_session_state *state)
{
	state->open = state->has_size = state->smtputf8 = false;
	state->chunks = state->chunk_failed = false;
	ms_address_clear(&state->sender);
	g_clear_pointer(&state->argument, g_free);
	g_clear_pointer(&state->envid, g_free);
	g_clear_pointer(&state->auth, g_free);
	state->announced = 0;
	state->body = MS_BODY_NONE;
	state->ret = MS_RET_NONE;
	g_array_set_size(state->recipients, 0);
	state->accepted = state->lost = 0;
}

void
ms_standing_reset(struct ms_session_state *state)
{
	clear_transaction(state);
	g_array_set_size(state->forwarded, 0);
}

void
ms_standing_forget(struct ms_session_state *state)
{
	ms_standing_reset(state);
	g_clear_pointer(&state->helo, g_free);
	state->hello = MS_VERB_UNKNOWN;
	state->authenticated = false;
}

static void
open_transaction(struct ms_session_state *state,
    const struct ms_request *request)
{
	clear_transaction(state);
	state->open = true;
	ms_address_copy(&state->sender, &request->address);
	state->argument = g_strdup(request->argument);
	state->announced = request->size;
	state->has_size = request->has_size;
	state->smtputf8 = request->smtputf8;
	state->body = request->body;
	state->ret = request->ret;
	state->envid = g_strdup(request->envid);
	state->auth = g_strdup(request->auth);
}

/* A recipient without a sender opens a transaction of which the sender is not
 * known: its MAIL was not heard. */
static int
add_recipient(struct ms_session_state *state,
    const struct ms_request *request, int code, const char *text,
    unsigned most)
{
	const bool good = code / 100 == 2;
	struct ms_recipient recipient = { .code = code };

	if (!state->open && !good)
		return -1;
	state->open = true;
	if (state->recipients->len >= most) {
		state->lost += good;
		return -1;
	}
	ms_address_copy(&recipient.address, &request->address);
	recipient.argument = g_strdup(request->argument);
	recipient.orcpt = g_strdup(request->orcpt);
	recipient.notify = request->notify;
	recipient.reply = text ? g_strndup(text, REPLY_MAX) : NULL;
	g_array_append_val(state->recipients, recipient);
	state->accepted += good;
	return (int)state->recipients->len - 1;
}

/* The last value of each attribute: there are not many names. */
static void
take_attributes(GArray *keywords, const struct ms_request *request)
{
	for (unsigned i = 0; i < request->parameters->len; i++) {
		const struct ms_keyword *new = &g_array_index(
		    request->parameters, struct ms_keyword, i);
		struct ms_keyword keyword = { .known = true };

		if (!new->known)
			continue;
		for (unsigned k = 0; k < keywords->len; k++)
			if (strcmp(g_array_index(keywords,
			    struct ms_keyword, k).name, new->name) == 0) {
				g_array_remove_index(keywords, k);
				break;
			}
		keyword.name = g_strdup(new->name);
		keyword.value = g_strdup(new->value);
		g_array_append_val(keywords, keyword);
	}
}

static void
take_chunk(struct ms_session_state *state, bool good)
{
	state->chunks |= good;
	state->chunk_failed |= !good;
}

static void
take_hello(struct ms_session_state *state, const struct ms_request *request)
{
	ms_standing_reset(state);
	g_free(state->helo);
	state->helo = g_strdup(request->argument);
	state->hello = request->verb;
}

int
ms_standing_answer(struct ms_session_state *state,
    const struct ms_request *request, int code, const char *text,
    unsigned most)
{
	const bool good = code / 100 == 2;

	if (request->verb == MS_VERB_RCPT)
		return add_recipient(state, request, code, text, most);
	if (request->verb == MS_VERB_BDAT)
		take_chunk(state, good);
	if (!good)
		return -1;
	switch (request->verb) {
	case MS_VERB_EHLO:
	case MS_VERB_HELO:
	case MS_VERB_LHLO:
		take_hello(state, request);
		break;
	case MS_VERB_MAIL:
		open_transaction(state, request);
		break;
	case MS_VERB_RSET:
		ms_standing_reset(state);
		break;
	case MS_VERB_AUTH:
		state->authenticated = true;
		break;
	case MS_VERB_XCLIENT:
		ms_standing_forget(state);
		take_attributes(state->client, request);
		break;
	case MS_VERB_XFORWARD:
		take_attributes(state->forwarded, request);
		break;
	default:
		break;
	}
	return -1;
}

static struct ms_refusal
order_of_content(const struct ms_session_state *state, enum ms_verb verb)
{
	const bool data = verb == MS_VERB_DATA;

	if (!state->open)
		return (struct ms_refusal){ 503, "5.5.1", "Need MAIL first" };
	if (state->chunk_failed)
		return (struct ms_refusal){ 503, "5.5.1",
			"A chunk has failed: need RSET" };
	if (data && state->chunks)
		return (struct ms_refusal){ 503, "5.5.1", "BDAT has begun" };
	if (data && state->body == MS_BODY_BINARYMIME)
		return (struct ms_refusal){ 503, "5.5.1",
			"BINARYMIME needs BDAT" };
	if (state->accepted + state->lost > 0)
		return (struct ms_refusal){ 0 };
	if (state->recipients->len > 0)
		return (struct ms_refusal){ 554, "5.5.1",
			"No valid recipients" };
	return (struct ms_refusal){ 503, "5.5.1", "Need RCPT first" };
}

static struct ms_refusal
order_of_address(const struct ms_session_state *state,
    const struct ms_request *request, unsigned most)
{
	const bool sender = request->verb == MS_VERB_MAIL;
	const bool utf8 = sender ? request->smtputf8 : state->smtputf8;

	if (sender && !state->helo)
		return (struct ms_refusal){ 503, "5.5.1", "Say hello first" };
	if (sender && state->open)
		return (struct ms_refusal){ 503, "5.5.1",
			"Sender already given" };
	if (!sender && !state->open)
		return (struct ms_refusal){ 503, "5.5.1", "Need MAIL first" };
	if (!sender && (state->chunks || state->chunk_failed))
		return (struct ms_refusal){ 503, "5.5.1", "BDAT has begun" };
	if (!sender && state->recipients->len >= most)
		return (struct ms_refusal){ 452, "4.5.3",
			"Too many recipients" };
	if ((request->address.flaws & MS_ADDRESS_UTF8) && !utf8)
		return (struct ms_refusal){ 553, "5.6.7",
			"Address needs SMTPUTF8" };
	return (struct ms_refusal){ 0 };
}

struct ms_refusal
ms_standing_order(const struct ms_session_state *state,
    const struct ms_request *request, const struct ms_session_config *config)
{
	const enum ms_verb verb = request->verb;

	if (config->lmtp && (verb == MS_VERB_EHLO || verb == MS_VERB_HELO))
		return (struct ms_refusal){ 500, "5.5.1",
			"This is LMTP: use LHLO" };
	if (!config->lmtp && verb == MS_VERB_LHLO)
		return (struct ms_refusal){ 500, "5.5.1",
			"This is not LMTP: use EHLO" };
	if (verb == MS_VERB_MAIL || verb == MS_VERB_RCPT)
		return order_of_address(state, request,
		    config->recipients_max);
	if (verb == MS_VERB_DATA || verb == MS_VERB_BDAT)
		return order_of_content(state, verb);
	if (state->open && (verb == MS_VERB_AUTH || verb == MS_VERB_STARTTLS ||
	    verb == MS_VERB_XCLIENT || verb == MS_VERB_XFORWARD))
		return (struct ms_refusal){ 503, "5.5.1",
			"Not within a transaction" };
	if (verb == MS_VERB_AUTH && state->authenticated)
		return (struct ms_refusal){ 503, "5.5.1",
			"Already authenticated" };
	if (verb == MS_VERB_STARTTLS && state->tls)
		return (struct ms_refusal){ 503, "5.5.1",
			"TLS is active already" };
	return (struct ms_refusal){ 0 };
}

static const char *
value_of(const GArray *keywords, const char *name)
{
	for (guint i = 0; keywords && i < keywords->len; i++) {
		const struct ms_keyword *keyword = &g_array_index(keywords,
		    struct ms_keyword, i);

		if (strcmp(keyword->name, name) == 0 && keyword->value &&
		    *keyword->value != '\0')
			return keyword->value;
	}
	return NULL;
}

const char *
ms_standing_said(const struct ms_session_state *state, const char *name)
{
	const char *value = value_of(state->forwarded, name);

	return value ? value : value_of(state->client, name);
}

bool
ms_standing_is_known(const struct ms_session_state *state)
{
	return state->authenticated || ms_standing_said(state, "LOGIN");
}

const char *
ms_standing_protocol(const struct ms_session_state *state)
{
	static const char *const names[4][4] = {
		{ "ESMTP", "ESMTPS", "ESMTPA", "ESMTPSA" },
		{ "LMTP", "LMTPS", "LMTPA", "LMTPSA" },
		{ "UTF8SMTP", "UTF8SMTPS", "UTF8SMTPA", "UTF8SMTPSA" },
		{ "UTF8LMTP", "UTF8LMTPS", "UTF8LMTPA", "UTF8LMTPSA" },
	};
	const bool lmtp = state->hello == MS_VERB_LHLO;

	if (!lmtp && state->hello != MS_VERB_EHLO)
		return "SMTP";
	return names[(state->smtputf8 ? 2 : 0) + (lmtp ? 1 : 0)]
	    [(state->authenticated ? 2 : 0) + (state->tls ? 1 : 0)];
}
