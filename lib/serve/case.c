#include "serve/case.h"

#include "base/clock.h"
#include "message/date.h"
#include "pipeline/checking.h"
#include "policy/excuse.h"
#include "serve/account.h"
#include "serve/gate.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct ms_case {
	const struct ms_case_config *config;
	char *id;
	ms_case_ruled *tell;
	void *arg;
	/* What was asked: without an envelope, nothing yet. */
	struct ms_case_question asked;
	char *client, *server;
	struct ms_plan plan;	/* if there is a policy */
	struct ms_holes_question *holes;	/* NULL: none is open */
	uint64_t question;	/* likewise: 0 */
	struct ms_loop_chore unasked;	/* it could not be asked, or need not
					 * be */
	/* What was answered. */
	struct ms_answer answer;
	char *failure, *scanner;
	struct ms_facts facts;
	struct ms_body rewritten;	/* of ANSWER, or signed; fd -1: none */
	struct ms_spool *copy;	/* that it is in; NULL: in none of ours */
	struct ms_signing *signing;	/* under way; NULL: it is not */
	struct ms_loop_chore copying;	/* for that */
	struct ms_ruling ruling;
	bool ruled;
	struct ms_outcome *account;	/* NULL: there is nothing to tell */
	uint64_t keeping;	/* 0: the store is not asked */
};

/* What goes on is what it will be. */
static void
finish(struct ms_case *c)
{
	GString *date = g_string_new(NULL);
	const struct ms_envelope *envelope = c->account ?
	    c->account->envelope : c->asked.envelope;
	struct ms_ruling_about about = { .client = c->client,
		.server = c->server, .kept = c->asked.words.kept,
		.recipients = envelope ? envelope->recipients : NULL };

	if (ms_ruling_has_date(&c->config->ruling))
		ms_date_append(date, ms_clock_wall());
	about.date = date->str;
	ms_ruling_word(&c->config->ruling, &about, &c->ruling);
	(void)g_string_free(date, TRUE);
	c->tell(c->arg, &c->ruling);
}

/* STATUS is that of signing, which is over. */
static void
end_signing(struct ms_case *c, enum ms_status status,
    const struct ms_error *err)
{
	g_clear_pointer(&c->signing, ms_signing_free);
	if (status < 0)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, c->id,
		    "not signed: %s", err->text);
	finish(c);
}

/* A part of the message is copied, and then all others have their turn. */
static void
on_signing(void *arg)
{
	struct ms_case *c = arg;
	struct ms_error err;
	const enum ms_status status = ms_signing_go_on(c->signing, &c->copy,
	    &c->rewritten, &err);

	if (status == MS_OK)
		ms_loop_later(c->config->loop, &c->copying);
	else
		end_signing(c, status, &err);
}

/* All that others do is done; a text may be appended to what goes on. */
static void
sign(struct ms_case *c)
{
	const struct ms_body message = c->rewritten.fd >= 0 ? c->rewritten :
	    (struct ms_body){ .fd = c->asked.fd, .size = c->asked.size };
	struct ms_error err;
	const enum ms_status status = ms_signing_begin(&c->config->signing,
	    &c->ruling, &message, &c->signing, &err);

	if (status == MS_OK)
		on_signing(c);
	else
		end_signing(c, status, &err);
}

static void
on_kept(void *arg, bool good, const char *text)
{
	struct ms_case *c = arg;

	c->keeping = 0;
	if (good) {
		ms_metrics_add(c->config->metrics, MS_METRICS_QUARANTINED, 1);
		c->asked.words.kept = g_strdup(text);
		ms_outcome_deed(c->account, "quarantine", MS_DEED_DONE, text);
	} else {
		ms_chronicle_tell(MS_LOGENTRY_ERROR, c->id, "not kept: %s",
		    text);
		ms_outcome_deed(c->account, "quarantine", MS_DEED_FAILED,
		    text);
		ms_ruling_unkept(&c->ruling);
	}
	sign(c);
}

