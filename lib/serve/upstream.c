#include "serve/upstream.h"

#include <arpa/inet.h>
#include <string.h>

#include "net/network.h"
#include "net/redirect.h"

#define CLIENT "client:"
#define ORIGINAL "original-dst"

/* More that fail are not remembered: addresses of names that change. */
#define SICK_MAX 1000

enum kind { FIXED, OF_CLIENT, AS_WANTED };

struct target {
	enum kind kind;
	char *text, *host;
	uint16_t port;		/* OF_CLIENT */
	GArray *list;		/* FIXED: of struct ms_endpoint */
};

/* An address that failed. */
struct sick {
	int64_t due_ms;		/* until then it comes last */
	int64_t rest_ms;
	bool on_trial;		/* somebody tries it since that has come */
};

struct ms_upstream {
	GPtrArray *targets;
	GHashTable *sick;	/* "192.0.2.1:25" to struct sick */
};

static bool
read_port(const char *text, uint16_t *port)
{
	guint64 value = 0;

	if (!g_ascii_string_to_unsigned(text, 10, 1, 65535, &value, NULL))
		return false;
	*port = (uint16_t)value;
	return true;
}

static enum kind
kind_of(const char *text)
{
	if (g_str_has_prefix(text, CLIENT))
		return OF_CLIENT;
	return strcmp(text, ORIGINAL) == 0 ? AS_WANTED : FIXED;
}

enum ms_status
ms_upstream_check(const char *text, struct ms_error *err)
{
	uint16_t port;

	switch (kind_of(text)) {
	case OF_CLIENT:
		if (!read_port(text + strlen(CLIENT), &port))
			return ms_error_set(err, MS_E_USAGE,
			    "%s: want a port, as in " CLIENT "25", text);
		return MS_OK;
	case AS_WANTED:
		return MS_OK;
	default:
		if (ms_endpoint_check(text, err) == MS_OK)
			return MS_OK;
		return ms_error_set(err, MS_E_USAGE, "%s is no next hop: want "
		    "HOST:PORT, [IPV6]:PORT, unix:PATH, " CLIENT "PORT or "
		    ORIGINAL, text);
	}
}

static bool
is_name(const char *text)
{
	return kind_of(text) == FIXED && ms_endpoint_is_name(text);
}

