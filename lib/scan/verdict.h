#ifndef MS_VERDICT_H
#define MS_VERDICT_H

#include "scan/facts.h"

/* The label made from the facts, the worst first. A closed set, the same in
 * every report, log and exit status. */
enum ms_verdict {
	MS_VERDICT_INFECTED,	/* an engine found something */
	MS_VERDICT_BLOCKED,	/* a rule of the administrator's says no */
	MS_VERDICT_SPAM,
	MS_VERDICT_ERROR,	/* worker-died, engine-failed, limit-time */
	MS_VERDICT_INCOMPLETE,	/* other gaps */
	MS_VERDICT_ENCRYPTED,	/* nothing but encrypted gaps */
	MS_VERDICT_CLEAN,
	MS_VERDICT_SKIPPED,	/* a rule says not to look */
	MS_VERDICTS
};

/* Pure: the same facts give the same verdict. */
enum ms_verdict ms_verdict_of(const struct ms_facts *facts);

/* That of a message in which there is FINDING, and nothing else. */
enum ms_verdict ms_verdict_of_finding(const struct ms_finding *finding);

/* "infected", ... and back; MS_VERDICTS if there is no such verdict. */
const char *ms_verdict_name(enum ms_verdict verdict);
enum ms_verdict ms_verdict_by_name(const char *name);

#endif