/* Have the store keep the message; false: it cannot be asked. */
static bool
keep(struct ms_case *c)
{
	struct ms_task task = { .body = c->asked.fd, .note = -1,
		.body_size = c->asked.size };
	struct ms_error err;

	if (c->config->runner && c->config->runner_body)
		task.body = fcntl(c->asked.fd, F_DUPFD_CLOEXEC, 0);
	else
		c->asked.fd = -1;
	if (!c->config->store ||
	    ms_account_note(c->account, &task, &err) != MS_OK) {
		if (c->config->store)
			ms_chronicle_tell(MS_LOGENTRY_ERROR, c->id,
			    "not kept: %s", err.text);
		ms_task_clear(&task);
		return false;
	}
	c->keeping = ms_dispatch_ask(c->config->store, &task, on_kept, c);
	return true;
}

static void
tell_poison(struct ms_case *c, unsigned deaths)
{
	ms_metrics_add(c->config->metrics, MS_METRICS_POISON, 1);
	ms_chronicle_tell(MS_LOGENTRY_WARNING, c->id, "%u workers died over "
	    "this message: it is not tried again", deaths);
}

/* Workers died over it: so often that nobody should try again? */
static void
note_deaths(struct ms_case *c)
{
	struct ms_poison *poison = c->config->poison;
	const int64_t now_ms = ms_clock_ms();
	const bool was = ms_poison_alarm(poison, now_ms);
	const unsigned deaths = ms_poison_add(poison, &c->answer.sha256,
	    c->answer.deaths, now_ms);

	if (deaths >= MS_POISON_DEATHS && ms_ruling_end_retries(&c->ruling,
	    c->config->store != NULL))
		tell_poison(c, deaths);
	if (!was && ms_poison_alarm(poison, now_ms)) {
		ms_metrics_add(c->config->metrics, MS_METRICS_ALARMS, 1);
		ms_chronicle_tell(MS_LOGENTRY_ERROR, NULL, "ALARM: more than "
		    "%d workers died within a minute: new clients are told to "
		    "come later", MS_POISON_MINUTE_MAX);
	}
}

static bool
is_late(const struct ms_case *c)
{
	for (guint i = 0; i < c->facts.gaps->len; i++) {
		const struct ms_gap *gap = c->facts.gaps->pdata[i];

		if (gap->reason == MS_REASON_LIMIT_TIME)
			return true;
	}
	return false;
}

/* There was no time for all of it: so often that there never will be? */
static void
note_late(struct ms_case *c)
{
	const unsigned times = ms_poison_late(c->config->poison,
	    &c->answer.sha256, ms_clock_ms());

	if (times < MS_POISON_DEATHS || !ms_ruling_end_retries(&c->ruling,
	    c->config->store != NULL))
		return;
	ms_metrics_add(c->config->metrics, MS_METRICS_POISON, 1);
	ms_chronicle_tell(MS_LOGENTRY_WARNING, c->id, "%u times this message "
	    "took too long: it is not tried again", times);
}

static void
decide(struct ms_case *c)
{
	const struct ms_ruling_case known = { c->answer.failure, &c->facts,
		c->answer.verdict, NULL };

	if (!c->config->policy) {
		ms_ruling(&c->config->ruling, &known, &c->ruling);
		return;
	}
	if (c->asked.refusal) {
		ms_ruling_refused(c->asked.refusal, &c->ruling);
		return;
	}
	ms_ruling_planned(&c->config->ruling, &c->plan, c->answer.failure,
	    &c->facts, &c->ruling);
	if (!c->answer.failure)
		c->answer.verdict = c->ruling.verdict;
}

/* A worker that died may not have told what people know the message by. */
static void
name_it(struct ms_case *c)
{
	const struct ms_headers *known = &c->facts.headers;

	if (!known->message_id && !known->subject && !known->from &&
	    !known->date)
		ms_account_headers(c->asked.fd, &c->facts.headers);
}

