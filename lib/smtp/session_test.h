#ifndef SESSION_TEST_H
#define SESSION_TEST_H

#include "base/quote.h"
#include "smtp/payload_test.h"
#include "smtp/session.h"

/*
 * A session with a server that answers by a table, as text: every event, every
 * reply and what became of it. For tests and fuzz targets.
 */

/* What the server says to commands that begin with LINE: "." is the end of
 * content, "!" a bad line, "?" a response. What is in no row gets what is
 * usual, or what the machine suggests. */
struct session_test_reply {
	const char *line;
	int code;
	bool early;		/* BDAT: before its bytes */
};

struct session_test_setup {
	struct ms_session_config config;
	const struct session_test_reply *replies;	/* until LINE is NULL */
};

struct session_test {
	const struct session_test_setup *setup;
	struct ms_session *session;
	GString *log;
	GString *content;
	GString *rest;		/* what it has not taken yet */
	GQueue *codes;		/* for those who wait for a reply */
};

static inline void *
session_test_start(const void *setup)
{
	struct session_test *test = g_new0(struct session_test, 1);

	test->setup = setup;
	test->session = ms_session_new(&test->setup->config);
	test->log = g_string_new(NULL);
	test->content = g_string_new(NULL);
	test->rest = g_string_new(NULL);
	test->codes = g_queue_new();
	if (test->setup->config.greeting)
		g_queue_push_tail(test->codes, GINT_TO_POINTER(220));
	return test;
}

static inline int
session_test_code(const struct session_test *test,
    const struct ms_event *event, bool *early)
{
	const char *line = (const char *)event->data;
	const struct session_test_reply *r = test->setup->replies;
	size_t size = event->data_size;

	*early = false;
	if (event->kind == MS_EVENT_CONTENT_END)
		line = ".";
	else if (event->kind == MS_EVENT_BAD_LINE)
		line = "!";
	else if (event->kind == MS_EVENT_RESPONSE)
		line = "?";
	if (event->kind != MS_EVENT_COMMAND)
		size = 1;
	for (; r && r->line; r++)
		if (size >= strlen(r->line) &&
		    memcmp(line, r->line, strlen(r->line)) == 0) {
			*early = r->early;
			return r->code;
		}
	if (event->problem.code)
		return event->problem.code;
	if (event->kind == MS_EVENT_RESPONSE)
		return 235;
	if (event->kind != MS_EVENT_COMMAND)
		return 250;
	switch (event->request->verb) {
	case MS_VERB_DATA:
		return 354;
	case MS_VERB_AUTH:
		return 334;
	case MS_VERB_QUIT:
		return 221;
	case MS_VERB_STARTTLS:
	case MS_VERB_XCLIENT:
		return 220;
	default:
		return 250;
	}
}

/* Sender and recipients, as far as replies have made them. */
static inline void
session_test_envelope(const struct session_test *test)
{
	const struct ms_session_state *state = ms_session_state(
	    test->session);

	g_string_append_printf(test->log, " %s <%s>",
	    ms_session_protocol(test->session),
	    state->sender.text ? state->sender.text : "-");
	for (unsigned i = 0; i < state->recipients->len; i++) {
		const struct ms_recipient *recipient = &g_array_index(
		    state->recipients, struct ms_recipient, i);

		g_string_append_printf(test->log, " <%s>=%d",
		    recipient->address.text ? recipient->address.text : "-",
		    recipient->code);
	}
	if (state->lost > 0)
		g_string_append_printf(test->log, " lost=%u", state->lost);
}

static inline void
session_test_content(struct session_test *test)
{
	g_string_append_c(test->log, '"');
	ms_quote_append(test->log, test->content->str, test->content->len);
	g_string_append_c(test->log, '"');
	g_string_truncate(test->content, 0);
}

