#ifndef MS_TERMS_H
#define MS_TERMS_H

#include "base/hash.h"
#include "pipeline/pipeline.h"

/*
 * What the outcome of a message depends on besides the message, as digests:
 * if they are the same, so would the outcome be. Who keeps outcomes from run
 * to run keeps these with them.
 */

/* The options, limits and passwords of CONFIG, and what SOURCE takes files for.
 * How many workers there are, and what is listed, changes no outcome; which
 * files are read is not asked here. */
struct ms_digest ms_terms_options(const struct ms_pipeline_config *config,
    const struct ms_source_config *source);

/* The files of CONFIG's signature database. MS_E_IO: they cannot be read. */
enum ms_status ms_terms_files(const struct ms_pipeline_config *config,
    struct ms_digest *digest, struct ms_error *err);

/* The database, with its files as they were before and after it was loaded
 * (what lies between, if they differ, nobody knows: then it is like no other),
 * the engine's VERSION (may be NULL) and that of this program. */
struct ms_digest ms_terms_database(const struct ms_digest *before,
    const struct ms_digest *after, const char *version);

#endif
