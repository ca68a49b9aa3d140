#include "replay/offline.h"

#include <string.h>

#include "policy/answer.h"
#include "replay/standin.h"

/* Bytes of a step that are offered at a time. */
#define PIECE 65536

struct theatre {
	const struct ms_offline_config *config;
	const struct ms_role *role;
	struct ms_played *played;
	struct ms_proxy *proxy;
	struct ms_standin hop;
	bool hop_over;		/* the proxy has closed it, or was told */
	bool secure;		/* the client's handshake is due */
	bool scan;		/* a decision is due */
	struct ms_intake *intake;
	bool kept;		/* the intake has a message */
	struct ms_spool *body;	/* the same, for the next hop */
	uint64_t fetched;
	uint64_t messages;	/* that have ended */
	GByteArray *piece;
	struct ms_reply reply;	/* of the proxy, as far as it is here */
	GArray *replies;	/* struct ms_recorded: to one step */
	enum ms_status status;	/* the failure that ends it */
	struct ms_error err;
};

/*
 * The owner of the proxy
 */

static void
on_reply(struct theatre *t)
{
	struct ms_recorded reply = { .code = t->reply.code,
		.text = g_strdup(t->reply.text->str) };

	g_array_append_val(t->replies, reply);
}

static void
on_write(void *arg, enum ms_proxy_side side, const void *data, size_t size)
{
	struct theatre *t = arg;
	const char *p = data;
	size_t at = 0;

	if (side == MS_PROXY_HOP) {
		ms_standin_hear(&t->hop, data, size);
		return;
	}
	while (at < size) {
		size_t used;
		const enum ms_status status = ms_reply_feed(&t->reply, p + at,
		    size - at, &used, NULL);

		if (status == MS_OK)
			on_reply(t);
		if (status < 0)
			break;
		at += used;
	}
}

static void
on_close(void *arg, enum ms_proxy_side side, bool abort)
{
	struct theatre *t = arg;

	(void)abort;
	t->hop_over |= side == MS_PROXY_HOP;
}

static void
on_secure(void *arg, enum ms_proxy_side side)
{
	struct theatre *t = arg;

	t->secure |= side == MS_PROXY_CLIENT;
}

static enum ms_status
on_spool(void *arg, const void *data, size_t size)
{
	struct theatre *t = arg;
	enum ms_status status;

	if (!t->kept)
		ms_intake_begin(t->intake, MS_INTAKE_AS_IS);
	t->kept = true;
	status = ms_intake_feed(t->intake, data, size, &t->err);
	if (status == MS_OK)
		status = ms_spool_write(t->body, data, size, &t->err);
	if (status != MS_OK)
		t->status = status;
	return status;
}

static void
on_scan(void *arg)
{
	struct theatre *t = arg;

	t->scan = true;
	t->fetched = 0;
}

static enum ms_status
on_fetch(void *arg, const unsigned char **data, size_t *size)
{
	struct theatre *t = arg;
	enum ms_status status;

	g_byte_array_set_size(t->piece, PIECE);
	status = ms_spool_read(t->body, t->fetched, t->piece->data, PIECE,
	    size, &t->err);
	if (status != MS_OK) {
		t->status = status;
		return status;
	}
	*data = t->piece->data;
	t->fetched += *size;
	return *size > 0 ? MS_OK : MS_END;
}

static void
on_end(void *arg, const struct ms_proxy_end *end)
{
	struct theatre *t = arg;

	(void)end;
	t->scan = t->kept = false;
	t->messages++;
	ms_spool_clear(t->body);
}

