#include "serve/visit.h"

#include "base/clock.h"
#include "net/talk.h"
#include "net/timer.h"

#include <string.h>

/* More than that is not queued for a client that does not read. */
#define QUEUED_MAX ((size_t)64 << 10)

/* How long a side that is taken leave of may take to read that. */
#define LINGER_MS 5000
/* Likewise, while the end of the process waits for it. */
#define LINGER_ENDING_MS 1000

#define GOING_DOWN "4.3.2 Service is shutting down"

struct side {
	struct ms_talk *talk;	/* NULL: closed */
	bool close, abort;	/* as soon as the proxy has returned */
	bool secure;		/* likewise: begin TLS */
	bool ended;		/* the peer says no more */
	uint64_t moved;		/* bytes that were taken from the client;
				 * times that all was sent to the next hop */
};

struct ms_visit {
	const struct ms_visit_config *config;
	char *name, *client, *host, *server;
	struct ms_cargo_origin origin;	/* the same */
	struct ms_endpoint peer;
	char *address, *port;	/* for XCLIENT */
	struct ms_reach *reach;
	const struct ms_hop *hop;	/* that was found, if it is no other's
					 * than the upstream's */
	struct ms_proxy *proxy;
	struct side sides[2];	/* by enum ms_proxy_side */
	struct ms_cargo *cargo;
	struct ms_witness *witness;
	size_t seen;		/* by that, of what the client has said */
	struct ms_pace pace;
	struct ms_timer *timer;
	int64_t armed_ms;	/* when that comes; -1: it does not run */
	struct ms_timer *keepalive;
	bool keeps_alive;	/* that runs */
	bool draining;
};

/* What the proxy wants. None of these may call it. */

static void
on_write(void *arg, enum ms_proxy_side side, const void *data, size_t size)
{
	struct ms_visit *v = arg;
	const struct ms_witness_words words = { side, true,
		side == MS_PROXY_HOP && ms_proxy_is_sending(v->proxy), data,
		size };

	ms_witness_said(v->witness, &words);
	if (v->sides[side].talk)
		ms_talk_write(v->sides[side].talk, data, size);
}

static void
on_close(void *arg, enum ms_proxy_side side, bool abort)
{
	struct ms_visit *v = arg;

	v->sides[side].close = true;
	v->sides[side].abort = abort;
	if (side == MS_PROXY_CLIENT)
		ms_witness_ended(v->witness, true);
}

static void
on_secure(void *arg, enum ms_proxy_side side)
{
	struct ms_visit *v = arg;

	v->sides[side].secure = true;
}

static enum ms_status
on_spool(void *arg, const void *data, size_t size)
{
	struct ms_visit *v = arg;

	return ms_cargo_spool(v->cargo, data, size);
}

static void
on_scan(void *arg)
{
	struct ms_visit *v = arg;

	ms_cargo_scan(v->cargo, ms_proxy_state(v->proxy),
	    ms_proxy_protocol(v->proxy));
}

static enum ms_status
on_fetch(void *arg, const unsigned char **data, size_t *size)
{
	struct ms_visit *v = arg;

	return ms_cargo_fetch(v->cargo, data, size);
}

static void
on_end(void *arg, const struct ms_proxy_end *end)
{
	struct ms_visit *v = arg;

	ms_cargo_end(v->cargo, end, ms_proxy_state(v->proxy),
	    ms_proxy_protocol(v->proxy));
}

static void
on_note(void *arg, const char *text)
{
	struct ms_visit *v = arg;

	ms_chronicle_tell(MS_LOGENTRY_NOTICE, v->name, "client %s: %s",
	    v->client, text);
}

/* Both connections. */

static void
close_side(struct side *side, int64_t linger_ms)
{
	struct ms_talk *talk = side->talk;

	if (!side->close || !talk)
		return;
	side->talk = NULL;
	ms_talk_close(talk, side->abort ? 0 : linger_ms);
}

/* TLS from here on, on that SIDE. */
static enum ms_status
begin_tls(struct ms_visit *v, enum ms_proxy_side side, struct ms_error *err)
{
	const struct ms_visit_config *config = v->config;
	struct ms_talk *talk = v->sides[side].talk;
	const char *name = config->upstream_name;

	if (side == MS_PROXY_CLIENT)
		return ms_talk_secure(talk, config->tls, NULL, err);
	if (!name && v->hop)
		name = v->hop->host;
	return ms_talk_secure(talk, config->upstream_tls, name, err);
}

