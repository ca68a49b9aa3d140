#ifndef MS_UPKEEP_H
#define MS_UPKEEP_H

#include "state/found.h"
#include "state/store.h"

/*
 * What can be done with a state besides scanning: say what is in it, tell what
 * was found, and forget what is old.
 */

struct ms_upkeep_info {
	uint64_t folders;	/* or files that were named */
	uint64_t files, messages; /* in these */
	uint64_t found;		/* of the messages: not clean */
	uint64_t digests;	/* of messages, wherever they are */
	uint64_t runs;
	uint64_t bytes;		/* of the file */
	int64_t began, ended;	/* the last run; -1: never */
	bool whole;		/* it came to its end */
	char *engine;		/* of the last run, as it was given */
};

void ms_upkeep_info_clear(struct ms_upkeep_info *info);

/* If it fails, INFO holds nothing. */
enum ms_status ms_upkeep_info(struct ms_store *store,
    struct ms_upkeep_info *info, struct ms_error *err);

/* Tell all that is known to be found, by path; paths are full. */
enum ms_status ms_upkeep_tell(struct ms_store *store, ms_found_tell *tell,
    void *arg, struct ms_error *err);

struct ms_upkeep_pruned {
	uint64_t folders, digests;
};

/* Forget folders that no run has looked at since BEFORE (seconds since 1970),
 * and digests of messages that were judged before and have not been since. */
enum ms_status ms_upkeep_prune(struct ms_store *store, int64_t before,
    struct ms_upkeep_pruned *pruned, struct ms_error *err);

#endif