/* Who could not look, and why: a person has to mend that. */
static void
tell_failures(const struct ms_case *c)
{
	for (guint i = 0; i < c->facts.gaps->len; i++) {
		const struct ms_gap *gap = c->facts.gaps->pdata[i];
		const bool engine = c->config->policy &&
		    ms_excuse_is_engines(c->config->policy, gap);
		char *who;

		if (gap->reason != MS_REASON_ENGINE_FAILED)
			continue;
		who = engine ? g_strdup("") : g_strndup(gap->detail,
		    strcspn(gap->detail, ":"));
		if (ms_chronicle_is_due(who, ms_clock_ms()))
			ms_chronicle_tell(MS_LOGENTRY_WARNING, c->id,
			    "%s%s", engine ? "engine: " : "scanner ",
			    gap->detail);
		g_free(who);
	}
}

/* Decide, now that C->answer is there. */
static void
rule(struct ms_case *c)
{
	const struct ms_answer *answer = &c->answer;

	decide(c);
	c->ruled = true;
	if (c->ruling.verdict == MS_VERDICT_INFECTED && c->asked.envelope)
		ms_gate_infected(c->config,
		    c->asked.envelope->client_address);
	if (answer->failure)
		ms_metrics_add(c->config->metrics, MS_METRICS_SCAN_FAILURES,
		    1);
	else if (answer->scanner)
		ms_metrics_scan(c->config->metrics, answer->elapsed_ms);
	if (!answer->failure && answer->deaths > 0)
		note_deaths(c);
	else if (!answer->failure && is_late(c))
		note_late(c);
	else if (!answer->failure)
		ms_poison_well(c->config->poison);
	if (answer->deaths > 0 && c->asked.fd >= 0)
		name_it(c);
	tell_failures(c);
	if (!answer->failure && (c->ruling.quarantine ||
	    (c->config->runner && c->facts.findings->len > 0)))
		c->account = ms_account(answer, c->asked.door, c->asked.size,
		    g_steal_pointer(&c->asked.envelope));
	if (!c->ruling.quarantine) {
		sign(c);
	} else if (!keep(c)) {
		ms_ruling_unkept(&c->ruling);
		sign(c);
	}
}

/* Is it not to be scanned? */
static bool
is_skipped(const struct ms_case *c)
{
	return c->config->policy && (c->asked.refusal || c->plan.skip ||
	    c->plan.blackhole);
}

static void
on_answered(void *arg, const struct ms_answer *answer)
{
	struct ms_case *c = arg;

	c->question = 0;
	c->answer = *answer;
	c->answer.failure = c->failure = g_strdup(answer->failure);
	c->answer.scanner = c->scanner = answer->scanner &&
	    c->config->policy && !c->plan.engine ?
	    ms_plan_scanners(&c->plan) : g_strdup(answer->scanner);
	if (answer->facts) {
		ms_facts_clear(&c->facts);
		c->facts = *answer->facts;
		ms_facts_init(answer->facts);
	}
	c->answer.facts = &c->facts;
	if (answer->rewritten) {
		c->rewritten = *answer->rewritten;
		c->rewritten.fd = fcntl(answer->rewritten->fd,
		    F_DUPFD_CLOEXEC, 3);
		/* It is not what is to go on. */
		if (c->rewritten.fd < 0)
			c->answer.failure = c->failure = g_strdup(
			    "no descriptor is left");
	}
	c->answer.rewritten = NULL;
	rule(c);
}

static void
on_unasked(void *arg)
{
	static const struct ms_answer full = {
		.failure = "temporary storage is full" };
	static const struct ms_answer unseen = {
		.verdict = MS_VERDICT_SKIPPED };
	const struct ms_case *c = arg;

	on_answered(arg, is_skipped(c) ? &unseen : &full);
}

struct ms_case *
ms_case_new(const struct ms_case_config *config, const char *id,
    ms_case_ruled *ruled, void *arg)
{
	struct ms_case *c = g_new0(struct ms_case, 1);

	c->config = config;
	c->id = g_strdup(id);
	c->tell = ruled;
	c->arg = arg;
	c->asked.fd = c->rewritten.fd = -1;
	c->unasked = (struct ms_loop_chore){ .callback = on_unasked,
		.arg = c };
	c->copying = (struct ms_loop_chore){ .callback = on_signing,
		.arg = c };
	ms_facts_init(&c->facts);
	return c;
}

