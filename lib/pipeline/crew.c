#include "pipeline/crew.h"

/* After its own deadline, checked between steps, a worker gets this long to
 * notice; then it is killed. */
#define GRACE_MS 500

/* Messages that one worker looks at in its life. */
#define RECYCLE 500

struct ms_pool_config
ms_crew_config(const struct ms_pipeline_config *config, const char *work_dir)
{
	return (struct ms_pool_config){
		.zygote = {
			.ops = config->ops,
			.engine = config->engine,
			.scan = { .limits = config->limits,
			    .spool = { .heap_max = 4u << 20 },
			    .parts_only = config->parts_only,
			    .passwords = config->passwords,
			    .passwords_from_body = config->passwords_from_body,
			    .tree = config->tree, .pick = config->pick },
			.parts = config->parts,
			.worker_memory = config->worker_memory,
			.dir = work_dir,
		},
		.workers = config->workers,
		.deadline_ms = config->limits.time_ms + GRACE_MS,
		.recycle = RECYCLE,
	};
}
