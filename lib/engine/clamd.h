#ifndef MS_CLAMD_H
#define MS_CLAMD_H

#include "engine/engine.h"

/*
 * clamd in libclamav's place: contents are given to the delegate of the
 * configuration, and what clamd says of them is told. clamd names one
 * signature of a content, shows no layer, and decides by its own
 * configuration what it looks for and into; what its heuristics say of limits
 * and encryption is a gap and, since it was asked to alert, a finding.
 */
extern const struct ms_engine_ops ms_clamd;

#endif
