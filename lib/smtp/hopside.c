#include <string.h>

#include "smtp/relaying.h"

/* The connection to the next hop cannot be used any more after the reply to
 * WAITING, which has no other answer then. */
static void
lose(struct ms_proxy *p, const struct ms_waiting *waiting, const char *why,
    bool replied)
{
	struct ms_waiting *again = g_new0(struct ms_waiting, 1);

	again->what = waiting->what;
	again->verb = waiting->verb;
	g_queue_push_head(p->waiting, again);
	ms_proxy_lose(p, why, replied);
}

/* Keywords for XCLIENT: what the client has said of others, if it may, and
 * what is known of itself. */
static void
tell_client(struct ms_proxy *p)
{
	static const char *const names[] = { "NAME", "ADDR", "PORT", "PROTO",
		"HELO" };
	const struct ms_session_state *state = ms_session_state(p->session);
	struct ms_keyword keywords[G_N_ELEMENTS(names)];

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		keywords[i] = (struct ms_keyword){ .name = (char *)names[i] };
	keywords[1].value = (char *)p->config.client_address;
	keywords[2].value = (char *)p->config.client_port;
	keywords[3].value = (char *)(p->hello_verb == MS_VERB_HELO ?
	    "SMTP" : "ESMTP");
	keywords[4].value = p->hello;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		for (guint k = 0; k < state->client->len; k++) {
			const struct ms_keyword *said = &g_array_index(
			    state->client, struct ms_keyword, k);

			if (i != 4 && strcmp(said->name, names[i]) == 0)
				keywords[i].value = said->value;
		}
	g_string_truncate(p->out, 0);
	ms_offer_xclient(&p->offer, keywords, G_N_ELEMENTS(names), p->out);
	ms_proxy_ask(p, MS_WAITED_XCLIENT, MS_VERB_XCLIENT, p->out->str);
}

void
ms_hopside_hello(struct ms_proxy *proxy)
{
	char *line;

	if (proxy->tell_client && proxy->offer.xclient) {
		proxy->tell_client = false;
		tell_client(proxy);
		return;
	}
	line = g_strconcat(ms_request_verb(proxy->hello_verb), " ",
	    proxy->hello, NULL);
	ms_proxy_ask(proxy, MS_WAITED_COMMAND, proxy->hello_verb, line);
	g_free(line);
}

static void
say_own_hello(struct ms_proxy *p)
{
	char *line = g_strconcat(p->config.lmtp ? "LHLO " : "EHLO ",
	    p->config.hostname, NULL);

	ms_proxy_ask(p, MS_WAITED_EHLO, MS_VERB_EHLO, line);
	g_free(line);
}

/* The next hop is ready: so are we. */
static void
greet(struct ms_proxy *p)
{
	char *text = g_strconcat(p->config.hostname, " ", p->config.banner ?
	    p->config.banner : p->config.lmtp ? "LMTP" : "ESMTP", NULL);

	p->phase = MS_PHASE_COMMANDS;
	ms_proxy_reply(p, 220, text);
	g_free(text);
}

static void
take_greeting(struct ms_proxy *p, const struct ms_waiting *waiting)
{
	const int class = p->reply.code / 100;

	if (class == 4 || class == 5) {
		/* What it says to us it says to the client. */
		p->owner.note(p->owner.arg, p->reply.text->str);
		ms_proxy_reply(p, p->reply.code, p->reply.text->str);
		ms_proxy_hang_up(p);
	} else if (class != 2) {
		lose(p, waiting, "its greeting is none", false);
	} else if (p->config.hop_tls != MS_PROXY_TLS_OFF ||
	    p->config.xclient) {
		say_own_hello(p);
	} else {
		greet(p);
	}
}

static void
take_own_hello(struct ms_proxy *p, const struct ms_waiting *waiting)
{
	const struct ms_offer_own own = ms_proxy_own(p);
	bool wanted = p->config.hop_tls != MS_PROXY_TLS_OFF && !p->hop_secure;

	ms_offer_clear(&p->offer);
	if (p->reply.code / 100 == 2)
		ms_offer_read(&p->offer, &p->reply, true, &own);
	if (wanted && p->offer.starttls)
		ms_proxy_ask(p, MS_WAITED_STARTTLS, MS_VERB_STARTTLS,
		    "STARTTLS");
	else if (wanted && p->config.hop_tls == MS_PROXY_TLS_REQUIRE)
		lose(p, waiting, "it does not offer STARTTLS", false);
	else
		greet(p);
}

static void
take_starttls(struct ms_proxy *p, const struct ms_waiting *waiting)
{
	if (p->reply.code / 100 == 2) {
		p->hop_handshake = true;
		p->owner.secure(p->owner.arg, MS_PROXY_HOP);
	} else if (p->config.hop_tls == MS_PROXY_TLS_REQUIRE) {
		lose(p, waiting, "it refuses STARTTLS", false);
	} else {
		greet(p);
	}
}

