#include "serve/staff.h"

#include "base/clock.h"
#include "serve/chronicle.h"
#include "serve/member.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What dies at once is started again after a second, then two, four, ... */
#define DELAY_MIN_MS 1000
#define DELAY_MAX_MS 30000
/* Who lived as long began well. */
#define LIVED_MS 10000
/* For one to say that it is ready: a database may be large. */
#define BEGIN_MS 600000
/* Fronts that leave, at most; and for how long. What is too much has its
 * sessions end between two messages. */
#define LEAVING_MAX 8
#define LEAVING_MS 3600000
/* For one that was told to end. */
#define END_MS 5000

struct ms_staff {
	const struct ms_staff_events *events;
	void *arg;
	GPtrArray *all;		/* of struct ms_member, in order of age */
	struct ms_staff_row rows[MS_STAFF_KINDS];
	struct ms_staff_row next_rows[MS_STAFF_KINDS];
	struct ms_member *serving[MS_STAFF_KINDS];
	struct ms_member *coming[MS_STAFF_KINDS];
	unsigned renewing;	/* kinds; 0: none */
	/* Of kinds that died. */
	int64_t delay_ms[MS_STAFF_KINDS];
	int64_t due_ms[MS_STAFF_KINDS];	/* -1: none */
	bool draining, ended;
};

static const char *
name_of(const struct ms_staff *staff, enum ms_staff_kind kind)
{
	return staff->rows[kind].name ? staff->rows[kind].name :
	    staff->next_rows[kind].name;
}

static struct ms_member *
begin(struct ms_staff *staff, const struct ms_staff_row *row,
    enum ms_staff_kind kind, struct ms_error *err)
{
	struct ms_member *p = ms_member_new(row, kind, err);

	if (p)
		g_ptr_array_add(staff->all, p);
	return p;
}

/* See that each front has its partners. All of them use the scanner that
 * serves; others they keep while those live. */
static void
introduce_all(struct ms_staff *staff)
{
	struct ms_error err;

	for (guint i = 0; i < staff->all->len; i++) {
		struct ms_member *front = staff->all->pdata[i];

		if (front->kind != MS_STAFF_FRONT || !front->ready)
			continue;
		for (int kind = 0; kind < MS_STAFF_KINDS; kind++) {
			struct ms_member *p = staff->serving[kind];

			if (kind == MS_STAFF_FRONT || !p || !p->ready ||
			    front->partners[kind] == p ||
			    (front->partners[kind] &&
			    kind != MS_STAFF_SCANNER))
				continue;
			if (ms_member_introduce(front, name_of(staff,
			    MS_STAFF_FRONT), p, name_of(staff, p->kind),
			    &err) != MS_OK)
				ms_chronicle_say("%s", err.text);
		}
	}
}

/* P, which has no place any more, is not needed when its sessions, or those
 * who ask it, are gone. */
static void
dismiss(struct ms_member *p)
{
	if (!p)
		return;
	p->left_ms = ms_clock_ms();
	p->drained = p->kind != MS_STAFF_FRONT;
	ms_member_send(p, p->drained ? MS_CONTROL_DRAIN : MS_CONTROL_RETIRE,
	    NULL, -1);
}

static void
refuse(struct ms_staff *staff, enum ms_status status, const char *why)
{
	for (int kind = 0; kind < MS_STAFF_KINDS; kind++) {
		struct ms_member *p = staff->coming[kind];

		if (p) {
			p->left_ms = ms_clock_ms();
			ms_member_end(p);
		}
		staff->coming[kind] = NULL;
	}
	staff->renewing = 0;
	staff->events->refused(staff->arg, status, why);
}

/* All that were to come are there. */
static void
hand_over(struct ms_staff *staff)
{
	struct ms_member *old[MS_STAFF_KINDS] = { NULL };

	for (int kind = 0; kind < MS_STAFF_KINDS; kind++) {
		staff->rows[kind] = staff->next_rows[kind];
		if (!(staff->renewing & 1u << kind) && staff->rows[kind].body)
			continue;
		old[kind] = staff->serving[kind];
		staff->serving[kind] = staff->coming[kind];
		staff->coming[kind] = NULL;
		staff->due_ms[kind] = -1;
	}
	staff->renewing = 0;
	introduce_all(staff);
	for (int kind = 0; kind < MS_STAFF_KINDS; kind++)
		dismiss(old[kind]);
	staff->events->renewed(staff->arg);
}

