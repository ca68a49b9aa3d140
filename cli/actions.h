#ifndef ACTIONS_H
#define ACTIONS_H

#include "scan_options.h"

/* What the options of "Actions" mean to the library; CONFIG asks for nothing
 * if none is set. False: option_error() has said what does not go together, or
 * what is wrong. */
bool actions_check(const struct command *cmd,
    const struct scan_options *options, struct ms_act_config *config);

/* Have the pipeline keep what the actions will have to store. */
void actions_pipeline(const struct ms_act_config *actions,
    struct ms_pipeline_config *config);

#endif
