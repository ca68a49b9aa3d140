#include "replay/scene.h"

#include <string.h>

#include "base/clock.h"
#include "net/timer.h"
#include "replay/cue.h"
#include "smtp/session.h"

enum {
	/* For the client to hear the last words. */
	LINGER_MS = 5000,
	/* Most that a reply is put off, whatever was recorded. */
	DELAY_MAX_MS = 600000
};

struct ms_scene {
	const struct ms_scene_config *config;
	struct ms_talk *talk;
	struct ms_session *session;
	struct ms_cue *cue;
	struct ms_acted *acted;
	struct ms_timer *timer;		/* a reply is put off; or the end */
	ms_scene_done *done;
	void *arg;
	int64_t begun_ms;

	struct ms_cue_reply reply;	/* the one that is to be given */
	size_t number, count;		/* of so many to the same */
	bool greeting;			/* that is not given yet */
	bool waits;			/* a reply, or TLS, is not there yet */
	bool ended;			/* the client says no more */
	bool closes;			/* it is the server that ends */
	bool over;
};

void
ms_scene_free(struct ms_scene *scene)
{
	if (!scene)
		return;
	ms_timer_free(scene->timer);
	ms_talk_free(scene->talk);
	ms_session_free(scene->session);
	ms_cue_free(scene->cue);
	ms_acted_free(scene->acted);
	g_free(scene->reply.text);
	g_free(scene);
}

/* Tell, from the loop, and go. */
static void
leave(struct ms_scene *scene)
{
	struct ms_acted *acted = scene->acted;

	scene->acted = NULL;
	acted->elapsed_ms = ms_clock_ms() - scene->begun_ms;
	scene->done(scene->arg, acted);
	ms_scene_free(scene);
}

/* Nothing more will be said; WHY: what went wrong, or NULL. */
static void
end(struct ms_scene *scene, const char *why)
{
	if (scene->over)
		return;
	scene->over = true;
	scene->acted->failed = g_strdup(why);
	if (!scene->closes)
		ms_cue_end(scene->cue);
	ms_talk_close(scene->talk, LINGER_MS);
	scene->talk = NULL;
	/* Whoever called us may still need it. */
	ms_timer_set(scene->timer, 0);
}

/* Give the reply that is due, and arrange for the next one. */
static void
give(struct ms_scene *scene)
{
	char *lines = ms_cue_lines(&scene->reply);
	const int code = scene->reply.code;

	ms_talk_write(scene->talk, lines, strlen(lines));
	g_free(lines);
	(void)ms_session_answer(scene->session, code, scene->reply.text,
	    NULL);
	g_free(scene->reply.text);
	scene->reply.text = NULL;
	scene->greeting = false;
	scene->waits = false;
	/* A recorded server that closes says so, or says nothing. */
	scene->closes = code == 0 || ((code == 421 || code == 521) &&
	    ms_cue_is_last(scene->cue));
	if (scene->closes || ms_session_is_over(scene->session))
		end(scene, NULL);
}

static int64_t
delay_ms(const struct ms_scene *scene)
{
	const double speed = scene->config->speed;

	if (speed <= 0 || scene->reply.delay_us <= 0)
		return 0;
	return (int64_t)MIN((double)scene->reply.delay_us / 1000 / speed,
	    DELAY_MAX_MS);
}

/* The replies to what was said last, now or in some time. */
static void
answer(struct ms_scene *scene)
{
	while (!scene->over && !scene->waits &&
	    scene->number < scene->count) {
		int64_t ms;

		if (scene->greeting)
			ms_cue_greet(scene->cue, &scene->reply);
		else
			ms_cue_reply(scene->cue, scene->number,
			    &scene->reply);
		scene->number++;
		ms = delay_ms(scene);
		scene->waits = true;
		if (ms > 0)
			ms_timer_set(scene->timer, ms);
		else
			give(scene);
	}
}

static void
said(struct ms_scene *scene, enum ms_step_kind kind, const char *verb,
    const struct ms_event *event)
{
	ms_cue_said(scene->cue, kind, verb, (const char *)event->data,
	    event->data_size);
	scene->number = 0;
	/* LMTP has one for each recipient, and none if there is none. */
	scene->count = kind == MS_STEP_CONTENT || event->last ?
	    ms_session_owes(scene->session) : 1;
}

