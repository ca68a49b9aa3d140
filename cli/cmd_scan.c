#include "command.h"
#include "exit.h"
#include "outputs.h"
#include "scan_options.h"

#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Directories that nftw() keeps open. */
#define OPEN_MAX_DIRS 16

/* How long to wait for a worker before looking at the progress line. */
#define WAIT_MS 200

/* The same while standard input is silent: what it says next waits for us. */
#define IDLE_MS 20

struct run {
	struct scan_options options;
	struct ms_source *source;
	struct ms_pipeline *pipeline;
	struct outputs *outputs;
	struct ms_report_totals totals;
	bool ended;		/* the source has no more */
	bool failed;		/* something of ours went wrong, and was said */
	bool old;		/* the database is, too */
};

static volatile sig_atomic_t interrupted;

static void
on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static void
catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };

	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		(void)sigaction(signals[i], &action, NULL);
	/* A reader that went away is a write error, not a death. */
	(void)signal(SIGPIPE, SIG_IGN);
}

static void
complain(struct run *run, const struct ms_error *err)
{
	char *text = ms_quote_string(err->text);

	(void)fprintf(stderr, "mailscan: %s\n", text);
	g_free(text);
	run->failed = true;
}

/* For the progress line only: nftw() has no argument to sum up in. */
static uint64_t sum;

static int
add_size(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)path;
	(void)ftw;
	if (type == FTW_F && S_ISREG(st->st_mode))
		sum += (uint64_t)st->st_size;
	return interrupted;
}

static uint64_t
total_bytes(int count, char **paths)
{
	sum = 0;
	for (int i = 0; i < count; i++)
		(void)nftw(paths[i], add_size, OPEN_MAX_DIRS, FTW_PHYS);
	return sum;
}

static void
count_item(struct run *run, enum ms_source_kind kind)
{
	if (kind == MS_SOURCE_UNSELECTED)
		run->totals.unselected++;
	else if (kind == MS_SOURCE_GONE)
		run->totals.gone++;
	else if (kind == MS_SOURCE_SKIPPED)
		run->totals.passed_over++;
	else if (kind == MS_SOURCE_FAILED)
		run->totals.failed++;
}

/* Take one item from the source. */
static void
pull(struct run *run)
{
	struct ms_source_item *item = g_new0(struct ms_source_item, 1);
	struct ms_error err = { "" };
	enum ms_status status = ms_source_next(run->source, item, &err);

	if (status == MS_OK && item->kind == MS_SOURCE_MESSAGE) {
		struct ms_message *message = item->message;

		item->message = NULL;
		status = ms_pipeline_submit(run->pipeline, message, &err);
	} else if (status == MS_OK && item->kind != MS_SOURCE_UNSELECTED) {
		count_item(run, item->kind);
		ms_pipeline_note(run->pipeline, item);
		return;
	} else if (status == MS_OK) {
		count_item(run, item->kind);
	}
	if (status != MS_OK)
		run->ended = true;
	if (status < 0)
		complain(run, &err);
	ms_source_item_clear(item);
	g_free(item);
}

static void
report_outcome(struct run *run, struct ms_outcome *outcome)
{
	run->totals.messages++;
	run->totals.verdicts[outcome->verdict]++;
	run->totals.ambiguous += outcome->facts.ambiguities->len > 0;
	run->totals.bytes += outcome->size;
	if (!outputs_message(run->outputs, outcome))
		run->failed = true;
	ms_outcome_free(outcome);
}

static void
report_note(struct run *run, struct ms_source_item *item)
{
	if (!outputs_notice(run->outputs, item))
		run->failed = true;
	ms_source_item_clear(item);
	g_free(item);
}

/* Report what is next in line; false if nothing is in line, or never will
 * be. */
static bool
push(struct run *run, int timeout_ms)
{
	struct ms_outcome *outcome;
	struct ms_error err = { "" };
	void *note;
	enum ms_status status = ms_pipeline_next(run->pipeline, timeout_ms,
	    &outcome, &note, &err);

	if (status < 0) {
		complain(run, &err);
		run->ended = true;
	}
	if (status != MS_OK)
		return false;
	if (outcome)
		report_outcome(run, outcome);
	if (note)
		report_note(run, note);
	outputs_progress(run->outputs, &run->totals,
	    ms_source_bytes(run->source));
	return true;
}

/* While standard input has nothing to say, workers may have. */
static bool
wait_for_input(void *arg, int fd)
{
	struct run *run = arg;
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	int timeout_ms = 0;

	while (!interrupted) {
		if (poll(&ready, 1, timeout_ms) != 0)
			return !interrupted;
		/* What is in line may all be done: then the wait is here. */
		timeout_ms = push(run, IDLE_MS) ? 0 : IDLE_MS;
	}
	return false;
}

static void
loop(struct run *run)
{
	while (!interrupted && !outputs_are_lost(run->outputs)) {
		bool wants = !run->ended && ms_pipeline_wants(run->pipeline);

		if (wants)
			pull(run);
		if (!push(run, wants ? 0 : WAIT_MS) && run->ended)
			return;
	}
	run->totals.interrupted = interrupted != 0;
	run->failed = true;
}

/* Is VERDICT one of those that --fail-on lists? */
static bool
fails(const struct run *run, enum ms_verdict verdict)
{
	char **names = g_strsplit(run->options.fail_on, ",", -1);
	bool found = g_strv_contains((const char *const *)names,
	    ms_verdict_name(verdict));

	g_strfreev(names);
	return found;
}

