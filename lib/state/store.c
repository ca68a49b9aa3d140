#include "state/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

/* "MSst" in the file's header. */
#define APPLICATION 0x4d537374

/* The byte that the writer locks. SQLite's own locks are on the 512 bytes
 * from 1 GB on, and that page holds no data. */
#define LOCK_BYTE (0x40000000 + 1024)

/* How long a reader waits for a log to be made; milliseconds. */
#define BUSY_MS 5000

struct ms_store {
	char *path;
	struct sqlite3 *db;
	GHashTable *queries;	/* struct sqlite3_stmt by static text */
	int lock;		/* closed after the database: closing any
				 * descriptor of a file gives up all locks */
	struct { dev_t dev; ino_t ino; } own[3];
};

/* Of messages, what is yet to be sorted in, the latest last. Schema 1 had no
 * such table. */
#define RECENT "TABLE recent(id INTEGER PRIMARY KEY, mark BLOB, " \
	"run INTEGER, outcome INTEGER);"

static const char schema[] =
	"CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
	/* One run, or what several have in common: then began is null. */
	"CREATE TABLE run(id INTEGER PRIMARY KEY, database BLOB, options BLOB,"
	"  engine TEXT, began INTEGER, ended INTEGER, whole INTEGER,"
	"  resumes INTEGER);"
	/* The list of a directory, or a file that was named. */
	"CREATE TABLE folder(path BLOB PRIMARY KEY, id INTEGER, print INTEGER,"
	"  run INTEGER, messages INTEGER, seen INTEGER) WITHOUT ROWID;"
	/* A file in one: the upper half of id is the folder's. */
	"CREATE TABLE entry(id INTEGER PRIMARY KEY, name INTEGER,"
	"  print INTEGER, run INTEGER, messages INTEGER, found INTEGER);"
	"CREATE TABLE tail(entry INTEGER PRIMARY KEY, offset INTEGER,"
	"  number INTEGER, before BLOB);"
	"CREATE TABLE message(mark BLOB PRIMARY KEY, run INTEGER,"
	"  outcome INTEGER) WITHOUT ROWID;"
	"CREATE " RECENT
	/* Of messages that are not clean; first: the run that found it. */
	"CREATE TABLE outcome(id INTEGER PRIMARY KEY, first INTEGER,"
	"  verdict INTEGER, same INTEGER, line TEXT);"
	/* Where they are. */
	"CREATE TABLE found(entry INTEGER, n INTEGER, name BLOB, member BLOB,"
	"  format TEXT, many INTEGER, number INTEGER, offset INTEGER,"
	"  length INTEGER, delivered INTEGER, outcome INTEGER,"
	"  policy INTEGER,"
	"  PRIMARY KEY(entry, n)) WITHOUT ROWID;";

enum ms_status
ms_store_error(struct ms_store *store, struct ms_error *err)
{
	int code = sqlite3_errcode(store->db);

	switch (code & 0xff) {
	case SQLITE_NOTADB:
		return ms_error_set(err, MS_E_FORMAT, "%s: it is no state, or "
		    "damaged at its beginning: if it is one, move it away "
		    "(the next run then scans everything again)",
		    store->path);
	case SQLITE_CANTOPEN:
		return ms_error_set(err, MS_E_IO, "%s: the state cannot be "
		    "opened: %s", store->path, g_strerror(errno));
	case SQLITE_CORRUPT:
		return ms_error_set(err, MS_E_FORMAT, "%s: the state is "
		    "damaged: move it away (the next run then scans "
		    "everything again), or bring back a copy", store->path);
	case SQLITE_FULL:
		return ms_error_set(err, MS_E_IO, "%s: no space left for the "
		    "state", store->path);
	case SQLITE_BUSY:
		return ms_error_set(err, MS_E_USAGE, "%s: another program "
		    "works on the state; try again when it is done",
		    store->path);
	case SQLITE_READONLY:
		return ms_error_set(err, MS_E_IO, "%s: the state cannot be "
		    "written: want a file and a directory that can be",
		    store->path);
	default:
		return ms_error_set(err, MS_E_IO, "%s: %s%s%s", store->path,
		    sqlite3_errmsg(store->db), errno != 0 ? ": " : "",
		    errno != 0 ? g_strerror(errno) : "");
	}
}