/* What STARTTLS was answered well for. */
static void
secure_side(struct ms_visit *v, enum ms_proxy_side side)
{
	struct side *it = &v->sides[side];
	struct ms_error err;

	if (!it->secure || it->close || !it->talk)
		return;
	it->secure = false;
	if (begin_tls(v, side, &err) == MS_OK)
		return;
	ms_proxy_gone(v->proxy, side, err.text);
	it->close = it->abort = true;
}

/* The client has said SIZE bytes that the proxy has not taken: what is new of
 * them is heard before it is answered. */
static void
witness_client(struct ms_visit *v, const unsigned char *data, size_t size)
{
	const struct ms_witness_words words = { MS_PROXY_CLIENT, false,
		ms_proxy_due(v->proxy, MS_PROXY_CLIENT) ==
		MS_PROXY_DUE_CONTENT, data + v->seen, size - v->seen };

	if (size > v->seen)
		ms_witness_said(v->witness, &words);
	v->seen = size;
}

/* Give the proxy what the client has said, as far as it takes that. */
static void
feed_client(struct ms_visit *v)
{
	struct side *client = &v->sides[MS_PROXY_CLIENT];

	while (client->talk && !client->close &&
	    ms_talk_queued(client->talk) < QUEUED_MAX) {
		size_t size, taken;
		const unsigned char *data = ms_talk_peek(client->talk, &size);

		witness_client(v, data, size);
		taken = ms_proxy_client(v->proxy, size > 0 ?
		    (const void *)data : "", size);
		if (taken == 0)
			break;
		client->moved += taken;
		v->seen -= taken;
		ms_talk_consume(client->talk, taken);
	}
}

/* Has the client said all it will, or nothing, and is it its turn? */
static bool
is_silent(struct ms_visit *v)
{
	return v->sides[MS_PROXY_CLIENT].ended &&
	    (v->sides[MS_PROXY_CLIENT].moved + v->seen == 0 ||
	    ms_proxy_awaits(v->proxy, MS_PROXY_CLIENT));
}

/* Has a message begun that is not answered? */
static bool
is_in_message(const struct ms_visit *v)
{
	return ms_cargo_is_open(v->cargo) || ms_proxy_due(v->proxy,
	    MS_PROXY_CLIENT) == MS_PROXY_DUE_CONTENT;
}

/* Who is late if nothing happens, and when. */
static struct ms_pace_due
look(struct ms_visit *v)
{
	struct ms_pace_side sides[2];

	for (int i = 0; i < 2; i++) {
		const enum ms_proxy_side side = (enum ms_proxy_side)i;

		sides[i] = (struct ms_pace_side){
			.due = ms_proxy_due(v->proxy, side),
			.heard = ms_proxy_heard(v->proxy, side),
			.moved = v->sides[i].moved,
		};
	}
	return ms_pace(&v->pace, &v->config->pace, sides, is_in_message(v),
	    ms_clock_ms());
}

/* A timer that runs too early is no harm. */
static void
set_timers(struct ms_visit *v)
{
	const struct ms_pace_due due = look(v);
	const int64_t keepalive_ms = v->config->keepalive_ms;

	if (due.ms >= 0 && (v->armed_ms < 0 || due.ms < v->armed_ms)) {
		v->armed_ms = due.ms;
		ms_timer_set(v->timer, MAX(due.ms - ms_clock_ms(), 0) + 1);
	}
	if (keepalive_ms > 0 && !v->keeps_alive && is_in_message(v)) {
		v->keeps_alive = true;
		ms_timer_set(v->keepalive, keepalive_ms);
	}
}

/* After everything that was told to the proxy. V may be gone then. */
static void
settle(struct ms_visit *v)
{
	const int64_t linger_ms = v->draining ? LINGER_ENDING_MS : LINGER_MS;

	feed_client(v);
	if (is_silent(v)) {
		ms_proxy_gone(v->proxy, MS_PROXY_CLIENT, "closed");
		v->sides[MS_PROXY_CLIENT].close = true;
	} else if (v->draining && !ms_cargo_is_open(v->cargo)) {
		ms_proxy_stop(v->proxy, GOING_DOWN);
	}
	secure_side(v, MS_PROXY_CLIENT);
	secure_side(v, MS_PROXY_HOP);
	close_side(&v->sides[MS_PROXY_CLIENT], linger_ms);
	close_side(&v->sides[MS_PROXY_HOP], linger_ms);
	set_timers(v);
	if (ms_proxy_is_over(v->proxy))
		v->config->over(v->config->arg, v);
}

static void
on_ruled(void *arg, const struct ms_ruling *ruling)
{
	struct ms_visit *v = arg;

	ms_proxy_decide(v->proxy, ruling->action, ruling->address,
	    ruling->reply);
	settle(v);
}

static void
on_client_event(void *arg)
{
	settle(arg);
}

