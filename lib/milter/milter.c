#include "milter/milter.h"

#include "base/clock.h"
#include "milter/carry.h"
#include "milter/entrance.h"
#include "milter/letter.h"
#include "milter/socketname.h"
#include "milter/turns.h"
#include "net/endpoint.h"
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

/* Macros by where they are asked for. */
static const struct {
	int where;
	const char *names;
} macros[] = {
	{ SMFIM_CONNECT, "j _ {if_addr} {client_addr}" },
	{ SMFIM_ENVFROM, "i {auth_authen} {mail_addr}" },
	{ SMFIM_ENVRCPT, "i {rcpt_addr}" },
	{ SMFIM_EOM, "i" },
};

/* Terms that somebody may still go by. */
struct terms {
	struct ms_milter_terms is;
	unsigned users;
};

/* What a server allows. */
struct agreement {
	unsigned long actions, steps;
};

/* One connection of a server, which brings messages one after the other. */
struct visit {
	struct agreement agreed;
	struct ms_letter *letter;
	struct terms *terms;	/* of the message; NULL: none is open */
	char *name, *address, *helo;	/* of the client; or NULL */
};

/*
 * libmilter hands its callbacks nothing of ours until they have stored it with
 * a connection, and is one for the whole process. The one mutable
 * variable of this folder.
 */
static struct {
	GMutex mutex;
	GCond closed;		/* a message */
	struct terms *terms;	/* in force */
	struct ms_turns *turns;
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

static void
drop_terms(struct terms *terms)
{
	if (!terms || --terms->users > 0)
		return;
	g_free((char *)(uintptr_t)terms->is.service);
	g_free((char *)(uintptr_t)terms->is.spool.dir);
	g_free(terms);
}

void
ms_milter_set(const struct ms_milter_terms *is)
{
	struct terms *terms = g_new(struct terms, 1), *old;

	*terms = (struct terms){ *is, 1 };
	terms->is.service = g_strdup(is->service);
	terms->is.spool.dir = g_strdup(is->spool.dir);
	g_mutex_lock(&milter.mutex);
	old = milter.terms;
	milter.terms = terms;
	drop_terms(old);
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
	drop_terms(visit->terms);
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

/* The signature is libmilter's */
static sfsistat
on_negotiate(struct smfi_str *context, unsigned long actions,
    unsigned long steps, unsigned long rest, unsigned long more,
    unsigned long *own_actions, unsigned long *own_steps,
    unsigned long *own_rest, unsigned long *own_more)
{
	const struct agreement agreed = { actions & ACTIONS, steps & (
	    milter.near ? STEPS | SMFIP_NODATA : STEPS) };

	(void)rest, (void)more;
	*own_actions = agreed.actions;
	*own_steps = agreed.steps;
	*own_rest = *own_more = 0;
	visit_of(context)->agreed = agreed;
	g_mutex_lock(&milter.mutex);
	(void)g_hash_table_insert(milter.agreed, context,
	    g_memdup2(&agreed, sizeof agreed));
	g_mutex_unlock(&milter.mutex);
	if (actions & SMFIF_SETSYMLIST)
		for (size_t i = 0; i < G_N_ELEMENTS(macros); i++)
			(void)smfi_setsymlist(context, macros[i].where,
			    (char *)(uintptr_t)macros[i].names);
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect(struct smfi_str *context, char *name, _SOCK_ADDR *address)
{
	struct visit *visit = visit_of(context);
	struct ms_endpoint endpoint;

	end_message(visit);
	g_free(visit->name);
	g_free(visit->address);
	visit->name = g_strdup(name);
	visit->address = NULL;
	if (address && (address->sa_family == AF_INET ||
	    address->sa_family == AF_INET6)) {
		ms_endpoint_take(&endpoint, address,
		    address->sa_family == AF_INET ?
		    sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
		visit->address = ms_endpoint_host(&endpoint);
	}
	return go_on(visit, SMFIP_NR_CONN);
}

static sfsistat
on_helo(struct smfi_str *context, char *name)
{
	struct visit *visit = visit_of(context);

	g_free(visit->helo);
	visit->helo = g_strdup(name);
	return go_on(visit, SMFIP_NR_HELO);
}

static sfsistat
on_envfrom(struct smfi_str *context, char **words)
{
	struct visit *visit = visit_of(context);

	begin_message(visit, words[0] ? words[0] : "");
	return go_on(visit, SMFIP_NR_MAIL);
}

static sfsistat
on_envrcpt(struct smfi_str *context, char **words)
{
	struct visit *visit = visit_of(context);

	if (visit->letter && words[0])
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

static const char *
macro(struct smfi_str *context, const char *name)
{
	return smfi_getsymval(context, (char *)(uintptr_t)name);
}

/* What is known besides sender and recipients. Is the client one that has said
 * who it is? */
static bool
complete(struct smfi_str *context, const struct visit *visit)
{
	struct ms_envelope *envelope = ms_letter_envelope(visit->letter);
	const char *who = macro(context, "{auth_authen}");

	envelope->queue_id = g_strdup(macro(context, "i"));
	envelope->client_address = g_strdup(visit->address ? visit->address :
	    macro(context, "{client_addr}"));
	envelope->client_name = g_strdup(visit->name ? visit->name :
	    macro(context, "_"));
	envelope->helo = g_strdup(visit->helo);
	envelope->server_address = g_strdup(macro(context, "{if_addr}"));
	envelope->received = ms_clock_wall();
	return who && *who != '\0';
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
	const char *id = macro(context, "i");
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
	const char *id = macro(context, "i");
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
		on_idle, context, PROGRESS_MS };
	sfsistat answer;

	switch (ms_turns_take(milter.turns, &wish)) {
	case MS_OK:
		break;
	case MS_END:
		return SMFIS_TEMPFAIL;
	default:
		note(MS_LOGENTRY_WARNING, macro(context, "i"),
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
		.idle = on_idle, .arg = context, .idle_ms = PROGRESS_MS };
	struct ms_error err;
	sfsistat answer;

	if (!visit->letter)	/* it never began */
		return SMFIS_TEMPFAIL;
	if (ms_letter_seal(visit->letter, &question.fd, &question.size,
	    &err) != MS_OK) {
		note(MS_LOGENTRY_ERROR, macro(context, "i"),
		    "deferred: %s", err.text);
		answer = ms_carry_defer(context, NOT_STORED);
	} else {
		question.authenticated = complete(context, visit);
		question.envelope = ms_letter_envelope(visit->letter);
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
	g_free(visit->name);
	g_free(visit->address);
	g_free(visit->helo);
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
		status = ms_error_set(err, MS_E_IO, "cannot listen on %s",
		    config->listen);
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
