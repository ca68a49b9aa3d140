#ifndef MS_LOCAL_H
#define MS_LOCAL_H

#include "pool/frame.h"
#include "pool/teller.h"
#include "pool/zygote.h"

/*
 * What zygote and worker do, in this process and without a box: for
 * debuggers. Facts are told as the frames that a worker would send, so that
 * there is one way to read them.
 */

struct ms_local;

/*
 * MS_OK        *LOCAL is ready; what CONFIG points to must outlive it
 * MS_E_ENGINE  the database did not load: ERR says why
 */
enum ms_status ms_local_open(const struct ms_zygote_config *config,
    struct ms_local **local, struct ms_error *err);
void ms_local_close(struct ms_local *local);

/* What was loaded: a loan for the life of LOCAL. */
const struct ms_frame_ready *ms_local_ready(const struct ms_local *local);

/* Scan the bytes at DATA as REQUEST says. */
void ms_local_scan(struct ms_local *local,
    const struct ms_frame_scan *request, const void *data,
    struct ms_teller *teller);

#endif
