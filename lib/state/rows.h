#ifndef MS_ROWS_H
#define MS_ROWS_H

#include "source/memory.h"
#include "state/store.h"

/*
 * The rows that say what folders and files were when they were read. All
 * return MS_OK, MS_END where there is no row, or a failure of the store.
 */

/* Was it changed just now, and so cannot be recognised later? */
bool ms_rows_is_racy(const struct stat *st);

struct ms_rows_folder {
	int64_t id;
	int64_t print;		/* as in secret.h; 0: has to be read again */
	int64_t run;		/* that judged all that is in it */
	uint64_t messages;
};

enum ms_status ms_rows_get_folder(struct ms_store *store, const char *path,
    struct ms_rows_folder *folder, struct ms_error *err);

/* SEEN: the run that looked at it last. */
enum ms_status ms_rows_put_folder(struct ms_store *store, const char *path,
    const struct ms_rows_folder *folder, int64_t seen, struct ms_error *err);

/* The highest id of a folder, 0 if there is none. */
enum ms_status ms_rows_last_folder(struct ms_store *store, int64_t *id,
    struct ms_error *err);

/* Forget all folders below PATH that run SEEN did not look at. */
enum ms_status ms_rows_forget_below(struct ms_store *store, const char *path,
    int64_t seen, struct ms_error *err);

struct ms_rows_entry {
	int64_t id;
	int64_t name, print;
	int64_t run;
	uint64_t messages;
	bool found;		/* something, in one of them */
};

enum ms_status ms_rows_put_entry(struct ms_store *store,
    const struct ms_rows_entry *entry, struct ms_error *err);

/* How many messages there are in ENTRY; 0 if there is no such row. */
enum ms_status ms_rows_get_messages(struct ms_store *store, int64_t entry,
    uint64_t *messages, struct ms_error *err);

/* Where the last message of ENTRY begins; with offset 0, that is nowhere. */
enum ms_status ms_rows_get_tail(struct ms_store *store, int64_t entry,
    struct ms_memory_end *end, struct ms_error *err);
enum ms_status ms_rows_put_tail(struct ms_store *store, int64_t entry,
    const struct ms_memory_end *end, struct ms_error *err);

#endif
