#include "serve/front.h"

#include "base/clock.h"
#include "net/listen.h"
#include "net/talk.h"
#include "net/timer.h"
#include "net/watch.h"
#include "pool/sandbox.h"
#include "serve/chronicle.h"
#include "serve/control.h"
#include "serve/landing.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Descriptors of a visit: two connections, a spool, that once more on its way
 * to the scanner, and for the store; and those that are not of visits, most of
 * them of local clients. */
#define FDS_EACH 5
#define FDS_OTHER 640

/* Most time for the store, which writes to a disk; and most messages that wait
 * for it, and for programs to be run. */
#define STORE_MS 60000
#define STORE_WAITING 1000
#define RUNNER_WAITING 1000

/* How long somebody who is turned away may take to read that. */
#define LINGER_MS 2000

/* How long a balancer may take to say whose connection it is. */
#define PREAMBLE_MS 10000

/* No process of Linux has a larger number. */
#define PID_BITS 22

#define FULL "421 4.3.2 Too many connections, try again later"
#define FULL_OF_CLIENT "421 4.7.0 Too many connections from this client"

/* One of the sockets that are listened on. */
struct door {
	struct front *front;
	struct ms_listen *listen;
	bool secure;
};

struct front {
	const struct ms_front_config *config;
	int control;
	struct ms_loop *loop;
	struct ms_watch *watch;
	struct ms_inquiry *inquiry;
	struct ms_dispatch *store, *runner;	/* NULL: there is none */
	struct ms_holes *holes;	/* NULL: nobody asks */
	struct ms_poison *poison;
	struct ms_sidedoor *sidedoor;
	struct ms_visit_config visit;
	struct ms_recorder_room room;	/* for transcripts */
	struct ms_spool_purse purse;
	GPtrArray *doors;	/* of struct door */
	struct ms_hops *hops;
	GHashTable *landings;	/* struct ms_landing to struct door */
	GHashTable *visits;	/* set of struct ms_visit, to its host */
	GHashTable *hosts;	/* host to number of visits */
	unsigned connections_max;
	uint64_t numbers;
	uint64_t began;		/* the second, and which of its processes */
	struct ms_timer *grace;
	bool retiring, draining, failed;
};

static unsigned
count_of(const struct front *front, const char *host)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(front->hosts, host));
}

static void
set_count(struct front *front, const char *host, unsigned count)
{
	if (count == 0)
		(void)g_hash_table_remove(front->hosts, host);
	else
		(void)g_hash_table_insert(front->hosts, g_strdup(host),
		    GUINT_TO_POINTER(count));
}

/* The last visit is over: not here, for who calls is not done with it. */
static void
end_if_done(struct front *front)
{
	if (front->retiring && g_hash_table_size(front->visits) == 0 &&
	    g_hash_table_size(front->landings) == 0 &&
	    ms_sidedoor_is_empty(front->sidedoor))
		ms_timer_set(front->grace, 0);
}

static void
on_no_locals(void *arg)
{
	end_if_done(arg);
}

static void
on_over(void *arg, struct ms_visit *visit)
{
	struct front *front = arg;
	char *host = g_strdup(g_hash_table_lookup(front->visits, visit));

	(void)g_hash_table_remove(front->visits, visit);
	set_count(front, host, count_of(front, host) - 1);
	g_free(host);
	ms_visit_free(visit);
	end_if_done(front);
}

static bool
is_full(const struct front *front)
{
	return g_hash_table_size(front->visits) +
	    g_hash_table_size(front->landings) >= front->connections_max;
}

/* What somebody from HOST is told who cannot come in; NULL: nothing. */
static const char *
objection(const struct front *front, const struct ms_endpoint *peer,
    const char *host)
{
	const struct ms_front_config *config = front->config;
	const int64_t now_ms = ms_clock_ms();

	if (config->allowed && !ms_network_holds(config->allowed,
	    config->allowed_count, peer) && peer->size > 0 &&
	    peer->u.any.sa_family != AF_UNIX)
		return "554 5.7.1 This client is not allowed here";
	if (ms_poison_alarm(front->poison, now_ms) &&
	    !ms_poison_try(front->poison, now_ms))
		return "421 4.3.0 Scanner in trouble, try again later";
	if (is_full(front))
		return FULL;
	if (config->per_client_max > 0 &&
	    count_of(front, host) >= config->per_client_max)
		return FULL_OF_CLIENT;
	return NULL;
}

static void
on_refused_closed(void *arg, enum ms_talk_end end, const char *why)
{
	(void)arg;
	(void)end;
	(void)why;
}