struct sqlite3_stmt *
ms_store_query(struct ms_store *store, const char *sql)
{
	struct sqlite3_stmt *query = g_hash_table_lookup(store->queries, sql);

	if (query) {
		(void)sqlite3_reset(query);
		return query;
	}
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
	    &query, NULL) != SQLITE_OK)
		return NULL;
	/* By address: texts are static, and asked for once a message. */
	g_hash_table_insert(store->queries, (gpointer)(uintptr_t)sql, query);
	return query;
}

void
ms_store_bind(struct sqlite3_stmt *query, int index, int64_t number)
{
	if (query)
		(void)sqlite3_bind_int64(query, index, number);
}

enum ms_status
ms_store_step(struct ms_store *store, struct sqlite3_stmt *query,
    struct ms_error *err)
{
	int code;

	errno = 0;
	code = query ? sqlite3_step(query) : SQLITE_ERROR;
	if (code == SQLITE_ROW)
		return MS_OK;
	if (code != SQLITE_DONE)
		(void)ms_store_error(store, err);
	if (query)
		(void)sqlite3_reset(query);
	return code == SQLITE_DONE ? MS_END : ms_store_error(store, NULL);
}

enum ms_status
ms_store_run(struct ms_store *store, struct sqlite3_stmt *query,
    struct ms_error *err)
{
	enum ms_status status;

	while ((status = ms_store_step(store, query, err)) == MS_OK)
		;
	return status == MS_END ? MS_OK : status;
}

enum ms_status
ms_store_do(struct ms_store *store, const char *sql, int64_t number,
    struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store, sql);

	if (query && sqlite3_bind_parameter_count(query) > 0)
		ms_store_bind(query, 1, number);
	return ms_store_run(store, query, err);
}

enum ms_status
ms_store_ask(struct ms_store *store, const char *sql, int64_t *number,
    struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store, sql);
	enum ms_status status = ms_store_step(store, query, err);

	*number = 0;
	if (status != MS_OK)
		return status;
	*number = sqlite3_column_int64(query, 0);
	(void)sqlite3_reset(query);
	return MS_OK;
}

const char *
ms_store_path(const struct ms_store *store)
{
	return store->path;
}

/* Who writes to the state at PATH, for the caller to free. */
static char *
writer(const char *path)
{
	struct ms_store *store;
	int64_t pid = 0;

	if (ms_store_open(path, MS_STORE_READ, &store, NULL) == MS_OK) {
		(void)ms_store_ask(store, "SELECT value FROM meta WHERE name = "
		    "'writer'", &pid, NULL);
		ms_store_close(store);
	}
	return pid == 0 ? g_strdup("another process") :
	    g_strdup_printf("process %" G_GINT64_FORMAT, pid);
}

/* Say who writes. */
static enum ms_status
sign(struct ms_store *store, struct ms_error *err)
{
	return ms_store_do(store, "INSERT OR REPLACE INTO meta(name, value) "
	    "VALUES('writer', ?)", getpid(), err);
}

/* Is NAME, as ST has it, for us alone to write to? Who can write to a state can
 * make anything in it known, and clean. */
static enum ms_status
check_owner(const char *name, const struct stat *st, struct ms_error *err)
{
	if (st->st_uid != geteuid())
		return ms_error_set(err, MS_E_USAGE, "%s: belongs to user %lu, "
		    "not to user %lu who runs this, so that what it says is "
		    "not to be trusted: use another --state file", name,
		    (unsigned long)st->st_uid, (unsigned long)geteuid());
	if (!S_ISLNK(st->st_mode) && (st->st_mode & 022) != 0)
		return ms_error_set(err, MS_E_USAGE, "%s: others may write to "
		    "it (mode %04o), so that what it says is not to be "
		    "trusted: use another --state file", name,
		    (unsigned)st->st_mode & 07777);
	return MS_OK;
}

