#include "run.h"

#include "audit.h"
#include "block_options.h"
#include "exit.h"
#include "gentle.h"
#include "passwords.h"

#include <ftw.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Directories that nftw() keeps open. */
#define OPEN_MAX_DIRS 16

/* How long to wait for a worker before looking at the progress line. */
#define WAIT_MS 200

/* The same while --rate forbids to read, unless that ends before. */
#define PAUSE_MS 50

/* The same while standard input is silent: what it says next waits for us. */
#define IDLE_MS 20

static volatile sig_atomic_t interrupted;

static void
on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

void
run_catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };

	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		(void)sigaction(signals[i], &action, NULL);
	/* A reader that went away is a write error, not a death. */
	(void)signal(SIGPIPE, SIG_IGN);
}

void
run_complain(struct run *run, const struct ms_error *err)
{
	char *text = ms_quote_string(err->text);

	(void)fprintf(stderr, "mailscan: %s\n", text);
	if (run->mailing)
		mailing_complain(run->mailing, text);
	g_free(text);
	run->failed = true;
}

/* nftw() has no argument to sum up in. */
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

uint64_t
run_total_bytes(int count, char **paths)
{
	sum = 0;
	for (int i = 0; i < count; i++)
		(void)nftw(paths[i], add_size, OPEN_MAX_DIRS, FTW_PHYS);
	return sum;
}

