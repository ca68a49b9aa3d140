#ifndef REPLAY_OFFLINE_H
#define REPLAY_OFFLINE_H

#include "replay_options.h"

/* Sessions that are played to the proxy's own machine, and to no server. */
struct replay_offline;

/* Ready the engine. NULL: ERR says why not. */
struct replay_offline *replay_offline_open(
    const struct replay_options *options, struct ms_error *err);
void replay_offline_close(struct replay_offline *offline);

/* As ms_player(), with TELL and NEXT, which get ARG. */
enum ms_status replay_offline_play(struct replay_offline *offline,
    ms_player_next *next, ms_player_tell *tell, void *arg,
    struct ms_error *err);

/* Are the choices of on-infected and so on some? It has been said. */
bool replay_offline_check(const struct command *cmd,
    const struct replay_options *options);

/* Its rows of options. */
extern const struct opt replay_offline_rows[];

#endif
