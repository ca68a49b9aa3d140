#include "scan/verdict.h"

#include <string.h>

static const char *const names[MS_VERDICTS] = {
	[MS_VERDICT_INFECTED] = "infected",
	[MS_VERDICT_BLOCKED] = "blocked",
	[MS_VERDICT_SPAM] = "spam",
	[MS_VERDICT_ERROR] = "error",
	[MS_VERDICT_INCOMPLETE] = "incomplete",
	[MS_VERDICT_ENCRYPTED] = "encrypted",
	[MS_VERDICT_CLEAN] = "clean",
	[MS_VERDICT_SKIPPED] = "skipped",
};

static const enum ms_verdict verdict_of_kind[MS_FINDING_KINDS] = {
	[MS_FINDING_MALWARE] = MS_VERDICT_INFECTED,
	[MS_FINDING_BLOCKED] = MS_VERDICT_BLOCKED,
	[MS_FINDING_SPAM] = MS_VERDICT_SPAM,
};

/* The verdict that a gap alone makes. */
static enum ms_verdict
verdict_of_gap(enum ms_reason reason)
{
	switch (reason) {
	case MS_REASON_WORKER_DIED:
	case MS_REASON_ENGINE_FAILED:
	case MS_REASON_LIMIT_TIME:
		return MS_VERDICT_ERROR;
	case MS_REASON_ENCRYPTED:
		return MS_VERDICT_ENCRYPTED;
	default:
		return MS_VERDICT_INCOMPLETE;
	}
}

enum ms_verdict
ms_verdict_of_finding(const struct ms_finding *finding)
{
	return verdict_of_kind[finding->kind];
}

enum ms_verdict
ms_verdict_of(const struct ms_facts *facts)
{
	enum ms_verdict verdict = MS_VERDICT_CLEAN;

	for (guint i = 0; i < facts->findings->len; i++) {
		enum ms_verdict one = ms_verdict_of_finding(
		    facts->findings->pdata[i]);

		verdict = MIN(verdict, one);
	}
	for (guint i = 0; i < facts->gaps->len; i++) {
		const struct ms_gap *gap = facts->gaps->pdata[i];
		enum ms_verdict one = verdict_of_gap(gap->reason);

		verdict = MIN(verdict, one);
	}
	return verdict;
}

const char *
ms_verdict_name(enum ms_verdict verdict)
{
	return names[verdict];
}

enum ms_verdict
ms_verdict_by_name(const char *name)
{
	int i = 0;

	while (i < MS_VERDICTS && strcmp(names[i], name) != 0)
		i++;
	return (enum ms_verdict)i;
}