static void
turn_away(struct door *door, int fd, const struct ms_endpoint *peer,
    const char *why)
{
	static const struct ms_talk_events events = {
		.closed = on_refused_closed };
	const struct ms_talk_config config = { .events = &events };
	struct ms_talk *talk = ms_talk_accept(door->front->loop, fd, peer,
	    &config);
	char *name = ms_endpoint_print(peer);

	ms_chronicle_say("client %s: %s", name, why);
	g_free(name);
	if (door->secure) {
		/* A handshake is too much for one who is not wanted. */
		ms_talk_free(talk);
		return;
	}
	ms_talk_write(talk, why, strlen(why));
	ms_talk_write(talk, "\r\n", 2);
	ms_talk_close(talk, LINGER_MS);
}

static void
count_refusal(const struct front *front, const char *why)
{
	struct ms_metrics *metrics = front->config->sidedoor.metrics;

	ms_metrics_add(metrics, *why == '5' ? MS_METRICS_NOT_ALLOWED :
	    strcmp(why, FULL_OF_CLIENT) == 0 ? MS_METRICS_TOO_MANY_OF_CLIENT :
	    MS_METRICS_TOO_MANY, 1);
}

/* FD is the connection of the client PEER. */
static void
admit(struct door *door, int fd, const struct ms_endpoint *peer)
{
	struct front *front = door->front;
	char *host = ms_endpoint_host(peer);
	const char *key = host ? host : "unix";
	const char *why = objection(front, peer, key);
	struct ms_visit_arrival arrival = { .fd = fd, .peer = peer,
		.secure = door->secure };
	char name[64];

	if (why) {
		count_refusal(front, why);
		turn_away(door, fd, peer, why);
	} else {
		(void)g_snprintf(name, sizeof name, "%" G_GINT64_MODIFIER
		    "x-%" G_GUINT64_FORMAT, front->began, ++front->numbers);
		arrival.name = name;
		(void)g_hash_table_insert(front->visits,
		    ms_visit_new(&front->visit, &arrival), g_strdup(key));
		set_count(front, key, count_of(front, key) + 1);
	}
	g_free(host);
}

/* A balancer has said whose connection FD is. */
static void
on_landed(void *arg, struct ms_landing *landing, int fd,
    const struct ms_endpoint *client, const char *why)
{
	struct front *front = arg;
	struct door *door = g_hash_table_lookup(front->landings, landing);

	(void)g_hash_table_steal(front->landings, landing);
	if (client) {
		admit(door, fd, client);
	} else {
		struct ms_endpoint balancer;
		char *name;

		ms_endpoint_ask(&balancer, fd, true);
		name = ms_endpoint_print(&balancer);
		ms_chronicle_say("client %s: %s", name, why);
		g_free(name);
		(void)close(fd);
	}
	ms_landing_free(landing);
	end_if_done(front);
}

static void
on_accepted(void *arg, int fd, const struct ms_endpoint *peer)
{
	struct door *door = arg;
	struct front *front = door->front;
	const struct ms_networks *balancers = &front->config->balancers;

	if (!ms_network_holds(balancers->list, balancers->count, peer))
		admit(door, fd, peer);
	else if (is_full(front))
		turn_away(door, fd, peer, FULL);
	else
		(void)g_hash_table_insert(front->landings,
		    ms_landing_new(front->loop, fd, peer, PREAMBLE_MS,
		    on_landed, front), door);
}

static void
on_not_accepted(void *arg, const char *why)
{
	(void)arg;
	ms_chronicle_say("connections wait: %s", why);
}

/* Visits may end while they are told something: the list is a copy. */
static void
tell_all(struct front *front, void (*tell)(struct ms_visit *visit))
{
	GList *list = g_hash_table_get_keys(front->visits);

	for (GList *l = list; l; l = l->next)
		if (g_hash_table_contains(front->visits, l->data))
			tell(l->data);
	g_list_free(list);
}

/* Nothing is left to wait for but last words, for which the loop does. */
static void
let_go(struct front *front)
{
	g_clear_pointer(&front->watch, ms_watch_free);
	g_clear_pointer(&front->sidedoor, ms_sidedoor_free);
	g_clear_pointer(&front->inquiry, ms_inquiry_free);
	g_clear_pointer(&front->hops, ms_hops_free);
	g_clear_pointer(&front->store, ms_dispatch_free);
	g_clear_pointer(&front->holes, ms_holes_free);
	g_clear_pointer(&front->runner, ms_dispatch_free);
}

static void
on_grace_over(void *arg)
{
	struct front *front = arg;

	ms_sidedoor_cut(front->sidedoor);
	if (g_hash_table_size(front->visits) == 0)
		let_go(front);
	else
		/* Those whose next hop has the end of a message are waited
		 * for until the master has enough. */
		tell_all(front, ms_visit_stop);
}

