#include <string.h>

#include "smtp/relaying.h"

/* Bytes of content that are normalised at a time. */
#define NORMALISE_MAX 16384

/* Commands that may be waiting at the next hop at the same time. */
#define RELAYED_MAX 50

static bool
closes(int code)
{
	return code == 421 || code == 521;
}

static void
refuse(struct ms_proxy *p, const struct ms_refusal *problem)
{
	ms_proxy_ready(p, problem->code, problem->enhanced, problem->text);
}

/* Recipients do not wait for each other and for the sender, if the next hop
 * has them so. All else depends on the replies before it. */
static bool
is_pipelined(const struct ms_proxy *p, const void *data, size_t size)
{
	const struct ms_waiting *last = g_queue_peek_tail(p->waiting);

	return p->offer.pipelining && size >= 4 &&
	    p->waiting->length < RELAYED_MAX &&
	    (last->what == MS_WAITED_READY ||
	    (last->what == MS_WAITED_COMMAND && (last->verb == MS_VERB_MAIL ||
	    last->verb == MS_VERB_RCPT))) &&
	    g_ascii_strncasecmp(data, "RCPT", 4) == 0;
}

bool
ms_clientside_takes(const struct ms_proxy *proxy, const void *data,
    size_t size)
{
	if (proxy->phase != MS_PHASE_COMMANDS ||
	    ms_session_waits(proxy->session))
		return false;
	/* The end of a chunk may need no more bytes. */
	if (ms_session_in_content(proxy->session))
		return true;
	if (size == 0)
		return false;
	if (g_queue_is_empty(proxy->waiting) || proxy->inside)
		return true;
	return is_pipelined(proxy, data, size);
}

static void
relay(struct ms_proxy *p, const struct ms_request *request)
{
	GString *line = p->out;

	g_string_truncate(line, 0);
	if (request->verb == MS_VERB_MAIL || request->verb == MS_VERB_RCPT) {
		ms_request_append(request, line);
	} else {
		g_string_append(line, ms_request_verb(request->verb));
		if (*request->argument)
			g_string_append_printf(line, " %s",
			    request->argument);
	}
	ms_proxy_ask(p, MS_WAITED_COMMAND, request->verb, line->str);
	((struct ms_waiting *)g_queue_peek_tail(p->waiting))->address =
	    request->verb == MS_VERB_MAIL || request->verb == MS_VERB_RCPT ?
	    g_strdup(request->address.text ? request->address.text : "") :
	    NULL;
}

/* It is not relayed. */
static void
answer(struct ms_proxy *p, const struct ms_request *request, int code,
    const char *text)
{
	ms_proxy_refused(p, &(struct ms_proxy_refusal){ request->verb,
	    request->address.text, false, code, text });
	ms_proxy_ready(p, code, NULL, text);
}

static void
take_hello(struct ms_proxy *p, const struct ms_request *request)
{
	g_free(p->hello);
	p->hello = g_strdup(request->argument);
	p->hello_verb = request->verb;
	ms_hopside_hello(p);
}

/* Does the owner not want it? Then that has been said. */
static bool
is_objected(struct ms_proxy *p, const struct ms_request *request)
{
	const struct ms_proxy_owner *owner = &p->owner;
	char *reply = owner->object ? owner->object(owner->arg, request) :
	    NULL;

	if (!reply)
		return false;
	answer(p, request, (int)g_ascii_strtoull(reply, NULL, 10),
	    reply + strcspn(reply, " ") + 1);
	g_free(reply);
	return true;
}

static void
take_mail(struct ms_proxy *p, const struct ms_request *request)
{
	const uint64_t most = ms_offer_size(&p->offer, p->config.size_max);

	if (request->has_size && most > 0 && request->size > most)
		answer(p, request, 552, "5.3.4 Message is too big");
	else if (request->body == MS_BODY_BINARYMIME && !p->offer.binarymime)
		ms_proxy_ready(p, 555, "5.5.4", "BINARYMIME is not offered");
	else if (!is_objected(p, request))
		relay(p, request);
}

