#include "serve/sink.h"

#include "net/pair.h"
#include "net/talk.h"
#include "smtp/session.h"

/* How long the last words may take. */
#define LINGER_MS 2000

struct sink {
	struct ms_loop *loop;
	struct ms_talk *talk;
	struct ms_session *session;
	void *owned;
};

static void
destroy(void *arg)
{
	struct sink *sink = arg;

	ms_loop_disown(sink->loop, sink->owned);
	ms_talk_free(sink->talk);
	ms_session_free(sink->session);
	g_free(sink);
}

static void
finish(struct sink *sink)
{
	ms_talk_close(sink->talk, LINGER_MS);
	sink->talk = NULL;
	destroy(sink);
}

static void
say(struct sink *sink, int code, const char *text)
{
	GString *line = g_string_new(NULL);

	g_string_printf(line, "%d%s%s\r\n", code, *text == '-' ? "" : " ",
	    text);
	ms_talk_write(sink->talk, line->str, line->len);
	(void)g_string_free(line, TRUE);
}

/* What is asked first is answered, as often as LMTP wants it. */
static void
answer(struct sink *sink, int code, const char *text)
{
	struct ms_answered answered;

	do
		say(sink, code, text);
	while (ms_session_answer(sink->session, code, NULL, &answered) ==
	    MS_OK && answered.more);
}

static void
take_command(struct sink *sink, const struct ms_request *request)
{
	switch (request->verb) {
	case MS_VERB_EHLO:
	case MS_VERB_LHLO:
		say(sink, 250, "-sink");
		say(sink, 250, "-PIPELINING");
		say(sink, 250, "-8BITMIME");
		say(sink, 250, "-SMTPUTF8");
		say(sink, 250, "-DSN");
		answer(sink, 250, "ENHANCEDSTATUSCODES");
		break;
	case MS_VERB_HELO:
		answer(sink, 250, "sink");
		break;
	case MS_VERB_DATA:
		answer(sink, 354, "Go on");
		break;
	case MS_VERB_QUIT:
		answer(sink, 221, "2.0.0 Bye");
		break;
	case MS_VERB_MAIL:
	case MS_VERB_RCPT:
	case MS_VERB_RSET:
	case MS_VERB_NOOP:
		answer(sink, 250, "2.0.0 Ok");
		break;
	case MS_VERB_VRFY:
		answer(sink, 252, "2.0.0 Nobody is known here");
		break;
	default:
		answer(sink, 502, "5.5.1 Not here");
		break;
	}
}

static void
take(struct sink *sink, const struct ms_event *event)
{
	if (event->kind == MS_EVENT_CONTENT ||
	    event->kind == MS_EVENT_CHUNK_END || event->kind == MS_EVENT_TLS)
		return;
	if (event->kind == MS_EVENT_CONTENT_END)
		answer(sink, 250, "2.0.0 Taken, and thrown away");
	else if (event->problem.code > 0)
		answer(sink, event->problem.code, event->problem.text);
	else if (event->kind == MS_EVENT_COMMAND)
		take_command(sink, event->request);
	else
		answer(sink, 500, "5.5.2 What?");
}

static void
on_data(void *arg)
{
	struct sink *sink = arg;
	size_t size, used, at = 0;
	const unsigned char *data = ms_talk_peek(sink->talk, &size);
	struct ms_event event;

	while (ms_session_feed(sink->session, data + at, size - at, &used,
	    &event) == MS_OK) {
		at += used;
		take(sink, &event);
	}
	if (ms_session_is_over(sink->session))
		finish(sink);
	else
		ms_talk_consume(sink->talk, size);
}

static void
on_closed(void *arg, enum ms_talk_end end, const char *why)
{
	(void)end;
	(void)why;
	finish(arg);
}

enum ms_status
ms_sink_connect(struct ms_loop *loop, bool lmtp, int *fd, struct ms_error *err)
{
	static const struct ms_talk_events events = { .data = on_data,
		.closed = on_closed };
	const struct ms_session_config session = { .greeting = true,
		.lmtp = lmtp };
	struct sink *sink;
	struct ms_talk_config talk = { .events = &events };
	int pair[2];

	if (ms_pair_open(pair, err) != MS_OK)
		return MS_E_IO;
	sink = g_new0(struct sink, 1);
	sink->loop = loop;
	sink->session = ms_session_new(&session);
	talk.arg = sink;
	sink->talk = ms_talk_accept(loop, pair[0], NULL, &talk);
	sink->owned = ms_loop_own(loop, destroy, sink);
	answer(sink, 220, "sink");
	*fd = pair[1];
	return MS_OK;
}