/* Take no more clients, and end when there are none. */
static void
retire(struct front *front)
{
	const struct ms_sidedoor_config *sidedoor = &front->config->sidedoor;

	if (front->retiring)
		return;
	front->retiring = true;
	/* Who has landed still asks which door it was. */
	for (guint i = 0; i < front->doors->len; i++) {
		struct door *door = front->doors->pdata[i];

		g_clear_pointer(&door->listen, ms_listen_free);
	}
	for (size_t i = 0; i < front->config->listener_count; i++)
		(void)close(front->config->listeners[i]);
	ms_sidedoor_retire(front->sidedoor, front->draining, on_no_locals,
	    front);
	for (size_t i = 0; i < sidedoor->monitor_count && !front->draining; i++)
		(void)close(sidedoor->monitors[i]);
	for (size_t i = 0; i < sidedoor->door_count; i++)
		(void)close(sidedoor->doors[i]);
	end_if_done(front);
}

static void
drain(struct front *front)
{
	if (front->draining)
		return;
	front->draining = true;
	g_hash_table_remove_all(front->landings);
	retire(front);
	ms_timer_set(front->grace, front->config->grace_ms);
	tell_all(front, ms_visit_drain);
	end_if_done(front);
}

/* FD leads to the process NAME. */
static void
meet(struct front *front, const char *name, int fd)
{
	if (strcmp(name, "scanner") == 0 && front->inquiry)
		ms_inquiry_peer(front->inquiry, fd);
	else if (strcmp(name, "lookup") == 0 && front->hops)
		ms_hops_peer(front->hops, fd);
	else if (strcmp(name, "store") == 0 && front->store)
		ms_dispatch_peer(front->store, fd);
	else if (strcmp(name, "runner") == 0 && front->runner)
		ms_dispatch_peer(front->runner, fd);
	else
		(void)close(fd);
}

/* These two: to those that come after this front, or were before it. */
static void
tell_deaths(void *arg, const char *text)
{
	const struct front *front = arg;

	(void)ms_control_send(front->control, MS_CONTROL_DEATHS, text, -1);
}

static void
tell_banned(void *arg, const char *text)
{
	const struct front *front = arg;

	(void)ms_control_send(front->control, MS_CONTROL_BANNED, text, -1);
}

static void
obey(struct front *front, enum ms_control order, const char *text, int fd)
{
	if (order == MS_CONTROL_PEER && fd >= 0) {
		meet(front, text, fd);
		return;
	}
	if (order == MS_CONTROL_LOG && fd >= 0)
		ms_chronicle_take(fd);
	if (fd >= 0)
		(void)close(fd);
	if (order == MS_CONTROL_DEATHS)
		(void)ms_poison_learn(front->poison, text, ms_clock_ms());
	else if (order == MS_CONTROL_BANNED)
		(void)ms_bans_learn(front->config->bans, text, ms_clock_ms());
	else if (order == MS_CONTROL_ALIVE)
		(void)ms_control_send(front->control, order, NULL, -1);
	else if (order == MS_CONTROL_RETIRE)
		retire(front);
	else if (order == MS_CONTROL_DRAIN)
		drain(front);
	else if (order == MS_CONTROL_END)
		ms_loop_stop(front->loop);
}

static void
on_control(void *arg)
{
	struct front *front = arg;
	enum ms_control order;
	char *text;
	int fd;
	const enum ms_status status = ms_control_receive(front->control,
	    &order, &text, &fd);

	if (status == MS_OK) {
		obey(front, order, text, fd);
	} else if (status != MS_E_IO) {
		front->failed = true;
		ms_loop_stop(front->loop);
	}
	g_free(text);
}

/* As many connections as there can be descriptors for. */
static void
fit_limits(struct front *front)
{
	struct rlimit limit;
	rlim_t most;

	front->connections_max = front->config->connections_max;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur == RLIM_INFINITY)
		return;
	most = limit.rlim_cur > FDS_OTHER + FDS_EACH ?
	    (limit.rlim_cur - FDS_OTHER) / FDS_EACH : 1;
	if (most >= front->connections_max)
		return;
	front->connections_max = (unsigned)most;
	ms_chronicle_say("no more than %u connections at once: the limit of "
	    "open files is %lu", front->connections_max,
	    (unsigned long)limit.rlim_cur);
}

static void
free_door(gpointer data)
{
	struct door *door = data;

	ms_listen_free(door->listen);
	g_free(door);
}

static void
open_doors(struct front *front)
{
	static const struct ms_listen_events events = { on_accepted,
		on_not_accepted };
	const struct ms_front_config *config = front->config;

	for (size_t i = 0; i < config->listener_count; i++) {
		struct door *door = g_new0(struct door, 1);

		door->front = front;
		door->secure = i + config->secured >= config->listener_count;
		door->listen = ms_listen_new(front->loop,
		    config->listeners[i], &events, door);
		g_ptr_array_add(front->doors, door);
	}
}