static void
take_rcpt(struct ms_proxy *p, const struct ms_request *request)
{
	const struct ms_session_state *state = ms_session_state(p->session);
	const unsigned most = p->config.recipients_max ?
	    p->config.recipients_max : 1000;

	if (state->recipients->len + p->waiting->length >= most)
		answer(p, request, 452, "4.5.3 Too many recipients");
	else if (!is_objected(p, request))
		relay(p, request);
}

static void
begin_message(struct ms_proxy *p, bool by_chunks)
{
	p->begun = true;
	p->by_chunks = by_chunks;
	p->size = 0;
	p->newlines = (struct ms_newlines){ 0 };
	p->spoiled = 0;
	p->spoiled_closes = p->decided = p->delivered = false;
	p->action = MS_ACTION_PASS;
	p->first_code = 0;
	g_clear_pointer(&p->first_text, g_free);
}

static void
take_data(struct ms_proxy *p, const struct ms_request *request)
{
	(void)request;
	begin_message(p, false);
	ms_proxy_reply(p, 354, "End data with <CR><LF>.<CR><LF>");
}

static void
take_quit(struct ms_proxy *p, const struct ms_request *request)
{
	(void)request;
	ms_proxy_reply(p, 221, "2.0.0 Bye");
	ms_proxy_hang_up(p);
}

static void
take_relayed(struct ms_proxy *p, const struct ms_request *request)
{
	if (p->config.refuse & (1U << request->verb))
		ms_proxy_ready(p, 502, "5.5.1", "Command is not allowed");
	else
		relay(p, request);
}

static void
take_xclient(struct ms_proxy *p, const struct ms_request *request)
{
	(void)request;
	p->tell_client = p->config.xclient;
	ms_proxy_ready(p, 220, NULL, p->config.hostname);
}

static void
take_xforward(struct ms_proxy *p, const struct ms_request *request)
{
	if (p->offer.xforward)
		relay(p, request);
	else
		ms_proxy_ready(p, 250, "2.0.0", "Ok");
}

static void
take_unknown(struct ms_proxy *p, const struct ms_request *request)
{
	(void)request;
	ms_proxy_ready(p, 502, "5.5.1", "Command is not known");
}

/* By verb: BDAT and STARTTLS are not so simple. */
static void (*const takes[])(struct ms_proxy *p,
    const struct ms_request *request) = {
	[MS_VERB_UNKNOWN] = take_unknown,
	[MS_VERB_EHLO] = take_hello,
	[MS_VERB_HELO] = take_hello,
	[MS_VERB_LHLO] = take_hello,
	[MS_VERB_MAIL] = take_mail,
	[MS_VERB_RCPT] = take_rcpt,
	[MS_VERB_DATA] = take_data,
	[MS_VERB_RSET] = take_relayed,
	[MS_VERB_NOOP] = take_relayed,
	[MS_VERB_QUIT] = take_quit,
	[MS_VERB_VRFY] = take_relayed,
	[MS_VERB_EXPN] = take_relayed,
	[MS_VERB_HELP] = take_relayed,
	[MS_VERB_ETRN] = take_relayed,
	[MS_VERB_AUTH] = take_relayed,
	[MS_VERB_XCLIENT] = take_xclient,
	[MS_VERB_XFORWARD] = take_xforward,
};

/* BEHIND bytes came with the command, which nobody may send before TLS stands:
 * somebody else may have put them there (CVE-2011-0411). */
static void
take_starttls(struct ms_proxy *p, size_t behind)
{
	struct ms_event event;
	size_t used;

	if (p->config.client_tls == MS_PROXY_TLS_OFF) {
		ms_proxy_ready(p, 502, "5.5.1", "STARTTLS is not offered");
		return;
	}
	if (p->client_secure) {
		ms_proxy_ready(p, 503, "5.5.1", "TLS is active already");
		return;
	}
	if (behind > 0) {
		p->owner.note(p->owner.arg, "bytes behind STARTTLS");
		ms_proxy_ready(p, 421, "4.7.0", "Bytes behind STARTTLS");
		return;
	}
	p->phase = MS_PHASE_TLS;
	ms_proxy_reply(p, 220, "2.0.0 Go ahead");
	(void)ms_session_feed(p->session, "", 0, &used, &event);
	p->owner.secure(p->owner.arg, MS_PROXY_CLIENT);
}