/* Nobody is let in before mail can be scanned: the front comes last. */
static void
advance(struct ms_staff *staff)
{
	bool ready = true;
	struct ms_error err;

	for (int kind = 0; kind < MS_STAFF_KINDS && staff->renewing; kind++) {
		struct ms_member **p = &staff->coming[kind];

		if (!(staff->renewing & 1u << kind) ||
		    (kind == MS_STAFF_FRONT && !ready))
			continue;
		if (!*p)
			*p = begin(staff, &staff->next_rows[kind],
			    (enum ms_staff_kind)kind, &err);
		if (!*p)
			refuse(staff, MS_E_IO, err.text);
		else
			ready = ready && (*p)->ready;
	}
	if (staff->renewing && ready)
		hand_over(staff);
}

static void
on_ready(struct ms_staff *staff, struct ms_member *p, const char *text)
{
	p->ready = true;
	if (*text != '\0')
		ms_chronicle_say("%s: %s", name_of(staff, p->kind), text);
	if (staff->coming[p->kind] == p)
		advance(staff);
	else
		introduce_all(staff);
}

/* What one front learns of messages, those that come and those that leave
 * should know. */
static void
pass_on(struct ms_staff *staff, const struct ms_member *from,
    enum ms_control order, const char *text)
{
	for (guint i = 0; i < staff->all->len; i++) {
		struct ms_member *p = staff->all->pdata[i];

		if (p->kind == MS_STAFF_FRONT && p != from)
			ms_member_send(p, order, text, -1);
	}
	if (staff->events->told)
		staff->events->told(staff->arg, order, text);
}

static void
on_order(struct ms_staff *staff, struct ms_member *p, enum ms_control order,
    const char *text)
{
	p->known |= order == MS_CONTROL_FAILED;
	if (order == MS_CONTROL_READY)
		on_ready(staff, p, text);
	else if (order == MS_CONTROL_FAILED && staff->coming[p->kind] == p)
		refuse(staff, MS_E_ENGINE, text);
	else if (order == MS_CONTROL_FAILED || order == MS_CONTROL_SAY)
		ms_chronicle_say("%s: %s", name_of(staff, p->kind), text);
	else if ((order == MS_CONTROL_DEATHS || order == MS_CONTROL_BANNED) &&
	    p->kind == MS_STAFF_FRONT)
		pass_on(staff, p, order, text);
}

static void
hear(struct ms_staff *staff, struct ms_member *p)
{
	enum ms_control order;
	char *text;
	int fd;
	const enum ms_status status = ms_control_receive(p->socket, &order,
	    &text, &fd);

	if (status == MS_E_IO)
		return;
	if (status == MS_OK) {
		ms_member_heard(p);
		on_order(staff, p, order, text);
		g_free(text);
	} else {
		/* It ends, or is to end: SIGCHLD says more. */
		if (status != MS_END)
			(void)kill(p->pid, SIGKILL);
		(void)close(p->socket);
		p->socket = -1;
	}
	if (fd >= 0)
		(void)close(fd);
}

static bool
has_front(const struct ms_staff *staff)
{
	for (guint i = 0; i < staff->all->len; i++) {
		const struct ms_member *p = staff->all->pdata[i];

		if (p->kind == MS_STAFF_FRONT)
			return true;
	}
	return false;
}

static void
plan_restart(struct ms_staff *staff, const struct ms_member *p)
{
	int64_t *delay_ms = &staff->delay_ms[p->kind];
	const bool lived = ms_clock_ms() - p->started_ms >= LIVED_MS;

	*delay_ms = lived || *delay_ms == 0 ? DELAY_MIN_MS :
	    MIN(*delay_ms * 2, DELAY_MAX_MS);
	staff->due_ms[p->kind] = ms_clock_ms() + *delay_ms;
}