/* What the client did. */
static void
on_event(struct ms_scene *scene, const struct ms_event *event)
{
	switch (event->kind) {
	case MS_EVENT_COMMAND:
		/* Of BDAT the chunk comes first, if anybody knows which. */
		if (event->request->verb != MS_VERB_BDAT ||
		    !event->request->has_size)
			said(scene, MS_STEP_COMMAND,
			    ms_request_verb(event->request->verb), event);
		break;
	case MS_EVENT_BAD_LINE:
		said(scene, MS_STEP_COMMAND, "", event);
		break;
	case MS_EVENT_RESPONSE:
		said(scene, MS_STEP_RESPONSE, "", event);
		break;
	case MS_EVENT_CHUNK_END:
		scene->acted->messages += event->last;
		said(scene, MS_STEP_COMMAND, "BDAT", event);
		break;
	case MS_EVENT_CONTENT_END:
		scene->acted->messages++;
		said(scene, MS_STEP_CONTENT, "", event);
		break;
	case MS_EVENT_CONTENT:
	case MS_EVENT_TLS:
		break;
	}
}

static void
begin_tls(struct ms_scene *scene)
{
	struct ms_error err;

	scene->waits = true;
	if (ms_talk_secure(scene->talk, scene->config->tls, NULL, &err) !=
	    MS_OK)
		end(scene, err.text);
}

/* As much as the client has said, and may say before it has an answer. */
static void
listen_to(struct ms_scene *scene)
{
	enum ms_status status = MS_OK;

	while (status == MS_OK && !scene->over && !scene->waits) {
		struct ms_event event;
		size_t size, used;
		const unsigned char *data = ms_talk_peek(scene->talk, &size);

		status = ms_session_feed(scene->session, data, size, &used,
		    &event);
		if (status == MS_OK)
			on_event(scene, &event);
		scene->acted->bytes += used;
		ms_talk_consume(scene->talk, used);
		if (status == MS_OK && event.kind == MS_EVENT_TLS)
			begin_tls(scene);
		answer(scene);
	}
	if (scene->ended && !scene->waits)
		end(scene, NULL);
}

static void
on_data(void *arg)
{
	listen_to(arg);
}

static void
on_secured(void *arg)
{
	struct ms_scene *scene = arg;

	scene->waits = false;
	scene->acted->tls = true;
	if (scene->greeting)
		answer(scene);
	else
		ms_session_secured(scene->session);
	listen_to(scene);
}

static void
on_ended(void *arg)
{
	struct ms_scene *scene = arg;

	scene->ended = true;
	listen_to(scene);
}

static void
on_closed(void *arg, enum ms_talk_end why, const char *text)
{
	(void)why;
	end(arg, text);
}

static void
on_time(void *arg)
{
	struct ms_scene *scene = arg;

	if (scene->over) {
		leave(scene);
		return;
	}
	give(scene);
	answer(scene);
	listen_to(scene);
}

struct ms_scene *
ms_scene_start(const struct ms_scene_config *config, int fd,
    const struct ms_endpoint *peer, struct ms_acted *acted,
    ms_scene_done *done, void *arg)
{
	static const struct ms_talk_events events = { .data = on_data,
		.secured = on_secured, .ended = on_ended,
		.closed = on_closed };
	const struct ms_session_config session = { .greeting = true,
		.lmtp = acted->role->lmtp, .lenient = true };
	struct ms_scene *scene = g_new0(struct ms_scene, 1);
	const struct ms_talk_config talk = { .events = &events,
		.arg = scene };

	scene->config = config;
	scene->acted = acted;
	scene->done = done;
	scene->arg = arg;
	scene->begun_ms = ms_clock_ms();
	scene->session = ms_session_new(&session);
	scene->cue = ms_cue_new(acted->role, config->tls != NULL,
	    config->expect, acted);
	scene->timer = ms_timer_new(config->loop, on_time, scene);
	scene->talk = ms_talk_accept(config->loop, fd, peer, &talk);
	scene->count = 1;
	scene->greeting = true;
	ms_talk_patience(scene->talk, config->timeout_ms);
	if (acted->role->tls_first)
		begin_tls(scene);
	answer(scene);
	return scene;
}
