#include "serve/gate.h"

#include "base/clock.h"
#include "smtp/standing.h"

static char *
refuse_sender(const struct ms_case_config *config,
    const struct ms_policy_query *query)
{
	char *reply;

	/* Who shares a network with one that is banned may be exempt. */
	if (config->bans && query->client &&
	    !ms_policy_is_exempt(config->policy, query->client) &&
	    ms_bans_has(config->bans, query->client, ms_clock_ms()))
		return ms_bans_reply(query->client);
	reply = ms_policy_client(config->policy, query);
	return reply ? reply : ms_policy_sender(config->policy, query);
}

static char *
refuse_recipient(const struct ms_case_config *config, const char *client,
    const char *recipient)
{
	char *reply = ms_policy_recipient(config->policy, recipient);

	if (reply)
		ms_gate_infected(config, client);
	return reply;
}

/* The first recipient that there is, as far as is known: one that was let
 * through may have been refused by others. */
static const char *
first_recipient(const struct ms_session_state *state,
    const struct ms_gate_asked *asked)
{
	for (guint i = 0; state->open && i < state->recipients->len; i++) {
		const struct ms_recipient *one = &g_array_index(
		    state->recipients, struct ms_recipient, i);

		if (one->code / 100 == 2)
			return one->address.text;
	}
	return asked->recipient;
}

/* QUERY is of the client and, by now, of RECIPIENT. */
static char *
part_recipient(const struct ms_case_config *config,
    const struct ms_session_state *state, const char *recipient,
    struct ms_policy_query *query, struct ms_gate_asked *asked)
{
	const char *const both[] = { first_recipient(state, asked),
		recipient };

	query->sender = asked->sender ? asked->sender : "";
	query->recipients = both;
	query->recipient_count = G_N_ELEMENTS(both);
	if (both[0] && !ms_plan_together(config->policy, query))
		return g_strdup("452 4.5.3 Another policy holds for this "
		    "recipient, send it separately");
	if (!asked->recipient)
		asked->recipient = g_strdup(recipient);
	return NULL;
}

char *
ms_gate(const struct ms_case_config *config,
    const struct ms_session_state *state, const char *host,
    const struct ms_request *request, struct ms_gate_asked *asked)
{
	const char *address = ms_standing_said(state, "ADDR");
	const char *helo = ms_standing_said(state, "HELO");
	struct ms_policy_query query = {
		.door = "smtp",
		.client = address ? address : host,
		.client_name = ms_standing_said(state, "NAME"),
		.helo = helo ? helo : state->helo,
		.authenticated = ms_standing_is_known(state),
		.login = ms_standing_said(state, "LOGIN"),
		.sender = request->address.text,
	};
	char *reply;

	if (!config->policy || !request->address.text)
		return NULL;
	if (request->verb == MS_VERB_MAIL) {
		g_free(asked->sender);
		asked->sender = g_strdup(query.sender);
		g_clear_pointer(&asked->recipient, g_free);
		return refuse_sender(config, &query);
	}
	reply = refuse_recipient(config, query.client, request->address.text);
	return reply ? reply : part_recipient(config, state,
	    request->address.text, &query, asked);
}

static struct ms_policy_query
query_of(const struct ms_errand_envelope *asked)
{
	const struct ms_envelope *envelope = asked->envelope;

	return (struct ms_policy_query){
		.door = asked->door,
		.client = envelope->client_address,
		.client_name = envelope->client_name,
		.helo = envelope->helo,
		.authenticated = asked->authenticated,
		.login = asked->login,
		.sender = envelope->sender,
	};
}

static char *
refuse(const struct ms_case_config *config,
    const struct ms_errand_envelope *asked, enum ms_errand_whom whom)
{
	const struct ms_envelope *envelope = asked->envelope;
	const struct ms_policy_query query = query_of(asked);
	char *reply = NULL;

	if (whom == MS_ERRAND_SENDER)
		reply = refuse_sender(config, &query);
	else if (whom == MS_ERRAND_RECIPIENT && envelope->count > 0)
		reply = refuse_recipient(config, query.client,
		    envelope->recipients[0]);
	if (reply)
		ms_chronicle_refusal(envelope, "%s: %s is told: %s",
		    asked->door, query.client ? query.client :
		    "a local program", reply);
	return reply;
}

GByteArray *
ms_gate_answer(const struct ms_case_config *config,
    const struct ms_errand_envelope *asked, const struct ms_errand_gate *gate)
{
	const struct ms_policy *policy = config->policy;
	const struct ms_errand_gated gated = {
		.id = gate->id,
		.senders = policy && (ms_bans_are_on(config->bans) ||
		    ms_policy_minds_senders(policy)),
		.recipients = policy && ms_policy_minds_recipients(policy),
		.reply = policy ? refuse(config, asked, gate->whom) : NULL,
	};
	GByteArray *frame = ms_errand_gated(&gated);

	g_free(gated.reply);
	return frame;
}

char *
ms_gate_message(const struct ms_case_config *config,
    const struct ms_errand_envelope *asked)
{
	const struct ms_envelope *envelope = asked->envelope;
	const struct ms_policy_query query = query_of(asked);
	char *reply;

	if (!config->policy)
		return NULL;
	reply = refuse_sender(config, &query);
	for (unsigned i = 0; !reply && i < envelope->count; i++)
		reply = refuse_recipient(config, query.client,
		    envelope->recipients[i]);
	return reply;
}

void
ms_gate_infected(const struct ms_case_config *config, const char *client)
{
	if (config->bans && client && config->policy &&
	    !ms_policy_is_exempt(config->policy, client))
		ms_bans_add(config->bans, client, ms_clock_ms());
}