/* May a client say it before it has TLS, if that is required? */
static bool
needs_tls(const struct ms_proxy *p, enum ms_verb verb)
{
	return p->config.client_tls == MS_PROXY_TLS_REQUIRE &&
	    !p->client_secure && verb != MS_VERB_EHLO &&
	    verb != MS_VERB_HELO && verb != MS_VERB_LHLO &&
	    verb != MS_VERB_NOOP && verb != MS_VERB_QUIT &&
	    verb != MS_VERB_STARTTLS && verb != MS_VERB_UNKNOWN;
}

/* What is wrong with a command before anybody is asked; code 0: nothing. */
static struct ms_refusal
problem_of(const struct ms_proxy *p, const struct ms_event *event)
{
	const enum ms_verb verb = event->request->verb;

	if (p->hop_gone && verb != MS_VERB_QUIT)
		return (struct ms_refusal){ 421, "4.4.2",
			"Connection to the next hop is lost" };
	if ((verb == MS_VERB_XCLIENT && !p->config.trusts_xclient) ||
	    (verb == MS_VERB_XFORWARD && !p->config.trusts_xforward))
		return (struct ms_refusal){ 550, "5.7.0",
			"You are not trusted" };
	if (needs_tls(p, verb))
		return (struct ms_refusal){ 530, "5.7.0",
			"Must issue a STARTTLS command first" };
	/* TLS may have stood from the beginning. */
	if (verb == MS_VERB_STARTTLS && p->client_secure)
		return (struct ms_refusal){ 503, "5.5.1",
			"TLS is active already" };
	return event->problem;
}

/* A BDAT of which the bytes follow: they will be read whatever is said. */
static void
take_bdat(struct ms_proxy *p, const struct ms_event *event)
{
	if (!p->offer.chunking || event->problem.code > 0 || p->begun)
		return;
	begin_message(p, true);
}

static void
take_command(struct ms_proxy *p, const struct ms_event *event, size_t behind)
{
	const struct ms_request *request = event->request;
	const struct ms_refusal problem = problem_of(p, event);

	if (request->verb == MS_VERB_BDAT && request->has_size &&
	    !closes(problem.code)) {
		if (problem.code == 0)
			take_bdat(p, event);
	} else if (problem.code > 0) {
		refuse(p, &problem);
	} else if (request->verb == MS_VERB_STARTTLS) {
		take_starttls(p, behind);
	} else if (takes[request->verb]) {
		takes[request->verb](p, request);
	}
}

static void
spoil(struct ms_proxy *p, int code, const char *text)
{
	if (p->spoiled > 0)
		return;
	p->spoiled = code;
	p->why_spoiled = text;
}

static void
keep(struct ms_proxy *p, const void *data, size_t size)
{
	const uint64_t most = ms_offer_size(&p->offer, p->config.size_max);
	enum ms_status status;

	if (p->spoiled > 0 || size == 0)
		return;
	if (most > 0 && size > most - p->size) {
		spoil(p, 552, "5.3.4 Message is too big");
		return;
	}
	status = p->owner.spool(p->owner.arg, data, size);
	if (status == MS_E_LIMIT)
		spoil(p, 452, "4.3.1 No space for the message");
	else if (status != MS_OK)
		spoil(p, 451, "4.3.0 Message could not be kept");
	else
		p->size += size;
}

static bool
is_binary(const struct ms_proxy *p)
{
	return p->by_chunks &&
	    ms_session_state(p->session)->body == MS_BODY_BINARYMIME;
}

static void
take_content(struct ms_proxy *p, const struct ms_event *event)
{
	const unsigned char *data = event->data;
	size_t at = 0;

	if (!p->begun || event->problem.code > 0 || p->spoiled > 0 ||
	    p->hop_gone)
		return;
	if (p->config.newlines == MS_PROXY_REJECT || is_binary(p)) {
		keep(p, data, event->data_size);
		return;
	}
	while (at < event->data_size && p->spoiled == 0) {
		const size_t n = MIN(event->data_size - at, NORMALISE_MAX);

		g_string_truncate(p->out, 0);
		at += ms_newlines_feed(&p->newlines, data + at, n, p->out);
		keep(p, p->out->str, p->out->len);
	}
}

