#include "serve/hops.h"

#include "serve/chronicle.h"
#include "serve/links.h"
#include "serve/lookup.h"

struct ms_hops {
	struct ms_reach_config reach;
	struct ms_links *links;	/* to who looks up names */
};

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

/* Of one that talks nonsense nothing more is heard: its master starts
 * another. */
static enum ms_status
on_frame(void *arg, struct ms_link *link, const unsigned char *data,
    size_t size, int *fd)
{
	const struct ms_hops *hops = arg;
	char *name, *why;
	GArray *list;

	if (link != ms_links_current(hops->links))
		return MS_OK;
	if (*fd >= 0 || ms_lookup_read(data, size, &name, &list, &why) !=
	    MS_OK)
		return MS_E_PEER;
	if (list->len > 0 && hops->reach.upstream &&
	    ms_upstream_learn(hops->reach.upstream, name, list))
		say_news(name, list);
	g_array_unref(list);
	g_free(name);
	g_free(why);
	return MS_OK;
}

struct ms_hops *
ms_hops_new(struct ms_loop *loop, const struct ms_hops_config *config,
    struct ms_metrics *metrics)
{
	static const struct ms_links_events events = { .hear = on_frame };
	struct ms_hops *hops = g_new0(struct ms_hops, 1);

	hops->links = ms_links_new(loop, &events, hops);
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

void
ms_hops_free(struct ms_hops *hops)
{
	if (!hops)
		return;
	ms_links_free(hops->links);
	ms_upstream_free(hops->reach.upstream);
	ms_circle_free(hops->reach.circle);
	g_free(hops);
}

void
ms_hops_peer(struct ms_hops *hops, int socket)
{
	ms_links_peer(hops->links, socket);
}

struct ms_reach *
ms_hops_reach(struct ms_hops *hops, const struct ms_endpoint *client, int fd,
    ms_reach_done *done, void *arg)
{
	return ms_reach_new(&hops->reach, client, fd, done, arg);
}
