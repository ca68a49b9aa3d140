#ifndef RUN_H
#define RUN_H

#include "mailing.h"
#include "outputs.h"
#include "scan_options.h"
#include "scanner_options.h"

/*
 * What every command that reads messages does: sources in at one end of the
 * pipeline, outcomes out at the other and into the outputs, until there are
 * no more or somebody interrupts. A command checks its options, opens the
 * run, then its outputs, loops, asks for the exit status and closes the run.
 */
struct run {
	/* set by the command */
	const struct command *cmd;
	const struct scan_options *options;
	struct outputs *outputs;	/* before run_loop() */
	struct ms_act *act;	/* likewise, for run_close(); NULL: nothing is
				 * to be done with messages */
	struct mailing *mailing;	/* gets complaints; or NULL */
	/* set here */
	struct ms_source *source;
	struct ms_pipeline *pipeline;
	struct ms_state *state;	/* NULL: none is kept */
	struct ms_digest database;	/* its files before they were loaded */
	uint64_t told;		/* outcomes that came from it */
	char **passwords;	/* of --password-file */
	struct ms_rulebook *rules;	/* of --block-name and so on */
	struct scanner_plan others;	/* of --scanners */
	struct ms_report_totals totals;
	struct ms_bucket bucket;	/* of bytes to read, by --rate */
	uint64_t bytes_spent;	/* of the source, as far as it was told */
	uint64_t parts_omitted;	/* there were too many to list */
	bool ended;		/* the source has no more */
	bool failed;		/* something went wrong, and was said */
	bool lost;		/* not all could be reported */
};

/* Have SIGINT, SIGTERM and SIGHUP end the loop, and SIGPIPE nothing. */
void run_catch_signals(void);

/* Say what ERR says on stderr, and that the run failed. */
void run_complain(struct run *run, const struct ms_error *err);

/* For struct ms_act_config, with the run as its argument. */
void run_tell(void *arg, const struct ms_report_action *action);

/* Bytes of all files below PATHS, for a progress line. */
uint64_t run_total_bytes(int count, char **paths);

/* What is in force, for reports; strings are loans of the pipeline's. */
struct ms_report_engine run_engine(const struct run *run);

/* Read all messages, report them and close the outputs. BEGAN_MS is when the
 * command did, on base/clock's clock. */
void run_loop(struct run *run, int64_t began_ms);

/* Do with the message what is to be done. */
void run_act(struct run *run, struct ms_outcome *outcome);

/* Have OUTCOME reported and counted, if it is WANTED. */
void run_report(struct run *run, struct ms_outcome *outcome, bool wanted);

/* Is there anything that --mail-report is for? */
bool run_has_news(const struct run *run);

/* What to exit with, by --fail-on, --strict-exit and --exit-zero; but what was
 * to be done and was not is worse than all that was found. */
int run_status(const struct run *run);

/* Before anything is opened: false if there is nothing to read, or standard
 * input to be read twice; it has been said. */
bool run_check(const struct run *run, int count, char **paths);

/* Start the pipeline and take the inputs. False: it has been said why not. */
bool run_open(struct run *run, const struct ms_pipeline_config *config,
    int count, char **paths);

/* Ends all processes; fine after a run_open() that failed or never came. */
void run_close(struct run *run);

#endif
