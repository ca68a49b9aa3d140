#include "serve/master.h"

#include "base/clock.h"
#include "engine/database.h"
#include "net/listen.h"
#include "serve/chronicle.h"
#include "serve/doors.h"
#include "serve/staff.h"
#include "serve/upstream.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* For messages whose end the next hop has, after the grace. */
#define PATIENCE_MS 10000
/* A database that changes is left alone for so long: its files come one after
 * the other. */
#define SETTLE_MS 1000
/* Of unix sockets for programs of the same group. */
#define LOCAL_MODE 0660

/* A configuration, and what was made for it. */
struct setup {
	const struct ms_master_config *config;
	struct ms_front_config front;
	struct ms_scanner_config scanner;
	struct ms_vault_config store;
	struct ms_runner_config runner;
	struct ms_lookup_config lookup;
	struct ms_doors *doors;
	size_t all;		/* sockets that are listened on */
};

struct master {
	const struct ms_master_events *events;
	void *arg;
	struct ms_metrics *metrics;
	struct ms_poison *poison;	/* what all fronts know of it */
	struct ms_bans *bans;	/* likewise */
	struct ms_staff *staff;
	struct ms_service *service;
	struct setup *setup;	/* in force; NULL: not yet */
	struct setup *next;	/* to be, when its processes are ready */
	uint64_t generation;	/* of the scanner */
	uint64_t stamp;		/* of the database that was taken last */
	uint64_t seen_stamp;	/* of the one that was looked at last */
	bool gone;		/* there was none, and that was said */
	int64_t look_ms;	/* at it; -1: never */
	int signals;
	bool begun;		/* it served */
	bool again;		/* SIGHUP came */
	bool draining, over;
	int64_t end_ms;		/* of draining; -1: not yet */
	enum ms_status status;
	struct ms_error *err;
};

/* May the socket FD be listened on? */
static enum ms_status
check_listener(const struct setup *setup, int fd, struct ms_error *err)
{
	const char *const *targets = setup->front.hops.targets;
	const char *wrong = NULL;
	struct ms_endpoint own;
	char *name;

	ms_endpoint_ask(&own, fd, false);
	if (!setup->config->beyond && !ms_network_is_local(&own))
		wrong = "can be reached from other machines: say who may come "
		    "(--allow-clients)";
	else if (targets && ms_upstream_is_self(targets, &own))
		wrong = "is to be listened on, and is the next hop as well";
	if (!wrong)
		return MS_OK;
	name = ms_endpoint_print(&own);
	(void)ms_error_set(err, MS_E_USAGE, "%s %s", name, wrong);
	g_free(name);
	return MS_E_USAGE;
}

static void
free_setup(struct master *m, struct setup *setup)
{
	if (!setup)
		return;
	ms_doors_free(setup->doors);
	if (m->over) {
		ms_doors_remove(setup->config->listen);
		ms_doors_remove(setup->config->listen_secured);
		ms_doors_remove(setup->config->monitors);
		ms_doors_remove(setup->config->scan_sockets);
	}
	m->events->release(m->arg, setup->config);
	g_free(setup);
}

/* Open what is for others than clients: monitors, local scans. */
static enum ms_status
open_sidedoor(struct setup *setup, const struct ms_doors *old,
    struct ms_error *err)
{
	const struct ms_master_config *config = setup->config;
	struct ms_sidedoor_config *sidedoor = &setup->front.sidedoor;
	struct ms_doors *doors = setup->doors;
	const guint before = doors->fds->len;
	enum ms_status status;
	const int *fds;

	doors->transparent = false;
	doors->mode = LOCAL_MODE;
	status = ms_doors_open(doors, config->monitors, old, err);
	sidedoor->monitor_count = doors->fds->len - before;
	doors->packets = true;
	doors->owner = config->scan_owner;
	if (config->scan_mode > 0)
		doors->mode = config->scan_mode;
	if (status == MS_OK)
		status = ms_doors_open(doors, config->scan_sockets, old, err);
	sidedoor->door_count = doors->fds->len - before -
	    sidedoor->monitor_count;
	fds = (const int *)(const void *)doors->fds->data;
	sidedoor->monitors = fds + before;
	sidedoor->doors = sidedoor->monitors + sidedoor->monitor_count;
	setup->front.listeners = fds;
	setup->front.listener_count = before;
	setup->all = doors->fds->len;
	for (guint i = before; i < setup->all && status == MS_OK; i++) {
		struct ms_endpoint own;

		ms_endpoint_ask(&own, fds[i], false);
		if (!ms_network_is_local(&own))
			status = ms_error_set(err, MS_E_USAGE, "%s can be "
			    "reached from other machines",
			    (const char *)doors->addresses->pdata[i]);
	}
	return status;
}

