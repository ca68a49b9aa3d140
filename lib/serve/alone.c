#include "serve/alone.h"

#include "action/quarantine.h"
#include "base/clock.h"
#include "message/date.h"
#include "message/intake.h"
#include "pipeline/checking.h"
#include "serve/account.h"
#include "serve/gate.h"

#include <unistd.h>

/* Of the message, kept on the heap; and copies of it in memory. */
#define MEMFD_MAX ((size_t)32 << 20)

struct alone {
	const struct ms_alone_config *config;
	const struct ms_counter_question *question;
	struct ms_counter_reply *reply;
	struct ms_plan plan;	/* if there is a policy */
	struct ms_outcome *outcome;	/* NULL: not scanned */
	struct ms_ruling ruling;
	struct ms_body signed_body;	/* fd -1: it is not */
	char *kept;
};

/* Which scanners besides the engine is it for? */
static void
choose(const struct alone *a, struct ms_message *message)
{
	GPtrArray *wishes = a->config->cases.policy ?
	    ms_checking_planned(&a->plan) : NULL;

	if (!wishes)
		return;
	message->checks = ms_checking_wishes_text(wishes);
	g_ptr_array_unref(wishes);
}

/* The outcome of the message, which is then in A. */
static enum ms_status
scan(struct alone *a, struct ms_pipeline *pipeline, struct ms_error *err)
{
	const struct ms_intake_config config = {
		.spool = { 0, MEMFD_MAX, ms_pipeline_dir(pipeline) },
		.max_bytes = a->config->pipeline.limits.part_bytes,
	};
	struct ms_intake *intake = ms_intake_new(&config);
	struct ms_message *message;
	enum ms_status status = ms_intake_take(intake, a->question->fd,
	    a->question->size, &message, err);
	void *note;

	if (status == MS_OK) {
		message->origin.source = g_strdup(a->question->door);
		message->origin.format = "eml";
		message->origin.index = 1;
		message->envelope = ms_envelope_copy(a->question->envelope);
		choose(a, message);
		status = ms_pipeline_submit(pipeline, message, err);
	}
	ms_pipeline_end(pipeline);
	while (status == MS_OK && !a->outcome)
		status = ms_pipeline_next(pipeline, 1000, &a->outcome, &note,
		    err);
	ms_intake_free(intake);
	if (status == MS_END)
		return ms_error_set(err, MS_E_PEER, "there is no outcome");
	return status;
}

static void
tell_scanner(struct alone *a, const struct ms_pipeline *pipeline)
{
	struct ms_pipeline_about about;
	char *others;

	if (a->config->cases.policy && !a->plan.engine) {
		others = ms_plan_scanners(&a->plan);
		(void)g_strlcpy(a->reply->done.scanner, others,
		    sizeof a->reply->done.scanner);
		g_free(others);
		return;
	}
	ms_pipeline_about(pipeline, &about);
	(void)g_snprintf(a->reply->done.scanner,
	    sizeof a->reply->done.scanner, "%s %s, database %s",
	    about.engine, about.version ? about.version : "?",
	    about.database ? about.database : "?");
}

/* Put it into quarantine, or have it deferred. */
static void
keep(struct alone *a)
{
	const struct ms_quarantine_content content = {
		.fd = a->question->fd,
		.size = a->question->size,
		.sha256 = a->outcome->sha256,
	};
	struct ms_quarantine *q = NULL;
	char id[MS_QUARANTINE_ID_MAX];
	struct ms_error err = { "there is no quarantine" };

	if (a->config->quarantine &&
	    ms_quarantine_open(a->config->quarantine, true, &q, &err) ==
	    MS_OK && ms_quarantine_put(q, &content, a->outcome,
	    a->question->door, id, &err) == MS_OK) {
		a->kept = g_strdup(id);
		ms_outcome_deed(a->outcome, "quarantine", MS_DEED_DONE, id);
	} else {
		ms_chronicle_tell(MS_LOGENTRY_ERROR, NULL, "not kept: %s",
		    err.text);
		ms_ruling_unkept(&a->ruling);
	}
	ms_quarantine_close(q);
}