static void
on_client_secured(void *arg)
{
	struct ms_visit *v = arg;

	ms_witness_secured(v->witness, MS_PROXY_CLIENT);
	ms_proxy_secured(v->proxy, MS_PROXY_CLIENT);
	settle(v);
}

static void
on_client_ended(void *arg)
{
	struct ms_visit *v = arg;

	v->sides[MS_PROXY_CLIENT].ended = true;
	ms_witness_ended(v->witness, false);
	settle(v);
}

static void
on_client_closed(void *arg, enum ms_talk_end end, const char *why)
{
	struct ms_visit *v = arg;
	struct side *client = &v->sides[MS_PROXY_CLIENT];

	(void)end;
	ms_witness_ended(v->witness, false);
	ms_proxy_gone(v->proxy, MS_PROXY_CLIENT, why);
	g_clear_pointer(&client->talk, ms_talk_free);
	settle(v);
}

static void
feed_hop(struct ms_visit *v)
{
	struct side *hop = &v->sides[MS_PROXY_HOP];
	size_t size;
	const unsigned char *data = ms_talk_peek(hop->talk, &size);

	if (size == 0 || hop->close)
		return;
	ms_witness_said(v->witness, &(struct ms_witness_words){
	    MS_PROXY_HOP, false, false, data, size });
	ms_proxy_hop(v->proxy, data, size);
	ms_talk_consume(hop->talk, size);
}

static void
on_hop_data(void *arg)
{
	feed_hop(arg);
	settle(arg);
}

static void
on_hop_secured(void *arg)
{
	struct ms_visit *v = arg;

	ms_witness_secured(v->witness, MS_PROXY_HOP);
	ms_proxy_secured(v->proxy, MS_PROXY_HOP);
	settle(v);
}

static void
on_hop_drained(void *arg)
{
	struct ms_visit *v = arg;

	v->sides[MS_PROXY_HOP].moved++;
	ms_proxy_drained(v->proxy);
	settle(v);
}

static void
on_hop_closed(void *arg, enum ms_talk_end end, const char *why)
{
	struct ms_visit *v = arg;
	struct side *hop = &v->sides[MS_PROXY_HOP];

	(void)end;
	feed_hop(v);
	if (!hop->close)
		ms_witness_count(v->witness, MS_METRICS_UPSTREAM_LOST);
	ms_proxy_gone(v->proxy, MS_PROXY_HOP, why);
	g_clear_pointer(&hop->talk, ms_talk_free);
	settle(v);
}

static void
on_late(void *arg)
{
	struct ms_visit *v = arg;
	const struct ms_pace_due due = look(v);

	v->armed_ms = -1;
	if (due.ms < 0 || due.ms > ms_clock_ms()) {
		set_timers(v);
		return;
	}
	if (due.side == MS_PROXY_HOP) {
		ms_witness_count(v->witness, MS_METRICS_UPSTREAM_LATE);
		ms_proxy_gone(v->proxy, MS_PROXY_HOP,
		    "it does not answer in time");
		on_close(v, MS_PROXY_HOP, true);
	} else {
		ms_proxy_stop(v->proxy, "4.4.2 Timeout");
	}
	settle(v);
}

static void
on_keepalive(void *arg)
{
	struct ms_visit *v = arg;

	v->keeps_alive = false;
	if (!is_in_message(v))
		return;
	ms_proxy_keep_alive(v->proxy);
	settle(v);
}

static const struct ms_talk_events client_events = {
	.data = on_client_event,
	.drained = on_client_event,
	.secured = on_client_secured,
	.ended = on_client_ended,
	.closed = on_client_closed,
};

static const struct ms_talk_events hop_events = {
	.data = on_hop_data,
	.drained = on_hop_drained,
	.secured = on_hop_secured,
	.closed = on_hop_closed,
};

/* There is a next hop that greets, or none. */
static void
on_reached(void *arg, const struct ms_reached *reached)
{
	static const char loop[] = "554 5.4.6 Routing loop detected\r\n";
	struct ms_visit *v = arg;

	if (reached->talk) {
		v->hop = reached->hop;
		v->server = v->hop ? ms_endpoint_host(&v->hop->endpoint) :
		    NULL;
		v->origin.server = v->server;
		v->sides[MS_PROXY_HOP].talk = reached->talk;
		ms_talk_hand(reached->talk, &hop_events, v);
		feed_hop(v);
	} else if (reached->loop) {
		/* Those who are before us shall not try again. */
		on_note(v, reached->why);
		ms_proxy_hop(v->proxy, loop, sizeof loop - 1);
	} else {
		ms_witness_count(v->witness, MS_METRICS_UPSTREAM_UNREACHED);
		ms_proxy_gone(v->proxy, MS_PROXY_HOP, reached->why);
	}
	settle(v);
}

