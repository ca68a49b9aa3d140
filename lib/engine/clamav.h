#ifndef MS_CLAMAV_H
#define MS_CLAMAV_H

#include "engine/engine.h"

/*
 * libclamav as an engine, the way clamscan uses it, with two differences.
 * Its cache of clean digests is off: it ignores scan options and context and
 * answers "clean" for infected mail. And what it could not look into is told
 * as a gap, where clamscan says nothing.
 */
extern const struct ms_engine_ops ms_clamav;

#endif