/* What all of them count. */
static void
share_counts(struct setup *setup, const struct master *m)
{
	struct ms_metrics *metrics = m->metrics;

	setup->front.poison = m->poison;
	setup->front.bans = m->bans;
	if (setup->front.ban_ms > 0)
		ms_bans_set_time(m->bans, setup->front.ban_ms);
	setup->front.sidedoor.metrics = metrics;
	setup->front.visit.cargo.cases.metrics = metrics;
	setup->front.visit.witness.metrics = metrics;
	setup->scanner.metrics = metrics;
}

/* All that CONFIG needs but processes; NULL: ERR says why not. It is released
 * in that case. */
static struct setup *
make_setup(struct master *m, const struct ms_master_config *config,
    struct ms_error *err)
{
	struct setup *setup = g_new0(struct setup, 1);
	const struct ms_doors *old = m->setup ? m->setup->doors : NULL;
	enum ms_status status;
	const GArray *fds;
	guint plain;

	setup->config = config;
	setup->front = config->front;
	setup->scanner = config->scanner;
	setup->lookup = config->lookup;
	setup->store = config->store;
	setup->runner = config->runner;
	setup->doors = ms_doors_new();
	setup->doors->transparent = config->transparent;
	fds = setup->doors->fds;
	status = ms_doors_open(setup->doors, config->listen, old, err);
	plain = fds->len;
	if (status == MS_OK)
		status = ms_doors_open(setup->doors, config->listen_secured,
		    old, err);
	for (guint i = 0; status == MS_OK && i < fds->len; i++)
		status = check_listener(setup, g_array_index(fds, int, i), err);
	setup->front.secured = fds->len - plain;
	if (status == MS_OK)
		status = open_sidedoor(setup, old, err);
	share_counts(setup, m);
	if (status == MS_OK)
		return setup;
	m->status = status;
	free_setup(m, setup);
	return NULL;
}

static void
name_listeners(const struct setup *setup)
{
	const GArray *fds = setup->doors->fds;

	for (guint i = 0; i < fds->len; i++) {
		char *name = ms_listen_name(g_array_index(fds, int, i));

		ms_chronicle_say("listening on %s", name);
		g_free(name);
	}
}

static const char *
database_of(const struct setup *setup)
{
	const char *path = setup->scanner.pipeline.engine.database;

	return path ? path : ms_database_default();
}

/* Renew the processes in WHICH (bits) as SETUP says. */
static void
renew(struct master *m, struct setup *setup, unsigned which)
{
	const struct ms_staff_row rows[MS_STAFF_KINDS] = {
		[MS_STAFF_SCANNER] = { .name = "scanner",
		    .body = ms_scanner_run, .arg = &setup->scanner },
		[MS_STAFF_STORE] = { .name = "store", .arg = &setup->store,
		    .body = setup->front.store ? ms_vault_run : NULL },
		[MS_STAFF_RUNNER] = { .name = "runner", .arg = &setup->runner,
		    .body = setup->front.runner ||
		    setup->front.hole_ms > 0 ? ms_runner_run : NULL },
		[MS_STAFF_LOOKUP] = { .name = "lookup", .arg = &setup->lookup,
		    .body = setup->lookup.names && setup->lookup.names[0] ?
		    ms_lookup_run : NULL },
		[MS_STAFF_FRONT] = { .name = "front", .body = ms_front_run,
		    .arg = &setup->front, .keep = setup->front.listeners,
		    .count = setup->all },
	};

	if (which & 1u << MS_STAFF_SCANNER) {
		/* What changes while it is read will be seen later. What is
		 * not there is not taken. */
		m->seen_stamp = ms_database_stamp(database_of(setup));
		if (m->seen_stamp != 0)
			m->stamp = m->seen_stamp;
		m->generation++;
	}
	setup->scanner.generation = m->generation;
	ms_staff_renew(m->staff, rows, which);
}

