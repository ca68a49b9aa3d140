#ifndef MS_MERGE_H
#define MS_MERGE_H

#include "report/report.h"

/*
 * Which of many reports tells of a message: the one whose run ended last. A
 * message is the same if its source, its number there and its digest are, and
 * what became of a path if the path and that are. Everything is shown here
 * twice, in the same order: once to be noted, then to be asked about. That
 * takes 20 bytes for each, whatever a report says of it, and the same again
 * while they are settled.
 */
struct ms_merge;

struct ms_merge *ms_merge_new(void);
void ms_merge_free(struct ms_merge *merge);

/* One more run, to which what is noted from now on belongs; its number, from
 * 0. */
unsigned ms_merge_run(struct ms_merge *merge);

void ms_merge_note(struct ms_merge *merge, const struct ms_outcome *outcome);
void ms_merge_note_notice(struct ms_merge *merge,
    enum ms_report_notice kind, const struct ms_origin *origin);

/* All is noted. FINISHED says when each run ended; of two that ended at the
 * same time, or nobody knows when, the higher number is the later one. */
void ms_merge_settle(struct ms_merge *merge, const int64_t *finished);

/* Is it RUN that tells of this, and has it not done so before? */
bool ms_merge_take(struct ms_merge *merge, unsigned run,
    const struct ms_outcome *outcome);
bool ms_merge_take_notice(struct ms_merge *merge, unsigned run,
    enum ms_report_notice kind, const struct ms_origin *origin);

#endif
