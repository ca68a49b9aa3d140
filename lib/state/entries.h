#ifndef MS_ENTRIES_H
#define MS_ENTRIES_H

#include "state/store.h"

/*
 * The files that the state knows in one folder, in memory while the folder is
 * read: 24 bytes each, sorted by the marks of their names, since a look into
 * the database for each would cost more than the list.
 */

struct ms_entries_one {
	int64_t name;		/* marks: see secret.h */
	int64_t print;		/* 0: may have changed since */
	uint32_t number;	/* in its folder */
	unsigned run : 29;	/* that judged it */
	unsigned found : 1;	/* something */
	unsigned many : 1;	/* not exactly one message */
	unsigned seen : 1;	/* it is still there */
};

struct ms_entries;

/* Those of FOLDER. */
enum ms_status ms_entries_load(struct ms_store *store, int64_t folder,
    struct ms_entries **entries, struct ms_error *err);
void ms_entries_free(struct ms_entries *entries);

/* NULL: there is none. A loan. */
struct ms_entries_one *ms_entries_find(const struct ms_entries *entries,
    int64_t name);

/* The number for one more. */
uint32_t ms_entries_next(struct ms_entries *entries);

/* The key of NUMBER in FOLDER. */
int64_t ms_entries_id(int64_t folder, uint32_t number);

/* Remove from the store those that were not seen. */
enum ms_status ms_entries_forget(const struct ms_entries *entries,
    struct ms_error *err);

/* Remove all files of FOLDER from the store. */
enum ms_status ms_entries_drop(struct ms_store *store, int64_t folder,
    struct ms_error *err);

#endif
