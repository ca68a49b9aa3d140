#ifndef REPLAY_STREAMS_H
#define REPLAY_STREAMS_H

#include "replay_options.h"

/* Where the outcome of a replay is told, of either side. */

/* Say on standard error that SOURCE (or NULL) is in trouble. */
void replay_streams_complain(const char *source, const struct ms_error *err);

/* Open what OPTIONS name for CONFIG. False: one of them could not be, and that
 * was said. Either way CONFIG is for replay_streams_close(). */
bool replay_streams_open(const struct replay_options *options,
    struct ms_telling_config *config);

/* False: something is lost, and that was said. */
bool replay_streams_close(const struct replay_options *options,
    struct ms_telling_config *config);

#endif
