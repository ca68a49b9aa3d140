#include "serve/reach.h"

#include <string.h>

#include "base/clock.h"
#include "net/redirect.h"
#include "net/timer.h"
#include "serve/chronicle.h"
#include "serve/sink.h"

/* So much of a greeting stands in the log. */
#define WORDS_MAX 200

/* So often names are waited for that were not looked up yet, and so long. */
#define WAITS_MAX 10
#define WAIT_MS 100

struct ms_reach {
	const struct ms_reach_config *config;
	ms_reach_done *done;
	void *arg;
	struct ms_endpoint client;
	int fd;
	struct ms_endpoint here[2];	/* where the client is, and where it
					 * wanted to be; or nothing */
	struct ms_timer *timer;	/* what is next */
	int waits;
	GArray *hops;		/* of struct ms_hop; NULL: not yet */
	guint next;		/* behind the one that is tried */
	struct ms_talk *talk;
	struct ms_endpoint local, remote;	/* of the way that we went */
	bool went;
	char *why;		/* the last one failed */
	bool loop, met;		/* the client is this server itself */
};

static const struct ms_hop *
now_tried(const struct ms_reach *reach)
{
	return &g_array_index(reach->hops, struct ms_hop, reach->next - 1);
}

static bool
is_last(const struct ms_reach *reach)
{
	return !reach->hops || reach->next == reach->hops->len;
}

static void
forget_local(struct ms_reach *reach)
{
	if (reach->went)
		ms_circle_remove(reach->config->circle, MS_CIRCLE_WENT,
		    &reach->local, &reach->remote);
	reach->went = false;
}

/* Nobody is left. */
static void
give_up(struct ms_reach *reach, bool loop, const char *why)
{
	const struct ms_reached reached = { .loop = loop, .why = why };

	reach->done(reach->arg, &reached);
}

/* Whoever is tried is no good: the next one is, in a moment. */
static void
pass_over(struct ms_reach *reach, const char *why)
{
	const struct ms_endpoint *at = &now_tried(reach)->endpoint;

	if (ms_upstream_failed(reach->config->upstream, at, ms_clock_ms())) {
		char *name = ms_endpoint_print(at);

		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL,
		    "next hop %s: %s", name, why);
		g_free(name);
	}
	ms_metrics_add(reach->config->metrics,
	    MS_METRICS_UPSTREAM_PASSED_OVER, 1);
	g_free(reach->why);
	reach->why = g_strdup(why);
	forget_local(reach);
	ms_talk_free(reach->talk);
	reach->talk = NULL;
	ms_timer_set(reach->timer, 0);
}

static void
hand_over(struct ms_reach *reach)
{
	const struct ms_reached reached = { .talk = reach->talk,
		.hop = reach->hops ? now_tried(reach) : NULL };

	reach->talk = NULL;
	ms_talk_deadline(reached.talk, -1);
	reach->done(reach->arg, &reached);
}

static void
on_connected(void *arg)
{
	struct ms_reach *reach = arg;
	const char *name = reach->config->tls_name ? reach->config->tls_name :
	    now_tried(reach)->host;
	struct ms_error err;

	if (!is_last(reach))
		ms_talk_deadline(reach->talk, reach->config->connect_ms);
	ms_endpoint_ask(&reach->local, ms_talk_fd(reach->talk), false);
	ms_endpoint_ask(&reach->remote, ms_talk_fd(reach->talk), true);
	reach->went = true;
	if (ms_circle_add(reach->config->circle, MS_CIRCLE_WENT,
	    &reach->local, &reach->remote)) {
		reach->loop = true;
		pass_over(reach, "it is this server itself");
	} else if (reach->config->tls && ms_talk_secure(reach->talk,
	    reach->config->tls, name, &err) != MS_OK) {
		pass_over(reach, err.text);
	}
}

