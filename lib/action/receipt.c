#include "action/receipt.h"

#include <jansson.h>
#include <stdlib.h>

#include "action/custody.h"
#include "report/fields.h"

char *
ms_receipt_line(const struct ms_receipt *receipt)
{
	json_t *object = json_pack("{s:i, s:s, s:o, s:s, s:s, s:o, s:o}",
	    "schema", MS_CUSTODY_SCHEMA,
	    "type", "quarantine",
	    "id", ms_fields_quoted(receipt->id),
	    "action", receipt->action,
	    "state", receipt->state,
	    "to", ms_fields_quoted(receipt->to),
	    "detail", ms_fields_quoted(receipt->detail));
	char *plain = object ? json_dumps(object, JSON_COMPACT) : NULL;
	char *line = g_strdup(plain);

	free(plain);
	json_decref(object);
	return line;
}
