#include "action/receipt.h"

#include <jansson.h>
#include <stdlib.h>

#include "action/custody.h"
#include "base/quote.h"

static json_t *
text_or_null(const char *text)
{
	char *quoted = ms_quote_string(text);
	json_t *value = quoted ? json_string(quoted) : json_null();

	g_free(quoted);
	return value;
}

char *
ms_receipt_line(const struct ms_receipt *receipt)
{
	json_t *object = json_pack("{s:i, s:s, s:o, s:s, s:s, s:o, s:o}",
	    "schema", MS_CUSTODY_SCHEMA,
	    "type", "quarantine",
	    "id", text_or_null(receipt->id),
	    "action", receipt->action,
	    "state", receipt->state,
	    "to", text_or_null(receipt->to),
	    "detail", text_or_null(receipt->detail));
	char *plain = object ? json_dumps(object, JSON_COMPACT) : NULL;
	char *line = g_strdup(plain);

	free(plain);
	json_decref(object);
	return line;
}
