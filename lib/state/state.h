#ifndef MS_STATE_H
#define MS_STATE_H

#include "state/found.h"
#include "state/ledger.h"
#include "state/runs.h"

/*
 * What earlier runs have judged, so that another run scans only what is new:
 * see ledger.h for folders and files, judged.h for messages. What fails here
 * costs no verdict: the state is then left as it was committed last, nothing
 * is known any more, and everything is scanned.
 */

struct ms_state_config {
	const char *path;
	struct ms_runs_config runs;
	unsigned act_on;	/* as in ledger.h */
	int64_t policy;
};

struct ms_state;

/*
 * Open or make the state and begin a run. After a run that did not end as it
 * should, the file is checked first. Fails as ms_store_open() does.
 */
enum ms_status ms_state_open(const struct ms_state_config *config,
    struct ms_state **state, struct ms_error *err);

/* What was not committed is lost. */
void ms_state_close(struct ms_state *state);

/* Have the source of CONFIG ask STATE, which must outlive it. */
void ms_state_watch(struct ms_state *state, struct ms_source_config *config);

/* What there is to say of messages that are not scanned. OUTCOME is a loan;
 * FRESH: no run before this one that came to its end has told it. */
typedef void ms_state_tell(void *arg, struct ms_outcome *outcome, bool fresh);

/* A message that was recognised by its digests. */
struct ms_state_known {
	int64_t run;
	int64_t outcome;	/* 0: it is clean */
};

/* MESSAGE was just read: need it not be scanned? */
bool ms_state_knows(struct ms_state *state, const struct ms_message *message,
    struct ms_state_known *known);

/* ITEM was just handed out by the source; any but messages. */
void ms_state_see(struct ms_state *state, const struct ms_source_item *item);

/* What follows comes in the order in which it was handed out, after what was
 * before it in the pipeline. */

/* OUTCOME is of a message that was scanned. Returns whether it is FRESH. */
bool ms_state_scanned(struct ms_state *state,
    const struct ms_outcome *outcome);

/* OUTCOME describes a message that was KNOWN, without facts: TELL what came
 * of it, if it is not clean. */
void ms_state_recall(struct ms_state *state,
    const struct ms_state_known *known, struct ms_outcome *outcome,
    ms_state_tell *tell, void *arg);

/* ITEM is KNOWN or FINISHED: TELL what was found in it. */
void ms_state_item(struct ms_state *state, const struct ms_source_item *item,
    ms_state_tell *tell, void *arg);

/* Once in a while: commit what is a second old. */
void ms_state_tick(struct ms_state *state);

/* Messages that were not scanned because they are known. */
uint64_t ms_state_passed(const struct ms_state *state);

/* MS_OK, or the first failure. */
enum ms_status ms_state_status(const struct ms_state *state,
    struct ms_error *err);

/* The run is over; WHOLE: it came to its end, and all was reported. */
enum ms_status ms_state_end(struct ms_state *state, bool whole,
    struct ms_error *err);

#endif
