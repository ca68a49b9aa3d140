#include "scan/outcome.h"

struct ms_outcome *
ms_outcome_new(const struct ms_message *message)
{
	struct ms_outcome *outcome = g_new0(struct ms_outcome, 1);

	ms_message_origin_copy(&outcome->origin, &message->origin);
	outcome->size = message->size;
	outcome->sha256 = message->sha256;
	outcome->sha256_canonical = message->sha256_canonical;
	ms_facts_init(&outcome->facts);
	outcome->verdict = MS_VERDICT_CLEAN;
	return outcome;
}

void
ms_outcome_free(struct ms_outcome *outcome)
{
	if (!outcome)
		return;
	ms_message_origin_clear(&outcome->origin);
	ms_facts_clear(&outcome->facts);
	g_free(outcome);
}
