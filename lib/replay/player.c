#include "replay/player.h"

#include <signal.h>
#include <string.h>

#include "net/timer.h"
#include "net/watch.h"
#include "replay/call.h"

/* A role that is played now, or is going to be. */
struct play {
	struct ms_role *role;
	uint64_t begun, over;	/* runs */
};

struct player {
	const struct ms_player_config *config;
	struct ms_call_config call;
	struct ms_loop *loop;
	struct ms_timer *start;	/* calls, outside of their callbacks */
	GArray *list;		/* struct ms_endpoint */
	struct ms_watch *watches[2];	/* of signals, while there are calls */
	GHashTable *calls;	/* struct on_call *, each its own key */
	struct play *play;	/* of which there are runs to begin */
	bool ended;		/* no more roles, or none is wanted */
	bool interrupted;
	enum ms_status status;	/* of NEXT */
	struct ms_error err;
};

/* Who is told that a call is over. */
struct on_call {
	struct player *player;
	struct play *play;
	struct ms_call *call;
};

static void
free_play(struct play *play)
{
	ms_role_free(play->role);
	g_free(play);
}

/* ms_call_done */
static void
on_done(void *arg, struct ms_played *played)
{
	struct on_call *on = arg;
	struct player *player = on->player;
	struct play *play = on->play;

	play->over++;
	if (!player->config->tell(player->config->arg, played))
		player->ended = true;
	ms_played_free(played);
	if (play->over == play->begun && play != player->play)
		free_play(play);
	(void)g_hash_table_remove(player->calls, on);
	g_free(on);
	ms_timer_set(player->start, 0);
}

/* The play of which a run is to begin; NULL: there is none. */
static struct play *
next_play(struct player *player)
{
	struct ms_role *role = NULL;
	enum ms_status status;

	if (player->play || player->ended)
		return player->ended ? NULL : player->play;
	status = player->config->next(player->config->arg, &role,
	    &player->err);
	if (status != MS_OK) {
		player->ended = true;
		player->status = status < 0 ? status : MS_OK;
		return NULL;
	}
	player->play = g_new0(struct play, 1);
	player->play->role = role;
	return player->play;
}

static void
stop_watching(struct player *player)
{
	for (size_t i = 0; i < G_N_ELEMENTS(player->watches); i++) {
		ms_watch_free(player->watches[i]);
		player->watches[i] = NULL;
	}
}

/* timer: as many calls as there may be. */
static void
on_start(void *arg)
{
	struct player *player = arg;
	struct play *play;

	while (g_hash_table_size(player->calls) < player->config->sessions &&
	    (play = next_play(player)) != NULL) {
		struct on_call *on = g_new0(struct on_call, 1);

		on->player = player;
		on->play = play;
		g_hash_table_add(player->calls, on);
		if (++play->begun == player->config->runs)
			player->play = NULL;
		on->call = ms_call_start(&player->call, play->role,
		    play->begun, on_done, on);
	}
	/* Then the loop ends by itself, after the last goodbye. */
	if (g_hash_table_size(player->calls) == 0)
		stop_watching(player);
}

/* watch */
static void
on_signal(void *arg)
{
	struct player *player = arg;

	player->interrupted = player->ended = true;
	ms_loop_stop(player->loop);
}

static enum ms_status
set_up(struct player *player, struct ms_error *err)
{
	const struct ms_player_config *config = player->config;
	const struct ms_tls_config tls = { .ca_file = config->ca,
		.verify = config->ca != NULL };
	enum ms_status status = ms_endpoint_resolve(config->to, false,
	    &player->list, err);

	if (status == MS_OK)
		status = ms_tls_new(&tls, &player->call.tls, err);
	if (status == MS_OK)
		status = ms_loop_new(&player->loop, err);
	if (status != MS_OK)
		return status;
	player->call.loop = player->loop;
	player->call.list = (const struct ms_endpoint *)
	    (const void *)player->list->data;
	player->call.count = player->list->len;
	player->call.expect = config->expect;
	player->call.speed = config->speed;
	player->call.connect_ms = config->connect_ms;
	player->call.timeout_ms = config->timeout_ms;
	player->call.user = config->user;
	player->call.password = config->password;
	player->call.abort_after = config->abort_after;
	player->call.slow = config->slow;
	player->call.split = config->split;
	return MS_OK;
}

/* The host in TO, for g_free(): whom a certificate is to name. */
static char *
host_of(const char *to)
{
	const char *colon = strrchr(to, ':');

	if (g_str_has_prefix(to, "unix:"))
		return g_strdup("localhost");
	if (to[0] == '[' && colon > to + 1)
		return g_strndup(to + 1, (size_t)(colon - to) - 2);
	return g_strndup(to, (size_t)(colon - to));
}

static void
run(struct player *player, struct ms_error *err)
{
	static const int signals[] = { SIGINT, SIGTERM };
	enum ms_status status;
	struct ms_error lost;

	for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
		player->watches[i] = ms_watch_signal(player->loop,
		    signals[i], on_signal, player);
	player->start = ms_timer_new(player->loop, on_start, player);
	ms_timer_set(player->start, 0);
	status = ms_loop_run(player->loop, &lost);
	if (status != MS_OK && player->status == MS_OK) {
		player->status = status;
		player->err = lost;
	}
	stop_watching(player);
	*err = player->err;
}

static void
tear_down(struct player *player)
{
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, player->calls);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		struct on_call *on = key;

		ms_call_free(on->call);
		if (++on->play->over == on->play->begun &&
		    on->play != player->play)
			free_play(on->play);
		g_free(on);
	}
	g_hash_table_unref(player->calls);
	if (player->play)
		free_play(player->play);
	ms_timer_free(player->start);
	ms_loop_free(player->loop);
	ms_tls_free(player->call.tls);
	if (player->list)
		g_array_unref(player->list);
}

enum ms_status
ms_player(const struct ms_player_config *config, bool *interrupted,
    struct ms_error *err)
{
	struct player player = { .config = config, .status = MS_OK,
		.calls = g_hash_table_new(NULL, NULL) };
	enum ms_status status = ms_endpoint_check(config->to, err);
	char *name = NULL;

	if (status == MS_OK)
		name = host_of(config->to);
	player.call.tls_name = name;
	if (status == MS_OK)
		status = set_up(&player, err);
	if (status == MS_OK) {
		run(&player, err);
		status = player.status;
	}
	tear_down(&player);
	*interrupted = player.interrupted;
	g_free(name);
	return status;
}
