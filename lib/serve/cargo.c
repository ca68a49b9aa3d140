#include "serve/cargo.h"

#include "action/label.h"
#include "base/at.h"
#include "base/clock.h"
#include "serve/account.h"
#include "serve/gate.h"
#include "smtp/standing.h"
#include "smtp/standing.h"

/* Bytes of the spool at a time. */
#define PIECE ((size_t)32 << 10)

struct ms_cargo {
	const struct ms_cargo_config *config;
	const struct ms_cargo_origin *origin;
	ms_case_ruled *tell;
	void *arg;
	struct ms_gate_asked asked;
	unsigned messages;	/* so far */
	struct ms_case *open;	/* the last of them; NULL: it is over */
	int64_t began_ms;
	struct ms_spool *spool;
	int64_t asked_ms, ruled_ms;	/* when it was; -1: not yet */
	/* Sending it. */
	struct ms_label *label;
	uint64_t at;
	bool sent;
	unsigned char *piece;
	GString *out;
};

static void
on_ruled(void *arg, const struct ms_ruling *ruling)
{
	struct ms_cargo *p = arg;

	if (ruling->fields) {
		const struct ms_label_config label = {
			.remove = (const char *const *)ruling->names,
			.fields = ruling->fields,
			.line_end = "\r\n",
			.subject = ruling->subject,
		};

		p->label = ms_label_new(&label);
	}
	p->at = 0;
	p->sent = false;
	p->ruled_ms = ms_clock_ms();
	p->tell(p->arg, ruling);
}

static void
begin(struct ms_cargo *p)
{
	char *id;

	if (p->open)
		return;
	id = g_strdup_printf("%s.%u", p->origin->name, ++p->messages);
	p->open = ms_case_new(&p->config->cases, id, on_ruled, p);
	g_free(id);
	p->began_ms = ms_clock_ms();
	p->asked_ms = p->ruled_ms = -1;
}

/* What there was of a message goes. */
static void
forget(struct ms_cargo *p)
{
	g_clear_pointer(&p->open, ms_case_free);
	g_clear_pointer(&p->label, ms_label_free);
	g_clear_pointer(&p->piece, g_free);
	(void)g_string_free(p->out, TRUE);
	p->out = g_string_new(NULL);
	ms_spool_clear(p->spool);
}

struct ms_cargo *
ms_cargo_new(const struct ms_cargo_config *config,
    const struct ms_cargo_origin *origin, ms_case_ruled *ruled, void *arg)
{
	struct ms_cargo *p = g_new0(struct ms_cargo, 1);

	p->config = config;
	p->origin = origin;
	p->tell = ruled;
	p->arg = arg;
	p->spool = ms_spool_new(&config->spool);
	ms_spool_purse(p->spool, config->purse);
	p->out = g_string_new(NULL);
	return p;
}

void
ms_cargo_free(struct ms_cargo *cargo)
{
	if (!cargo)
		return;
	forget(cargo);
	g_free(cargo->asked.sender);
	g_free(cargo->asked.recipient);
	ms_spool_free(cargo->spool);
	(void)g_string_free(cargo->out, TRUE);
	g_free(cargo);
}

bool
ms_cargo_is_open(const struct ms_cargo *cargo)
{
	return cargo->open != NULL;
}

char *
ms_cargo_object(struct ms_cargo *cargo, const struct ms_session_state *state,
    const struct ms_request *request)
{
	return ms_gate(&cargo->config->cases, state, cargo->origin->host,
	    request, &cargo->asked);
}

void
ms_cargo_refused(const struct ms_cargo *cargo,
    const struct ms_session_state *state,
    const struct ms_proxy_refusal *refusal)
{
	const bool sender = refusal->verb == MS_VERB_MAIL;
	const char *said = ms_standing_said(state, "ADDR");
	struct ms_envelope *envelope = ms_envelope_new(sender ?
	    refusal->address : state->sender.text);

	if (!sender && refusal->address)
		ms_envelope_add(envelope, refusal->address);
	envelope->queue_id = g_strdup(cargo->origin->name);
	ms_chronicle_refusal(envelope, "smtp: %s is told%s: %d %s",
	    said ? said : cargo->origin->client, refusal->hop ?
	    " by the next hop" : "", refusal->code, refusal->text);
	ms_envelope_free(envelope);
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
	const struct ms_account_ends ends = { cargo->origin->host,
		cargo->origin->server, protocol };
	struct ms_case_question question = {
		.door = "smtp",
		.client = cargo->origin->host,
		.server = cargo->origin->server,
		.authenticated = ms_standing_is_known(envelope),
		.login = ms_standing_said(envelope, "LOGIN"),
		.fd = -1,
		.size = ms_spool_size(cargo->spool),
	};
	struct ms_error err;
	char *id;

	begin(cargo);
	cargo->asked_ms = ms_clock_ms();
	id = g_strdup_printf("%s.%u", cargo->origin->name, cargo->messages);
	question.envelope = ms_account_envelope(envelope, &ends, id);
	g_free(id);
	ms_account_words(envelope, &ends, &question.words);
	if (ms_spool_seal(cargo->spool, &question.fd, &err) != MS_OK) {
		ms_chronicle_say("%s: %s", cargo->origin->name, err.text);
		question.fd = -1;
	}
	ms_case_ask(cargo->open, &question);
}

/* What is to be sent, or has taken its place, from AT on. */
static enum ms_status
read_piece(const struct ms_cargo *p, size_t *got, struct ms_error *err)
{
	const struct ms_body *other = ms_case_rewritten(p->open);

	if (!other)
		return ms_spool_read(p->spool, p->at, p->piece, PIECE, got,
		    err);
	if (ms_at_read(other->fd, p->at, p->piece,
	    (size_t)MIN(other->size - p->at, PIECE), got) != MS_OK ||
	    (*got == 0 && p->at < other->size))
		return ms_error_errno(err, "cannot read what was rewritten");
	return MS_OK;
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
		if (read_piece(cargo, &got, &err) != MS_OK) {
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

void
ms_cargo_end(struct ms_cargo *cargo, const struct ms_proxy_end *end,
    const struct ms_session_state *envelope, const char *protocol)
{
	struct ms_chronicle_message message = {
		.client = cargo->origin->client,
		.protocol = protocol,
		.envelope = envelope,
		.end = end,
	};
	int64_t now_ms;

	begin(cargo);
	now_ms = ms_clock_ms();
	message.receive_ms = cargo->asked_ms < 0 ? -1 :
	    cargo->asked_ms - cargo->began_ms;
	message.deliver_ms = cargo->ruled_ms < 0 ? -1 :
	    now_ms - cargo->ruled_ms;
	message.whole_ms = now_ms - cargo->began_ms;
	ms_case_end(cargo->open, &message);
	forget(cargo);
}