static inline void
session_test_see(struct session_test *test, const struct ms_event *event)
{
	static const char *const names[] = { "> ", "", "end ", "chunk ",
		"response ", "bad ", "tls" };
	GString *log = test->log;
	bool early;
	int code;

	if (event->kind == MS_EVENT_CONTENT) {
		g_string_append_len(test->content, (const char *)event->data,
		    (gssize)event->data_size);
		return;
	}
	g_string_append_printf(log, "%s", names[event->kind]);
	if (event->kind == MS_EVENT_TLS) {
		g_string_append_c(log, '\n');
		ms_session_secured(test->session);
		return;
	}
	if (event->data)
		ms_quote_append(log, event->data, event->data_size);
	else
		session_test_content(test);
	if (event->facts && (event->kind == MS_EVENT_CONTENT_END ||
	    event->last)) {
		payload_test_facts(event->facts, log);
		session_test_envelope(test);
	}
	if (event->flaws)
		g_string_append_printf(log, " flaws=%u", event->flaws);
	if (event->problem.code)
		g_string_append_printf(log, " !%d %s", event->problem.code,
		    event->problem.text);
	g_string_append_printf(log, " @%" G_GUINT64_FORMAT "+%"
	    G_GUINT64_FORMAT "\n", (guint64)event->offset,
	    (guint64)event->size);
	if (event->kind == MS_EVENT_CHUNK_END)
		return;
	code = session_test_code(test, event, &early);
	g_queue_push_tail(test->codes, GINT_TO_POINTER(code));
}

/* The next reply, which is given as often as it has to be. */
static inline void
session_test_answer(struct session_test *test)
{
	static const char *const asked[] = { "nothing", "greeting", "",
		"content", "response", "bad line" };
	const int code = g_queue_is_empty(test->codes) ? 421 :
	    GPOINTER_TO_INT(g_queue_pop_head(test->codes));
	struct ms_answered a;

	do {
		if (ms_session_answer(test->session, code, "text", &a) !=
		    MS_OK)
			break;
		g_string_append_printf(test->log, "< %d %s%s%s%s%s", code,
		    asked[a.asked], ms_request_verb(a.verb),
		    a.more ? " more" : "", a.ends ? " ends" : "",
		    a.unseen ? " unseen" : "");
		if (a.recipient >= 0)
			g_string_append_printf(test->log, " #%d",
			    a.recipient);
		g_string_append_c(test->log, '\n');
	} while (a.more);
}

/* Does the server speak before the bytes of this BDAT are all there? */
static inline bool
session_test_hasty(const struct session_test *test,
    const struct ms_event *event)
{
	bool early;

	return event->kind == MS_EVENT_COMMAND &&
	    session_test_code(test, event, &early) && early;
}

/* Feed, and answer whenever it waits. */
static inline void
session_test_take(void *arg, const void *data, size_t size)
{
	struct session_test *test = arg;
	struct ms_event event;
	size_t used, at = 0;
	GString *all = test->rest;

	g_string_append_len(all, data, (gssize)size);
	for (;;) {
		const size_t left = all->len - at;
		/* A block of its own: see smtp/cuts_test.h. */
		char *piece = g_memdup2(all->str + at, left);
		enum ms_status status = ms_session_feed(test->session, piece,
		    left, &used, &event);
		bool hasty = false;

		at += used;
		if (status == MS_OK) {
			session_test_see(test, &event);
			hasty = session_test_hasty(test, &event);
		}
		g_free(piece);
		if (hasty || (status == MS_END &&
		    ms_session_waits(test->session)))
			session_test_answer(test);
		else if (status == MS_END)
			break;
	}
	g_string_erase(all, 0, (gssize)at);
}

static inline GString *
session_test_end(void *arg)
{
	struct session_test *test = arg;
	GString *log = test->log;

	session_test_take(test, "", 0);
	while (ms_session_owes(test->session) > 0 &&
	    !g_queue_is_empty(test->codes) &&
	    !ms_session_in_content(test->session))
		session_test_answer(test);
	if (ms_session_in_content(test->session)) {
		g_string_append(log, "cut ");
		session_test_content(test);
	}
	if (ms_session_is_over(test->session))
		g_string_append(log, "over");
	ms_session_free(test->session);
	g_string_free(test->content, TRUE);
	g_string_free(test->rest, TRUE);
	g_queue_free(test->codes);
	g_free(test);
	return log;
}

static inline struct cuts_test
session_test(const struct session_test_setup *setup)
{
	return (struct cuts_test){ session_test_start, session_test_take,
		session_test_end, setup };
}

#endif