/* Plan the next look at the database. */
static void
plan_look(struct master *m, int64_t delay_ms)
{
	const int64_t every_ms = m->setup->config->database_ms;

	m->look_ms = every_ms == 0 ? -1 : ms_clock_ms() + MIN(delay_ms,
	    every_ms);
}

static void
on_renewed(void *arg)
{
	struct master *m = arg;

	if (m->next) {
		free_setup(m, m->setup);
		m->setup = m->next;
		m->next = NULL;
		m->gone = false;
	}
	ms_chronicle_say("%s", m->begun ? "all that is new is in force" :
	    "ready");
	m->begun = true;
	ms_service_ready(m->service, "scanning mail");
	plan_look(m, G_MAXINT64);
}

static void
on_refused(void *arg, enum ms_status status, const char *why)
{
	struct master *m = arg;

	if (!m->begun) {
		m->over = true;
		m->status = ms_error_set(m->err, status, "%s", why);
		return;
	}
	ms_chronicle_say("all stays as it was: %s", why);
	ms_service_ready(m->service, "scanning mail; a reload went wrong");
	free_setup(m, m->next);
	m->next = NULL;
	plan_look(m, G_MAXINT64);
}

static void
on_died(void *arg, const char *name)
{
	const struct master *m = arg;

	ms_metrics_death(m->metrics, name);
	if (strcmp(name, "front") != 0)
		return;
	/* Its sessions are gone as well. */
	ms_metrics_set(m->metrics, MS_METRICS_OPEN_SESSIONS, 0);
	ms_metrics_set(m->metrics, MS_METRICS_LOCAL_CLIENTS, 0);
}

static void
on_told(void *arg, enum ms_control order, const char *text)
{
	const struct master *m = arg;

	if (order == MS_CONTROL_DEATHS)
		(void)ms_poison_learn(m->poison, text, ms_clock_ms());
	else
		(void)ms_bans_learn(m->bans, text, ms_clock_ms());
}

static void
on_drained(void *arg)
{
	struct master *m = arg;

	m->over = true;
}

/* SIGHUP came, and nothing else is being renewed. */
static void
reload(struct master *m)
{
	const struct ms_master_config *config;
	struct ms_error err = { "" };
	unsigned which = MS_STAFF_ALL;
	bool scanner = false;

	m->again = false;
	ms_service_reloading(m->service);
	config = m->events->reload(m->arg, &scanner, &err);
	if (config)
		m->next = make_setup(m, config, &err);
	if (!m->next) {
		m->status = MS_OK;
		on_refused(m, MS_E_USAGE, err.text);
		return;
	}
	if (!scanner && ms_database_stamp(database_of(m->next)) == m->stamp)
		which &= ~(1u << MS_STAFF_SCANNER);
	renew(m, m->next, which);
}

/* Is there a database that was loaded? Of an engine elsewhere, none was. */
static bool
has_database(const struct master *m)
{
	const struct ms_engine_ops *ops = m->setup->scanner.pipeline.ops;

	return m->stamp != 0 && !(ops && (ops->remote || ops->blind));
}

/* Say once that the database is GONE, and once that it is not any more. */
static void
tell_gone(struct master *m, bool gone)
{
	if (gone == m->gone || !has_database(m))
		return;
	m->gone = gone;
	if (gone)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL, "there are no "
		    "signatures at %s any more: mail is scanned with those "
		    "that are loaded, as long as the service runs",
		    database_of(m->setup));
	else
		ms_chronicle_say("there are signatures at %s again",
		    database_of(m->setup));
}

/* Has the database changed, and does not any more? */
static void
look(struct master *m)
{
	const uint64_t stamp = ms_database_stamp(database_of(m->setup));
	const bool settled = stamp == m->seen_stamp;

	m->seen_stamp = stamp;
	if (stamp == m->stamp || (settled && stamp == 0)) {
		tell_gone(m, stamp == 0);
		plan_look(m, G_MAXINT64);
	} else if (!settled) {
		plan_look(m, SETTLE_MS);
	} else {
		m->gone = false;
		ms_chronicle_say("there is a new database");
		m->look_ms = -1;
		renew(m, m->setup, 1u << MS_STAFF_SCANNER);
	}
}

