#include "capture/addressed.h"

#include "capture/answers.h"

/* LATE: the reply to the content, or NULL. */
static void
add(struct ms_envelope *envelope, const struct ms_recipient *recipient,
    const char *late)
{
	const char *name = recipient->address.text ?
	    recipient->address.text : "";
	char *reply;

	if (late) {
		ms_envelope_refuse(envelope, name, late);
		return;
	}
	if (recipient->code < 300) {
		ms_envelope_add(envelope, name);
		return;
	}
	reply = ms_answers_text(recipient->code, recipient->reply);
	ms_envelope_refuse(envelope, name, reply);
	g_free(reply);
}

struct ms_envelope *
ms_addressed(const struct ms_dialogue *dialogue,
    const struct ms_session *session, const struct ms_addressed_more *more)
{
	const struct ms_session_state *state = ms_session_state(session);
	struct ms_envelope *envelope = ms_envelope_new(state->sender.text);

	envelope->helo = g_strdup(state->helo ? state->helo : more->helo);
	envelope->client_address = g_strdup(dialogue->client);
	envelope->server_address = g_strdup(dialogue->server);
	envelope->protocol = g_strdup(ms_session_protocol(session));
	envelope->reply = g_strdup(more->reply);
	envelope->omitted = state->lost;
	for (guint i = 0; i < state->recipients->len; i++)
		add(envelope, &g_array_index(state->recipients,
		    struct ms_recipient, i), i < more->replies->len ?
		    more->replies->pdata[i] : NULL);
	return envelope;
}
