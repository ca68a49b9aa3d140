#include "standalone.h"

enum ms_status
standalone_begin(struct ms_error *err)
{
	(void)err;
	return MS_OK;
}

static bool
plan(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *into)
{
	struct ms_notices_config *notices =
	    &into->master.runner.mailer.notices;

	if (!serve_options_plan(cmd, options, into))
		return false;
	/* Each message would come back to somebody else. */
	if (!into->notice_key_lasts)
		notices->key = NULL;
	if ((notices->who & MS_NOTICES_SENDER) == 0)
		return true;
	(void)option_error(cmd, "--notify: senders are not told with "
	    "--standalone, where nobody counts how many; have a service tell "
	    "them (mailscan pool)");
	return false;
}

enum ms_status
standalone_ask(const struct command *cmd, const struct serve_options *options,
    const struct ms_counter_question *question,
    struct ms_counter_reply *reply, struct ms_error *err)
{
	struct serve_plan made = { .before = NULL };
	enum ms_status status = MS_E_USAGE;

	if (plan(cmd, options, &made) &&
	    ms_chronicle_open(&made.log, err) == MS_OK) {
		const struct ms_alone_config config = {
			.pipeline = made.master.scanner.pipeline,
			.cases = made.master.front.visit.cargo.cases,
			.quarantine = made.quarantine,
			.runner = made.master.front.runner ?
			    &made.master.runner : NULL,
		};

		status = ms_alone(&config, question, reply, err);
	} else {
		(void)ms_error_set(err, status, "the configuration is wrong");
	}
	serve_options_clear(&made);
	return status;
}
