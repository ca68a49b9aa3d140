#ifndef REPLAY_LISTEN_H
#define REPLAY_LISTEN_H

#include "replay_options.h"

/* The server's side of COUNT captures at PATHS is played to clients that
 * connect. Returns what to exit with. */
int replay_listen(const struct command *cmd,
    const struct replay_options *options, int count, char **paths);

#endif