static void
word(struct alone *a)
{
	GString *date = g_string_new(NULL);
	struct ms_ruling_about about = {
		.client = a->question->envelope->client_address,
		.kept = a->kept,
		.recipients = a->question->envelope->recipients,
	};

	ms_date_append(date, ms_clock_wall());
	about.date = date->str;
	ms_ruling_word(&a->config->cases.ruling, &about, &a->ruling);
	(void)g_string_free(date, TRUE);
}

/* Have people and programs told of the message. */
static void
tell(const struct alone *a)
{
	struct ms_task task = { .body = a->question->fd,
		.body_size = a->question->size, .note = -1, .words = {
		.client = a->question->envelope->client_address,
		.kept = a->kept } };
	GString *text = g_string_new(NULL);
	struct ms_error err = { "" };
	bool good = false;

	if (ms_account_note(a->outcome, &task, &err) == MS_OK)
		good = ms_runner_tell(a->config->runner, &task, true, text);
	else
		g_string_append_printf(text, "nobody is told: %s", err.text);
	if (!good)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL, "%s", text->str);
	if (task.note >= 0)
		(void)close(task.note);
	g_string_free(text, TRUE);
}

/* Are all recipients such whose mail is thrown away? */
static bool
is_for_holes(const struct alone *a)
{
	const struct ms_hole_config *hole = &a->config->cases.hole;
	const struct ms_envelope *envelope = a->question->envelope;
	enum ms_status status = hole->argv && envelope->count > 0 ? MS_OK :
	    MS_END;
	struct ms_error err;

	for (size_t i = 0; status == MS_OK && i < envelope->count; i++)
		status = ms_hole(hole, envelope->recipients[i], &err);
	if (status < 0)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL,
		    "blackhole-command: %s", err.text);
	return status == MS_OK;
}

/* Does the policy not want those who send it or get it? */
static bool
is_refused(struct alone *a)
{
	const struct ms_counter_question *question = a->question;
	const struct ms_errand_envelope asked = {
		.door = (char *)(uintptr_t)question->door,
		.authenticated = question->authenticated,
		.envelope = (struct ms_envelope *)(uintptr_t)
		    question->envelope,
	};
	char *reply = ms_gate_message(&a->config->cases, &asked);

	if (!reply)
		return false;
	ms_ruling_refused(reply, &a->ruling);
	g_free(reply);
	return true;
}

/* What does the policy say of it? True: it is not to be scanned, and ruled
 * about. */
static bool
skip(struct alone *a)
{
	const struct ms_envelope *envelope = a->question->envelope;
	const struct ms_policy *policy = a->config->cases.policy;
	const struct ms_policy_query query = {
		.door = a->question->door,
		.client = envelope->client_address,
		.client_name = envelope->client_name,
		.helo = envelope->helo,
		.authenticated = a->question->authenticated,
		.login = a->question->login,
		.sender = envelope->sender,
		.recipients = (const char *const *)envelope->recipients,
		.recipient_count = envelope->count,
	};
	struct ms_facts facts;

	if (!policy)
		return false;
	ms_plan(policy, &query, false, &a->plan);
	if (is_refused(a))
		return true;
	if (!a->plan.skip && !a->plan.blackhole && is_for_holes(a))
		ms_plan_blackhole(&a->plan);
	if (!a->plan.skip && !a->plan.blackhole)
		return false;
	ms_facts_init(&facts);
	ms_ruling_planned(&a->config->cases.ruling, &a->plan, NULL, &facts,
	    &a->ruling);
	ms_facts_clear(&facts);
	word(a);
	return true;
}

/* A text may be appended to what goes on. */
static void
sign(struct alone *a)
{
	const struct ms_body message = a->outcome->rewritten ?
	    *a->outcome->rewritten : (struct ms_body){
		.fd = a->question->fd, .size = a->question->size };
	struct ms_signing *signing;
	struct ms_spool *spool = NULL;
	struct ms_error err;
	enum ms_status status = ms_signing_begin(&a->config->cases.signing,
	    &a->ruling, &message, &signing, &err);

	while (status == MS_OK)
		status = ms_signing_go_on(signing, &spool, &a->signed_body,
		    &err);
	if (status < 0)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL,
		    "not signed: %s", err.text);
	ms_signing_free(signing);
	ms_spool_free(spool);
}