void
ms_case_free(struct ms_case *c)
{
	if (!c)
		return;
	ms_holes_forget(c->holes);
	ms_inquiry_forget(c->config->inquiry, c->question);
	if (c->keeping != 0)
		ms_dispatch_forget(c->config->store, c->keeping);
	ms_loop_drop(c->config->loop, &c->unasked);
	ms_loop_drop(c->config->loop, &c->copying);
	ms_signing_free(c->signing);
	if (c->asked.door && c->config->policy)
		ms_plan_clear(&c->plan);
	ms_envelope_free(c->asked.envelope);
	ms_task_words_clear(&c->asked.words);
	g_free(c->asked.refusal);
	if (c->asked.fd >= 0)
		(void)close(c->asked.fd);
	if (c->rewritten.fd >= 0)
		(void)close(c->rewritten.fd);
	ms_spool_free(c->copy);
	ms_facts_clear(&c->facts);
	ms_ruling_clear(&c->ruling);
	ms_outcome_free(c->account);
	g_free(c->failure);
	g_free(c->scanner);
	g_free(c->client);
	g_free(c->server);
	g_free(c->id);
	g_free(c);
}

/* What does the policy say of it? */
static void
plan(struct ms_case *c)
{
	const struct ms_envelope *envelope = c->asked.envelope;
	const struct ms_policy_query query = {
		.door = c->asked.door,
		.client = envelope->client_address,
		.client_name = envelope->client_name,
		.helo = envelope->helo,
		.authenticated = c->asked.authenticated,
		.login = c->asked.login,
		.sender = envelope->sender,
		.recipients = (const char *const *)envelope->recipients,
		.recipient_count = envelope->count,
	};

	ms_plan(c->config->policy, &query, false, &c->plan);
}

/* Ask for it with FD, which is the inquiry's then. */
static void
ask(struct ms_case *c, int fd)
{
	GPtrArray *wishes = c->config->policy ?
	    ms_checking_planned(&c->plan) : NULL;
	char *text = wishes ? ms_checking_wishes_text(wishes) : NULL;

	c->question = ms_inquiry_ask_for(c->config->inquiry, fd,
	    c->asked.size, text, on_answered, c);
	g_free(text);
	if (wishes)
		g_ptr_array_unref(wishes);
}

/* It is known whether it is to be scanned. */
static void
begin(struct ms_case *c)
{
	int fd;

	/* One is for the store. */
	fd = c->asked.fd < 0 || is_skipped(c) ? -1 :
	    fcntl(c->asked.fd, F_DUPFD_CLOEXEC, 3);
	if (fd >= 0)
		ask(c, fd);
	else
		ms_loop_later(c->config->loop, &c->unasked);
}

static void
on_holes(void *arg, bool all)
{
	struct ms_case *c = arg;

	c->holes = NULL;
	if (all)
		ms_plan_blackhole(&c->plan);
	begin(c);
}

void
ms_case_ask(struct ms_case *c, const struct ms_case_question *question)
{
	const struct ms_envelope *envelope = question->envelope;

	c->asked = *question;
	c->client = g_strdup(question->client);
	c->server = g_strdup(question->server);
	if (c->config->policy)
		plan(c);
	c->asked.login = NULL;
	if (c->config->policy && c->config->holes && envelope->count > 0 &&
	    !is_skipped(c))
		c->holes = ms_holes_ask(c->config->holes,
		    envelope->recipients, envelope->count, on_holes, c);
	else
		begin(c);
}

const struct ms_answer *
ms_case_answer(const struct ms_case *c)
{
	return &c->answer;
}

const struct ms_body *
ms_case_rewritten(const struct ms_case *c)
{
	return c->rewritten.fd >= 0 ? &c->rewritten : NULL;
}