/* What is there of the content is known: may it go on? */
static void
judge(struct ms_proxy *p, const struct ms_payload_facts *facts)
{
	if (p->hop_gone) {
		spoil(p, 451, "4.4.2 Connection to the next hop is lost");
		return;
	}
	if (p->config.newlines == MS_PROXY_REJECT && !is_binary(p) &&
	    facts->bare_cr + facts->bare_lf + facts->nul > 0) {
		/* What such a client says next may be a part of the message,
		 * for those who read it otherwise. */
		p->spoiled = 550;
		p->why_spoiled = "5.5.2 Bare CR, LF or NUL in the message";
		p->spoiled_closes = true;
	}
}

static void
take_end(struct ms_proxy *p, const struct ms_event *event)
{
	bool more = p->config.newlines == MS_PROXY_NORMALISE && !is_binary(p);

	while (more) {
		g_string_truncate(p->out, 0);
		more = ms_newlines_end(&p->newlines, p->out);
		keep(p, p->out->str, p->out->len);
	}
	judge(p, event->facts);
	if (p->spoiled == 0) {
		p->phase = MS_PHASE_SCANNING;
		p->owner.scan(p->owner.arg);
		return;
	}
	p->owner.note(p->owner.arg, p->why_spoiled);
	ms_proxy_refuse(p, p->spoiled, p->why_spoiled);
	if (p->spoiled_closes)
		ms_proxy_hang_up(p);
}

static void
take_chunk_end(struct ms_proxy *p, const struct ms_event *event)
{
	char *text;

	if (!p->offer.chunking) {
		ms_proxy_ready(p, 502, "5.5.1", "CHUNKING is not offered");
	} else if (event->problem.code > 0) {
		refuse(p, &event->problem);
	} else if (needs_tls(p, MS_VERB_BDAT) || !p->begun) {
		ms_proxy_ready(p, 503, "5.5.1", "Not now");
	} else if (event->last) {
		take_end(p, event);
	} else {
		judge(p, event->facts);
		if (p->spoiled > 0) {
			take_end(p, event);
			return;
		}
		text = g_strdup_printf("%" G_GUINT64_FORMAT " octets",
		    event->size);
		ms_proxy_ready(p, 250, "2.0.0", text);
		g_free(text);
	}
}

/* The reply to a bad line in AUTH is the next hop's, which is told to give it
 * up (RFC 4954, 4). */
static void
take_bad_line(struct ms_proxy *p, const struct ms_event *event)
{
	p->owner.note(p->owner.arg, event->problem.text);
	if (p->in_auth && !p->hop_gone && !closes(event->problem.code))
		ms_proxy_ask(p, MS_WAITED_COMMAND, MS_VERB_AUTH, "*");
	else
		refuse(p, &event->problem);
}

static void
take_response(struct ms_proxy *p, const struct ms_event *event)
{
	char *line;

	if (p->hop_gone) {
		ms_proxy_ready(p, 421, "4.4.2",
		    "Connection to the next hop is lost");
		return;
	}
	line = g_strndup((const char *)event->data, event->data_size);
	ms_proxy_ask(p, MS_WAITED_COMMAND, MS_VERB_AUTH, line);
	g_free(line);
}

void
ms_clientside_event(struct ms_proxy *proxy, const struct ms_event *event,
    size_t behind)
{
	switch (event->kind) {
	case MS_EVENT_COMMAND:
		take_command(proxy, event, behind);
		break;
	case MS_EVENT_CONTENT:
		take_content(proxy, event);
		break;
	case MS_EVENT_CONTENT_END:
		take_end(proxy, event);
		break;
	case MS_EVENT_CHUNK_END:
		take_chunk_end(proxy, event);
		break;
	case MS_EVENT_RESPONSE:
		take_response(proxy, event);
		break;
	case MS_EVENT_BAD_LINE:
		take_bad_line(proxy, event);
		break;
	case MS_EVENT_TLS:
		/* It is asked for in take_starttls(). */
		break;
	}
}