/* What XCLIENT calls the client. */
static void
name_client(struct ms_visit *v)
{
	const char *colon = strrchr(v->client, ':');

	if (!v->host || !colon)
		return;
	v->address = g_strconcat(strchr(v->host, ':') ? "IPV6:" : "",
	    v->host, NULL);
	v->port = g_strdup(colon + 1);
}

static char *
on_object(void *arg, const struct ms_request *request)
{
	const struct ms_visit *v = arg;

	return ms_cargo_object(v->cargo, ms_proxy_state(v->proxy), request);
}

static void
on_refused(void *arg, const struct ms_proxy_refusal *refusal)
{
	const struct ms_visit *v = arg;

	ms_cargo_refused(v->cargo, ms_proxy_state(v->proxy), refusal);
}

static struct ms_proxy *
new_proxy(struct ms_visit *v, bool secure)
{
	struct ms_proxy_config config = v->config->proxy;
	const struct ms_networks *trusted = &v->config->trust_xclient;
	const struct ms_proxy_owner owner = { v, on_write, on_close,
		on_secure, on_spool, on_scan, on_fetch, on_end, on_note,
		on_object, on_refused };

	name_client(v);
	config.client_address = v->address;
	config.client_port = v->port;
	config.trusts_xclient = ms_network_holds(trusted->list,
	    trusted->count, &v->peer);
	trusted = &v->config->trust_xforward;
	config.trusts_xforward = ms_network_holds(trusted->list,
	    trusted->count, &v->peer);
	config.client_secure = secure;
	return ms_proxy_new(&config, &owner);
}

static void
open_talks(struct ms_visit *v, const struct ms_visit_arrival *arrival)
{
	const struct ms_visit_config *config = v->config;
	const struct ms_talk_config client = { .events = &client_events,
		.arg = v };
	struct ms_error err;

	v->sides[MS_PROXY_CLIENT].talk = ms_talk_accept(
	    config->cargo.cases.loop, arrival->fd, arrival->peer, &client);
	v->reach = ms_hops_reach(config->hops, &v->peer, arrival->fd,
	    on_reached, v);
	/* A new connection takes TLS always. */
	if (arrival->secure)
		(void)begin_tls(v, MS_PROXY_CLIENT, &err);
}

struct ms_visit *
ms_visit_new(const struct ms_visit_config *config,
    const struct ms_visit_arrival *arrival)
{
	struct ms_visit *v = g_new0(struct ms_visit, 1);
	struct ms_endpoint own;
	char *server = NULL;

	v->config = config;
	v->name = g_strdup(arrival->name);
	v->client = ms_endpoint_print(arrival->peer);
	v->host = ms_endpoint_host(arrival->peer);
	v->peer = *arrival->peer;
	v->origin = (struct ms_cargo_origin){ v->name, v->client, v->host,
		NULL };
	v->cargo = ms_cargo_new(&config->cargo, &v->origin, on_ruled, v);
	v->timer = ms_timer_new(config->cargo.cases.loop, on_late, v);
	v->armed_ms = -1;
	v->keepalive = ms_timer_new(config->cargo.cases.loop, on_keepalive, v);
	ms_pace_init(&v->pace, ms_clock_ms());
	if (config->witness.record >= 0) {
		ms_endpoint_ask(&own, arrival->fd, false);
		server = ms_endpoint_print(&own);
	}
	v->witness = ms_witness_new(&config->witness, v->name, v->client,
	    server);
	g_free(server);
	v->proxy = new_proxy(v, arrival->secure);
	open_talks(v, arrival);
	set_timers(v);
	return v;
}

void
ms_visit_free(struct ms_visit *visit)
{
	if (!visit)
		return;
	/* This tells of a message that was on its way. */
	ms_proxy_free(visit->proxy);
	ms_cargo_free(visit->cargo);
	for (size_t i = 0; i < G_N_ELEMENTS(visit->sides); i++)
		ms_talk_free(visit->sides[i].talk);
	ms_reach_free(visit->reach);
	ms_witness_free(visit->witness);
	ms_timer_free(visit->timer);
	ms_timer_free(visit->keepalive);
	g_free(visit->name);
	g_free(visit->client);
	g_free(visit->host);
	g_free(visit->address);
	g_free(visit->port);
	g_free(visit->server);
	g_free(visit);
}

void
ms_visit_drain(struct ms_visit *visit)
{
	visit->draining = true;
	settle(visit);
}

void
ms_visit_stop(struct ms_visit *visit)
{
	visit->draining = true;
	ms_proxy_stop(visit->proxy, GOING_DOWN);
	settle(visit);
}
