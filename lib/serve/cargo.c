#include "serve/cargo.h"

#include "action/label.h"
#include "base/clock.h"
#include "message/date.h"
#include "serve/account.h"
#include "serve/chronicle.h"

/* Bytes of the spool at a time. */
#define PIECE ((size_t)32 << 10)

struct ms_cargo {
	const struct ms_cargo_config *config;
	const struct ms_cargo_origin *origin;
	ms_cargo_ruled *tell;
	void *arg;
	unsigned messages;	/* so far */
	bool open;		/* the last of them is not over */
	int64_t began_ms;
	struct ms_spool *spool;
	/* What becomes of it. */
	uint64_t question;	/* 0: none is open */
	struct ms_loop_chore unasked;	/* it could not be asked */
	struct ms_ruling ruling;
	bool ruled;
	char *message_id;
	int64_t asked_ms, ruled_ms;	/* when it was; -1: not yet */
	int64_t scan_ms;
	/* What is told to the store and to programs, if there are any. */
	struct ms_envelope *envelope;
	struct ms_task_words words;
	struct ms_outcome *account;	/* NULL: there is nothing to tell */
	uint64_t keeping;	/* 0: the store is not asked */
	/* Sending it. */
	struct ms_label *label;
	uint64_t at;
	bool sent;
	unsigned char *piece;
	GString *out;
};

static void
begin(struct ms_cargo *p)
{
	if (p->open)
		return;
	p->open = true;
	p->messages++;
	p->began_ms = ms_clock_ms();
	p->asked_ms = p->ruled_ms = -1;
}

/* All that takes time is done. */
static void
finish(struct ms_cargo *p)
{
	GString *date = g_string_new(NULL);
	struct ms_ruling_about about = { .client = p->origin->host,
		.server = p->origin->server, .kept = p->words.kept };

	if (ms_ruling_has_date(&p->config->ruling))
		ms_date_append(date, ms_clock_wall());
	about.date = date->str;
	ms_ruling_word(&p->config->ruling, &about, &p->ruling);
	(void)g_string_free(date, TRUE);
	if (p->ruling.fields) {
		const struct ms_label_config label = {
			.remove = p->config->ruling.names,
			.fields = p->ruling.fields,
			.line_end = "\r\n",
		};

		p->label = ms_label_new(&label);
	}
	p->at = 0;
	p->sent = false;
	p->ruled_ms = ms_clock_ms();
	p->tell(p->arg, &p->ruling);
}

static void
on_kept(void *arg, bool good, const char *text)
{
	struct ms_cargo *p = arg;

	p->keeping = 0;
	if (good) {
		ms_metrics_add(p->config->metrics, MS_METRICS_QUARANTINED, 1);
		p->words.kept = g_strdup(text);
		ms_outcome_deed(p->account, "quarantine", MS_DEED_DONE, text);
	} else {
		ms_chronicle_tell(MS_LOGENTRY_ERROR, p->origin->name,
		    "not kept: %s", text);
		ms_outcome_deed(p->account, "quarantine", MS_DEED_FAILED,
		    text);
		ms_ruling_unkept(&p->ruling);
	}
	finish(p);
}

/* Have the store keep the message; false: it cannot be asked. */
static bool
keep(struct ms_cargo *p)
{
	struct ms_task task = { .body = -1, .note = -1,
		.body_size = ms_spool_size(p->spool) };
	struct ms_error err;

	if (!p->config->store ||
	    ms_spool_seal(p->spool, &task.body, &err) != MS_OK ||
	    ms_account_note(p->account, &task, &err) != MS_OK) {
		if (p->config->store)
			ms_chronicle_tell(MS_LOGENTRY_ERROR, p->origin->name,
			    "not kept: %s", err.text);
		ms_task_clear(&task);
		return false;
	}
	p->keeping = ms_dispatch_ask(p->config->store, &task, on_kept, p);
	return true;
}

static void
tell_poison(struct ms_cargo *p, unsigned deaths)
{
	ms_metrics_add(p->config->metrics, MS_METRICS_POISON, 1);
	ms_chronicle_tell(MS_LOGENTRY_WARNING, p->origin->name, "%u workers "
	    "died over this message: it is not tried again", deaths);
}

/* Workers died over it: so often that nobody should try again? */
static void
note_deaths(struct ms_cargo *p, const struct ms_answer *answer)
{
	struct ms_poison *poison = p->config->poison;
	const int64_t now_ms = ms_clock_ms();
	const bool was = ms_poison_alarm(poison, now_ms);
	const unsigned deaths = ms_poison_add(poison, &answer->sha256,
	    answer->deaths, now_ms);

	if (deaths >= MS_POISON_DEATHS && ms_ruling_end_retries(&p->ruling,
	    p->config->store != NULL))
		tell_poison(p, deaths);
	if (!was && ms_poison_alarm(poison, now_ms)) {
		ms_metrics_add(p->config->metrics, MS_METRICS_ALARMS, 1);
		ms_chronicle_tell(MS_LOGENTRY_ERROR, NULL, "ALARM: more than "
		    "%d workers died within a minute: new clients are told to "
		    "come later", MS_POISON_MINUTE_MAX);
	}
}

