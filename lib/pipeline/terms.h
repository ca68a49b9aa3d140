#ifndef MS_TERMS_H
#define MS_TERMS_H

#include "base/hash.h"
#include "pipeline/pipeline.h"

/*
 * What the outcome of a message depends on besides the message, as digests:
 * if they are the same, so would the outcome be. Who keeps outcomes from run
 * to run keeps these with them.
 */

/* The options, limits and passwords of CONFIG. How many workers there are, and
 * what is listed, changes no outcome. */
struct ms_digest ms_terms_options(const struct ms_pipeline_config *config);

/* The signature database of CONFIG, the engine's VERSION (may be NULL) and
 * that of this program. MS_E_IO: the database cannot be read. */
enum ms_status ms_terms_database(const struct ms_pipeline_config *config,
    const char *version, struct ms_digest *digest, struct ms_error *err);

#endif