static bool
check_fail_on(const struct command *cmd, const struct scan_options *options)
{
	char **names = g_strsplit(options->fail_on, ",", -1);
	bool ok = true;

	for (char **name = names; *name && ok; name++) {
		ok = ms_verdict_by_name(*name) != MS_VERDICTS;
		if (!ok)
			(void)option_error(cmd, "--fail-on: %s is no verdict; "
			    "there are infected, blocked, spam, error, "
			    "incomplete, encrypted, clean and skipped",
			    *name);
	}
	g_strfreev(names);
	return ok;
}

static int
exit_status(const struct run *run)
{
	const uint64_t *verdicts = run->totals.verdicts;
	bool found = false, trouble;

	for (int i = 0; i < MS_VERDICTS; i++)
		if (verdicts[i] > 0 && fails(run, (enum ms_verdict)i))
			found = true;
	trouble = run->failed || run->old || run->totals.interrupted ||
	    run->totals.failed > 0 || verdicts[MS_VERDICT_ERROR] > 0 ||
	    verdicts[MS_VERDICT_INCOMPLETE] > 0;
	if (run->options.exit_zero)
		found = false;
	if (trouble && (run->options.strict_exit || !found))
		return EXIT_TROUBLE;
	return found ? EXIT_FOUND : EXIT_CLEAN;
}

static int64_t
age_days(int64_t time)
{
	return time < 0 ? -1 : (ms_clock_wall() - time) / 86400;
}

static void
check_age(struct run *run, int64_t days)
{
	if (run->options.fail_if_older_days == 0 ||
	    days < run->options.fail_if_older_days)
		return;
	(void)fprintf(stderr, "mailscan: the signature database is %"
	    G_GINT64_FORMAT " days old\n", days);
	run->old = true;
}

static bool
open_outputs(const struct command *cmd, struct run *run, uint64_t total)
{
	struct ms_pipeline_about about;
	struct ms_report_engine engine;

	ms_pipeline_about(run->pipeline, &about);
	engine = (struct ms_report_engine){ about.engine, about.version,
		about.database, about.signatures,
		age_days(about.database_time), about.sandbox };
	check_age(run, engine.database_age_days);
	run->outputs = outputs_open(cmd, &run->options, &engine, total);
	return run->outputs != NULL;
}

static bool
add_inputs(const struct command *cmd, struct run *run, int count,
    char **paths)
{
	struct ms_error err;

	for (int i = 0; i < count; i++)
		ms_source_add(run->source, paths[i]);
	for (const char *const *list = run->options.file_lists; list && *list;
	    list++)
		if (ms_source_add_list(run->source, *list, run->options.null,
		    &err) != MS_OK) {
			(void)option_error(cmd, "%s", err.text);
			return false;
		}
	return true;
}

/* Standard input can be read once. */
static bool
check_stdin(const struct command *cmd, const struct scan_options *options,
    int count, char **paths)
{
	int uses = 0;

	for (int i = 0; i < count; i++)
		uses += strcmp(paths[i], "-") == 0;
	for (const char *const *list = options->file_lists; list && *list;
	    list++)
		uses += strcmp(*list, "-") == 0;
	if (uses > 1)
		(void)option_error(cmd, "standard input (-) is named %d "
		    "times", uses);
	return uses <= 1;
}

/* Everything that can be wrong before the first message. */
static bool
open_run(const struct command *cmd, struct run *run, int count, char **paths)
{
	struct ms_pipeline_config pipeline;
	struct ms_source_config source;
	struct ms_error err = { "" };

	if (count == 0 && !run->options.file_lists) {
		(void)option_error(cmd, "no paths given (- is standard "
		    "input)");
		return false;
	}
	if (!check_fail_on(cmd, &run->options) ||
	    !check_stdin(cmd, &run->options, count, paths) ||
	    !outputs_check(cmd, &run->options, count, paths) ||
	    !scan_options_source(cmd, &run->options, &source))
		return false;
	scan_options_pipeline(&run->options, &pipeline);
	if (ms_pipeline_open(&pipeline, &run->pipeline, &err) != MS_OK) {
		complain(run, &err);
		return false;
	}
	source.spool.dir = ms_pipeline_dir(run->pipeline);
	source.reader_arg = run->pipeline;
	source.wait = wait_for_input;
	source.wait_arg = run;
	run->source = ms_source_new(&source);
	return add_inputs(cmd, run, count, paths) &&
	    open_outputs(cmd, run, outputs_show_progress(&run->options) ?
	    total_bytes(count, paths) : 0);
}

static int
scan(int argc, char **argv)
{
	struct run run = { .options = scan_options_default };
	int64_t began = ms_clock_ms();
	int status = EXIT_TROUBLE;
	int count = option_parse(&cmd_scan, argc, argv, &run.options,
	    &status);

	if (count >= 0) {
		catch_signals();
		if (open_run(&cmd_scan, &run, count, argv + 1)) {
			loop(&run);
			run.totals.elapsed_ms = ms_clock_ms() - began;
			if (!outputs_close(run.outputs, &run.totals))
				run.failed = true;
			status = exit_status(&run);
		}
	}
	ms_pipeline_close(run.pipeline);
	ms_source_free(run.source);
	option_free(&cmd_scan, &run.options);
	return status;
}

const struct command cmd_scan = {
	.name = "scan",
	.synopsis = "[options] PATH ...",
	.summary = "Say which message, and which part of it, holds what",
	.options = scan_options_tables,
	.run = scan,
};