/* P, which is gone, is in no list any more, but still to be freed. */
static void
on_death(struct ms_staff *staff, struct ms_member *p, int status)
{
	const bool draining = staff->draining && p->kind == MS_STAFF_FRONT;
	char text[128];

	ms_member_describe(status, text, sizeof text);
	if (!p->known && (status != 0 || (p->left_ms < 0 && !draining)))
		ms_chronicle_say("%s: %s", name_of(staff, p->kind), text);
	if (staff->coming[p->kind] == p) {
		staff->coming[p->kind] = NULL;
		refuse(staff, MS_E_PEER, text);
	} else if (staff->serving[p->kind] == p) {
		staff->serving[p->kind] = NULL;
		if (!draining && staff->events->died)
			staff->events->died(staff->arg,
			    name_of(staff, p->kind));
		if (!draining)
			plan_restart(staff, p);
	}
	if (draining && !has_front(staff))
		staff->events->drained(staff->arg);
}

static void
bury(struct ms_staff *staff, struct ms_member *p, int status)
{
	/* What it had to say comes first. */
	while (p->socket >= 0 && !staff->ended) {
		struct pollfd there = { .fd = p->socket, .events = POLLIN };

		if (poll(&there, 1, 0) <= 0)
			break;
		hear(staff, p);
	}
	if (p->socket >= 0)
		(void)close(p->socket);
	p->socket = -1;
	(void)g_ptr_array_remove(staff->all, p);
	for (guint i = 0; i < staff->all->len; i++) {
		struct ms_member *other = staff->all->pdata[i];

		if (other->partners[p->kind] == p)
			other->partners[p->kind] = NULL;
	}
	if (!staff->ended)
		on_death(staff, p, status);
	g_free(p);
}

void
ms_staff_reap(struct ms_staff *staff)
{
	for (guint i = staff->all->len; i-- > 0; ) {
		struct ms_member *p;
		int status;

		/* More than one may have gone meanwhile. */
		if (i >= staff->all->len)
			continue;
		p = staff->all->pdata[i];
		if (waitpid(p->pid, &status, WNOHANG) == p->pid)
			bury(staff, p, status);
	}
}

struct ms_staff *
ms_staff_new(const struct ms_staff_events *events, void *arg)
{
	struct ms_staff *staff = g_new0(struct ms_staff, 1);

	staff->events = events;
	staff->arg = arg;
	staff->all = g_ptr_array_new();
	for (int kind = 0; kind < MS_STAFF_KINDS; kind++)
		staff->due_ms[kind] = -1;
	return staff;
}

void
ms_staff_free(struct ms_staff *staff)
{
	const int64_t end_ms = ms_clock_ms() + END_MS;

	if (!staff)
		return;
	staff->ended = true;
	for (guint i = staff->all->len; i-- > 0; ) {
		struct ms_member *p = staff->all->pdata[i];

		ms_member_end(p);
		if (p->socket >= 0)
			(void)close(p->socket);
		p->socket = -1;
	}
	for (guint i = staff->all->len; i-- > 0; ) {
		ms_member_await(staff->all->pdata[i], end_ms);
		g_free(staff->all->pdata[i]);
	}
	g_ptr_array_unref(staff->all);
	g_free(staff);
}

void
ms_staff_renew(struct ms_staff *staff, const struct ms_staff_row *rows,
    unsigned which)
{
	for (int kind = 0; kind < MS_STAFF_KINDS; kind++) {
		staff->next_rows[kind] = rows[kind];
		if (rows[kind].body && (which & 1u << kind ||
		    !staff->rows[kind].body))
			staff->renewing |= 1u << kind;
	}
	advance(staff);
}

bool
ms_staff_is_renewing(const struct ms_staff *staff)
{
	return staff->renewing != 0;
}

void
ms_staff_drain(struct ms_staff *staff)
{
	if (staff->renewing)
		refuse(staff, MS_E_PEER, "the service ends");
	staff->draining = true;
	staff->due_ms[MS_STAFF_FRONT] = -1;
	ms_staff_tell(staff, MS_STAFF_FRONT, MS_CONTROL_DRAIN, NULL, -1);
	if (!has_front(staff))
		staff->events->drained(staff->arg);
}

