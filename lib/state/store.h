#ifndef MS_STORE_H
#define MS_STORE_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/*
 * The file in which the state is kept: an SQLite database with a
 * write-ahead log, so that a kill at any moment leaves what was committed.
 * One process at a time writes; others may read meanwhile. It is readable by
 * its owner only: there are subjects and senders in it.
 */

#define MS_STORE_SCHEMA 2

enum ms_store_access {
	MS_STORE_READ,
	MS_STORE_WRITE,
	MS_STORE_MAKE		/* likewise, and make it if it is not there */
};

struct sqlite3;
struct sqlite3_stmt;
struct ms_store;

/*
 * MS_OK        *STORE is open
 * MS_E_USAGE   it is another program's file, or of a newer version, or another
 *              process writes to it: ERR says which process; or it is to be
 *              written, and is not for us alone to write to
 * MS_E_FORMAT  it is damaged
 * MS_E_IO      it cannot be opened or made
 * ERR says what to do.
 */
enum ms_status ms_store_open(const char *path, enum ms_store_access access,
    struct ms_store **store, struct ms_error *err);

/* What was not committed is lost. */
void ms_store_close(struct ms_store *store);

/* Look whether it is sound: the structure, or, if ALL, indices as well.
 * MS_E_FORMAT: it is not. */
enum ms_status ms_store_check(struct ms_store *store, bool all,
    struct ms_error *err);

/* Is ST one of its files? */
bool ms_store_is_own(const struct ms_store *store, const struct stat *st);

const char *ms_store_path(const struct ms_store *store);

/* The statement SQL, which is static; ready to be bound, and reset by the next
 * call with the same text. NULL: see ms_store_error(). */
struct sqlite3_stmt *ms_store_query(struct ms_store *store, const char *sql);

/* Bind NUMBER at INDEX (from 1). */
void ms_store_bind(struct sqlite3_stmt *query, int index, int64_t number);

/* MS_OK: there is a row. MS_END: there is no more. QUERY may be NULL. */
enum ms_status ms_store_step(struct ms_store *store,
    struct sqlite3_stmt *query, struct ms_error *err);

/* Run QUERY to its end. */
enum ms_status ms_store_run(struct ms_store *store,
    struct sqlite3_stmt *query, struct ms_error *err);

/* The same of the text SQL, with NUMBER bound, if it asks for one. */
enum ms_status ms_store_do(struct ms_store *store, const char *sql,
    int64_t number, struct ms_error *err);

/* The number that the query or pragma SQL gives first. MS_END: none, and
 * *NUMBER is 0. */
enum ms_status ms_store_ask(struct ms_store *store, const char *sql,
    int64_t *number, struct ms_error *err);

/* What went wrong last, in words that say what to do. */
enum ms_status ms_store_error(struct ms_store *store, struct ms_error *err);

#endif
