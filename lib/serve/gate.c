#include "serve/gate.h"

#include "base/clock.h"
#include "smtp/standing.h"

static char *
refuse_sender(const struct ms_case_config *config,
    const struct ms_policy_query *query)
{
	char *reply;

	if (config->bans && query->client &&
	    ms_bans_has(config->bans, query->client, ms_clock_ms()))
		return ms_bans_reply(query->client);
	reply = ms_policy_client(config->policy, query);
	return reply ? reply : ms_policy_sender(config->policy, query);
}

char *
ms_gate(const struct ms_case_config *config,
    const struct ms_session_state *state, const char *host,
    const struct ms_request *request)
{
	const char *address = ms_standing_said(state, "ADDR");
	const char *helo = ms_standing_said(state, "HELO");
	const struct ms_policy_query query = {
		.door = "smtp",
		.client = address ? address : host,
		.client_name = ms_standing_said(state, "NAME"),
		.helo = helo ? helo : state->helo,
		.authenticated = state->authenticated,
		.sender = request->address.text,
	};
	char *reply;

	if (!config->policy || !request->address.text)
		return NULL;
	if (request->verb == MS_VERB_MAIL)
		return refuse_sender(config, &query);
	reply = ms_policy_recipient(config->policy, request->address.text);
	if (reply)
		ms_gate_infected(config, query.client);
	return reply;
}

void
ms_gate_infected(const struct ms_case_config *config, const char *client)
{
	if (config->bans && client && config->policy &&
	    !ms_policy_is_exempt(config->policy, client))
		ms_bans_add(config->bans, client, ms_clock_ms());
}