static void
rule(struct ms_cargo *p, const struct ms_answer *answer)
{
	const struct ms_ruling_case known = { answer->failure, answer->facts,
		answer->verdict };

	ms_ruling(&p->config->ruling, &known, &p->ruling);
	p->ruled = true;
	p->scan_ms = answer->elapsed_ms;
	if (answer->failure)
		ms_metrics_add(p->config->metrics, MS_METRICS_SCAN_FAILURES,
		    1);
	else
		ms_metrics_scan(p->config->metrics, answer->elapsed_ms);
	if (!answer->failure) {
		p->message_id = g_strdup(answer->facts->headers.message_id);
		if (answer->deaths > 0)
			note_deaths(p, answer);
		if (p->ruling.quarantine ||
		    (p->config->runner && answer->facts->findings->len > 0)) {
			p->account = ms_account(answer,
			    ms_spool_size(p->spool), p->envelope);
			p->envelope = NULL;
		}
	}
	if (!p->ruling.quarantine) {
		finish(p);
	} else if (!keep(p)) {
		ms_ruling_unkept(&p->ruling);
		finish(p);
	}
}

static void
on_answered(void *arg, const struct ms_answer *answer)
{
	struct ms_cargo *p = arg;

	p->question = 0;
	rule(p, answer);
}

static void
on_unasked(void *arg)
{
	static const struct ms_answer answer = {
		.failure = "temporary storage is full" };

	on_answered(arg, &answer);
}

/* What there was of a message goes. */
static void
forget(struct ms_cargo *p)
{
	ms_inquiry_forget(p->config->inquiry, p->question);
	p->question = 0;
	if (p->keeping != 0)
		ms_dispatch_forget(p->config->store, p->keeping);
	p->keeping = 0;
	ms_loop_drop(p->config->loop, &p->unasked);
	ms_ruling_clear(&p->ruling);
	p->ruled = p->open = false;
	p->scan_ms = 0;
	g_clear_pointer(&p->message_id, g_free);
	g_clear_pointer(&p->envelope, ms_envelope_free);
	ms_task_words_clear(&p->words);
	g_clear_pointer(&p->account, ms_outcome_free);
	g_clear_pointer(&p->label, ms_label_free);
	g_clear_pointer(&p->piece, g_free);
	(void)g_string_free(p->out, TRUE);
	p->out = g_string_new(NULL);
	ms_spool_clear(p->spool);
}

/* "VISIT.NUMBER", for g_free(). */
static char *
id_of(const struct ms_cargo *p)
{
	return g_strdup_printf("%s.%u", p->origin->name, p->messages);
}

static void
note_envelope(struct ms_cargo *p, const struct ms_session_state *state,
    const char *protocol)
{
	const struct ms_account_ends ends = { p->origin->host,
		p->origin->server, protocol };
	char *id;

	if (!p->config->store && !p->config->runner)
		return;
	id = id_of(p);
	ms_envelope_free(p->envelope);
	p->envelope = ms_account_envelope(state, &ends, id);
	ms_task_words_clear(&p->words);
	ms_account_words(state, &ends, &p->words);
	g_free(id);
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
	    told->id, "program: %s%s", good ? "" : "failed: ", text);
	g_free(told->id);
	g_free(told);
}

static struct told *
told_of(const struct ms_cargo *p)
{
	struct told *told = g_new(struct told, 1);

	*told = (struct told){ p->config->metrics, id_of(p) };
	return told;
}

/* Have the program run for the message, with what became of it. */
static void
run(struct ms_cargo *p, const struct ms_proxy_end *end)
{
	struct ms_task task = { .body = -1, .note = -1, .words = p->words };
	struct ms_envelope *envelope = p->account->envelope;
	struct ms_error err;
	char *reply;

	if (end->code > 0) {
		reply = g_strdup_printf("%d %s", end->code, end->text ?
		    end->text : "");
		if (envelope) {
			g_free(envelope->reply);
			envelope->reply = g_strdup(reply);
		}
		ms_outcome_deed(p->account, ms_decide_action_name(
		    end->action), end->decided ? MS_DEED_DONE :
		    MS_DEED_FAILED, reply);
		g_free(reply);
	}
	if (ms_account_note(p->account, &task, &err) == MS_OK)
		(void)ms_dispatch_ask(p->config->runner, &task, on_run,
		    told_of(p));
	else
		ms_chronicle_tell(MS_LOGENTRY_WARNING, p->origin->name,
		    "program: failed: %s", err.text);
}

