#include "message/envelope.h"

#include <glib.h>

struct ms_envelope *
ms_envelope_new(const char *sender)
{
	struct ms_envelope *envelope = g_new0(struct ms_envelope, 1);

	envelope->sender = g_strdup(sender);
	envelope->recipients = g_new0(char *, 1);
	envelope->received = -1;
	return envelope;
}

struct ms_envelope *
ms_envelope_copy(const struct ms_envelope *envelope)
{
	struct ms_envelope *copy;

	if (!envelope)
		return NULL;
	copy = g_new0(struct ms_envelope, 1);
	*copy = (struct ms_envelope){
		.sender = g_strdup(envelope->sender),
		.recipients = g_new0(char *, 1),
		.queue_id = g_strdup(envelope->queue_id),
		.client_address = g_strdup(envelope->client_address),
		.client_name = g_strdup(envelope->client_name),
		.helo = g_strdup(envelope->helo),
		.server_address = g_strdup(envelope->server_address),
		.protocol = g_strdup(envelope->protocol),
		.reply = g_strdup(envelope->reply),
		.omitted = envelope->omitted,
		.received = envelope->received,
	};
	for (unsigned i = 0; i < envelope->count; i++)
		ms_envelope_add(copy, envelope->recipients[i]);
	for (unsigned i = 0; i < envelope->refusals; i++)
		ms_envelope_refuse(copy, envelope->refused[i].recipient,
		    envelope->refused[i].reply);
	return copy;
}

void
ms_envelope_free(struct ms_envelope *envelope)
{
	if (!envelope)
		return;
	g_free(envelope->sender);
	g_strfreev(envelope->recipients);
	g_free(envelope->queue_id);
	g_free(envelope->client_address);
	g_free(envelope->client_name);
	g_free(envelope->helo);
	g_free(envelope->server_address);
	g_free(envelope->protocol);
	g_free(envelope->reply);
	for (unsigned i = 0; i < envelope->refusals; i++) {
		g_free(envelope->refused[i].recipient);
		g_free(envelope->refused[i].reply);
	}
	g_free(envelope->refused);
	g_free(envelope);
}

void
ms_envelope_add(struct ms_envelope *envelope, const char *recipient)
{
	unsigned n = envelope->count++;

	/* Room for 1, 2, 4, 8 ... of them, and the end. */
	if ((n & (n - 1)) == 0)
		envelope->recipients = g_renew(char *, envelope->recipients,
		    n == 0 ? 2 : 2 * (gsize)n + 1);
	envelope->recipients[n] = g_strdup(recipient);
	envelope->recipients[n + 1] = NULL;
}

void
ms_envelope_refuse(struct ms_envelope *envelope, const char *recipient,
    const char *reply)
{
	unsigned n = envelope->refusals++;

	if ((n & (n - 1)) == 0)
		envelope->refused = g_renew(struct ms_refused,
		    envelope->refused, n == 0 ? 1 : 2 * (gsize)n);
	envelope->refused[n].recipient = g_strdup(recipient);
	envelope->refused[n].reply = g_strdup(reply);
}