static void
decide(struct alone *a)
{
	struct ms_outcome *outcome = a->outcome;
	const struct ms_ruling_config *config = &a->config->cases.ruling;
	const struct ms_ruling_case known = { NULL, &outcome->facts,
		outcome->verdict, NULL };

	if (a->config->cases.policy)
		ms_ruling_planned(config, &a->plan, NULL, &outcome->facts,
		    &a->ruling);
	else
		ms_ruling(config, &known, &a->ruling);
	outcome->verdict = a->ruling.verdict;
	if (a->ruling.quarantine)
		keep(a);
	word(a);
	sign(a);
	if (a->config->runner && outcome->facts.findings->len > 0)
		tell(a);
}

/* What has been found out, in the words of a service. */
static void
answer(struct alone *a)
{
	struct ms_counter_reply *reply = a->reply;
	struct ms_body *other;

	reply->ruling = (struct ms_errand_ruling){
		.action = a->ruling.action,
		.verdict = a->ruling.verdict,
		.what = g_steal_pointer(&a->ruling.what),
		.part = g_steal_pointer(&a->ruling.part),
		.reply = g_steal_pointer(&a->ruling.reply),
		.address = g_steal_pointer(&a->ruling.address),
		.next = g_steal_pointer(&a->ruling.next),
		.subject = g_steal_pointer(&a->ruling.subject),
		.kept = g_steal_pointer(&a->kept),
		.names = a->ruling.names ? g_steal_pointer(&a->ruling.names) :
		    g_new0(char *, 1),
		.fields = ms_marking_split(a->ruling.fields),
	};
	if (!a->outcome)
		return;
	reply->scanned = true;
	reply->facts = a->outcome->facts;
	ms_facts_init(&a->outcome->facts);
	reply->done.verdict = a->outcome->verdict;
	reply->done.elapsed_ms = (uint64_t)MAX(a->outcome->elapsed_ms, 0);
	reply->done.deaths = a->outcome->deaths;
	other = a->signed_body.fd >= 0 ? &a->signed_body :
	    a->outcome->rewritten;
	if (other && a->ruling.fields) {
		reply->rewritten = other->fd;
		reply->ruling.rewritten = true;
		reply->ruling.size = other->size;
		other->fd = -1;
	}
	reply->done.sha256 = a->outcome->sha256;
	reply->done.sha256_canonical = a->outcome->sha256_canonical;
}

/* With an engine. */
static enum ms_status
judge(struct alone *a, struct ms_error *err)
{
	struct ms_pipeline *pipeline;
	enum ms_status status = ms_pipeline_open(&a->config->pipeline,
	    &pipeline, err);

	if (status != MS_OK)
		return status;
	tell_scanner(a, pipeline);
	status = scan(a, pipeline, err);
	if (status == MS_OK)
		decide(a);
	ms_pipeline_close(pipeline);
	return status;
}

enum ms_status
ms_alone(const struct ms_alone_config *config,
    const struct ms_counter_question *question,
    struct ms_counter_reply *reply, struct ms_error *err)
{
	struct alone a = { .config = config, .question = question,
		.reply = reply, .signed_body = { .fd = -1 } };
	enum ms_status status = MS_OK;

	*reply = (struct ms_counter_reply){ .rewritten = -1 };
	ms_facts_init(&reply->facts);
	if (!skip(&a))
		status = judge(&a, err);
	if (status == MS_OK)
		answer(&a);
	else
		ms_counter_reply_clear(reply);
	if (config->cases.policy)
		ms_plan_clear(&a.plan);
	if (a.signed_body.fd >= 0)
		(void)close(a.signed_body.fd);
	ms_outcome_free(a.outcome);
	ms_ruling_clear(&a.ruling);
	g_free(a.kept);
	return status;
}