static void
on_note(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

/*
 * Scanning
 */

/* The outcome of MESSAGE; NULL: there is none, and STATUS says why. */
static struct ms_outcome *
scan(struct theatre *t, struct ms_message *message)
{
	struct ms_pipeline *pipeline = t->config->pipeline;
	struct ms_outcome *outcome = NULL;
	void *note;

	t->status = ms_pipeline_submit(pipeline, message, &t->err);
	while (t->status == MS_OK && !outcome)
		t->status = ms_pipeline_next(pipeline, -1, &outcome, &note,
		    &t->err);
	if (t->status == MS_END)
		t->status = ms_error_set(&t->err, MS_E_PEER,
		    "a message was not scanned");
	return outcome;
}

static void
decide(struct theatre *t)
{
	struct ms_outcome *outcome = NULL;
	struct ms_message *message;
	struct ms_decision decision;
	char *text;

	t->scan = false;
	if (!t->kept)
		ms_intake_begin(t->intake, MS_INTAKE_AS_IS);
	t->kept = false;
	t->status = ms_intake_end(t->intake, &message, &t->err);
	if (t->status == MS_OK) {
		message->origin.source = g_strdup(t->role->source);
		message->origin.format = "smtp";
		outcome = scan(t, message);
	}
	if (!outcome)
		return;
	ms_decide(t->config->rules, &outcome->facts, outcome->verdict,
	    &decision);
	ms_played_judge(t->played, t->messages + 1, &decision,
	    &outcome->facts);
	text = ms_answer(&decision);
	ms_proxy_decide(t->proxy, decision.action, decision.address, text);
	g_free(text);
	ms_outcome_free(outcome);
}

/*
 * The play
 */

/* What the proxy waits for, but for the client. Was there something? */
static bool
go_on(struct theatre *t)
{
	struct ms_standin *hop = &t->hop;

	if (t->status != MS_OK)
		return false;
	if (hop->replies->len > 0 && !t->hop_over) {
		GString *said = hop->replies;

		hop->replies = g_string_new(NULL);
		ms_proxy_hop(t->proxy, said->str, said->len);
		g_string_free(said, TRUE);
	} else if (hop->closes && !t->hop_over) {
		t->hop_over = true;
		ms_proxy_gone(t->proxy, MS_PROXY_HOP,
		    "it closed the connection when it was recorded");
	} else if (t->secure) {
		t->secure = false;
		ms_proxy_secured(t->proxy, MS_PROXY_CLIENT);
	} else if (t->scan) {
		decide(t);
	} else if (ms_proxy_is_sending(t->proxy)) {
		ms_proxy_drained(t->proxy);
	} else {
		return false;
	}
	return true;
}

/* Say SIZE bytes. False: the proxy does not take them. */
static bool
say(struct theatre *t, const void *data, size_t size)
{
	const char *p = data;
	size_t at = 0;

	for (;;) {
		const size_t n = ms_proxy_client(t->proxy, p + at, size - at);
		bool more = n > 0;

		at += n;
		while (go_on(t))
			more = true;
		if (!more || t->status != MS_OK)
			break;
	}
	t->played->sent += at;
	return at == size;
}

/* Say what STEP has. */
static bool
say_step(struct theatre *t, const struct ms_step *step)
{
	GByteArray *piece = g_byte_array_sized_new(PIECE);
	uint64_t at = 0;
	size_t size = PIECE;
	bool good = !step->line || say(t, step->line, step->line_size);

	while (good && t->status == MS_OK && at < step->size) {
		size = (size_t)MIN(step->size - at, PIECE);
		t->status = ms_role_read(t->role, step, at, piece->data,
		    &size, &t->err);
		good = t->status == MS_OK && size > 0 &&
		    say(t, piece->data, size);
		at += size;
	}
	g_byte_array_unref(piece);
	return good;
}

static const struct ms_recorded *
recorded_of(const struct theatre *t, const struct ms_step *step, size_t i)
{
	return i < step->count ? &g_array_index(t->role->recorded,
	    struct ms_recorded, step->first + i) : NULL;
}

/* Is STEP the last one, of which not all was recorded? */
static bool
is_cut(const struct theatre *t, const struct ms_step *step)
{
	return t->role->cut && t->role->steps->len > 1 &&
	    step == ms_role_step(t->role, t->role->steps->len - 2);
}

/* The replies to STEP against those that were recorded. */
static void
compare(struct theatre *t, const struct ms_step *step)
{
	const size_t n = MAX(t->replies->len, (guint)step->count);

	for (size_t i = 0; i < n; i++) {
		const struct ms_recorded *want = recorded_of(t, step, i);
		struct ms_recorded *got = i < t->replies->len ?
		    &g_array_index(t->replies, struct ms_recorded, i) : NULL;
		struct ms_reply reply = { .code = got ? got->code : 0 };

		t->played->replies += got != NULL;
		t->played->compared += got && want;
		if (!got && is_cut(t, step)) {
			t->played->unsent++;
			return;
		}
		if (!got) {
			ms_played_differ(t->played, MS_DIFFERENCE_CLOSED, step,
			    want, 0, ms_proxy_is_over(t->proxy) ?
			    "connection closed" : "no reply");
			continue;
		}
		/* What nobody has recorded is no difference, but for more
		 * replies than there were. */
		if (!want && step->count == 0)
			continue;
		reply.text = g_string_new(got->text);
		if (!want || !ms_compare(t->config->expect, want,
		    t->role->made, &reply))
			ms_played_differ(t->played, want ?
			    MS_DIFFERENCE_REPLY : MS_DIFFERENCE_UNASKED, step,
			    want, got->code, got->text);
		g_string_free(reply.text, TRUE);
	}
}

/* Can STEP be said, after what was answered to the steps before it? */
static bool
is_possible(const struct theatre *t, const struct ms_step *step, int code)
{
	if (ms_proxy_is_over(t->proxy))
		return false;
	if (step->kind == MS_STEP_CONTENT)
		return code == 354;
	if (step->kind == MS_STEP_RESPONSE)
		return code == 334;
	/* It has become content, or a secret, which nobody has recorded. */
	return code / 100 != 3;
}

static void
play(struct theatre *t)
{
	const GArray *steps = t->role->steps;
	int code = 0;

	for (guint i = 0; i < steps->len && t->status == MS_OK; i++) {
		const struct ms_step *step = ms_role_step(t->role, i);

		if (step->kind == MS_STEP_CLOSE)
			break;
		if (i > 0 && !is_possible(t, step, code)) {
			t->played->unsent++;
			continue;
		}
		g_array_set_size(t->replies, 0);
		t->hop.until = i;
		if (i == 0)
			(void)say(t, "", 0);
		else
			(void)say_step(t, step);
		if (t->status == MS_OK)
			compare(t, step);
		/* After one that nobody answers yet (a chunk of many, the
		 * content's beginning) all is as it was. */
		if (t->replies->len > 0)
			code = g_array_index(t->replies, struct ms_recorded,
			    t->replies->len - 1).code;
	}
}

static void
clear_reply(gpointer data)
{
	g_free(((struct ms_recorded *)data)->text);
}

/* Was there a TLS that the proxy would have had to offer? */
static bool
has_tls(const struct ms_role *role)
{
	for (guint i = 0; i < role->steps->len; i++)
		if (strcmp(ms_role_step(role, i)->verb, "STARTTLS") == 0)
			return true;
	return false;
}

static void
set_up(struct theatre *t)
{
	const struct ms_proxy_config config = {
		.hostname = t->config->hostname,
		.lmtp = t->role->lmtp,
		.newlines = t->config->newlines,
		.size_max = t->config->size_max,
		.client_tls = has_tls(t->role) ? MS_PROXY_TLS_MAY :
		    MS_PROXY_TLS_OFF,
	};
	const struct ms_proxy_owner owner = { t, on_write, on_close,
		on_secure, on_spool, on_scan, on_fetch, on_end, on_note,
		NULL, NULL };

	ms_standin_init(&t->hop, t->role);
	ms_reply_init(&t->reply);
	t->intake = ms_intake_new(&t->config->intake);
	t->body = ms_spool_new(&t->config->intake.spool);
	t->piece = g_byte_array_new();
	t->replies = g_array_new(FALSE, FALSE, sizeof(struct ms_recorded));
	g_array_set_clear_func(t->replies, clear_reply);
	t->proxy = ms_proxy_new(&config, &owner);
}

static void
clear_up(struct theatre *t)
{
	ms_proxy_free(t->proxy);
	g_array_unref(t->replies);
	g_byte_array_unref(t->piece);
	ms_spool_free(t->body);
	ms_intake_free(t->intake);
	ms_reply_clear(&t->reply);
	ms_standin_clear(&t->hop);
}

enum ms_status
ms_offline(const struct ms_offline_config *config, const struct ms_role *role,
    struct ms_played **played, struct ms_error *err)
{
	struct theatre t = { .config = config, .role = role };

	*played = t.played = ms_played_new(role, 1);
	t.played->connected = true;
	set_up(&t);
	play(&t);
	t.played->unmatched = t.hop.unmatched;
	clear_up(&t);
	if (t.status == MS_OK)
		return MS_OK;
	ms_played_free(*played);
	*played = NULL;
	return ms_error_set(err, t.status, "%s", t.err.text);
}