const char *
ms_case_kept(const struct ms_case *c)
{
	return c->asked.words.kept;
}

/* A message that may be gone when its program has ended. */
struct told {
	struct ms_metrics *metrics;
	char *id;
};

static void
on_run(void *arg, bool good, const char *text)
{
	struct told *told = arg;

	ms_metrics_add(told->metrics, MS_METRICS_PROGRAMS, 1);
	if (!good)
		ms_metrics_add(told->metrics, MS_METRICS_PROGRAM_FAILURES, 1);
	ms_chronicle_tell(good ? MS_LOGENTRY_INFO : MS_LOGENTRY_WARNING,
	    told->id, "%s", text);
	g_free(told->id);
	g_free(told);
}

/* Have people and programs told of the message, with what became of it. */
static void
run(struct ms_case *c, const struct ms_proxy_end *end)
{
	struct ms_task task = { .body = -1, .note = -1,
		.words = c->asked.words };
	struct ms_envelope *envelope = c->account->envelope;
	struct ms_error err;
	struct told *told;
	char *reply;

	if (end->code > 0) {
		reply = g_strdup_printf("%d %s", end->code, end->text ?
		    end->text : "");
		if (envelope) {
			g_free(envelope->reply);
			envelope->reply = g_strdup(reply);
		}
		ms_outcome_deed(c->account, ms_decide_action_name(
		    end->action), end->decided ? MS_DEED_DONE :
		    MS_DEED_FAILED, reply);
		g_free(reply);
	}
	if (c->config->runner_body) {
		task.body = c->asked.fd;
		task.body_size = c->asked.size;
		c->asked.fd = -1;
	}
	if (ms_account_note(c->account, &task, &err) != MS_OK) {
		ms_chronicle_tell(MS_LOGENTRY_WARNING, c->id,
		    "nobody is told: %s", err.text);
		ms_task_clear(&task);
		return;
	}
	told = g_new(struct told, 1);
	*told = (struct told){ c->config->metrics, g_strdup(c->id) };
	(void)ms_dispatch_ask(c->config->runner, &task, on_run, told);
}

/* Was it for the next hop to say what becomes of it? */
static bool
is_relayed(const struct ms_proxy_end *end)
{
	return end->decided && (end->action == MS_ACTION_PASS ||
	    end->action == MS_ACTION_TAG ||
	    end->action == MS_ACTION_REDIRECT);
}

static void
count(const struct ms_case *c, const struct ms_proxy_end *end)
{
	struct ms_metrics *metrics = c->config->metrics;

	ms_metrics_message(metrics, c->ruled ? c->ruling.verdict : MS_VERDICTS,
	    end->decided ? end->action : MS_ACTIONS);
	ms_metrics_add(metrics, MS_METRICS_BYTES, end->size);
	if (end->delivered)
		ms_metrics_add(metrics, MS_METRICS_DELIVERED, 1);
	else if (is_relayed(end) && end->code > 0)
		ms_metrics_add(metrics, end->code / 100 == 5 ?
		    MS_METRICS_UPSTREAM_REFUSED : MS_METRICS_UPSTREAM_DEFERRED,
		    1);
}

void
ms_case_end(struct ms_case *c, struct ms_chronicle_message *message)
{
	message->id = c->id;
	message->known = c->account ? c->account->envelope :
	    c->asked.envelope;
	message->message_id = c->facts.headers.message_id;
	message->scanned = c->ruled;
	message->verdict = c->ruling.verdict;
	message->what = c->ruling.what;
	message->part = c->ruling.part;
	message->why = c->ruling.why;
	message->quarantine = c->asked.words.kept;
	message->scan_ms = c->ruled ? c->answer.elapsed_ms : -1;
	if (!is_relayed(message->end))
		message->deliver_ms = -1;
	ms_chronicle_message(message);
	count(c, message->end);
	if (c->config->runner && c->account && c->facts.findings->len > 0)
		run(c, message->end);
}