char **
ms_upstream_names(const char *const *targets)
{
	GPtrArray *names = g_ptr_array_new();

	for (const char *const *text = targets; *text; text++)
		if (is_name(*text))
			g_ptr_array_add(names, g_strdup(*text));
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

static uint16_t
port_of(const struct ms_endpoint *endpoint)
{
	return endpoint->u.any.sa_family == AF_INET ?
	    endpoint->u.in.sin_port : endpoint->u.in6.sin6_port;
}

/* Of all addresses of the machine: 0.0.0.0 or ::. */
static bool
is_any(const struct ms_endpoint *endpoint)
{
	static const struct ms_network any[] = {
		{ AF_INET, { 0 }, 32 }, { AF_INET6, { 0 }, 128 } };

	return ms_network_holds(any, G_N_ELEMENTS(any), endpoint);
}

/* Would who connects to OTHER meet who listens at OWN? */
static bool
meets(const struct ms_endpoint *own, const struct ms_endpoint *other)
{
	char *one = ms_endpoint_print(own), *two = ms_endpoint_print(other);
	bool same = strcmp(one, two) == 0;

	if (!same && is_any(own) && own->u.any.sa_family ==
	    other->u.any.sa_family && port_of(own) == port_of(other))
		same = is_any(other) || ms_network_is_local(other);
	g_free(one);
	g_free(two);
	return same;
}

bool
ms_upstream_is_self(const char *const *targets, const struct ms_endpoint *own)
{
	bool self = false;

	for (const char *const *text = targets; *text && !self; text++) {
		GArray *list;

		if (kind_of(*text) != FIXED || is_name(*text) ||
		    ms_endpoint_resolve(*text, false, &list, NULL) != MS_OK)
			continue;
		for (guint i = 0; i < list->len && !self; i++)
			self = meets(own, &g_array_index(list,
			    struct ms_endpoint, i));
		g_array_unref(list);
	}
	return self;
}

static GArray *
new_list(void)
{
	return g_array_new(FALSE, FALSE, sizeof(struct ms_endpoint));
}

static void
free_target(gpointer data)
{
	struct target *target = data;

	g_array_unref(target->list);
	g_free(target->text);
	g_free(target->host);
	g_free(target);
}

/* Without port and brackets. */
static char *
host_of(const char *text)
{
	const char *colon = strrchr(text, ':');

	if (g_str_has_prefix(text, "unix:") || !colon)
		return NULL;
	if (*text == '[')
		return g_strndup(text + 1, (size_t)(colon - text) - 2);
	return g_strndup(text, (size_t)(colon - text));
}

static struct target *
new_target(const char *text)
{
	struct target *target = g_new0(struct target, 1);
	GArray *list;

	target->kind = kind_of(text);
	target->text = g_strdup(text);
	target->list = new_list();
	if (target->kind == OF_CLIENT)
		(void)read_port(text + strlen(CLIENT), &target->port);
	if (target->kind != FIXED)
		return target;
	target->host = host_of(text);
	if (!is_name(text) && ms_endpoint_resolve(text, false, &list, NULL) ==
	    MS_OK) {
		g_array_unref(target->list);
		target->list = list;
	}
	return target;
}

struct ms_upstream *
ms_upstream_new(const char *const *targets)
{
	struct ms_upstream *upstream = g_new0(struct ms_upstream, 1);

	upstream->targets = g_ptr_array_new_with_free_func(free_target);
	upstream->sick = g_hash_table_new_full(g_str_hash, g_str_equal,
	    g_free, g_free);
	for (const char *const *text = targets; *text; text++)
		g_ptr_array_add(upstream->targets, new_target(*text));
	return upstream;
}

void
ms_upstream_free(struct ms_upstream *upstream)
{
	if (!upstream)
		return;
	g_ptr_array_unref(upstream->targets);
	g_hash_table_unref(upstream->sick);
	g_free(upstream);
}

static bool
is_in(const struct ms_endpoint *endpoint, const GArray *list)
{
	for (guint i = 0; i < list->len; i++) {
		const struct ms_endpoint *other = &g_array_index(list,
		    struct ms_endpoint, i);

		if (other->size == endpoint->size &&
		    memcmp(&other->u, &endpoint->u, other->size) == 0)
			return true;
	}
	return false;
}

/* In whatever order: servers of names turn it. */
static bool
are_same(const GArray *a, const GArray *b)
{
	if (a->len != b->len)
		return false;
	for (guint i = 0; i < a->len; i++)
		if (!is_in(&g_array_index(a, struct ms_endpoint, i), b))
			return false;
	return true;
}

bool
ms_upstream_learn(struct ms_upstream *upstream, const char *name,
    const GArray *list)
{
	bool news = false;

	for (guint i = 0; i < upstream->targets->len; i++) {
		struct target *target = upstream->targets->pdata[i];

		if (target->kind != FIXED || strcmp(target->text, name) != 0)
			continue;
		news |= !are_same(target->list, list);
		g_array_set_size(target->list, 0);
		if (list->len > 0)
			g_array_append_vals(target->list, list->data,
			    list->len);
	}
	return news;
}

/*
 * Choosing
 */

static struct sick *
sick_of(const struct ms_upstream *upstream, const struct ms_endpoint *endpoint)
{
	struct sick *sick;
	char *name;

	if (g_hash_table_size(upstream->sick) == 0)
		return NULL;
	name = ms_endpoint_print(endpoint);
	sick = g_hash_table_lookup(upstream->sick, name);
	g_free(name);
	return sick;
}

static enum ms_status
add_of_client(const struct target *target, const struct ms_endpoint *client,
    GArray *hops, struct ms_error *err)
{
	struct ms_hop hop = { .endpoint = *client };

	if (client->size == 0 || (client->u.any.sa_family != AF_INET &&
	    client->u.any.sa_family != AF_INET6))
		return ms_error_set(err, MS_E_PEER,
		    "the client has no address to connect to");
	if (client->u.any.sa_family == AF_INET)
		hop.endpoint.u.in.sin_port = htons(target->port);
	else
		hop.endpoint.u.in6.sin6_port = htons(target->port);
	g_array_append_val(hops, hop);
	return MS_OK;
}

/* What can be tried for TARGET, healthy or not. */
static enum ms_status
add(const struct target *target, const struct ms_endpoint *client, int fd,
    GArray *hops, struct ms_error *err)
{
	struct ms_hop hop = { .host = target->host };
	enum ms_status status;

	if (target->kind == OF_CLIENT)
		return add_of_client(target, client, hops, err);
	if (target->kind == AS_WANTED) {
		status = ms_redirect_wanted(fd, &hop.endpoint, err);
		if (status == MS_OK)
			g_array_append_val(hops, hop);
		return status;
	}
	for (guint i = 0; i < target->list->len; i++) {
		hop.endpoint = g_array_index(target->list, struct ms_endpoint,
		    i);
		g_array_append_val(hops, hop);
	}
	if (target->list->len > 0)
		return MS_OK;
	return ms_error_set(err, MS_E_PEER, "no address of %s is known",
	    target->host ? target->host : target->text);
}

/* Those that are sick go to the end, but for one whose time has come: whoever
 * is told of it tries it, and for others it is as before meanwhile. */
static void
sort(struct ms_upstream *upstream, int64_t now_ms, GArray *hops)
{
	GArray *last = g_array_new(FALSE, FALSE, sizeof(struct ms_hop));
	guint kept = 0;

	for (guint i = 0; i < hops->len; i++) {
		const struct ms_hop hop = g_array_index(hops, struct ms_hop,
		    i);
		struct sick *sick = sick_of(upstream, &hop.endpoint);

		if (sick && now_ms < sick->due_ms) {
			g_array_append_val(last, hop);
			continue;
		}
		if (sick) {
			sick->due_ms = now_ms + sick->rest_ms;
			sick->on_trial = true;
		}
		g_array_index(hops, struct ms_hop, kept++) = hop;
	}
	g_array_set_size(hops, kept);
	if (last->len > 0)
		g_array_append_vals(hops, last->data, last->len);
	g_array_unref(last);
}

enum ms_status
ms_upstream_choose(struct ms_upstream *upstream,
    const struct ms_endpoint *client, int fd, int64_t now_ms, GArray **hops,
    struct ms_error *err)
{
	enum ms_status status = MS_E_PEER;

	*hops = g_array_new(FALSE, FALSE, sizeof(struct ms_hop));
	(void)ms_error_set(err, MS_E_PEER, "there is no next hop");
	for (guint i = 0; i < upstream->targets->len; i++) {
		const enum ms_status one = add(upstream->targets->pdata[i],
		    client, fd, *hops, err);

		if (one == MS_E_USAGE)
			status = one;
	}
	if ((*hops)->len > 0) {
		sort(upstream, now_ms, *hops);
		return MS_OK;
	}
	g_array_unref(*hops);
	*hops = NULL;
	return status;
}

/* Of the addresses that targets have; who clients want to connect to is
 * nobody's to remember. */
static bool
is_ours(const struct ms_upstream *upstream, const struct ms_endpoint *endpoint)
{
	for (guint i = 0; i < upstream->targets->len; i++) {
		const struct target *target = upstream->targets->pdata[i];

		if (is_in(endpoint, target->list))
			return true;
	}
	return false;
}

bool
ms_upstream_failed(struct ms_upstream *upstream,
    const struct ms_endpoint *endpoint, int64_t now_ms)
{
	struct sick *sick = sick_of(upstream, endpoint);

	/* Many find out at the same time: that is one failure. */
	if (sick && sick->on_trial) {
		sick->rest_ms = MIN(sick->rest_ms * 2, MS_UPSTREAM_MOST_MS);
		sick->due_ms = now_ms + sick->rest_ms;
		sick->on_trial = false;
	}
	if (sick)
		return false;
	if (!is_ours(upstream, endpoint))
		return true;
	if (g_hash_table_size(upstream->sick) >= SICK_MAX)
		g_hash_table_remove_all(upstream->sick);
	sick = g_new(struct sick, 1);
	*sick = (struct sick){ now_ms + MS_UPSTREAM_FIRST_MS,
		MS_UPSTREAM_FIRST_MS, false };
	(void)g_hash_table_insert(upstream->sick,
	    ms_endpoint_print(endpoint), sick);
	return true;
}

bool
ms_upstream_works(struct ms_upstream *upstream,
    const struct ms_endpoint *endpoint)
{
	char *name;
	bool was;

	if (g_hash_table_size(upstream->sick) == 0)
		return false;
	name = ms_endpoint_print(endpoint);
	was = g_hash_table_remove(upstream->sick, name);
	g_free(name);
	return was;
}
