#include "audit.h"

#include "run.h"

#include <stdio.h>

bool
audit_check(const struct command *cmd, const struct scan_options *options)
{
	const char *needs = options->resume ? "resume" :
	    options->only_new ? "only-new-findings" :
	    options->rescan != RESCAN_DATABASE ? "rescan" : NULL;

	if (needs && !options->state)
		(void)option_error(cmd, "--%s needs --state=FILE, which says "
		    "what is known", needs);
	return !needs || options->state;
}

bool
audit_prepare(struct run *run, const struct ms_pipeline_config *pipeline)
{
	struct ms_error err = { "" };

	/* If they cannot be read, the engine says so better. */
	if (run->options->state)
		(void)ms_terms_files(pipeline, &run->database, &err);
	return audit_check(run->cmd, run->options);
}

/* What a remote engine says of its database; if it does not, then it is like
 * no other, and all is scanned again. NULL: it is no remote one. */
static char *
database_name(const struct ms_pipeline_config *pipeline,
    const struct ms_pipeline_about *about)
{
	if (!pipeline->ops->remote)
		return NULL;
	if (about->database && about->database_time >= 0)
		return g_strdup_printf("%s\t%s", about->version,
		    about->database);
	return g_strdup_printf("%s\t%" G_GINT64_FORMAT, about->version,
	    ms_clock_wall());
}

static bool
take_terms(struct run *run, const struct ms_pipeline_config *pipeline,
    const struct ms_source_config *source, struct ms_runs_config *runs)
{
	struct ms_pipeline_about about;
	struct ms_error err = { "" };
	struct ms_digest files;
	char *version;

	ms_pipeline_about(run->pipeline, &about);
	runs->options = ms_terms_options(pipeline, source);
	if (ms_terms_files(pipeline, &files, &err) != MS_OK) {
		run_complain(run, &err);
		return false;
	}
	version = database_name(pipeline, &about);
	runs->database = ms_terms_database(&run->database, &files,
	    version ? version : about.version);
	g_free(version);
	return true;
}

bool
audit_open(struct run *run, const struct ms_pipeline_config *pipeline,
    struct ms_source_config *source)
{
	const struct scan_options *options = run->options;
	struct ms_state_config config = {
		.path = options->state,
		.act_on = ms_act_verdicts(run->act),
		.policy = ms_act_policy(run->act),
		.runs = {
			.rescan = (enum ms_runs_rescan)options->rescan,
			.resume = options->resume,
		},
	};
	struct ms_pipeline_about about;
	struct ms_error err = { "" };
	enum ms_status status;
	char *engine;

	if (!options->state)
		return true;
	if (!take_terms(run, pipeline, source, &config.runs))
		return false;
	ms_pipeline_about(run->pipeline, &about);
	engine = g_strdup_printf("%s\t%s\t%s\t%" G_GUINT64_FORMAT,
	    about.engine, about.version ? about.version : "-",
	    about.database ? about.database : "no database",
	    about.signatures);
	config.runs.engine = engine;
	status = ms_state_open(&config, &run->state, &err);
	g_free(engine);
	if (status != MS_OK) {
		run_complain(run, &err);
		return false;
	}
	ms_state_watch(run->state, source);
	return true;
}

struct audit_note *
audit_message(struct run *run, struct ms_message *message)
{
	struct ms_state_known known;
	struct audit_note *note;

	if (!run->state || !ms_state_knows(run->state, message, &known))
		return NULL;
	/* To be stored, it has to be scanned: only then its bytes are kept. */
	if (run->act && known.outcome != 0 && message->origin.ino == 0)
		return NULL;
	note = g_new0(struct audit_note, 1);
	note->outcome = ms_outcome_new(message);
	note->known = known;
	ms_message_free(message);
	return note;
}

bool
audit_is_notice(const struct ms_source_item *item)
{
	return item->kind != MS_SOURCE_KNOWN &&
	    item->kind != MS_SOURCE_FINISHED;
}

/* What is known of a file that was not even read: what is to be done with it
 * is done already. */
static void
tell(void *arg, struct ms_outcome *outcome, bool fresh)
{
	struct run *run = arg;

	run->told++;
	run_report(run, outcome, fresh || !run->options->only_new);
}

/* The same of a message that was read. */
static void
act_and_tell(void *arg, struct ms_outcome *outcome, bool fresh)
{
	run_act(arg, outcome);
	tell(arg, outcome, fresh);
}

void
audit_note(struct run *run, const struct audit_note *note)
{
	if (!run->state)
		return;
	if (note->outcome)
		ms_state_recall(run->state, &note->known, note->outcome,
		    act_and_tell, run);
	else
		ms_state_item(run->state, &note->item, tell, run);
}

bool
audit_outcome(struct run *run, const struct ms_outcome *outcome)
{
	bool fresh = !run->state || ms_state_scanned(run->state, outcome);

	return fresh || !run->options->only_new;
}

void
audit_count(struct run *run)
{
	struct ms_report_totals *totals = &run->totals;
	struct ms_pipeline_about about;

	if (!run->state)
		return;
	ms_pipeline_about(run->pipeline, &about);
	totals->known = ms_state_passed(run->state);
	totals->messages += totals->known;
	if (totals->known > run->told)
		totals->verdicts[about.blind ? MS_VERDICT_SKIPPED :
		    MS_VERDICT_CLEAN] += totals->known - run->told;
}

void
audit_end(struct run *run)
{
	bool whole = !run->totals.interrupted && !run->lost;
	struct ms_error err = { "" };

	if (run->state && ms_state_end(run->state, whole, &err) != MS_OK)
		run_complain(run, &err);
}
