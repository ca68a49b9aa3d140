#ifndef MS_ABOUT_H
#define MS_ABOUT_H

#include "pipeline/pipeline.h"

/* What a scanner says of its engine, and whether that is good enough. */

/* MS_OK; MS_E_USAGE: it looks for nothing; MS_E_ENGINE: its database is DAYS
 * old or older (0: it may be of any age). */
enum ms_status ms_about_check(const struct ms_pipeline_about *about,
    int64_t days, struct ms_error *err);

/* Engine, version and database, as far as they are known (a clamd need not say
 * what it has), for g_free(). */
char *ms_about_engine(const struct ms_pipeline_about *about);

/* The same with what is in it and around it. */
char *ms_about_all(const struct ms_pipeline_about *about);

#endif