void
ms_hopside_secured(struct ms_proxy *proxy)
{
	if (!proxy->hop_handshake)
		return;
	proxy->hop_handshake = false;
	proxy->hop_secure = true;
	say_own_hello(proxy);
}

/* The reply to the client's hello is ours, but for what the next hop offers. */
static void
take_hello(struct ms_proxy *p, const struct ms_waiting *waiting)
{
	const struct ms_offer_own own = ms_proxy_own(p);
	GString *text;

	if (p->reply.code / 100 == 3) {
		lose(p, waiting, "its reply is none to the hello", false);
		return;
	}
	if (p->reply.code / 100 != 2) {
		ms_proxy_reply(p, p->reply.code, p->reply.text->str);
		return;
	}
	ms_proxy_finish(p, 0, NULL);
	ms_offer_read(&p->offer, &p->reply, waiting->verb != MS_VERB_HELO,
	    &own);
	text = g_string_new(NULL);
	ms_offer_compose(&p->offer, &p->reply, &own, text);
	ms_proxy_reply(p, 250, text->str);
	g_string_free(text, TRUE);
}

static void
take_relayed(struct ms_proxy *p, const struct ms_waiting *waiting)
{
	const int code = p->reply.code, class = code / 100;
	const struct ms_session_state *state = ms_session_state(p->session);

	if (class == 3 && (waiting->verb != MS_VERB_AUTH || code != 334)) {
		lose(p, waiting, "its reply is none to the command", false);
		return;
	}
	if (waiting->verb == MS_VERB_RSET && class != 2) {
		/* Nobody knows then what it thinks the envelope is. */
		lose(p, waiting, "it refuses RSET", false);
		return;
	}
	if (waiting->verb == MS_VERB_RCPT && class == 2 && !state->open) {
		lose(p, waiting, "it takes a recipient without a sender",
		    false);
		return;
	}
	if (waiting->verb == MS_VERB_RSET)
		ms_proxy_finish(p, 0, NULL);
	if (waiting->address && class != 2)
		ms_proxy_refused(p, &(struct ms_proxy_refusal){
		    waiting->verb, waiting->address, true, code,
		    p->reply.text->str });
	p->in_auth = waiting->verb == MS_VERB_AUTH && code == 334;
	ms_proxy_reply(p, code, p->reply.text->str);
}

static void
take_command(struct ms_proxy *p, const struct ms_waiting *waiting)
{
	if (waiting->verb == MS_VERB_EHLO || waiting->verb == MS_VERB_HELO ||
	    waiting->verb == MS_VERB_LHLO)
		take_hello(p, waiting);
	else
		take_relayed(p, waiting);
}

/* Whatever it says to XCLIENT, the hello comes next. */
static void
take_xclient(struct ms_proxy *p, const struct ms_waiting *waiting)
{
	(void)waiting;
	if (p->reply.code / 100 != 2)
		p->owner.note(p->owner.arg, "the next hop refuses XCLIENT");
	ms_hopside_hello(p);
}

static void
take_reset(struct ms_proxy *p, const struct ms_waiting *waiting)
{
	if (p->reply.code / 100 != 2)
		lose(p, waiting, "it refuses RSET", false);
}

static void
take_noop(struct ms_proxy *p, const struct ms_waiting *waiting)
{
	if (p->reply.code / 100 == 3)
		lose(p, waiting, "its reply is none to NOOP", false);
}

static void (*const takes[])(struct ms_proxy *p,
    const struct ms_waiting *waiting) = {
	[MS_WAITED_GREETING] = take_greeting,
	[MS_WAITED_EHLO] = take_own_hello,
	[MS_WAITED_STARTTLS] = take_starttls,
	[MS_WAITED_XCLIENT] = take_xclient,
	[MS_WAITED_COMMAND] = take_command,
	[MS_WAITED_RESET] = take_reset,
	[MS_WAITED_NOOP] = take_noop,
	[MS_WAITED_STEP] = ms_handing_reply,
	[MS_WAITED_CHUNK] = ms_handing_reply,
	[MS_WAITED_FINAL] = ms_handing_reply,
};

void
ms_hopside_reply(struct ms_proxy *proxy, const struct ms_waiting *waiting)
{
	const bool leaves = proxy->reply.code == 421;
	char *text;

	if (waiting && !leaves) {
		takes[waiting->what](proxy, waiting);
		return;
	}
	if (!waiting && ms_proxy_is_sending(proxy)) {
		ms_handing_early(proxy);
		return;
	}
	text = g_strdup(proxy->reply.text->str);
	if (waiting)
		lose(proxy, waiting, text, true);
	else
		ms_proxy_lose(proxy, leaves ? text :
		    "it answers what nobody asked", leaves);
	g_free(text);
}
