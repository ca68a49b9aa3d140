#ifndef REPLAY_TO_H
#define REPLAY_TO_H

#include "replay_options.h"

/* The client's side of COUNT captures (or mail, with --from-mail) at PATHS is
 * played to a server. Returns what to exit with. */
int replay_to(const struct command *cmd, const struct replay_options *options,
    int count, char **paths);

#endif
