#ifndef SERVE_SENSE_H
#define SERVE_SENSE_H

#include "ground.h"
#include "serve_options.h"

/*
 * Go through what a service would find when it begins with OPTIONS, of which
 * PLAN was made; NULL: it could not be made, so there is less to look at. What
 * it would not begin with is said to be wrong: false; or, of what another
 * machine may have (the SCENE says so, or we are not root), it is warned, as it
 * is of what cannot be meant.
 */
bool serve_sense(const struct command *cmd,
    const struct serve_options *options, const struct serve_plan *plan,
    const struct ground_scene *scene);

/* The parts that services have in common which do not serve SMTP: the files
 * that whoever starts them opens; */
void serve_sense_start(struct ground *ground,
    const struct serve_options *options);
/* and those of them that are opened again with the service's own rights. */
void serve_sense_again(struct ground *ground,
    const struct serve_options *options);

#endif
