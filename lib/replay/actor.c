#include "replay/actor.h"

#include <signal.h>
#include <unistd.h>

#include "net/listen.h"
#include "net/loop.h"
#include "net/watch.h"
#include "replay/scene.h"

enum { SILENT_MS = 300000 };

struct actor {
	const struct ms_actor_config *config;
	struct ms_scene_config scene;
	struct ms_loop *loop;
	struct ms_watch *signals[2];
	GArray *fds;			/* that listen */
	GPtrArray *listens;
	GHashTable *scenes;		/* of struct player */
	uint64_t begun, gone;
	bool interrupted;
};

/* A scene, and whose it is. */
struct player {
	struct actor *actor;
	struct ms_scene *scene;
};

static void
on_done(void *arg, struct ms_acted *acted)
{
	struct player *player = arg;
	struct actor *actor = player->actor;

	(void)g_hash_table_remove(actor->scenes, player);
	g_free(player);
	actor->gone++;
	actor->config->done(actor->config->arg, acted);
	if (actor->config->runs > 0 && actor->gone >= actor->config->runs)
		for (size_t i = 0; i < G_N_ELEMENTS(actor->signals); i++) {
			ms_watch_free(actor->signals[i]);
			actor->signals[i] = NULL;
		}
}

static void
stop_listening(struct actor *actor)
{
	g_ptr_array_set_size(actor->listens, 0);
	for (guint i = 0; i < actor->fds->len; i++)
		(void)close(g_array_index(actor->fds, int, i));
	g_array_set_size(actor->fds, 0);
	ms_listen_remove(actor->config->address);
}

static void
on_accepted(void *arg, int fd, const struct ms_endpoint *peer)
{
	struct actor *actor = arg;
	const struct ms_actor_config *config = actor->config;
	const struct ms_role *role =
	    config->roles[actor->begun % config->count];
	struct player *player = g_new0(struct player, 1);
	char *client = ms_endpoint_print(peer);

	player->actor = actor;
	(void)g_hash_table_add(actor->scenes, player);
	player->scene = ms_scene_start(&actor->scene, fd, peer,
	    ms_acted_new(role, actor->begun / config->count + 1, client),
	    on_done, player);
	g_free(client);
	actor->begun++;
	if (config->runs > 0 && actor->begun >= config->runs)
		stop_listening(actor);
}

static void
on_signal(void *arg)
{
	struct actor *actor = arg;

	actor->interrupted = true;
	ms_loop_stop(actor->loop);
}

static enum ms_status
set_up_tls(struct actor *actor, struct ms_error *err)
{
	const struct ms_actor_config *config = actor->config;
	const struct ms_tls_config tls = { .server = true,
		.certificate = config->certificate, .key = config->key };

	if (config->certificate)
		return ms_tls_new(&tls, &actor->scene.tls, err);
	for (size_t i = 0; i < config->count; i++)
		if (config->roles[i]->tls_first)
			return ms_error_set(err, MS_E_USAGE, "what was said "
			    "under TLS from the first byte needs a "
			    "certificate");
	return MS_OK;
}

static enum ms_status
set_up(struct actor *actor, struct ms_error *err)
{
	static const struct ms_listen_events events = { on_accepted, NULL };
	static const int numbers[] = { SIGINT, SIGTERM };
	const struct ms_listen_config listen = {
		.address = actor->config->address };
	enum ms_status status = set_up_tls(actor, err);

	if (status == MS_OK)
		status = ms_loop_new(&actor->loop, err);
	if (status == MS_OK)
		status = ms_listen_open(&listen, actor->fds, err);
	if (status != MS_OK)
		return status;
	actor->scene.loop = actor->loop;
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
		actor->signals[i] = ms_watch_signal(actor->loop, numbers[i],
		    on_signal, actor);
	for (guint i = 0; i < actor->fds->len; i++)
		g_ptr_array_add(actor->listens, ms_listen_new(actor->loop,
		    g_array_index(actor->fds, int, i), &events, actor));
	return MS_OK;
}

static void
free_listen(void *listen)
{
	ms_listen_free(listen);
}

/* Those who are still there see the connection break. */
static void
tear_down(struct actor *actor)
{
	GHashTableIter iter;
	gpointer player;

	stop_listening(actor);
	g_hash_table_iter_init(&iter, actor->scenes);
	while (g_hash_table_iter_next(&iter, &player, NULL)) {
		ms_scene_free(((struct player *)player)->scene);
		g_free(player);
	}
	g_hash_table_destroy(actor->scenes);
	g_ptr_array_unref(actor->listens);
	g_array_unref(actor->fds);
	for (size_t i = 0; i < G_N_ELEMENTS(actor->signals); i++)
		ms_watch_free(actor->signals[i]);
	ms_loop_free(actor->loop);
	ms_tls_free(actor->scene.tls);
}

enum ms_status
ms_actor_run(const struct ms_actor_config *config, bool *interrupted,
    struct ms_error *err)
{
	struct actor actor = { .config = config,
		.scene = { .expect = config->expect, .speed = config->speed,
		    .timeout_ms = config->timeout_ms > 0 ?
		    config->timeout_ms : SILENT_MS } };
	enum ms_status status;
	char *name;

	actor.fds = g_array_new(FALSE, FALSE, sizeof(int));
	actor.listens = g_ptr_array_new_with_free_func(free_listen);
	actor.scenes = g_hash_table_new(NULL, NULL);
	status = set_up(&actor, err);
	if (status == MS_OK && config->ready) {
		name = ms_listen_name(g_array_index(actor.fds, int, 0));
		config->ready(config->arg, name);
		g_free(name);
	}
	/* It ends when there is nothing left to wait for. */
	if (status == MS_OK)
		status = ms_loop_run(actor.loop, err);
	*interrupted = actor.interrupted;
	tear_down(&actor);
	return status;
}
