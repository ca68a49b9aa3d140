#include "message/message.h"

#include <glib.h>

void
ms_message_origin_copy(struct ms_origin *to, const struct ms_origin *from)
{
	*to = *from;
	to->source = g_strdup(from->source);
	to->flags = g_strdup(from->flags);
}

void
ms_message_origin_clear(struct ms_origin *origin)
{
	g_free(origin->source);
	g_free(origin->flags);
	*origin = (struct ms_origin){ 0 };
}

void
ms_message_free(struct ms_message *message)
{
	if (!message)
		return;
	ms_message_origin_clear(&message->origin);
	ms_envelope_free(message->envelope);
	ms_spool_free(message->body);
	g_free(message->why);
	g_free(message->checks);
	g_free(message);
}
