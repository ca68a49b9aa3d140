#ifndef MILTER_SENSE_H
#define MILTER_SENSE_H

#include "ground.h"
#include "milter_options.h"

/* As serve_sense(), of a filter for mail servers. */
bool milter_sense(const struct command *cmd,
    const struct milter_options *options, const struct milter_plan *plan,
    const struct ground_scene *scene);

#endif
