#include "smtp/proxy.h"

#include <string.h>

#include "smtp/relaying.h"

/* Commands of the client that may wait for replies at the same time. */
#define PIPELINE_MAX 100

/* Most bytes of a reply text that is our own or the administrator's. */
#define OWN_TEXT_MAX 400

#define LOST "4.4.2 Connection to the next hop is lost"

struct ms_proxy *
ms_proxy_new(const struct ms_proxy_config *config,
    const struct ms_proxy_owner *owner)
{
	struct ms_proxy *p = g_new0(struct ms_proxy, 1);
	const struct ms_session_config session = {
		.greeting = true,
		.lmtp = config->lmtp,
		.recipients_max = config->recipients_max,
		.pipeline_max = PIPELINE_MAX,
	};

	p->config = *config;
	p->owner = *owner;
	p->session = ms_session_new(&session);
	if (config->client_secure)
		ms_session_secured(p->session);
	p->waiting = g_queue_new();
	p->out = g_string_new(NULL);
	p->client_secure = config->client_secure;
	p->tell_client = config->xclient;
	ms_reply_init(&p->reply);
	ms_proxy_await(p, MS_WAITED_GREETING);
	return p;
}

static void
free_waiting(gpointer data)
{
	struct ms_waiting *waiting = data;

	g_free(waiting->text);
	g_free(waiting->address);
	g_free(waiting);
}

void
ms_proxy_free(struct ms_proxy *proxy)
{
	if (!proxy)
		return;
	ms_proxy_finish(proxy, 0, NULL);
	g_queue_free_full(proxy->waiting, free_waiting);
	ms_reply_clear(&proxy->reply);
	ms_offer_clear(&proxy->offer);
	ms_session_free(proxy->session);
	g_string_free(proxy->out, TRUE);
	g_free(proxy->hello);
	g_free(proxy->address);
	g_free(proxy->first_text);
	g_free(proxy->stopping);
	g_free(proxy);
}

void
ms_proxy_write(struct ms_proxy *proxy, enum ms_proxy_side side,
    const void *data, size_t size)
{
	const bool gone = side == MS_PROXY_CLIENT ?
	    proxy->client_gone : proxy->hop_gone;

	if (!gone && size > 0)
		proxy->owner.write(proxy->owner.arg, side, data, size);
}

void
ms_proxy_await(struct ms_proxy *proxy, enum ms_waited what)
{
	struct ms_waiting *waiting = g_new0(struct ms_waiting, 1);

	waiting->what = what;
	g_queue_push_tail(proxy->waiting, waiting);
}

void
ms_proxy_ask(struct ms_proxy *proxy, enum ms_waited what, enum ms_verb verb,
    const char *line)
{
	struct ms_waiting *waiting = g_new0(struct ms_waiting, 1);
	char *whole = g_strconcat(line, "\r\n", NULL);

	waiting->what = what;
	waiting->verb = verb;
	g_queue_push_tail(proxy->waiting, waiting);
	ms_proxy_write(proxy, MS_PROXY_HOP, whole, strlen(whole));
	g_free(whole);
}

/* CODE and the lines of TEXT as a reply. */
static void
send_reply(struct ms_proxy *p, int code, const char *text)
{
	GString *out = g_string_new(NULL);

	for (;;) {
		const size_t n = strcspn(text, "\n");
		const bool last = text[n] == '\0';

		g_string_append_printf(out, "%d%c", code, last ? ' ' : '-');
		g_string_append_len(out, text, (gssize)n);
		g_string_append(out, "\r\n");
		if (last)
			break;
		text += n + 1;
	}
	ms_proxy_write(p, MS_PROXY_CLIENT, out->str, out->len);
	g_string_free(out, TRUE);
}

void
ms_proxy_reply(struct ms_proxy *proxy, int code, const char *text)
{
	send_reply(proxy, code, text);
	(void)ms_session_answer(proxy->session, code, text, NULL);
}

