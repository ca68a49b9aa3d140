#ifndef MS_JUDGED_H
#define MS_JUDGED_H

#include "report/readback.h"
#include "state/marks.h"
#include "state/runs.h"
#include "state/secret.h"

/*
 * Which messages were judged, and by which run, whatever file they are in; and
 * of those that are not clean what came of them, as a line of a report.
 */

struct ms_judged;

/* All are loans for the life of it, and a transaction has begun. */
enum ms_status ms_judged_new(struct ms_store *store,
    struct ms_secret *secret, const struct ms_runs *runs,
    struct ms_judged **judged, struct ms_error *err);
void ms_judged_free(struct ms_judged *judged);

/* Is the verdict one that needs no line: clean, or skipped? */
bool ms_judged_is_plain(enum ms_verdict verdict);

/* Can it come out otherwise the next time, though the message is the same?
 * After deaths and failures, lack of time or memory, and where other messages
 * play a part. */
bool ms_judged_may_differ(const struct ms_outcome *outcome);

/* MS_OK: MESSAGE was judged by a run that counts. MS_END: it was not. */
enum ms_status ms_judged_find(struct ms_judged *judged,
    const struct ms_message *message, struct ms_marks_row *one,
    struct ms_error *err);

/* Keep OUTCOME, which the current run has made; if FINAL, it counts. *FIRST
 * is the run that first found the same in the same message. */
enum ms_status ms_judged_put(struct ms_judged *judged,
    const struct ms_outcome *outcome, bool final, struct ms_marks_row *one,
    int64_t *first, struct ms_error *err);

/* The run is over. */
enum ms_status ms_judged_end(struct ms_judged *judged, struct ms_error *err);

/* What is kept under the number OUTCOME, and the run that FIRST found it; ITEM
 * is to be cleared whatever comes of it. MS_END: there is nothing. */
enum ms_status ms_judged_load(struct ms_judged *judged, int64_t outcome,
    struct ms_readback_item *item, int64_t *first, struct ms_error *err);

/* The current run tells OUTCOME, and is the first to do so that may come to its
 * end. */
enum ms_status ms_judged_told(struct ms_judged *judged, int64_t outcome,
    struct ms_error *err);

#endif
