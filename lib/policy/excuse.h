#ifndef MS_EXCUSE_H
#define MS_EXCUSE_H

#include "policy/policy.h"
#include "scan/facts.h"

/* Those about whom it is asked what counts. */
struct ms_excuse {
	const struct ms_settings *settings;
	bool block_names;	/* the list of that name holds for them */
	bool block_regex;	/* likewise */
};

/*
 * Take from FACTS what does not count for WHO: signatures and contents that
 * POLICY allows, what scanners found that they do not want, rules that are not
 * theirs. Of an allowed content that is all that was found in it but spam, and
 * that it is encrypted, damaged or of a kind that nothing opens.
 */
void ms_excuse(const struct ms_policy *policy, const struct ms_excuse *who,
    struct ms_facts *facts);

/* Is GAP one of the engine's failures? What another scanner failed at has its
 * name and a colon in front. */
bool ms_excuse_is_engines(const struct ms_policy *policy,
    const struct ms_gap *gap);

#endif