struct ms_cargo *
ms_cargo_new(const struct ms_cargo_config *config,
    const struct ms_cargo_origin *origin, ms_cargo_ruled *ruled, void *arg)
{
	struct ms_cargo *p = g_new0(struct ms_cargo, 1);

	p->config = config;
	p->origin = origin;
	p->tell = ruled;
	p->arg = arg;
	p->unasked = (struct ms_loop_chore){ .callback = on_unasked,
		.arg = p };
	p->spool = ms_spool_new(&config->spool);
	p->out = g_string_new(NULL);
	return p;
}

void
ms_cargo_free(struct ms_cargo *cargo)
{
	if (!cargo)
		return;
	forget(cargo);
	ms_spool_free(cargo->spool);
	(void)g_string_free(cargo->out, TRUE);
	g_free(cargo);
}

bool
ms_cargo_is_open(const struct ms_cargo *cargo)
{
	return cargo->open;
}

enum ms_status
ms_cargo_spool(struct ms_cargo *cargo, const void *data, size_t size)
{
	struct ms_error err;
	enum ms_status status;

	begin(cargo);
	status = ms_spool_write(cargo->spool, data, size, &err);
	if (status != MS_OK)
		ms_chronicle_say("%s: %s", cargo->origin->name, err.text);
	return status;
}

void
ms_cargo_scan(struct ms_cargo *cargo, const struct ms_session_state *envelope,
    const char *protocol)
{
	struct ms_error err;
	int fd;

	begin(cargo);
	cargo->asked_ms = ms_clock_ms();
	note_envelope(cargo, envelope, protocol);
	if (ms_spool_seal(cargo->spool, &fd, &err) == MS_OK) {
		cargo->question = ms_inquiry_ask(cargo->config->inquiry, fd,
		    ms_spool_size(cargo->spool), on_answered, cargo);
		return;
	}
	ms_chronicle_say("%s: %s", cargo->origin->name, err.text);
	ms_loop_later(cargo->config->loop, &cargo->unasked);
}

enum ms_status
ms_cargo_fetch(struct ms_cargo *cargo, const unsigned char **data,
    size_t *size)
{
	struct ms_error err;
	size_t got;

	g_string_truncate(cargo->out, 0);
	while (cargo->out->len == 0) {
		if (cargo->sent || !cargo->label)
			return cargo->sent ? MS_END : MS_E_USAGE;
		if (!cargo->piece)
			cargo->piece = g_malloc(PIECE);
		if (ms_spool_read(cargo->spool, cargo->at, cargo->piece,
		    PIECE, &got, &err) != MS_OK) {
			ms_chronicle_say("%s: %s", cargo->origin->name,
			    err.text);
			return MS_E_IO;
		}
		cargo->at += got;
		if (got > 0) {
			ms_label_feed(cargo->label, cargo->piece, got,
			    cargo->out);
		} else {
			ms_label_end(cargo->label, cargo->out);
			cargo->sent = true;
		}
	}
	*data = (const unsigned char *)cargo->out->str;
	*size = cargo->out->len;
	return MS_OK;
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
time_phases(const struct ms_cargo *p, const struct ms_proxy_end *end,
    struct ms_chronicle_message *message)
{
	const int64_t now_ms = ms_clock_ms();

	message->receive_ms = p->asked_ms < 0 ? -1 : p->asked_ms - p->began_ms;
	message->scan_ms = p->ruled ? p->scan_ms : -1;
	message->deliver_ms = p->ruled_ms < 0 || !is_relayed(end) ? -1 :
	    now_ms - p->ruled_ms;
	message->whole_ms = now_ms - p->began_ms;
}

static void
count(const struct ms_cargo *p, const struct ms_proxy_end *end)
{
	struct ms_metrics *metrics = p->config->metrics;

	ms_metrics_message(metrics, p->ruled ? p->ruling.verdict : MS_VERDICTS,
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
ms_cargo_end(struct ms_cargo *cargo, const struct ms_proxy_end *end,
    const struct ms_session_state *envelope, const char *protocol)
{
	struct ms_chronicle_message message = {
		.client = cargo->origin->client,
		.protocol = protocol,
		.envelope = envelope,
		.message_id = cargo->message_id,
		.scanned = cargo->ruled,
		.verdict = cargo->ruling.verdict,
		.what = cargo->ruling.what,
		.part = cargo->ruling.part,
		.quarantine = cargo->words.kept,
		.end = end,
	};
	char *id;

	begin(cargo);
	id = id_of(cargo);
	message.id = id;
	time_phases(cargo, end, &message);
	ms_chronicle_message(&message);
	count(cargo, end);
	g_free(id);
	if (cargo->config->runner && cargo->account &&
	    cargo->account->facts.findings->len > 0)
		run(cargo, end);
	forget(cargo);
}
