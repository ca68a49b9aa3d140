#include "milter/milter.h"

#include "base/clock.h"
#include "milter/caller.h"
#include "milter/carry.h"
#include "milter/clauses.h"
#include "milter/entrance.h"
#include "milter/letter.h"
#include "milter/macros.h"
#include "milter/porter.h"
#include "milter/socketname.h"
#include "milter/turns.h"
#include "serve/chronicle.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#if HAVE_MILTER

#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>
#include <unistd.h>

/* While the service takes its time, the server is told so. */
#define PROGRESS_MS 10000

#define BACKLOG 1024

#define NOT_STORED "451 4.3.0 The message could not be stored, try again later"
#define NO_ANSWER "451 4.3.0 The message could not be scanned, try again later"
#define REFUSED "554 5.3.0 The message could not be scanned"
#define OVERLOADED "451 4.3.2 Too many messages are being scanned, try again " \
	"later"

/* What we want to be allowed. */
#define ACTIONS (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY | \
	SMFIF_ADDRCPT | SMFIF_DELRCPT | SMFIF_QUARANTINE)

/* What spares both sides time. By TCP nothing small is sent while something
 * small is not acknowledged, which takes 40 ms unless we say something: so DATA
 * has a reply, and the message itself follows at once. */
#define STEPS (SMFIP_NOUNKNOWN | SMFIP_NR_CONN | SMFIP_NR_HELO | \
	SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH | \
	SMFIP_NR_BODY | SMFIP_HDR_LEADSPC)

/* What a server allows. */
struct agreement {
	unsigned long actions, steps;
	struct ms_porter_wants wants;	/* of ours */
};

/* One connection of a server, which brings messages one after the other. */
struct visit {
	struct agreement agreed;
	struct ms_letter *letter;
	struct ms_clauses *terms;	/* of the message; NULL: none is open */
	struct ms_caller caller;
};

/*
 * libmilter hands its callbacks nothing of ours until they have stored it with
 * a connection, and is one for the whole process. The one mutable
 * variable of this folder.
 */
static struct {
	GMutex mutex;
	GCond closed;		/* a message */
	struct ms_clauses *terms;	/* in force */
	struct ms_turns *turns;
	struct ms_porter *porter;
	GHashTable *agreed;	/* by connection, for a server that comes
				 * again without a word about it */
	unsigned open;		/* messages */
	bool ending;
	bool near;		/* servers come by a unix socket */
} milter;

char *
ms_milter_version(void)
{
	unsigned major, minor, patch;

	(void)smfi_version(&major, &minor, &patch);
	return g_strdup_printf("%u.%u.%u", major, minor, patch);
}

/* To the log, which is not made for several threads at once. */
static void G_GNUC_PRINTF(3, 4)
note(enum ms_logentry_level level, const char *id, const char *format, ...)
{
	va_list ap;
	char *text;

	if (!ms_chronicle_wants(level))
		return;
	va_start(ap, format);
	text = g_strdup_vprintf(format, ap);
	va_end(ap);
	g_mutex_lock(&milter.mutex);
	ms_chronicle_tell(level, id, "%s", text);
	g_mutex_unlock(&milter.mutex);
	g_free(text);
}

void
ms_milter_set(const struct ms_milter_terms *is)
{
	struct ms_clauses *terms = ms_clauses_new(is), *old;

	g_mutex_lock(&milter.mutex);
	old = milter.terms;
	milter.terms = terms;
	ms_clauses_drop(old);
	g_mutex_unlock(&milter.mutex);
}

/* The message of VISIT is over, however that came. */
static void
end_message(struct visit *visit)
{
	if (!visit || !visit->terms)
		return;
	ms_letter_free(visit->letter);
	visit->letter = NULL;
	g_mutex_lock(&milter.mutex);
	ms_clauses_drop(visit->terms);
	visit->terms = NULL;
	milter.open--;
	g_cond_broadcast(&milter.closed);
	g_mutex_unlock(&milter.mutex);
}

static void
begin_message(struct visit *visit, const char *sender)
{
	end_message(visit);
	g_mutex_lock(&milter.mutex);
	if (!milter.ending) {
		visit->terms = milter.terms;
		visit->terms->users++;
		milter.open++;
	}
	g_mutex_unlock(&milter.mutex);
	/* Without terms there is no letter, and no letter is let through. */
	if (!visit->terms)
		return;
	visit->letter = ms_letter_new(&visit->terms->is.spool);
	ms_letter_blanks(visit->letter,
	    visit->agreed.steps & SMFIP_HDR_LEADSPC);
	ms_letter_begin(visit->letter, sender);
}