void
ms_proxy_reply_all(struct ms_proxy *proxy, int code, const char *text)
{
	struct ms_answered answered = { .more = true };

	while (answered.more) {
		send_reply(proxy, code, text);
		if (ms_session_answer(proxy->session, code, text,
		    &answered) != MS_OK)
			break;
	}
}

void
ms_proxy_ready(struct ms_proxy *proxy, int code, const char *enhanced,
    const char *text)
{
	struct ms_waiting *waiting = g_new0(struct ms_waiting, 1);

	waiting->what = MS_WAITED_READY;
	waiting->code = code;
	waiting->text = enhanced ? g_strconcat(enhanced, " ", text, NULL) :
	    g_strdup(text);
	g_queue_push_tail(proxy->waiting, waiting);
	ms_proxy_advance(proxy);
}

void
ms_proxy_refused(struct ms_proxy *proxy,
    const struct ms_proxy_refusal *refusal)
{
	if (proxy->owner.refused)
		proxy->owner.refused(proxy->owner.arg, refusal);
}

void
ms_proxy_finish(struct ms_proxy *proxy, int code, const char *text)
{
	const struct ms_proxy_end end = {
		.action = proxy->action,
		.decided = proxy->decided,
		.delivered = proxy->delivered,
		.code = proxy->client_gone ? 0 :
		    proxy->first_code ? proxy->first_code : code,
		.text = proxy->first_code ? proxy->first_text : text,
		.size = proxy->size,
	};

	if (!proxy->begun)
		return;
	proxy->begun = false;
	proxy->owner.end(proxy->owner.arg, &end);
}

void
ms_proxy_refuse(struct ms_proxy *proxy, int code, const char *text)
{
	if (proxy->phase != MS_PHASE_OVER)
		proxy->phase = MS_PHASE_COMMANDS;
	ms_proxy_finish(proxy, code, text);
	if (!proxy->hop_gone)
		ms_proxy_ask(proxy, MS_WAITED_RESET, MS_VERB_RSET, "RSET");
	ms_proxy_reply_all(proxy, code, text);
	if (proxy->client_gone)
		ms_proxy_hang_up(proxy);
}

static void
close_hop(struct ms_proxy *p, bool abort)
{
	p->hop_gone = true;
	if (!p->hop_closed)
		p->owner.close(p->owner.arg, MS_PROXY_HOP, abort);
	p->hop_closed = true;
}

void
ms_proxy_hang_up(struct ms_proxy *proxy)
{
	static const char quit[] = "QUIT\r\n";
	const bool idle = g_queue_is_empty(proxy->waiting) &&
	    proxy->phase != MS_PHASE_HANDING && !proxy->hop_handshake;

	if (proxy->phase == MS_PHASE_OVER)
		return;
	proxy->phase = MS_PHASE_OVER;
	ms_proxy_finish(proxy, 0, NULL);
	if (!proxy->hop_gone && idle)
		ms_proxy_write(proxy, MS_PROXY_HOP, quit, strlen(quit));
	close_hop(proxy, !idle);
	if (!proxy->client_gone)
		proxy->owner.close(proxy->owner.arg, MS_PROXY_CLIENT, false);
	proxy->client_gone = true;
}

/* What awaited the next hop's replies is told that there are none; the first
 * gets its last one, if it REPLIED. Was there one who did? */
static bool
answer_lost(struct ms_proxy *p, GQueue *lost, bool replied)
{
	struct ms_waiting *w;
	bool told = false;

	while ((w = g_queue_pop_head(lost))) {
		const bool first = replied && !told;

		if (w->what == MS_WAITED_READY) {
			ms_proxy_reply(p, w->code, w->text);
		} else if (w->what == MS_WAITED_COMMAND ||
		    w->what == MS_WAITED_XCLIENT) {
			ms_proxy_reply(p, first ? p->reply.code : 451,
			    first ? p->reply.text->str : LOST);
			told |= first;
		}
		free_waiting(w);
	}
	return told;
}

