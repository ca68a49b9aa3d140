#ifndef FROM_STATE_H
#define FROM_STATE_H

#include "scan_options.h"

/* Report all that the state in FILE knows to be found, as OPTIONS say; the exit
 * status. */
int from_state(const struct command *cmd, const struct scan_options *options,
    const char *file);

#endif