/* That of CONTEXT, made if there is none. */
static struct visit *
visit_of(struct smfi_str *context)
{
	struct visit *visit = smfi_getpriv(context);
	const struct agreement *agreed;

	if (visit)
		return visit;
	visit = g_new0(struct visit, 1);
	g_mutex_lock(&milter.mutex);
	agreed = g_hash_table_lookup(milter.agreed, context);
	if (agreed)
		visit->agreed = *agreed;
	g_mutex_unlock(&milter.mutex);
	(void)smfi_setpriv(context, visit);
	return visit;
}

/* The answer to a callback of which SILENT is the agreement that there is
 * none. */
static sfsistat
go_on(const struct visit *visit, unsigned long silent)
{
	return visit->agreed.steps & silent ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

/* Whom does the service want to be asked about? */
static struct ms_porter_wants
learn_wants(void)
{
	struct ms_porter_wants wants;
	char *service;

	g_mutex_lock(&milter.mutex);
	service = g_strdup(milter.terms->is.service);
	g_mutex_unlock(&milter.mutex);
	wants = ms_porter_wants(milter.porter, service);
	g_free(service);
	return wants;
}

/* The signature is libmilter's */
static sfsistat
on_negotiate(struct smfi_str *context, unsigned long actions,
    unsigned long steps, unsigned long rest, unsigned long more,
    unsigned long *own_actions, unsigned long *own_steps,
    unsigned long *own_rest, unsigned long *own_more)
{
	struct agreement agreed = { actions & ACTIONS, steps & (
	    milter.near ? STEPS | SMFIP_NODATA : STEPS), learn_wants() };

	(void)rest, (void)more;
	if (agreed.wants.senders)
		agreed.steps &= ~(unsigned long)SMFIP_NR_MAIL;
	if (agreed.wants.recipients)
		agreed.steps &= ~(unsigned long)SMFIP_NR_RCPT;
	*own_actions = agreed.actions;
	*own_steps = agreed.steps;
	*own_rest = *own_more = 0;
	visit_of(context)->agreed = agreed;
	g_mutex_lock(&milter.mutex);
	(void)g_hash_table_insert(milter.agreed, context,
	    g_memdup2(&agreed, sizeof agreed));
	g_mutex_unlock(&milter.mutex);
	if (actions & SMFIF_SETSYMLIST)
		ms_macros_want(context);
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect(struct smfi_str *context, char *name, _SOCK_ADDR *address)
{
	struct visit *visit = visit_of(context);

	end_message(visit);
	ms_caller_begin(&visit->caller, name, address);
	return go_on(visit, SMFIP_NR_CONN);
}

static sfsistat
on_helo(struct smfi_str *context, char *name)
{
	struct visit *visit = visit_of(context);

	ms_caller_greets(&visit->caller, name);
	return go_on(visit, SMFIP_NR_HELO);
}

/* The reply to the sender, or to a RECIPIENT of the message that has begun; or
 * NULL. */
static char *
ask_about(struct smfi_str *context, const struct visit *visit,
    enum ms_errand_whom whom, const char *recipient)
{
	struct ms_envelope *envelope = ms_letter_ask(visit->letter,
	    recipient);
	char *reply;

	ms_macros_sign(context, &visit->caller, envelope);
	reply = ms_porter_ask(visit->terms->is.service, whom, envelope,
	    ms_macros_login(context) != NULL);
	if (reply) {
		g_mutex_lock(&milter.mutex);
		ms_chronicle_refusal(envelope, "refused: %s", reply);
		g_mutex_unlock(&milter.mutex);
	}
	ms_envelope_free(envelope);
	return reply;
}

/* REPLY is then gone. */
static sfsistat
refuse(struct smfi_str *context, char *reply)
{
	const sfsistat answer = ms_carry_refuse(context, reply);

	g_free(reply);
	return answer;
}

static sfsistat
on_envfrom(struct smfi_str *context, char **words)
{
	struct visit *visit = visit_of(context);
	char *reply = NULL;

	begin_message(visit, words[0] ? words[0] : "");
	if (visit->letter && visit->agreed.wants.senders)
		reply = ask_about(context, visit, MS_ERRAND_SENDER, NULL);
	if (!reply)
		return go_on(visit, SMFIP_NR_MAIL);
	end_message(visit);
	return refuse(context, reply);
}

static sfsistat
on_envrcpt(struct smfi_str *context, char **words)
{
	struct visit *visit = visit_of(context);
	char *reply = NULL;

	if (!visit->letter || !words[0])
		return go_on(visit, SMFIP_NR_RCPT);
	if (visit->agreed.wants.recipients)
		reply = ask_about(context, visit, MS_ERRAND_RECIPIENT,
		    words[0]);
	if (reply)
		return refuse(context, reply);
	ms_letter_recipient(visit->letter, words[0]);
	return go_on(visit, SMFIP_NR_RCPT);
}

static sfsistat
on_data(struct smfi_str *context)
{
	(void)context;
	return SMFIS_CONTINUE;
}

static sfsistat
on_header(struct smfi_str *context, char *name, char *value)
{
	struct visit *visit = visit_of(context);

	if (visit->letter)
		ms_letter_field(visit->letter, name, value ? value : "");
	return go_on(visit, SMFIP_NR_HDR);
}

static sfsistat
on_eoh(struct smfi_str *context)
{
	struct visit *visit = visit_of(context);

	if (visit->letter)
		ms_letter_blank_line(visit->letter);
	return go_on(visit, SMFIP_NR_EOH);
}

static sfsistat
on_body(struct smfi_str *context, unsigned char *data, size_t size)
{
	struct visit *visit = visit_of(context);

	if (visit->letter)
		ms_letter_body(visit->letter, data, size);
	return go_on(visit, SMFIP_NR_BODY);
}

/* The server is told to have patience. False: it is gone. */
static bool
on_idle(void *arg)
{
	return smfi_progress(arg) == MI_SUCCESS;
}

static struct ms_carry_leave
leave_of(struct smfi_str *context, const struct visit *visit)
{
	return (struct ms_carry_leave){ context, visit->agreed.actions,
		visit->agreed.steps & SMFIP_HDR_LEADSPC };
}

/* Nobody could say anything of the message, because of WHY. */
static sfsistat
unanswered(struct smfi_str *context, const struct visit *visit,
    const char *why)
{
	const char *id = ms_macros_id(context);
	const enum ms_action action = visit->terms->is.on_error;
	const struct ms_carry_leave leave = leave_of(context, visit);
	struct ms_error err = { "" };
	sfsistat answer;

	note(MS_LOGENTRY_WARNING, id, "not scanned: %s: %s", why,
	    ms_decide_action_name(action));
	if (action == MS_ACTION_REJECT) {
		ms_carry_reply(context, REFUSED);
		return SMFIS_REJECT;
	}
	if (action != MS_ACTION_PASS)
		return ms_carry_defer(context, NO_ANSWER);
	answer = ms_carry_unscanned(&leave, visit->letter, &err);
	if (err.text[0] != '\0')
		note(MS_LOGENTRY_WARNING, id, "%s", err.text);
	return answer;
}

/* The service is asked, and does what it says. */
static sfsistat
ask(struct smfi_str *context, const struct visit *visit,
    struct ms_counter_question *question)
{
	const struct ms_milter_terms *terms = &visit->terms->is;
	const char *id = ms_macros_id(context);
	const struct ms_carry_leave leave = leave_of(context, visit);
	struct ms_counter_reply reply;
	struct ms_error err;
	sfsistat answer;

	question->deadline_ms = ms_clock_ms() + terms->answer_ms;
	if (ms_counter_once(terms->service, question, &reply, &err) != MS_OK)
		return unanswered(context, visit, err.text);
	answer = ms_carry_ruling(&leave, visit->letter, &reply, &err);
	if (err.text[0] != '\0')
		note(MS_LOGENTRY_WARNING, id, "deferred: %s", err.text);
	note(MS_LOGENTRY_DEBUG, id, "%s: %s",
	    ms_verdict_name(reply.ruling.verdict),
	    ms_decide_action_name(reply.ruling.action));
	ms_counter_reply_clear(&reply);
	return answer;
}

/* The letter is sealed: wait for its turn. */
static sfsistat
take_turn(struct smfi_str *context, const struct visit *visit,
    struct ms_counter_question *question)
{
	const struct ms_milter_terms *terms = &visit->terms->is;
	const struct ms_turns_wish wish = { terms->at_once, terms->wait_ms,
		on_idle, context, PROGRESS_MS, terms->anyway };
	sfsistat answer;

	switch (ms_turns_take(milter.turns, &wish)) {
	case MS_OK:
		break;
	case MS_END:
		return SMFIS_TEMPFAIL;
	default:
		note(MS_LOGENTRY_WARNING, ms_macros_id(context),
		    "deferred: %u are being scanned", terms->at_once);
		return ms_carry_defer(context, OVERLOADED);
	}
	answer = ask(context, visit, question);
	ms_turns_give(milter.turns);
	return answer;
}

static sfsistat
on_eom(struct smfi_str *context)
{
	struct visit *visit = visit_of(context);
	struct ms_counter_question question = { .fd = -1, .door = "milter",
		.gated = true, .idle = on_idle, .arg = context,
		.idle_ms = PROGRESS_MS };
	struct ms_envelope *envelope;
	struct ms_error err;
	sfsistat answer;

	if (!visit->letter)	/* it never began */
		return SMFIS_TEMPFAIL;
	envelope = ms_letter_envelope(visit->letter);
	if (ms_letter_seal(visit->letter, &question.fd, &question.size,
	    &err) != MS_OK) {
		note(MS_LOGENTRY_ERROR, ms_macros_id(context),
		    "deferred: %s", err.text);
		answer = ms_carry_defer(context, NOT_STORED);
	} else {
		ms_macros_sign(context, &visit->caller, envelope);
		envelope->received = ms_clock_wall();
		question.login = ms_macros_login(context);
		question.authenticated = question.login != NULL;
		question.envelope = envelope;
		answer = take_turn(context, visit, &question);
		(void)close(question.fd);
	}
	end_message(visit);
	return answer;
}

static sfsistat
on_abort(struct smfi_str *context)
{
	end_message(smfi_getpriv(context));
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(struct smfi_str *context)
{
	struct visit *visit = smfi_getpriv(context);

	if (!visit)
		return SMFIS_CONTINUE;
	end_message(visit);
	ms_caller_clear(&visit->caller);
	g_free(visit);
	(void)smfi_setpriv(context, NULL);
	return SMFIS_CONTINUE;
}

static struct smfiDesc
describe(void)
{
	return (struct smfiDesc){
		.xxfi_name = (char *)(uintptr_t)"mailscan",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = ACTIONS | SMFIF_SETSYMLIST,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_envfrom,
		.xxfi_envrcpt = on_envrcpt,
		.xxfi_data = on_data,
		.xxfi_header = on_header,
		.xxfi_eoh = on_eoh,
		.xxfi_body = on_body,
		.xxfi_eom = on_eom,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};
}

enum ms_status
ms_milter_open(const struct ms_milter_config *config, struct ms_error *err)
{
	char *name = ms_socketname(config->listen, err);
	enum ms_status status = MS_OK;
	mode_t mask;

	if (!name)
		return MS_E_USAGE;
	milter.near = ms_socketname_path(name) != NULL;
	ms_entrance_clear(name);
	/* Nobody may connect before it is known who may. */
	mask = umask(0177);
	if (smfi_register(describe()) != MI_SUCCESS ||
	    smfi_setconn(name) != MI_SUCCESS ||
	    smfi_setbacklog(BACKLOG) != MI_SUCCESS ||
	    smfi_settimeout((int)config->silence_s) != MI_SUCCESS ||
	    smfi_opensocket(false) != MI_SUCCESS)
		status = ms_entrance_explain(name, config->listen, err);
	(void)umask(mask);
	if (status == MS_OK)
		status = ms_entrance_settle(name, config, err);
	g_free(name);
	return status;
}

enum ms_status
ms_milter_run(struct ms_error *err)
{
	milter.turns = ms_turns_new();
	milter.porter = ms_porter_new();
	milter.agreed = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	if (smfi_main() == MI_SUCCESS)
		return MS_OK;
	return ms_error_set(err, MS_E_IO, "libmilter does not serve");
}

unsigned
ms_milter_drain(int64_t deadline_ms)
{
	unsigned open;

	g_mutex_lock(&milter.mutex);
	milter.ending = true;
	while (milter.open > 0 && ms_clock_ms() < deadline_ms)
		(void)g_cond_wait_until(&milter.closed, &milter.mutex,
		    deadline_ms * 1000);
	open = milter.open;
	g_mutex_unlock(&milter.mutex);
	return open;
}

#else

char *
ms_milter_version(void)
{
	return NULL;
}

void
ms_milter_set(const struct ms_milter_terms *terms)
{
	(void)terms;
}

enum ms_status
ms_milter_open(const struct ms_milter_config *config, struct ms_error *err)
{
	(void)config;
	return ms_error_set(err, MS_E_UNSUPPORTED,
	    "this program was built without libmilter");
}

enum ms_status
ms_milter_run(struct ms_error *err)
{
	return ms_milter_open(NULL, err);
}

unsigned
ms_milter_drain(int64_t deadline_ms)
{
	(void)deadline_ms;
	return 0;
}

#endif
