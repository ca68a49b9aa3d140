#ifndef MS_CAUSE_H
#define MS_CAUSE_H

#include "base/budget.h"
#include "engine/engine.h"
#include "scan/facts.h"

/* The reasons that stand for the limit that BUDGET hit last, for what an engine
 * could not do, and for what could not be had, STATUS, as WHY has it. */
enum ms_reason ms_cause_limit(const struct ms_budget *budget);
enum ms_reason ms_cause_engine(enum ms_engine_gap gap);
enum ms_reason ms_cause_status(enum ms_status status,
    const struct ms_error *why, const struct ms_budget *budget);

#endif
