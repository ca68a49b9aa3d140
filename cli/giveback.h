#ifndef GIVEBACK_H
#define GIVEBACK_H

#include "holdings.h"

/* Messages on their way out of a quarantine. */

/* Take over the options for a release. False: option_error() has said what is
 * wrong. */
bool giveback_check(struct holdings *holdings);

/* holdings_visit: release it; write it to --directory, or standard output. */
void giveback_release(struct holdings *holdings, struct ms_holding *holding);
void giveback_extract(struct holdings *holdings, struct ms_holding *holding);

#endif
