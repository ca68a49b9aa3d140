#include "serve/lookup.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/loop.h"
#include "net/timer.h"
#include "net/watch.h"
#include "pool/child.h"
#include "pool/sandbox.h"
#include "pool/wire.h"
#include "serve/chronicle.h"
#include "serve/control.h"

#define FRAME 1

/* Addresses of one name that are of use. */
#define ADDRESSES_MAX 64

/* Fronts that end while others begin; more there are not. */
#define PEERS_MAX 32

/* The resolver may take so long; others wait for its first answers no longer
 * than that. */
#define ROUND_MS 60000
#define FIRST_MS 5000

/* What failed is tried again so soon. */
#define AGAIN_MS 5000

struct lookup {
	const struct ms_lookup_config *config;
	int control;
	struct ms_loop *loop;
	struct ms_watch *watch;
	unsigned char *block;
	GArray *peers;		/* of int */
	GPtrArray *known;	/* of GByteArray, by name: the last frame with
				 * addresses; or NULL */
	bool *failed;		/* by name: it was said */
	bool ready;
	struct ms_timer *first, *timer;
	/* A round: a child that asks for all names. */
	int pid, socket;
	struct ms_watch *round;
	bool missed;		/* something was not found */
};

GByteArray *
ms_lookup_frame(const char *name, const GArray *list, const char *why)
{
	GByteArray *frame = ms_wire_new(FRAME);
	const guint count = list ? MIN(list->len, ADDRESSES_MAX) : 0;

	ms_wire_put_string(frame, name);
	ms_wire_put_string(frame, why);
	ms_wire_put_u32(frame, count);
	for (guint i = 0; i < count; i++) {
		char *text = ms_endpoint_print(&g_array_index(list,
		    struct ms_endpoint, i));

		ms_wire_put_string(frame, text);
		g_free(text);
	}
	return frame;
}

/* One address, in numbers. */
static bool
read_address(struct ms_wire *wire, GArray *list)
{
	char *text = ms_wire_text(wire);
	GArray *one = NULL;
	const bool good = !ms_endpoint_is_name(text) &&
	    ms_endpoint_resolve(text, false, &one, NULL) == MS_OK;

	if (good) {
		g_array_append_vals(list, one->data, 1);
		g_array_unref(one);
	}
	g_free(text);
	return good;
}

enum ms_status
ms_lookup_read(const unsigned char *data, size_t size, char **name,
    GArray **list, char **why)
{
	struct ms_wire wire = ms_wire_open(data, size, FRAME);
	bool good = true;
	uint32_t count;

	*name = ms_wire_text(&wire);
	*why = ms_wire_string(&wire);
	count = ms_wire_u32(&wire);
	*list = g_array_new(FALSE, FALSE, sizeof(struct ms_endpoint));
	for (uint32_t i = 0; i < MIN(count, ADDRESSES_MAX) && good; i++)
		good = read_address(&wire, *list);
	if (good && count <= ADDRESSES_MAX && ms_wire_close(&wire) == MS_OK)
		return MS_OK;
	g_clear_pointer(name, g_free);
	g_clear_pointer(why, g_free);
	g_array_unref(*list);
	*list = NULL;
	return MS_E_PEER;
}

/*
 * A round: the child
 */

static int
look_up_all(void *arg, int control)
{
	const struct ms_lookup_config *config = arg;

	for (char **name = config->names; *name; name++) {
		struct ms_error err = { "" };
		GArray *list = NULL;
		const enum ms_status status = ms_endpoint_resolve(*name,
		    false, &list, &err);
		GByteArray *frame = ms_lookup_frame(*name, list,
		    status == MS_OK ? NULL : err.text);

		(void)ms_frame_send(control, frame, -1, &err);
		g_byte_array_unref(frame);
		if (list)
			g_array_unref(list);
	}
	return 0;
}

/*
 * The process
 */

static void
be_ready(struct lookup *l)
{
	if (!l->ready)
		(void)ms_control_send(l->control, MS_CONTROL_READY, "", -1);
	l->ready = true;
	ms_timer_stop(l->first);
}

/* Who cannot be told is gone. */
static void
tell_all(struct lookup *l, GByteArray *frame)
{
	struct ms_error err;

	for (guint i = l->peers->len; i-- > 0;) {
		const int fd = g_array_index(l->peers, int, i);

		if (ms_frame_send(fd, frame, -1, &err) == MS_OK)
			continue;
		(void)close(fd);
		g_array_remove_index(l->peers, i);
	}
}

static void
end_round(struct lookup *l)
{
	if (l->pid == 0)
		return;
	ms_watch_free(l->round);
	l->round = NULL;
	(void)close(l->socket);
	(void)kill(l->pid, SIGKILL);
	(void)waitpid(l->pid, NULL, 0);
	l->pid = 0;
	ms_timer_set(l->timer, l->missed ? MIN(AGAIN_MS,
	    l->config->every_ms) : l->config->every_ms);
	be_ready(l);
}

static guint
number_of(const struct lookup *l, const char *name)
{
	guint i = 0;

	while (l->config->names[i] && strcmp(l->config->names[i], name) != 0)
		i++;
	return i;
}

