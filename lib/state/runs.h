#ifndef MS_RUNS_H
#define MS_RUNS_H

#include "base/hash.h"
#include "state/store.h"

/*
 * The runs that the state remembers: under which database and options each
 * judged, and so whether what it judged still counts. What several runs judged
 * together has an entry of its own, which says what these have in common.
 */

enum ms_runs_rescan {
	MS_RUNS_DATABASE,	/* what was judged under another database */
	MS_RUNS_CHANGED,	/* only what is new or has changed */
	MS_RUNS_ALL
};

struct ms_runs_config {
	struct ms_digest database;	/* and the engine's version */
	struct ms_digest options;
	const char *engine;		/* and database, for people */
	enum ms_runs_rescan rescan;
	bool resume;		/* what the runs judged that came last, and not
				 * to their end, counts whatever RESCAN says */
};

struct ms_runs;

/* Load those of STORE and begin another. */
enum ms_status ms_runs_begin(struct ms_store *store,
    const struct ms_runs_config *config, struct ms_runs **runs,
    struct ms_error *err);
void ms_runs_free(struct ms_runs *runs);

/* The number of the run that was begun; never 0, which is no run. */
int64_t ms_runs_current(const struct ms_runs *runs);

/* Did the run before end as it should have? Yes, if there is none. */
bool ms_runs_ended_well(const struct ms_runs *runs);

/* Does what run ID judged still count? */
bool ms_runs_count(const struct ms_runs *runs, int64_t id);

/* Did ID come to its end, with all reported? */
bool ms_runs_whole(const struct ms_runs *runs, int64_t id);

/* *A is then the run that stands for A and B; either may be 0, for nothing. A
 * failure is the store's, and leaves *A as it was. */
enum ms_status ms_runs_join(struct ms_runs *runs, int64_t *a, int64_t b,
    struct ms_error *err);

/* Note that the current run came to its end; WHOLE: and all was reported. */
enum ms_status ms_runs_end(struct ms_runs *runs, bool whole,
    struct ms_error *err);

#endif