static void
end(struct master *m)
{
	if (m->draining || !m->begun) {
		m->over = true;
		return;
	}
	ms_chronicle_say("ending: messages that are on their way may end");
	m->draining = true;
	ms_service_stopping(m->service);
	m->end_ms = ms_clock_ms() + m->setup->front.grace_ms + PATIENCE_MS;
	ms_doors_free(m->setup->doors);
	m->setup->doors = NULL;
	ms_staff_drain(m->staff);
}

/* The log's file was moved away. */
static void
reopen(struct master *m)
{
	struct ms_error err;
	int fd = -1;

	if (ms_chronicle_reopen(&fd, &err) != MS_OK)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL, "%s", err.text);
	if (fd < 0)
		return;
	ms_staff_tell(m->staff, MS_STAFF_KINDS, MS_CONTROL_LOG, NULL, fd);
	(void)close(fd);
}

static void
on_signals(struct master *m)
{
	struct signalfd_siginfo info;

	while (read(m->signals, &info, sizeof info) ==
	    (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGCHLD)
			ms_staff_reap(m->staff);
		else if (info.ssi_signo == SIGHUP)
			m->again = true;
		else if (info.ssi_signo == SIGUSR1)
			reopen(m);
		else
			end(m);
	}
}

/* Until what is due next: -1, there is nothing. */
static int
next_due(const struct master *m)
{
	const int64_t dues[] = { m->end_ms, m->look_ms,
		ms_staff_due(m->staff), ms_service_due(m->service) };
	int64_t due = -1;

	for (size_t i = 0; i < G_N_ELEMENTS(dues); i++)
		if (dues[i] >= 0 && (due < 0 || dues[i] < due))
			due = dues[i];
	return due < 0 ? -1 :
	    (int)CLAMP(due - ms_clock_ms(), 0, 3600 * 1000);
}

static void
do_due(struct master *m)
{
	const bool calm = m->begun && !m->draining &&
	    !ms_staff_is_renewing(m->staff);

	if (m->end_ms >= 0 && ms_clock_ms() >= m->end_ms)
		m->over = true;
	if (m->over)
		return;
	ms_staff_do(m->staff);
	ms_service_do(m->service);
	if (calm && m->again)
		reload(m);
	else if (calm && m->look_ms >= 0 && ms_clock_ms() >= m->look_ms)
		look(m);
}

static void
serve(struct master *m)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct pollfd));

	while (!m->over) {
		struct pollfd own = { .fd = m->signals, .events = POLLIN };
		struct pollfd *fds;

		g_array_set_size(list, 0);
		g_array_append_val(list, own);
		ms_staff_list(m->staff, list);
		fds = (struct pollfd *)(void *)list->data;
		if (poll(fds, list->len, next_due(m)) > 0) {
			ms_staff_hear(m->staff, fds + 1, list->len - 1);
			if (fds[0].revents)
				on_signals(m);
		}
		do_due(m);
	}
	g_array_unref(list);
}

/* With sockets and signals. */
static void
run(struct master *m)
{
	static const struct ms_staff_events events = { on_renewed, on_refused,
		on_drained, on_told, on_died };

	m->staff = ms_staff_new(&events, m);
	name_listeners(m->setup);
	renew(m, m->setup, MS_STAFF_ALL);
	serve(m);
	ms_staff_free(m->staff);
	if (m->status == MS_OK)
		ms_chronicle_say("ended");
}

enum ms_status
ms_master_run(const struct ms_master_config *config,
    const struct ms_master_events *events, void *arg, struct ms_error *err)
{
	struct master m = { .events = events, .arg = arg, .signals = -1,
		.look_ms = -1, .end_ms = -1, .err = err };

	m.status = ms_metrics_new(&m.metrics, err);
	if (m.status != MS_OK) {
		events->release(arg, config);
		return m.status;
	}
	m.poison = ms_poison_new();
	m.bans = ms_bans_new(0);
	m.setup = make_setup(&m, config, err);
	if (m.setup)
		m.status = ms_service_new(&config->service, &m.service, err);
	if (m.status == MS_OK)
		m.status = ms_service_signals(&m.signals, err);
	if (m.status == MS_OK)
		run(&m);
	if (m.signals >= 0)
		(void)close(m.signals);
	m.over = true;
	free_setup(&m, m.next);
	free_setup(&m, m.setup);
	ms_service_free(m.service);
	ms_poison_free(m.poison);
	ms_bans_free(m.bans);
	ms_metrics_free(m.metrics);
	return m.status;
}