void
ms_proxy_lose(struct ms_proxy *proxy, const char *why, bool replied)
{
	const int code = replied ? proxy->reply.code : 451;
	GQueue *lost = proxy->waiting;
	char *text;

	if (proxy->hop_gone || proxy->phase == MS_PHASE_OVER)
		return;
	proxy->owner.note(proxy->owner.arg, why);
	close_hop(proxy, true);
	proxy->waiting = g_queue_new();
	proxy->hop_handshake = proxy->in_auth = false;
	if (proxy->phase == MS_PHASE_PRELUDE) {
		text = replied ? g_strdup(proxy->reply.text->str) :
		    g_strconcat("4.4.1 The next hop is not available: ", why,
		    NULL);
		ms_proxy_reply(proxy, replied ? code : 421, text);
		ms_proxy_hang_up(proxy);
		g_free(text);
	} else if (proxy->phase == MS_PHASE_HANDING) {
		text = g_strdup(replied ? proxy->reply.text->str : LOST);
		ms_proxy_refuse(proxy, code, text);
		if (code == 421)
			ms_proxy_hang_up(proxy);
		g_free(text);
	} else if (answer_lost(proxy, lost, replied)) {
		ms_proxy_hang_up(proxy);
	}
	g_queue_free_full(lost, free_waiting);
}

void
ms_proxy_advance(struct ms_proxy *proxy)
{
	struct ms_waiting *w;

	while ((w = g_queue_peek_head(proxy->waiting)) &&
	    w->what == MS_WAITED_READY) {
		(void)g_queue_pop_head(proxy->waiting);
		ms_proxy_reply(proxy, w->code, w->text);
		if (w->code == 421 || w->code == 521)
			ms_proxy_hang_up(proxy);
		free_waiting(w);
	}
	if (proxy->phase == MS_PHASE_HANDING && !w)
		ms_handing_next(proxy);
	if (proxy->stopping && proxy->phase == MS_PHASE_COMMANDS) {
		send_reply(proxy, 421, proxy->stopping);
		ms_proxy_hang_up(proxy);
	}
}

struct ms_offer_own
ms_proxy_own(const struct ms_proxy *proxy)
{
	return (struct ms_offer_own){
		.hostname = proxy->config.hostname,
		.size_max = proxy->config.size_max,
		.starttls = proxy->config.client_tls != MS_PROXY_TLS_OFF &&
		    !proxy->client_secure,
		.xclient = proxy->config.trusts_xclient,
		.xforward = proxy->config.trusts_xforward,
		.pass_unknown = proxy->config.pass_unknown,
		.hide = proxy->config.hide,
		.refuse = proxy->config.refuse,
	};
}

size_t
ms_proxy_client(struct ms_proxy *proxy, const void *data, size_t size)
{
	const unsigned char *bytes = data;
	size_t at = 0;

	while (ms_clientside_takes(proxy, bytes + at, size - at)) {
		struct ms_event event;
		size_t used;
		const enum ms_status status = ms_session_feed(proxy->session,
		    bytes + at, size - at, &used, &event);

		at += used;
		proxy->inside = status != MS_OK && used > 0 &&
		    !ms_session_in_content(proxy->session);
		if (status != MS_OK)
			break;
		proxy->heard[MS_PROXY_CLIENT] +=
		    event.kind != MS_EVENT_CONTENT;
		ms_clientside_event(proxy, &event, size - at);
		ms_proxy_advance(proxy);
	}
	/* What comes behind the end is of no interest. */
	return proxy->phase == MS_PHASE_OVER ? size : at;
}