/* The same of the file at PATH, and what SQLite would find beside it. */
static enum ms_status
check_owners(const char *path, struct ms_error *err)
{
	static const char *const suffixes[] = { "", "-journal", "-wal",
		"-shm" };
	enum ms_status status = MS_OK;
	struct stat st;

	for (size_t i = 0; i < G_N_ELEMENTS(suffixes) && status == MS_OK;
	    i++) {
		char *name = g_strconcat(path, suffixes[i], NULL);

		if (lstat(name, &st) == 0)
			status = check_owner(name, &st, err);
		if (status == MS_OK && stat(name, &st) == 0)
			status = check_owner(name, &st, err);
		g_free(name);
	}
	return status;
}

/* Be the one that writes. */
static enum ms_status
take_lock(struct ms_store *store, bool make, struct ms_error *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
		.l_start = LOCK_BYTE, .l_len = 1 };
	enum ms_status status = check_owners(store->path, err);
	char *who;

	if (status != MS_OK)
		return status;
	store->lock = open(store->path, O_RDWR | O_CLOEXEC | O_NONBLOCK |
	    (make ? O_CREAT : 0), 0600);
	if (store->lock < 0)
		return ms_error_errno(err, "%s: the state cannot be opened",
		    store->path);
	/* One of the description's, not of the process: SQLite gives up all
	 * of those with each of its own. */
	if (fcntl(store->lock, F_OFD_SETLK, &lock) == 0)
		return MS_OK;
	if (errno != EAGAIN && errno != EACCES)
		return ms_error_errno(err, "%s: cannot be locked",
		    store->path);
	who = writer(store->path);
	(void)ms_error_set(err, MS_E_USAGE, "%s: %s is writing this state: "
	    "wait until it has ended, or use another --state file",
	    store->path, who);
	g_free(who);
	return MS_E_USAGE;
}

static enum ms_status
make_schema(struct ms_store *store, struct ms_error *err)
{
	char *all = g_strdup_printf("PRAGMA application_id=%d;"
	    "PRAGMA user_version=%d;BEGIN;%sCOMMIT", APPLICATION,
	    MS_STORE_SCHEMA, schema);
	int code = sqlite3_exec(store->db, all, NULL, NULL, NULL);

	g_free(all);
	return code == SQLITE_OK ? MS_OK : ms_store_error(store, err);
}

/* Make a state of schema 1 one of today, or, if it is only read, let it look
 * like one. */
static enum ms_status
renew_schema(struct ms_store *store, bool may_write, struct ms_error *err)
{
	char *all = may_write ? g_strdup_printf("BEGIN IMMEDIATE;CREATE "
	    RECENT "PRAGMA user_version=%d;COMMIT", MS_STORE_SCHEMA) :
	    g_strdup("CREATE TEMP " RECENT);
	int code = sqlite3_exec(store->db, all, NULL, NULL, NULL);

	g_free(all);
	return code == SQLITE_OK ? MS_OK : ms_store_error(store, err);
}

static enum ms_status
check_schema(struct ms_store *store, bool may_write, struct ms_error *err)
{
	int64_t application, version, tables;
	enum ms_status status = ms_store_ask(store, "SELECT count(*) FROM "
	    "sqlite_master", &tables, err);

	if (status == MS_OK)
		status = ms_store_ask(store, "PRAGMA application_id",
		    &application, err);
	if (status == MS_OK)
		status = ms_store_ask(store, "PRAGMA user_version", &version,
		    err);
	if (status != MS_OK)
		return status;
	if (tables == 0 && may_write)
		return make_schema(store, err);
	if (application != APPLICATION || tables == 0)
		return ms_error_set(err, MS_E_USAGE, "%s: is no state of "
		    "mailscan: name another file", store->path);
	if (version > MS_STORE_SCHEMA)
		return ms_error_set(err, MS_E_USAGE, "%s: was written by a "
		    "newer mailscan (schema %d, and this one knows %d): use "
		    "that one, or another --state file", store->path,
		    (int)version, MS_STORE_SCHEMA);
	return version < MS_STORE_SCHEMA ? renew_schema(store, may_write,
	    err) : MS_OK;
}