static bool
is_same(const GByteArray *a, const GByteArray *b)
{
	return a && a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* What the child has found for one name. */
static void
take(struct lookup *l, size_t size)
{
	GByteArray *frame;
	GArray *list;
	char *name, *why;
	guint i;

	if (ms_lookup_read(l->block, size, &name, &list, &why) != MS_OK)
		return;
	i = number_of(l, name);
	if (i < l->known->len && list->len == 0) {
		l->missed = true;
		if (!l->failed[i])
			ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL,
			    "next hop %s: %s", name, why ? why : "no address");
		l->failed[i] = true;
	} else if (i < l->known->len) {
		l->failed[i] = false;
		frame = g_byte_array_append(g_byte_array_new(), l->block,
		    (guint)size);
		if (!is_same(l->known->pdata[i], frame))
			tell_all(l, frame);
		if (l->known->pdata[i])
			g_byte_array_unref(l->known->pdata[i]);
		l->known->pdata[i] = frame;
	}
	g_free(name);
	g_free(why);
	g_array_unref(list);
}

static void
on_round(void *arg)
{
	struct lookup *l = arg;
	size_t got;
	int fd;
	const enum ms_status status = ms_frame_receive(l->socket, l->block,
	    MS_FRAME_MAX, &got, &fd);

	if (fd >= 0)
		(void)close(fd);
	if (status == MS_OK)
		take(l, got);
	else if (status != MS_E_IO || (errno != EAGAIN && errno != EINTR))
		end_round(l);
}

/* It is time for a round, or one takes too long. */
static void
on_time(void *arg)
{
	struct lookup *l = arg;
	const struct ms_child child = { .body = look_up_all,
		.arg = (void *)l->config };
	struct ms_error err;

	if (l->pid > 0) {
		l->missed = true;
		end_round(l);
		return;
	}
	l->missed = false;
	if (ms_child_start(&child, &l->socket, &l->pid, &err) != MS_OK) {
		ms_chronicle_say("%s", err.text);
		l->pid = 0;
		ms_timer_set(l->timer, AGAIN_MS);
		return;
	}
	l->round = ms_watch_fd(l->loop, l->socket, false, on_round, l);
	ms_watch_want(l->round, true);
	ms_timer_set(l->timer, ROUND_MS);
}

static void
on_first(void *arg)
{
	be_ready(arg);
}

/* A front: it wants to know all. */
static void
meet(struct lookup *l, int fd)
{
	struct ms_error err;

	if (l->peers->len >= PEERS_MAX) {
		(void)close(g_array_index(l->peers, int, 0));
		g_array_remove_index(l->peers, 0);
	}
	g_array_append_val(l->peers, fd);
	for (guint i = 0; i < l->known->len; i++)
		if (l->known->pdata[i])
			(void)ms_frame_send(fd, l->known->pdata[i], -1, &err);
}

static void
on_control(void *arg)
{
	struct lookup *l = arg;
	enum ms_control order;
	char *text;
	int fd;
	const enum ms_status status = ms_control_receive(l->control, &order,
	    &text, &fd);
	const bool good = status == MS_OK;

	if (status == MS_E_IO)
		return;
	if (good && order == MS_CONTROL_PEER && fd >= 0)
		meet(l, fd);
	else if (good && order == MS_CONTROL_LOG && fd >= 0)
		ms_chronicle_take(fd);
	if ((!good || order != MS_CONTROL_PEER) && fd >= 0)
		(void)close(fd);
	if (!good || order == MS_CONTROL_END || order == MS_CONTROL_DRAIN)
		ms_loop_stop(l->loop);
	g_free(text);
}

static void
free_frame(gpointer data)
{
	if (data)
		g_byte_array_unref(data);
}

static void
clear(struct lookup *l)
{
	end_round(l);
	for (guint i = 0; i < l->peers->len; i++)
		(void)close(g_array_index(l->peers, int, i));
	g_array_unref(l->peers);
	g_ptr_array_unref(l->known);
	g_free(l->failed);
	g_free(l->block);
	ms_watch_free(l->watch);
	ms_timer_free(l->first);
	ms_timer_free(l->timer);
	ms_loop_free(l->loop);
}

int
ms_lookup_run(void *arg, int control)
{
	static const struct ms_sandbox_profile profile = { .network = true,
		.names = true };
	struct lookup l = { .config = arg, .control = control };
	const guint count = g_strv_length(l.config->names);
	struct ms_error err = { "" };
	bool good;

	if (ms_sandbox_enter(&profile, &err) != MS_OK ||
	    ms_loop_new(&l.loop, &err) != MS_OK) {
		(void)ms_control_send(control, MS_CONTROL_FAILED, err.text,
		    -1);
		return 1;
	}
	l.block = g_malloc(MS_FRAME_MAX);
	l.peers = g_array_new(FALSE, FALSE, sizeof(int));
	l.known = g_ptr_array_new_with_free_func(free_frame);
	g_ptr_array_set_size(l.known, (gint)count);
	l.failed = g_new0(bool, count);
	l.first = ms_timer_new(l.loop, on_first, &l);
	l.timer = ms_timer_new(l.loop, on_time, &l);
	l.watch = ms_watch_fd(l.loop, control, false, on_control, &l);
	ms_watch_want(l.watch, true);
	ms_timer_set(l.first, FIRST_MS);
	ms_timer_set(l.timer, 0);
	good = ms_loop_run(l.loop, &err) == MS_OK;
	if (!good)
		(void)ms_control_send(control, MS_CONTROL_SAY, err.text, -1);
	clear(&l);
	return good ? 0 : 1;
}