struct ms_report_engine
run_engine(const struct run *run)
{
	struct ms_pipeline_about about;
	int64_t days = -1;

	ms_pipeline_about(run->pipeline, &about);
	if (about.database_time >= 0)
		days = (ms_clock_wall() - about.database_time) / 86400;
	return (struct ms_report_engine){ about.engine, about.version,
		about.database, about.signatures, days,
		MAX(about.database_time, 0), about.sandbox, about.blind };
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

/* Have MESSAGE scanned. */
static enum ms_status
submit(struct run *run, struct ms_message *message, struct ms_error *err)
{
	char *source = g_strdup(message->origin.source);
	uint64_t number = message->origin.index;
	enum ms_status status = ms_pipeline_submit(run->pipeline, message,
	    err);

	if (status < 0)
		ms_error_context(err, "%s: message %" PRIu64, source, number);
	g_free(source);
	return status;
}

/* Take one item from the source. */
static void
pull(struct run *run)
{
	struct audit_note *note = g_new0(struct audit_note, 1), *known;
	struct ms_source_item *item = &note->item;
	struct ms_error err = { "" };
	enum ms_status status = ms_source_next(run->source, item, &err);

	if (status == MS_OK && item->kind == MS_SOURCE_MESSAGE) {
		struct ms_message *message = item->message;

		item->message = NULL;
		known = audit_message(run, message);
		if (known)
			ms_pipeline_note(run->pipeline, known);
		else
			status = submit(run, message, &err);
	} else if (status == MS_OK) {
		count_item(run, item->kind);
		if (run->state)
			ms_state_see(run->state, item);
		if (item->kind != MS_SOURCE_UNSELECTED) {
			ms_pipeline_note(run->pipeline, note);
			return;
		}
	}
	if (status != MS_OK)
		run->ended = true;
	if (run->ended)
		ms_pipeline_end(run->pipeline);
	if (status < 0)
		run_complain(run, &err);
	ms_source_item_clear(item);
	g_free(note);
}

void
run_act(struct run *run, struct ms_outcome *outcome)
{
	if (run->act)
		ms_act_message(run->act, outcome);
}

void
run_report(struct run *run, struct ms_outcome *outcome, bool wanted)
{
	if (!wanted)
		return;
	run->totals.verdicts[outcome->verdict]++;
	run->totals.ambiguous += outcome->facts.ambiguities->len > 0;
	if (!outputs_message(run->outputs, outcome))
		run->lost = true;
}

void
run_tell(void *arg, const struct ms_report_action *action)
{
	struct run *run = arg;

	if (!outputs_action(run->outputs, action))
		run->failed = true;
}

static void
report_outcome(struct run *run, struct ms_outcome *outcome)
{
	/* First, for the state keeps what was done. */
	run_act(run, outcome);
	run->totals.messages++;
	run->totals.bytes += outcome->size;
	run->parts_omitted += outcome->facts.parts_omitted;
	run_report(run, outcome, audit_outcome(run, outcome));
	ms_outcome_free(outcome);
}

static void
report_note(struct run *run, struct audit_note *note)
{
	if (note->outcome || !audit_is_notice(&note->item))
		audit_note(run, note);
	else if (!outputs_notice(run->outputs, &note->item))
		run->lost = true;
	ms_source_item_clear(&note->item);
	ms_outcome_free(note->outcome);
	g_free(note);
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
		run_complain(run, &err);
		run->ended = true;
	}
	if (status != MS_OK)
		return false;
	if (outcome)
		report_outcome(run, outcome);
	if (note)
		report_note(run, note);
	if (run->state)
		ms_state_tick(run->state);
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

/* Milliseconds until --rate lets more be read. */
static int64_t
pause_ms(struct run *run)
{
	uint64_t bytes = ms_source_bytes(run->source);
	int64_t now = ms_clock_ms();

	if (run->options->rate == 0)
		return 0;
	ms_bucket_spend(&run->bucket, bytes - run->bytes_spent, now);
	run->bytes_spent = bytes;
	return ms_bucket_wait_ms(&run->bucket, now);
}

/* Nothing is to be read for some milliseconds: workers may have something to
 * say, unless nothing is in line. */
static void
idle(struct run *run, int64_t ms)
{
	int wait = (int)MIN(ms, PAUSE_MS);

	if (!push(run, wait) && !run->ended)
		(void)poll(NULL, 0, wait);
}

static void
loop(struct run *run)
{
	while (!interrupted && !outputs_are_lost(run->outputs)) {
		bool wants = !run->ended && ms_pipeline_wants(run->pipeline);
		int64_t ms = wants ? pause_ms(run) : 0;

		if (ms > 0) {
			idle(run, ms);
			continue;
		}
		if (wants)
			pull(run);
		if (!push(run, wants ? 0 : WAIT_MS) && run->ended)
			return;
	}
	run->totals.interrupted = interrupted != 0;
	run->failed = true;
}

void
run_loop(struct run *run, int64_t began_ms)
{
	loop(run);
	if (run->act) {
		ms_act_end(run->act, run->totals.interrupted ||
		    outputs_are_lost(run->outputs));
		run->totals.actions = *ms_act_totals(run->act);
	}
	audit_count(run);
	run->totals.elapsed_ms = ms_clock_ms() - began_ms;
	run->totals.finished = ms_clock_wall();
	if (!outputs_close(run->outputs, &run->totals))
		run->lost = true;
	audit_end(run);
}

/* Is VERDICT one of those that --fail-on lists? */
static bool
fails(const struct run *run, enum ms_verdict verdict)
{
	char **names = g_strsplit(run->options->fail_on, ",", -1);
	bool found = g_strv_contains((const char *const *)names,
	    ms_verdict_name(verdict));

	g_strfreev(names);
	return found;
}

/* Is there a verdict that counts as found? */
static bool
has_found(const struct run *run)
{
	for (int i = 0; i < MS_VERDICTS; i++)
		if (run->totals.verdicts[i] > 0 &&
		    fails(run, (enum ms_verdict)i))
			return true;
	return false;
}

static bool
has_trouble(const struct run *run)
{
	const uint64_t *verdicts = run->totals.verdicts;

	return run->failed || run->lost || run->totals.interrupted ||
	    run->totals.actions.failed > 0 || run->totals.failed > 0 ||
	    verdicts[MS_VERDICT_ERROR] > 0 ||
	    verdicts[MS_VERDICT_INCOMPLETE] > 0;
}

bool
run_has_news(const struct run *run)
{
	return has_found(run) || has_trouble(run);
}

int
run_status(const struct run *run)
{
	bool found = has_found(run) && !run->options->exit_zero;

	if (run->totals.actions.failed > 0)
		return EXIT_TROUBLE;
	if (has_trouble(run) && (run->options->strict_exit || !found))
		return EXIT_TROUBLE;
	return found ? EXIT_FOUND : EXIT_CLEAN;
}

static bool
add_inputs(struct run *run, int count, char **paths)
{
	struct ms_error err;

	for (int i = 0; i < count; i++)
		ms_source_add(run->source, paths[i]);
	for (const char *const *list = run->options->file_lists; list && *list;
	    list++)
		if (ms_source_add_list(run->source, *list, run->options->null,
		    &err) != MS_OK) {
			(void)option_error(run->cmd, "%s", err.text);
			return false;
		}
	return true;
}

/* Standard input can be read once. */
static bool
check_stdin(const struct run *run, int count, char **paths)
{
	int uses = 0;

	for (int i = 0; i < count; i++)
		uses += strcmp(paths[i], "-") == 0;
	for (const char *const *list = run->options->file_lists; list && *list;
	    list++)
		uses += strcmp(*list, "-") == 0;
	if (uses > 1)
		(void)option_error(run->cmd, "standard input (-) is named %d "
		    "times", uses);
	return uses <= 1;
}

bool
run_check(const struct run *run, int count, char **paths)
{
	struct ms_source_config source;

	if (count == 0 && !run->options->file_lists) {
		(void)option_error(run->cmd, "no paths given (- is standard "
		    "input)");
		return false;
	}
	return check_stdin(run, count, paths) &&
	    scan_options_source(run->cmd, run->options, &source);
}

bool
run_open(struct run *run, const struct ms_pipeline_config *config, int count,
    char **paths)
{
	struct ms_pipeline_config pipeline = *config;
	struct ms_source_config source;
	struct ms_error err = { "" };

	if (!scan_options_source(run->cmd, run->options, &source))
		return false;
	if (gentle_be((int)run->options->nice, &err) != MS_OK) {
		run_complain(run, &err);
		return false;
	}
	ms_bucket_init(&run->bucket, (uint64_t)run->options->rate << 20,
	    ms_clock_ms());
	if (run->options->password_file && passwords_read(
	    run->options->password_file, &run->passwords, &err) != MS_OK) {
		ms_error_context(&err, "--password-file");
		run_complain(run, &err);
		return false;
	}
	pipeline.passwords = (const char *const *)run->passwords;
	if (!block_options_rules(run->cmd, run->options, NULL, &run->rules))
		return false;
	pipeline.rules = run->rules;
	if (!scanner_options_plan(run->cmd, run->options->scanners,
	    &run->others))
		return false;
	pipeline.checks = run->others.checks;
	pipeline.check_count = run->others.count;
	if (!audit_prepare(run, &pipeline))
		return false;
	if (ms_pipeline_open(&pipeline, &run->pipeline, &err) != MS_OK) {
		run_complain(run, &err);
		return false;
	}
	source.spool.dir = ms_pipeline_dir(run->pipeline);
	source.reader_arg = run->pipeline;
	source.wait = wait_for_input;
	source.wait_arg = run;
	if (!audit_open(run, &pipeline, &source))
		return false;
	run->source = ms_source_new(&source);
	return add_inputs(run, count, paths);
}

void
run_close(struct run *run)
{
	ms_act_close(run->act);
	ms_pipeline_close(run->pipeline);
	ms_source_free(run->source);
	ms_state_close(run->state);
	passwords_free(run->passwords);
	ms_rulebook_free(run->rules);
	scanner_options_clear(&run->others);
}
