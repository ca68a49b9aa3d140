#ifndef SERVE_SENSE_H
#define SERVE_SENSE_H

#include "serve_options.h"

/*
 * Go through what a service would find when it begins with OPTIONS, of which
 * PLAN was made, and opens nothing for that. What it would not begin with
 * wherever it is, is said to be wrong: false. Of what this machine has not
 * (yet), and of what cannot be meant, is warned.
 */
bool serve_sense(const struct command *cmd,
    const struct serve_options *options, const struct serve_plan *plan);

#endif
