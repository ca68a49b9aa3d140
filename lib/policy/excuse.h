#ifndef MS_EXCUSE_H
#define MS_EXCUSE_H

#include "policy/policy.h"
#include "scan/facts.h"

/*
 * Take from FACTS what does not count for those with SETTINGS: signatures and
 * contents that POLICY allows, and what scanners found that they do not want.
 * Of an allowed content that is all that was found in it but spam, and that it
 * is encrypted, damaged or of a kind that nothing opens.
 */
void ms_excuse(const struct ms_policy *policy,
    const struct ms_settings *settings, struct ms_facts *facts);

#endif
