#ifndef MS_FOUND_H
#define MS_FOUND_H

#include "message/message.h"
#include "scan/outcome.h"
#include "state/store.h"

/*
 * Where the messages are that are not clean: in which file, and in which place
 * of it.
 */

struct ms_found_place {
	int64_t entry;		/* the file's */
	uint64_t n;		/* of the message in it, from 1 */
	const char *name;	/* the file's name in its folder; "" for one
				 * that was named by itself */
	const char *member;	/* what its path has behind the file's, or "" */
	int64_t outcome;
	int64_t policy;		/* by which all was done with it; 0: it was
				 * not */
};

/* Was something done with the message, and all of it? */
bool ms_found_is_done(const struct ms_outcome *outcome);

enum ms_status ms_found_put(struct ms_store *store,
    const struct ms_found_place *place, const struct ms_origin *origin,
    struct ms_error *err);

/* Those in the entries from FIRST to before END, and before OFFSET in their
 * files (0: all of them). */
struct ms_found_range {
	int64_t first, end;
	uint64_t before;
};

/* OUTCOME is a loan; it is kept under the number ID, and run FIRST is the first
 * that told it, or was to. */
struct ms_found_kept {
	int64_t id, first;
};
typedef void ms_found_tell(void *arg, struct ms_outcome *outcome,
    const struct ms_found_kept *kept);

/* Tell them all: in paths, BASE stands for the folder, or, if it is FILE, for
 * the file. */
struct ms_found_base {
	const char *path;
	bool file;
};
enum ms_status ms_found_each(struct ms_store *store,
    const struct ms_found_range *range, const struct ms_found_base *base,
    ms_found_tell *tell, void *arg, struct ms_error *err);

/* MS_OK: there are some, and, if VERDICTS (1 << enum ms_verdict, or-ed) is not
 * 0, of these verdicts and not yet done with by POLICY. MS_END: there are
 * none. */
enum ms_status ms_found_any(struct ms_store *store,
    const struct ms_found_range *range, unsigned verdicts, int64_t policy,
    struct ms_error *err);

/* The file ENTRY is called NAME now. */
enum ms_status ms_found_rename(struct ms_store *store, int64_t entry,
    const char *name, struct ms_error *err);

/* Forget those of ENTRY from OFFSET on. */
enum ms_status ms_found_clear(struct ms_store *store, int64_t entry,
    uint64_t offset, struct ms_error *err);

#endif