void
ms_staff_tell(struct ms_staff *staff, enum ms_staff_kind kind,
    enum ms_control order, const char *text, int fd)
{
	for (guint i = 0; i < staff->all->len; i++) {
		struct ms_member *p = staff->all->pdata[i];

		if (kind == MS_STAFF_KINDS || kind == p->kind)
			ms_member_send(p, order, text, fd);
	}
}

void
ms_staff_list(const struct ms_staff *staff, GArray *fds)
{
	for (guint i = 0; i < staff->all->len; i++) {
		const struct ms_member *p = staff->all->pdata[i];
		const struct pollfd one = { .fd = p->socket,
			.events = POLLIN };

		if (p->socket >= 0)
			g_array_append_val(fds, one);
	}
}

/* Processes may come meanwhile, and have the socket of one that is gone: then
 * nothing is there to be read. */
void
ms_staff_hear(struct ms_staff *staff, const void *fds, size_t count)
{
	const struct pollfd *list = fds;

	for (size_t i = 0; i < count; i++) {
		if (!list[i].revents)
			continue;
		for (guint j = 0; j < staff->all->len; j++) {
			struct ms_member *p = staff->all->pdata[j];

			if (p->socket != list[i].fd)
				continue;
			hear(staff, p);
			break;
		}
	}
}

/* When P has had enough time; -1: it has all the time there is. */
static int64_t
limit_of(const struct ms_staff *staff, const struct ms_member *p)
{
	if (staff->coming[p->kind] == p && !p->ready)
		return p->started_ms + BEGIN_MS;
	/* Others leave when the fronts that they serve do. */
	if (p->left_ms >= 0 && (p->kind == MS_STAFF_FRONT ? !p->drained :
	    p->kind == MS_STAFF_SCANNER))
		return p->left_ms + LEAVING_MS;
	return -1;
}

int64_t
ms_staff_due(const struct ms_staff *staff)
{
	int64_t due = -1;

	for (int kind = 0; kind < MS_STAFF_KINDS; kind++)
		if (staff->due_ms[kind] >= 0 &&
		    (due < 0 || staff->due_ms[kind] < due))
			due = staff->due_ms[kind];
	for (guint i = 0; i < staff->all->len; i++) {
		const struct ms_member *p = staff->all->pdata[i];
		const int64_t ones[] = { limit_of(staff, p),
			ms_member_due(p) };

		for (int j = 0; j < 2; j++)
			if (ones[j] >= 0 && (due < 0 || ones[j] < due))
				due = ones[j];
	}
	return due;
}

/* Fronts that leave too slowly, the oldest first. */
static void
drain_leaving(struct ms_staff *staff, int64_t now)
{
	unsigned count = 0;

	for (guint i = staff->all->len; i-- > 0; ) {
		struct ms_member *p = staff->all->pdata[i];

		if (p->kind != MS_STAFF_FRONT || p->left_ms < 0 || p->drained ||
		    (++count <= LEAVING_MAX && now < p->left_ms + LEAVING_MS))
			continue;
		p->drained = true;
		ms_member_send(p, MS_CONTROL_DRAIN, NULL, -1);
	}
}

void
ms_staff_do(struct ms_staff *staff)
{
	const int64_t now = ms_clock_ms();
	struct ms_error err;

	for (guint i = 0; i < staff->all->len; i++) {
		struct ms_member *p = staff->all->pdata[i];
		const int64_t limit = limit_of(staff, p);

		if (!ms_member_do(p))
			ms_chronicle_tell(MS_LOGENTRY_ERROR, NULL, "%s: it "
			    "does not answer", name_of(staff, p->kind));
		if (limit >= 0 && now >= limit && p->kind != MS_STAFF_FRONT)
			(void)kill(p->pid, SIGKILL);
	}
	for (int kind = 0; kind < MS_STAFF_KINDS; kind++) {
		if (staff->due_ms[kind] < 0 || now < staff->due_ms[kind])
			continue;
		staff->due_ms[kind] = -1;
		staff->serving[kind] = begin(staff, &staff->rows[kind],
		    (enum ms_staff_kind)kind, &err);
		if (staff->serving[kind])
			continue;
		ms_chronicle_say("%s: %s", name_of(staff,
		    (enum ms_staff_kind)kind), err.text);
		staff->due_ms[kind] = now + DELAY_MAX_MS;
	}
	drain_leaving(staff, now);
}
