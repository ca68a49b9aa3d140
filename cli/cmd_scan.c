#include "actions.h"
#include "command.h"
#include "exit.h"
#include "run.h"

static void
check_age(struct run *run, int64_t days)
{
	struct ms_error err;

	if (run->options->fail_if_older_days == 0 ||
	    days < run->options->fail_if_older_days)
		return;
	(void)ms_error_set(&err, MS_E_USAGE, "the signature database is %"
	    G_GINT64_FORMAT " days old", days);
	run_complain(run, &err);
}

static bool
open_outputs(struct run *run, uint64_t total)
{
	const struct ms_report_engine engine = run_engine(run);

	check_age(run, engine.database_age_days);
	run->outputs = outputs_open(run->cmd, run->options, &engine, total);
	if (run->outputs && run->mailing)
		mailing_add(run->mailing, run->outputs, &engine);
	return run->outputs != NULL;
}

/* Before anything is loaded: what messages are to be moved to may not be fit
 * for that. */
static bool
open_actions(struct run *run, struct ms_act_config *config)
{
	struct ms_error err = { "" };

	config->tell = run_tell;
	config->arg = run;
	if (!ms_act_is_asked(config) ||
	    ms_act_open(config, &run->act, &err) == MS_OK)
		return true;
	run_complain(run, &err);
	return false;
}

static bool
open_mailing(struct run *run)
{
	struct ms_error err = { "" };

	if (mailing_new(run->options, &run->mailing, &err) == MS_OK)
		return true;
	run_complain(run, &err);
	return false;
}

/* Mail what there is to tell; TOTALS are NULL if the run never began. */
static void
tell(struct run *run, const struct ms_report_totals *totals)
{
	struct ms_error err = { "" };

	if (run->mailing && (!totals || run_has_news(run)) &&
	    mailing_send(run->mailing, totals, &err) != MS_OK)
		run_complain(run, &err);
}

/* Everything that can be wrong before the first message. */
static bool
open_run(struct run *run, int count, char **paths)
{
	struct ms_pipeline_config pipeline;
	struct ms_act_config actions;

	if (!run_check(run, count, paths) ||
	    !scan_options_check(run->cmd, run->options) ||
	    !actions_check(run->cmd, run->options, &actions) ||
	    !open_mailing(run) ||
	    !outputs_check(run->cmd, run->options, count, paths))
		return false;
	scan_options_pipeline(run->options, &pipeline);
	actions_pipeline(&actions, &pipeline);
	return open_actions(run, &actions) &&
	    run_open(run, &pipeline, count, paths) &&
	    open_outputs(run, outputs_show_progress(run->options) ?
	    run_total_bytes(count, paths) : 0);
}

static void
defaults(void *into)
{
	*(struct scan_options *)into = scan_options_default;
}

int
cmd_scan_run(int argc, char **argv)
{
	struct scan_options options = scan_options_default;
	struct run run = { .cmd = &cmd_scan, .options = &options };
	int64_t began = ms_clock_ms();
	int status = EXIT_TROUBLE;
	int count = option_parse(&cmd_scan, argc, argv, &options, &status);

	if (count >= 0) {
		char **paths = argv + 1;

		count = scan_options_paths(&options, count, &paths);
		run_catch_signals();
		if (open_run(&run, count, paths)) {
			run_loop(&run, began);
			tell(&run, &run.totals);
			status = run_status(&run);
		} else {
			tell(&run, NULL);
		}
	}
	run_close(&run);
	mailing_free(run.mailing);
	option_free(&cmd_scan, &options);
	return status;
}

const struct command cmd_scan = {
	.name = "scan",
	.synopsis = "[options] PATH ...",
	.summary = "Say which message, and which part of it, holds what",
	.options = scan_options_tables,
	.config = true,
	.size = sizeof(struct scan_options),
	.defaults = defaults,
};