static void
on_data(void *arg)
{
	struct ms_reach *reach = arg;
	size_t size;
	const char *data = (const char *)ms_talk_peek(reach->talk, &size);
	const bool bad = size > 0 && data[0] != '2';
	const struct ms_endpoint *at;

	if (!reach->hops) {
		hand_over(reach);
		return;
	}
	at = &now_tried(reach)->endpoint;
	if (bad && !is_last(reach)) {
		const char *end = memchr(data, '\r', size);
		char *words = g_strndup(data, MIN(WORDS_MAX, end ?
		    (size_t)(end - data) : size));

		pass_over(reach, words);
		g_free(words);
		return;
	}
	if (!bad && ms_upstream_works(reach->config->upstream, at)) {
		char *name = ms_endpoint_print(at);

		ms_chronicle_say("next hop %s: it is back", name);
		g_free(name);
	}
	hand_over(reach);
}

static void
on_closed(void *arg, enum ms_talk_end end, const char *why)
{
	struct ms_reach *reach = arg;

	(void)end;
	if (reach->hops)
		pass_over(reach, why);
	else
		give_up(reach, false, why);
}

static const struct ms_talk_events events = {
	.connected = on_connected,
	.data = on_data,
	.closed = on_closed,
};

static void
try_next(struct ms_reach *reach)
{
	const struct ms_talk_config talk = { .events = &events, .arg = reach,
		.connect_ms = reach->config->connect_ms };

	if (is_last(reach)) {
		give_up(reach, reach->loop, reach->why);
		return;
	}
	reach->next++;
	reach->talk = ms_talk_connect(reach->config->loop,
	    &now_tried(reach)->endpoint, 1, &talk);
}

static void
begin(struct ms_reach *reach)
{
	struct ms_error err = { "" };
	const enum ms_status status = ms_upstream_choose(
	    reach->config->upstream, &reach->client, reach->fd,
	    ms_clock_ms(), &reach->hops, &err);

	if (status == MS_OK)
		try_next(reach);
	else if (status == MS_E_PEER && reach->waits++ < WAITS_MAX)
		ms_timer_set(reach->timer, WAIT_MS);
	else
		give_up(reach, status == MS_E_USAGE, err.text);
}

static void
begin_sink(struct ms_reach *reach)
{
	const struct ms_talk_config talk = { .events = &events,
		.arg = reach };
	struct ms_error err;
	int fd;

	if (ms_sink_connect(reach->config->loop, reach->config->lmtp, &fd,
	    &err) == MS_OK)
		reach->talk = ms_talk_accept(reach->config->loop, fd, NULL,
		    &talk);
	else
		give_up(reach, false, err.text);
}

static void
on_time(void *arg)
{
	struct ms_reach *reach = arg;

	if (reach->met)
		give_up(reach, true, "the client is this server itself");
	else if (!reach->config->upstream)
		begin_sink(reach);
	else if (reach->hops)
		try_next(reach);
	else
		begin(reach);
}

struct ms_reach *
ms_reach_new(const struct ms_reach_config *config,
    const struct ms_endpoint *client, int fd, ms_reach_done *done, void *arg)
{
	struct ms_reach *reach = g_new0(struct ms_reach, 1);
	struct ms_error err;

	reach->config = config;
	reach->client = *client;
	reach->fd = fd;
	reach->done = done;
	reach->arg = arg;
	ms_endpoint_ask(&reach->here[0], fd, false);
	/* What is not known says nothing. */
	if (ms_redirect_wanted(fd, &reach->here[1], &err) != MS_OK)
		reach->here[1] = (struct ms_endpoint){ .size = 0 };
	for (size_t i = 0; i < G_N_ELEMENTS(reach->here); i++)
		reach->met |= ms_circle_add(config->circle, MS_CIRCLE_CAME,
		    client, &reach->here[i]);
	reach->timer = ms_timer_new(config->loop, on_time, reach);
	ms_timer_set(reach->timer, 0);
	return reach;
}

void
ms_reach_free(struct ms_reach *reach)
{
	if (!reach)
		return;
	forget_local(reach);
	for (size_t i = 0; i < G_N_ELEMENTS(reach->here); i++)
		ms_circle_remove(reach->config->circle, MS_CIRCLE_CAME,
		    &reach->client, &reach->here[i]);
	ms_talk_free(reach->talk);
	ms_timer_free(reach->timer);
	if (reach->hops)
		g_array_unref(reach->hops);
	g_free(reach->why);
	g_free(reach);
}
