#ifndef MS_ALONE_H
#define MS_ALONE_H

#include "pipeline/pipeline.h"
#include "pool/counter.h"
#include "serve/case.h"
#include "serve/runner.h"

/*
 * What a service would say of one message, with an engine that is loaded for
 * it, and the same policy: for doors that are told to ask no service.
 */

struct ms_alone_config {
	struct ms_pipeline_config pipeline;
	struct ms_case_config cases;	/* of it what decides and words */
	const char *quarantine;	/* directory; NULL: there is none */
	const struct ms_runner_config *runner;	/* whom to tell; NULL: nobody */
};

/* As ms_counter_ask(). MS_E_ENGINE, MS_E_USAGE and MS_E_IO: as
 * ms_pipeline_open(). The deadline does not count: each message has its
 * own. */
enum ms_status ms_alone(const struct ms_alone_config *config,
    const struct ms_counter_question *question,
    struct ms_counter_reply *reply, struct ms_error *err);

#endif
