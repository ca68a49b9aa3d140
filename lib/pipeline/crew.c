#include "pipeline/crew.h"

#include "pool/sandbox.h"

/* After its own deadline, checked between steps, a worker gets this long to
 * notice; then it is killed. */
#define GRACE_MS 500

/* Messages that one worker looks at in its life. */
#define RECYCLE 500

bool
ms_crew_forgets(const struct ms_pipeline_config *config)
{
	return config->ops->remote && config->unordered;
}

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
			    .tree = config->tree,
			    .rules = config->rules,
			    .forget = ms_crew_forgets(config),
			    .pick = config->pick },
			.parts = config->parts,
			.worker_memory = config->worker_memory,
			.dir = work_dir,
			.broker = { .servers = config->engine.servers,
			    .patience_ms = config->limits.time_ms },
		},
		.workers = config->workers,
		.deadline_ms = config->limits.time_ms + GRACE_MS,
		.recycle = RECYCLE,
		.prompt = config->unordered,
	};
}

enum ms_status
ms_crew_sandbox(const struct ms_pipeline_config *config, char **text,
    struct ms_error *err)
{
	*text = config->in_process ? g_strdup("none (in process)") :
	    ms_sandbox_describe();
	if (!config->require_sandbox ||
	    (!config->in_process && ms_sandbox_is_complete()))
		return MS_OK;
	return ms_error_set(err, MS_E_USAGE,
	    "a sandbox is required, and here it is: %s", *text);
}

struct ms_pipeline_about
ms_crew_about(const struct ms_pipeline_config *config,
    const struct ms_frame_ready *ready, const char *sandbox)
{
	struct ms_pipeline_about about = { ready->engine, ready->version,
		ready->database, ready->signatures, ready->database_time,
		sandbox, config->ops->blind };

	if (about.blind)
		about.version = about.database = NULL;
	/* A remote one need not say. */
	if (config->ops->remote && about.database && *about.database == '\0')
		about.database = NULL;
	return about;
}
