#ifndef MS_DATABASE_H
#define MS_DATABASE_H

#include "base/error.h"
#include "base/hash.h"

#include <glib.h>

#include <stdbool.h>
#include <stdint.h>

/*
 * The files of a ClamAV signature database, looked at without loading them:
 * for reports, "db info" and the check of its age.
 */

struct ms_database_file {
	char *name;		/* without the directory */
	uint64_t version;	/* of a signed container; 0: it is none */
	uint64_t signatures;	/* as its header states; 0: not stated */
	int64_t time;		/* built, else changed; seconds since 1970 */
	uint64_t size;
};

struct ms_database {
	char *path;
	GPtrArray *files;	/* of struct ms_database_file *, by name */
	int64_t newest;		/* of all files; -1: there are none */
};

/* The directory that libclamav uses if none is named; static. */
const char *ms_database_default(void);

/*
 * MS_OK    *DATABASE describes the database files in directory PATH, or the
 *          one file PATH; ms_database_free() it
 * MS_E_IO  PATH cannot be read
 */
enum ms_status ms_database_open(const char *path,
    struct ms_database **database, struct ms_error *err);
void ms_database_free(struct ms_database *database);

/* What of the database files in directory PATH, or of the one file PATH, this
 * process has no right to read, or what it must not enter on the way there: who
 * it is, why, and what mends it, in words for g_free(). NULL: it is not kept
 * out. */
char *ms_database_denied(const char *path);

/* "daily 27451, main 62, 3 other files", for the caller to g_free(). */
char *ms_database_describe(const struct ms_database *database);

/* May a signature in it ask for the containers of what it matches? Signed
 * containers and bytecode may; logical signatures do by the words Container
 * and Intermediates. What cannot be read counts as yes. */
bool ms_database_has_contexts(const struct ms_database *database);

/* The bytes of those of its files that may hold signatures of what is in a
 * content, and not of its digest or name. */
uint64_t ms_database_body_bytes(const struct ms_database *database);

/* The digest of the names and contents of its files. MS_E_IO: one of them
 * cannot be read. */
enum ms_status ms_database_digest(const struct ms_database *database,
    struct ms_digest *digest, struct ms_error *err);

/*
 * What names, sizes, times and places on the disk of the database files in
 * directory PATH, or of the one file PATH, amount to: another value after any
 * of them was replaced, at little cost. 0: there is nothing at PATH.
 */
uint64_t ms_database_stamp(const char *path);

#endif