static void
start(struct front *front)
{
	static const struct ms_dispatch_config store = { "the store",
		STORE_WAITING, STORE_MS };
	static const struct ms_dispatch_config runner = {
		"the runner of programs", RUNNER_WAITING, 0 };
	const struct ms_front_config *config = front->config;
	const int record = front->visit.witness.record;

	front->inquiry = ms_inquiry_new(front->loop, &config->inquiry);
	if (config->store)
		front->store = ms_dispatch_new(front->loop, &store);
	if (config->runner || config->hole_ms > 0)
		front->runner = ms_dispatch_new(front->loop, &runner);
	front->poison = config->poison;
	ms_poison_tell(front->poison, tell_deaths, front);
	ms_bans_set_time(config->bans, config->ban_ms);
	ms_bans_tell(config->bans, tell_banned, front);
	front->visit = config->visit;
	front->visit.cargo.cases.loop = front->loop;
	front->visit.cargo.cases.inquiry = front->inquiry;
	front->purse.left = config->memory_max;
	front->visit.cargo.purse = &front->purse;
	front->visit.cargo.cases.signing.purse = &front->purse;
	front->hops = ms_hops_new(front->loop, &config->hops,
	    config->sidedoor.metrics);
	front->visit.hops = front->hops;
	front->visit.cargo.cases.store = front->store;
	if (config->hole_ms > 0)
		front->holes = ms_holes_new(front->loop, front->runner,
		    config->hole_ms);
	front->visit.cargo.cases.holes = front->holes;
	front->visit.cargo.cases.runner = config->runner ? front->runner :
	    NULL;
	front->visit.cargo.cases.runner_body = config->runner_body;
	front->visit.cargo.cases.poison = front->poison;
	front->visit.cargo.cases.bans = config->ban_ms > 0 ? config->bans :
	    NULL;
	front->sidedoor = ms_sidedoor_new(&front->visit.cargo.cases,
	    &config->sidedoor);
	front->visit.witness.record = record;
	front->visit.witness.room = &front->room;
	front->visit.over = on_over;
	front->visit.arg = front;
	front->grace = ms_timer_new(front->loop, on_grace_over, front);
	front->watch = ms_watch_fd(front->loop, front->control, false,
	    on_control, front);
	ms_watch_want(front->watch, true);
	open_doors(front);
	(void)ms_control_send(front->control, MS_CONTROL_READY, "", -1);
}

/* From now on it may talk, and keep messages, and nothing else. */
static enum ms_status
enclose(const struct front *front, struct ms_error *err)
{
	const int record = front->visit.witness.record;
	const struct ms_sandbox_profile profile = {
		.dir = front->config->visit.cargo.spool.dir,
		.other_dir = record >= 0 ? front->config->record : NULL,
		.memfds = true,
		.network = true,
	};

	return ms_sandbox_enter(&profile, err);
}

static void
free_visit(gpointer key, gpointer value, gpointer arg)
{
	(void)value;
	(void)arg;
	ms_visit_free(key);
}

static void
stop(struct front *front)
{
	g_ptr_array_unref(front->doors);
	g_hash_table_unref(front->landings);
	g_hash_table_foreach(front->visits, free_visit, NULL);
	g_hash_table_unref(front->visits);
	g_hash_table_unref(front->hosts);
	if (front->visit.witness.record >= 0)
		(void)close(front->visit.witness.record);
	ms_sidedoor_free(front->sidedoor);
	ms_inquiry_free(front->inquiry);
	ms_hops_free(front->hops);
	ms_dispatch_free(front->store);
	ms_holes_free(front->holes);
	ms_dispatch_free(front->runner);
	ms_watch_free(front->watch);
	ms_timer_free(front->grace);
	ms_loop_free(front->loop);
}

int
ms_front_run(void *arg, int control)
{
	struct front front = { .config = arg, .control = control,
		.began = (uint64_t)ms_clock_wall() << PID_BITS |
		    (uint64_t)getpid() };
	struct ms_error err = { "" };

	fit_limits(&front);
	front.visit.witness.record = ms_recorder_open(front.config->record);
	front.room = ms_recorder_measure(front.visit.witness.record,
	    front.config->record_limit);
	if (enclose(&front, &err) != MS_OK ||
	    ms_loop_new(&front.loop, &err) != MS_OK) {
		(void)ms_control_send(control, MS_CONTROL_FAILED, err.text, -1);
		return 1;
	}
	front.doors = g_ptr_array_new_with_free_func(free_door);
	front.landings = g_hash_table_new_full(NULL, NULL,
	    (GDestroyNotify)ms_landing_free, NULL);
	front.visits = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	front.hosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    NULL);
	start(&front);
	if (ms_loop_run(front.loop, &err) != MS_OK) {
		(void)ms_control_send(control, MS_CONTROL_SAY, err.text, -1);
		front.failed = true;
	}
	stop(&front);
	return front.failed ? 1 : 0;
}
