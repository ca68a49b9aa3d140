#ifndef MS_OUTCOME_H
#define MS_OUTCOME_H

#include "message/message.h"
#include "scan/facts.h"
#include "scan/verdict.h"

/*
 * All there is to say of one message: what every report, log and reply is
 * made from.
 */
struct ms_outcome {
	struct ms_origin origin;
	uint64_t size;		/* as struct ms_message */
	struct ms_digest sha256;
	struct ms_digest sha256_canonical;
	struct ms_facts facts;
	enum ms_verdict verdict;
	int64_t elapsed_ms;
};

/* Take the description (not the body) of MESSAGE, and no facts yet. */
struct ms_outcome *ms_outcome_new(const struct ms_message *message);
void ms_outcome_free(struct ms_outcome *outcome);

#endif