void
ms_proxy_hop(struct ms_proxy *proxy, const void *data, size_t size)
{
	const unsigned char *bytes = data;
	size_t at = 0, used;
	bool early = false;

	while (at < size && !proxy->hop_gone) {
		struct ms_error err;
		const enum ms_status status = ms_reply_feed(&proxy->reply,
		    bytes + at, size - at, &used, &err);
		struct ms_waiting *w;

		if (proxy->hop_handshake || (status != MS_OK &&
		    status != MS_END)) {
			ms_proxy_lose(proxy, proxy->hop_handshake ?
			    "it talks before TLS stands" : err.text, false);
			return;
		}
		at += used;
		if (status == MS_END)
			break;
		proxy->heard[MS_PROXY_HOP]++;
		w = g_queue_pop_head(proxy->waiting);
		ms_hopside_reply(proxy, w);
		if (w)
			free_waiting(w);
		/* What is there before it was asked for is no answer to what
		 * would be asked now: a message above all. */
		early = at < size && g_queue_is_empty(proxy->waiting);
		if (!early)
			ms_proxy_advance(proxy);
	}
	if (early && proxy->phase == MS_PHASE_HANDING)
		ms_proxy_lose(proxy, "it answers what nobody asked", false);
}

void
ms_proxy_gone(struct ms_proxy *proxy, enum ms_proxy_side side,
    const char *why)
{
	if (side == MS_PROXY_HOP) {
		proxy->hop_closed = true;
		ms_proxy_lose(proxy, why, false);
		return;
	}
	if (proxy->client_gone)
		return;
	proxy->owner.note(proxy->owner.arg, why);
	proxy->client_gone = true;
	/* The next hop has the end of the message: what it says counts. */
	if (proxy->phase == MS_PHASE_HANDING &&
	    proxy->step == MS_STEP_OF_END && !proxy->hop_gone)
		return;
	ms_proxy_hang_up(proxy);
}

void
ms_proxy_secured(struct ms_proxy *proxy, enum ms_proxy_side side)
{
	proxy->heard[side]++;
	if (side == MS_PROXY_HOP) {
		ms_hopside_secured(proxy);
		return;
	}
	if (proxy->phase != MS_PHASE_TLS)
		return;
	proxy->phase = MS_PHASE_COMMANDS;
	proxy->client_secure = true;
	ms_session_secured(proxy->session);
}

void
ms_proxy_drained(struct ms_proxy *proxy)
{
	if (ms_proxy_is_sending(proxy))
		ms_handing_next(proxy);
}

bool
ms_proxy_is_sending(const struct ms_proxy *proxy)
{
	return proxy->phase == MS_PHASE_HANDING &&
	    proxy->step == MS_STEP_OF_CONTENT && !proxy->hop_gone &&
	    g_queue_is_empty(proxy->waiting);
}

/* TEXT ("554 5.7.1 No") if it is a reply of CODE's class, else the usual one.
 * What may not stand in a reply becomes a question mark. */
static char *
own_reply(const char *text, int *code, const char *usual)
{
	GString *out = g_string_new(NULL);
	const char *p = text;

	if (p && p[0] == '0' + *code / 100 && p[1] >= '0' && p[1] <= '5' &&
	    g_ascii_isdigit(p[2]) && p[3] == ' ' && p[4] &&
	    strncmp(p, "421", 3) != 0) {
		*code = (p[0] - '0') * 100 + (p[1] - '0') * 10 + p[2] - '0';
		p += 4;
	} else {
		p = usual;
	}
	for (; *p && out->len < OWN_TEXT_MAX; p++)
		g_string_append_c(out, *p < ' ' || *p > '~' ? '?' : *p);
	return g_string_free(out, FALSE);
}

static const struct {
	int code;		/* 0: it goes on to the next hop */
	const char *text;
} usual[MS_ACTIONS] = {
	[MS_ACTION_DEFER] = { 451, "4.7.1 Try again later" },
	[MS_ACTION_QUARANTINE] = { 250, "2.0.0 Ok" },
	[MS_ACTION_HOLD] = { 451, "4.7.1 Try again later" },
	[MS_ACTION_DROP] = { 250, "2.0.0 Ok" },
	[MS_ACTION_REJECT] = { 550, "5.7.1 Message refused" },
};

