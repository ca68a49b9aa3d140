#include "serve/hops.h"

#include <errno.h>
#include <unistd.h>

#include "net/watch.h"
#include "pool/frame.h"
#include "serve/chronicle.h"
#include "serve/lookup.h"

struct ms_hops {
	struct ms_loop *loop;
	struct ms_reach_config reach;
	int socket;		/* -1: nobody looks up names (now) */
	struct ms_watch *watch;
	unsigned char *block;
};

struct ms_hops *
ms_hops_new(struct ms_loop *loop, const struct ms_hops_config *config,
    struct ms_metrics *metrics)
{
	struct ms_hops *hops = g_new0(struct ms_hops, 1);

	hops->loop = loop;
	hops->socket = -1;
	hops->reach = (struct ms_reach_config){
		.loop = loop,
		.upstream = config->targets ?
		    ms_upstream_new(config->targets) : NULL,
		.circle = ms_circle_new(),
		.tls = config->tls,
		.tls_name = config->tls_name,
		.connect_ms = config->connect_ms,
		.lmtp = config->lmtp,
		.metrics = metrics,
	};
	return hops;
}

static void
drop_peer(struct ms_hops *hops)
{
	ms_watch_free(hops->watch);
	hops->watch = NULL;
	if (hops->socket >= 0)
		(void)close(hops->socket);
	hops->socket = -1;
}

void
ms_hops_free(struct ms_hops *hops)
{
	if (!hops)
		return;
	drop_peer(hops);
	ms_upstream_free(hops->reach.upstream);
	ms_circle_free(hops->reach.circle);
	g_free(hops->block);
	g_free(hops);
}

static void
say_news(const char *name, const GArray *list)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < list->len; i++) {
		char *text = ms_endpoint_print(&g_array_index(list,
		    struct ms_endpoint, i));

		g_string_append_printf(out, " %s", text);
		g_free(text);
	}
	ms_chronicle_say("next hop %s:%s", name, out->str);
	(void)g_string_free(out, TRUE);
}

static void
on_frame(void *arg)
{
	struct ms_hops *hops = arg;
	char *name, *why;
	GArray *list;
	size_t got;
	int fd;
	const enum ms_status status = ms_frame_receive(hops->socket,
	    hops->block, MS_FRAME_MAX, &got, &fd);

	if (fd >= 0)
		(void)close(fd);
	if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
		return;
	if (status != MS_OK || ms_lookup_read(hops->block, got, &name, &list,
	    &why) != MS_OK) {
		/* Its master starts another. */
		drop_peer(hops);
		return;
	}
	if (list->len > 0 && hops->reach.upstream &&
	    ms_upstream_learn(hops->reach.upstream, name, list))
		say_news(name, list);
	g_array_unref(list);
	g_free(name);
	g_free(why);
}

void
ms_hops_peer(struct ms_hops *hops, int socket)
{
	drop_peer(hops);
	if (!hops->block)
		hops->block = g_malloc(MS_FRAME_MAX);
	hops->socket = socket;
	hops->watch = ms_watch_fd(hops->loop, socket, false, on_frame, hops);
	ms_watch_want(hops->watch, true);
}

struct ms_reach *
ms_hops_reach(struct ms_hops *hops, const struct ms_endpoint *client, int fd,
    ms_reach_done *done, void *arg)
{
	return ms_reach_new(&hops->reach, client, fd, done, arg);
}
