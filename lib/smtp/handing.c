#include <string.h>

#include "smtp/relaying.h"

/* Bytes that are written to the next hop before it is waited until they are
 * sent. */
#define AT_ONCE 65536

/*
 * A message is brought to the next hop, which has its envelope already:
 * sender and recipients are only said again if it is redirected. Whatever goes
 * wrong, the client gets a reply to the end of its message, and nothing but the
 * next hop's 2xx to that end is told as one.
 */

void
ms_handing_start(struct ms_proxy *proxy, enum ms_step_of step)
{
	proxy->phase = MS_PHASE_HANDING;
	proxy->step = step;
	proxy->dots = (struct ms_dots){ 0 };
	proxy->finals = 0;
}

static bool
uses_chunks(const struct ms_proxy *p)
{
	return p->by_chunks && p->offer.chunking;
}

/* MAIL as the client said it, with its parameters. */
static void
ask_mail(struct ms_proxy *p)
{
	const struct ms_session_state *state = ms_session_state(p->session);
	char *line = g_strconcat("MAIL ", state->argument, NULL);
	struct ms_request request;

	ms_request_parse(&request, line, strlen(line));
	g_string_truncate(p->out, 0);
	ms_request_append(&request, p->out);
	ms_proxy_ask(p, MS_WAITED_STEP, MS_VERB_MAIL, p->out->str);
	ms_request_clear(&request);
	g_free(line);
}

static void
ask_step(struct ms_proxy *p)
{
	char *line;

	switch (p->step) {
	case MS_STEP_OF_RSET:
		ms_proxy_ask(p, MS_WAITED_STEP, MS_VERB_RSET, "RSET");
		break;
	case MS_STEP_OF_MAIL:
		ask_mail(p);
		break;
	case MS_STEP_OF_RCPT:
		line = g_strdup_printf("RCPT TO:<%s>", p->address);
		ms_proxy_ask(p, MS_WAITED_STEP, MS_VERB_RCPT, line);
		g_free(line);
		break;
	default:
		ms_proxy_ask(p, MS_WAITED_STEP, MS_VERB_DATA, "DATA");
		break;
	}
}

static void
await_finals(struct ms_proxy *p)
{
	const unsigned n = !p->config.lmtp ||
	    p->action == MS_ACTION_REDIRECT ? 1 :
	    ms_session_state(p->session)->accepted;

	p->step = MS_STEP_OF_END;
	p->finals = n;
	for (unsigned i = 0; i < n; i++)
		ms_proxy_await(p, MS_WAITED_FINAL);
}

/* A piece of SIZE bytes at DATA; 0: the end. */
static void
send_chunk(struct ms_proxy *p, const void *data, size_t size)
{
	char *line = g_strdup_printf("BDAT %" G_GSIZE_FORMAT "%s\r\n", size,
	    size == 0 ? " LAST" : "");

	ms_proxy_write(p, MS_PROXY_HOP, line, strlen(line));
	ms_proxy_write(p, MS_PROXY_HOP, data, size);
	g_free(line);
	if (size == 0)
		await_finals(p);
	else
		ms_proxy_await(p, MS_WAITED_CHUNK);
}

static void
send_content(struct ms_proxy *p)
{
	size_t sent = 0;

	while (p->step == MS_STEP_OF_CONTENT && sent < AT_ONCE &&
	    g_queue_is_empty(p->waiting)) {
		const unsigned char *data = NULL;
		size_t size = 0;
		const enum ms_status status = p->owner.fetch(p->owner.arg,
		    &data, &size);

		if (status != MS_OK && status != MS_END) {
			/* Never an end that is none. */
			ms_proxy_lose(p, "the message could not be read",
			    false);
			return;
		}
		if (status == MS_OK && size == 0)
			continue;
		sent += size;
		if (uses_chunks(p)) {
			send_chunk(p, data, status == MS_OK ? size : 0);
			continue;
		}
		g_string_truncate(p->out, 0);
		if (status == MS_OK)
			ms_dots_feed(&p->dots, data, size, p->out);
		else
			ms_dots_end(&p->dots, p->out);
		ms_proxy_write(p, MS_PROXY_HOP, p->out->str, p->out->len);
		if (status == MS_END)
			await_finals(p);
	}
}

void
ms_handing_next(struct ms_proxy *proxy)
{
	if (proxy->step == MS_STEP_OF_DATA && uses_chunks(proxy))
		proxy->step = MS_STEP_OF_CONTENT;
	if (proxy->step == MS_STEP_OF_DATA && proxy->by_chunks &&
	    ms_session_state(proxy->session)->body == MS_BODY_BINARYMIME)
		ms_proxy_refuse(proxy, 554,
		    "5.6.1 The next hop takes no binary content");
	else if (proxy->step == MS_STEP_OF_CONTENT)
		send_content(proxy);
	else if (proxy->step != MS_STEP_OF_END)
		ask_step(proxy);
}

/* The next hop's reply REPLIES to the end of the message, before that was
 * sent; it has the envelope still. */
static void
refuse_as(struct ms_proxy *p)
{
	char *text = g_strdup(p->reply.text->str);

	ms_proxy_refuse(p, p->reply.code, text);
	g_free(text);
}

static void
take_final(struct ms_proxy *p)
{
	const bool redirected = p->action == MS_ACTION_REDIRECT;
	char *text = g_strdup(p->reply.text->str);
	const int code = p->reply.code;

	p->delivered |= code / 100 == 2;
	if (p->first_code == 0) {
		p->first_code = code;
		p->first_text = g_strdup(text);
	}
	if (--p->finals == 0) {
		p->phase = MS_PHASE_COMMANDS;
		ms_proxy_finish(p, code, text);
	}
	if (redirected)
		ms_proxy_reply_all(p, code, text);
	else
		ms_proxy_reply(p, code, text);
	g_free(text);
	if (p->finals == 0 && p->client_gone)
		ms_proxy_hang_up(p);
}

static void
take_step(struct ms_proxy *p)
{
	const int class = p->reply.code / 100;

	if (p->step == MS_STEP_OF_DATA) {
		if (p->reply.code == 354) {
			p->step = MS_STEP_OF_CONTENT;
		} else if (class == 4 || class == 5) {
			refuse_as(p);
		} else {
			ms_proxy_lose(p, "its reply is none to DATA", false);
		}
		return;
	}
	if (class == 2)
		p->step++;
	else if (class == 3 || p->step == MS_STEP_OF_RSET)
		ms_proxy_lose(p, "its reply is none to the command", false);
	else
		/* The sender has no part in what is wrong here. */
		ms_proxy_refuse(p, 451,
		    "4.3.5 The next hop refuses the redirection");
}

void
ms_handing_reply(struct ms_proxy *proxy, const struct ms_waiting *waiting)
{
	const int class = proxy->reply.code / 100;

	if (proxy->phase != MS_PHASE_HANDING)
		return;
	if (waiting->what == MS_WAITED_STEP)
		take_step(proxy);
	else if (class == 3)
		ms_proxy_lose(proxy, "its reply is none to content", false);
	else if (waiting->what == MS_WAITED_FINAL)
		take_final(proxy);
	else if (class != 2)
		refuse_as(proxy);
}

void
ms_handing_early(struct ms_proxy *proxy)
{
	/* The rest of the content would be taken for commands, and its end
	 * must not be sent: there is no way but to break off. */
	ms_proxy_lose(proxy, "it answers in the middle of a message",
	    proxy->reply.code >= 400);
}