/* Commits are sure to be whole, but the last ones may be missing after a
 * loss of power: then more is scanned again. */
static enum ms_status
set_up(struct ms_store *store, bool write, struct ms_error *err)
{
	static const char writing[] = "PRAGMA journal_mode=WAL;"
		"PRAGMA synchronous=NORMAL;PRAGMA wal_autocheckpoint=4000;";
	static const char both[] = "PRAGMA cache_size=-16000;"
		"PRAGMA temp_store=MEMORY;PRAGMA trusted_schema=OFF";

	(void)sqlite3_busy_timeout(store->db, BUSY_MS);
	errno = 0;
	if ((write && sqlite3_exec(store->db, writing, NULL, NULL, NULL) !=
	    SQLITE_OK) ||
	    sqlite3_exec(store->db, both, NULL, NULL, NULL) != SQLITE_OK)
		return ms_store_error(store, err);
	return check_schema(store, write, err);
}

static void
note_own(struct ms_store *store)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	struct stat st;

	for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		char *name = g_strconcat(store->path, suffixes[i], NULL);

		if (stat(name, &st) == 0) {
			store->own[i].dev = st.st_dev;
			store->own[i].ino = st.st_ino;
		}
		g_free(name);
	}
}

static void
finalize(gpointer query)
{
	(void)sqlite3_finalize(query);
}

enum ms_status
ms_store_open(const char *path, enum ms_store_access access,
    struct ms_store **result, struct ms_error *err)
{
	struct ms_store *store = g_new0(struct ms_store, 1);
	bool write = access != MS_STORE_READ;
	enum ms_status status = MS_OK;

	store->path = g_strdup(path);
	store->lock = -1;
	store->queries = g_hash_table_new_full(NULL, NULL, NULL,
	    finalize);
	if (write)
		status = take_lock(store, access == MS_STORE_MAKE, err);
	errno = 0;
	if (status == MS_OK && sqlite3_open_v2(path, &store->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		status = ms_store_error(store, err);
	if (status == MS_OK)
		status = set_up(store, write, err);
	if (status == MS_OK && write)
		status = sign(store, err);
	if (status != MS_OK) {
		ms_store_close(store);
		return status;
	}
	note_own(store);
	*result = store;
	return MS_OK;
}

void
ms_store_close(struct ms_store *store)
{
	if (!store)
		return;
	g_hash_table_unref(store->queries);
	(void)sqlite3_close(store->db);
	if (store->lock >= 0)
		(void)close(store->lock);
	g_free(store->path);
	g_free(store);
}

enum ms_status
ms_store_check(struct ms_store *store, bool all, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store, all ?
	    "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)");
	enum ms_status status = ms_store_step(store, query, err);
	const char *text;

	if (status != MS_OK)
		return status == MS_END ? MS_OK : status;
	text = (const char *)sqlite3_column_text(query, 0);
	if (!text || strcmp(text, "ok") != 0)
		status = ms_error_set(err, MS_E_FORMAT, "%s: the state is "
		    "damaged (%s): move it away (the next run then scans "
		    "everything again), or bring back a copy", store->path,
		    text ? text : "?");
	(void)sqlite3_reset(query);
	return status;
}

bool
ms_store_is_own(const struct ms_store *store, const struct stat *st)
{
	for (size_t i = 0; i < G_N_ELEMENTS(store->own); i++)
		if (store->own[i].ino == st->st_ino &&
		    store->own[i].dev == st->st_dev && st->st_ino != 0)
			return true;
	return false;
}
