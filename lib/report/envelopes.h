#ifndef MS_ENVELOPES_H
#define MS_ENVELOPES_H

#include "message/envelope.h"
#include "report/fields.h"

/* The envelope in a line of a report, as report/jsonl.h writes it. */

/* That of the message with FIELDS, for the caller to free; NULL: it has none.
 * What is wrong is in FIELDS. */
struct ms_envelope *ms_envelopes_read(struct ms_fields *fields);

#endif
