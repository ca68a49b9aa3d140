#include "standalone.h"

enum ms_status
standalone_begin(struct ms_error *err)
{
	(void)err;
	return MS_OK;
}

enum ms_status
standalone_ask(const struct command *cmd, const struct serve_options *options,
    const struct ms_counter_question *question,
    struct ms_counter_reply *reply, struct ms_error *err)
{
	struct serve_plan plan = { .before = NULL };
	enum ms_status status = MS_E_USAGE;

	if (serve_options_plan(cmd, options, &plan)) {
		const struct ms_alone_config config = {
			.pipeline = plan.master.scanner.pipeline,
			.cases = plan.master.front.visit.cargo.cases,
			.quarantine = plan.quarantine,
			.runner = plan.event ? &plan.master.runner : NULL,
		};

		status = ms_alone(&config, question, reply, err);
	} else {
		(void)ms_error_set(err, status, "the configuration is wrong");
	}
	serve_options_clear(&plan);
	return status;
}
