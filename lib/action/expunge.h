#ifndef MS_EXPUNGE_H
#define MS_EXPUNGE_H

#include "action/grip.h"
#include "report/report.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Messages of one mbox that are to be removed when it has been read: to close
 * the gaps one by one would move its end as often. They are noted down in 56
 * bytes each.
 */

struct ms_expunge;

struct ms_expunge *ms_expunge_new(void);
void ms_expunge_free(struct ms_expunge *expunge);

/* How many are noted down. */
uint64_t ms_expunge_count(const struct ms_expunge *expunge);

/* Are there some, of the same mailbox as ORIGIN? */
bool ms_expunge_is_of(const struct ms_expunge *expunge,
    const struct ms_origin *origin);

/* Is the message at ORIGIN, of the same mailbox, noted down? */
bool ms_expunge_has(const struct ms_expunge *expunge,
    const struct ms_origin *origin);

/* May the message at ORIGIN be added? Only of the same mailbox as those that
 * are, and behind them. */
bool ms_expunge_takes(const struct ms_expunge *expunge,
    const struct ms_origin *origin);

/* Note down the message of GRIP, which OUTCOME is about. */
void ms_expunge_add(struct ms_expunge *expunge,
    const struct ms_outcome *outcome, const struct ms_grip *grip);

/* What became of them. */
struct ms_expunge_result {
	uint64_t removed;
	uint64_t left;
	struct ms_error why;	/* the first one was left */
};

/* Remove them, but for those that have changed since, and forget them. */
void ms_expunge_run(struct ms_expunge *expunge,
    const struct ms_lock_config *locking, struct ms_expunge_result *result);

/* Forget them: WHY. */
void ms_expunge_drop(struct ms_expunge *expunge, const char *why,
    struct ms_expunge_result *result);

#endif
