#include "report/envelopes.h"

#include <jansson.h>

static void
read_recipients(struct ms_fields *fields, struct ms_envelope *envelope)
{
	const json_t *list = ms_fields_get(fields, "recipients", false);

	if (list && !json_is_array(list))
		ms_fields_fail(fields, "recipients", "no list");
	for (size_t i = 0; i < json_array_size(list); i++) {
		char *recipient = ms_fields_unquote(fields, "recipients",
		    json_array_get(list, i));

		if (recipient)
			ms_envelope_add(envelope, recipient);
		g_free(recipient);
	}
}

static void
read_refused(struct ms_fields *fields, struct ms_envelope *envelope)
{
	const json_t *list = ms_fields_get(fields, "refused", false);
	struct ms_fields inner = *fields;

	if (list && !json_is_array(list))
		ms_fields_fail(fields, "refused", "no list");
	for (size_t i = 0; i < json_array_size(list); i++) {
		char *recipient, *reply;

		inner.object = json_array_get(list, i);
		if (!json_is_object(inner.object)) {
			ms_fields_fail(fields, "refused",
			    "not a list of objects");
			return;
		}
		recipient = ms_fields_need(&inner, "recipient");
		reply = ms_fields_text(&inner, "reply");
		ms_envelope_refuse(envelope, recipient, reply);
		g_free(reply);
		g_free(recipient);
	}
	if (inner.status != MS_OK)
		fields->status = inner.status;
}

struct ms_envelope *
ms_envelopes_read(struct ms_fields *fields)
{
	struct ms_fields inner = ms_fields_inside(fields, "envelope");
	struct ms_envelope *envelope;

	if (!inner.object)
		return NULL;
	envelope = ms_envelope_new(NULL);
	envelope->sender = ms_fields_text(&inner, "sender");
	read_recipients(&inner, envelope);
	envelope->queue_id = ms_fields_text(&inner, "queue_id");
	envelope->client_address = ms_fields_text(&inner, "client_address");
	envelope->client_name = ms_fields_text(&inner, "client_name");
	envelope->helo = ms_fields_text(&inner, "helo");
	envelope->server_address = ms_fields_text(&inner, "server_address");
	envelope->protocol = ms_fields_text(&inner, "protocol");
	envelope->reply = ms_fields_text(&inner, "reply");
	read_refused(&inner, envelope);
	envelope->omitted = ms_fields_count(&inner, "recipients_omitted");
	envelope->received = ms_fields_number(&inner, "received", INT64_MIN,
	    -1);
	fields->status = inner.status;
	return envelope;
}
