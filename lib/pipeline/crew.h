#ifndef MS_CREW_H
#define MS_CREW_H

#include "pipeline/pipeline.h"
#include "pool/pool.h"

/* Is what was found in one message no word on the same one later? The database
 * of a remote engine may change at any time; but one run of many messages is
 * so short that it does not matter when. */
bool ms_crew_forgets(const struct ms_pipeline_config *config);

/* What the workers of a pipeline are told, that unpack to WORK_DIR: all of it
 * loans. */
struct ms_pool_config ms_crew_config(const struct ms_pipeline_config *config,
    const char *work_dir);

/* What box the workers will be in: *TEXT, the caller's to g_free(), is set in
 * any case. MS_E_USAGE: one is required, and there is none. */
enum ms_status ms_crew_sandbox(const struct ms_pipeline_config *config,
    char **text, struct ms_error *err);

/* READY as it is told: loans of all three. */
struct ms_pipeline_about ms_crew_about(
    const struct ms_pipeline_config *config,
    const struct ms_frame_ready *ready, const char *sandbox);

#endif
