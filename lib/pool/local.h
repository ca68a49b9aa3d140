#ifndef MS_LOCAL_H
#define MS_LOCAL_H

#include "pool/pool.h"

/*
 * What zygote and worker do, in this process and without a box: for
 * debuggers. Jobs and events are those of a pool, so that there is one way to
 * deal with them.
 */

struct ms_local;

/*
 * MS_OK        *LOCAL is ready; what CONFIG points to must outlive it
 * MS_E_ENGINE  the database did not load: ERR says why
 */
enum ms_status ms_local_open(const struct ms_zygote_config *config,
    const struct ms_pool_events *events, void *arg, struct ms_local **local,
    struct ms_error *err);
void ms_local_close(struct ms_local *local);

/* What was loaded: a loan for the life of LOCAL. */
const struct ms_frame_ready *ms_local_ready(const struct ms_local *local);

/*
 * Do JOB, and tell what comes of it before this returns.
 *
 * MS_OK    done
 * MS_E_IO  the bytes could not be mapped; done was told all the same
 * other    what the event of a blob answered
 */
enum ms_status ms_local_scan(struct ms_local *local,
    const struct ms_pool_job *job, struct ms_error *err);

#endif
