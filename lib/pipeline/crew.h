#ifndef MS_CREW_H
#define MS_CREW_H

#include "pipeline/pipeline.h"
#include "pool/pool.h"

/* What the workers of a pipeline are told, that unpack to WORK_DIR: all of it
 * loans. */
struct ms_pool_config ms_crew_config(const struct ms_pipeline_config *config,
    const char *work_dir);

#endif