void
ms_proxy_decide(struct ms_proxy *proxy, enum ms_action action,
    const char *address, const char *text)
{
	int code = usual[action].code;

	if (proxy->phase != MS_PHASE_SCANNING)
		return;
	proxy->decided = true;
	proxy->action = action;
	g_free(proxy->address);
	proxy->address = g_strdup(address);
	if (code > 0) {
		char *own = own_reply(text, &code, usual[action].text);

		ms_proxy_refuse(proxy, code, own);
		g_free(own);
	} else if (proxy->hop_gone) {
		ms_proxy_refuse(proxy, 451, LOST);
	} else {
		ms_handing_start(proxy, action == MS_ACTION_REDIRECT ?
		    MS_STEP_OF_RSET : MS_STEP_OF_DATA);
	}
	ms_proxy_advance(proxy);
}

void
ms_proxy_keep_alive(struct ms_proxy *proxy)
{
	if (!proxy->hop_gone && g_queue_is_empty(proxy->waiting) &&
	    !proxy->hop_handshake && (proxy->phase == MS_PHASE_COMMANDS ||
	    proxy->phase == MS_PHASE_SCANNING) && !proxy->in_auth)
		ms_proxy_ask(proxy, MS_WAITED_NOOP, MS_VERB_NOOP, "NOOP");
}

void
ms_proxy_stop(struct ms_proxy *proxy, const char *text)
{
	int code = 400;

	if (proxy->phase == MS_PHASE_OVER || proxy->stopping)
		return;
	proxy->stopping = own_reply(NULL, &code, text);
	if (proxy->phase == MS_PHASE_HANDING && proxy->step == MS_STEP_OF_END)
		return;
	send_reply(proxy, 421, proxy->stopping);
	ms_proxy_hang_up(proxy);
}

bool
ms_proxy_is_over(const struct ms_proxy *proxy)
{
	return proxy->phase == MS_PHASE_OVER;
}

const struct ms_session_state *
ms_proxy_state(const struct ms_proxy *proxy)
{
	return ms_session_state(proxy->session);
}

const char *
ms_proxy_protocol(const struct ms_proxy *proxy)
{
	return ms_session_protocol(proxy->session);
}

bool
ms_proxy_awaits(const struct ms_proxy *proxy, enum ms_proxy_side side)
{
	const bool hop = !proxy->hop_gone && (proxy->hop_handshake ||
	    !g_queue_is_empty(proxy->waiting) || ms_proxy_is_sending(proxy));

	if (proxy->phase == MS_PHASE_OVER)
		return false;
	if (side == MS_PROXY_HOP)
		return hop;
	return !hop && (proxy->phase == MS_PHASE_COMMANDS ||
	    proxy->phase == MS_PHASE_TLS);
}

static enum ms_proxy_due
due_of_hop(const struct ms_proxy *p)
{
	if (p->hop_gone)
		return MS_PROXY_DUE_NOTHING;
	if (p->hop_handshake)
		return MS_PROXY_DUE_HANDSHAKE;
	if (ms_proxy_is_sending(p))
		return MS_PROXY_DUE_CONTENT;
	if (g_queue_is_empty(p->waiting))
		return MS_PROXY_DUE_NOTHING;
	return p->phase == MS_PHASE_HANDING && p->step == MS_STEP_OF_END ?
	    MS_PROXY_DUE_END : MS_PROXY_DUE_WORDS;
}

enum ms_proxy_due
ms_proxy_due(const struct ms_proxy *proxy, enum ms_proxy_side side)
{
	if (proxy->phase == MS_PHASE_OVER)
		return MS_PROXY_DUE_NOTHING;
	if (side == MS_PROXY_HOP)
		return due_of_hop(proxy);
	if (proxy->phase == MS_PHASE_TLS)
		return MS_PROXY_DUE_HANDSHAKE;
	if (proxy->phase == MS_PHASE_COMMANDS &&
	    ms_session_in_content(proxy->session))
		return MS_PROXY_DUE_CONTENT;
	return ms_proxy_awaits(proxy, side) ? MS_PROXY_DUE_WORDS :
	    MS_PROXY_DUE_NOTHING;
}

uint64_t
ms_proxy_heard(const struct ms_proxy *proxy, enum ms_proxy_side side)
{
	return proxy->heard[side];
}
