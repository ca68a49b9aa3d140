#ifndef MS_HEURISTIC_H
#define MS_HEURISTIC_H

#include "engine/engine.h"

#include <stdbool.h>

/*
 * Names of ClamAV's that say "I stopped" or "I cannot look into this" where
 * others say what was found.
 */

/* Is NAME one of them? Then *GAP says which, and *ALERTS which of the
 * administrator's wishes make it a finding, too. */
bool ms_heuristic_gap(const char *name, enum ms_engine_gap *gap,
    unsigned *alerts);

#endif
