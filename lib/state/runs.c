#include "state/runs.h"

#include "base/clock.h"

#include <glib.h>
#include <sqlite3.h>
#include <string.h>

struct run {
	int64_t id;
	struct ms_digest database, options;	/* zeros: not the same */
	bool mixed;		/* stands for several */
	bool ended, whole;
	int64_t resumes;
	bool counts;
};

struct ms_runs {
	struct ms_store *store;
	struct ms_runs_config config;
	GHashTable *by_id;	/* struct run */
	struct run *current;
	bool ended_well;
};

static struct run *
find(const struct ms_runs *runs, int64_t id)
{
	return g_hash_table_lookup(runs->by_id, &id);
}

static bool
is_set(const struct ms_digest *digest)
{
	static const struct ms_digest zeros;

	return !ms_hash_equal(digest, &zeros);
}

/* Does what was judged under these still count, by --rescan? */
static bool
agrees(const struct ms_runs *runs, const struct run *run)
{
	const struct ms_runs_config *config = &runs->config;

	return config->rescan != MS_RUNS_ALL &&
	    ms_hash_equal(&run->options, &config->options) &&
	    (config->rescan == MS_RUNS_CHANGED ||
	    ms_hash_equal(&run->database, &config->database));
}

static struct run *
add(struct ms_runs *runs, const struct run *run)
{
	struct run *copy = g_memdup2(run, sizeof *run);

	copy->counts = agrees(runs, copy);
	g_hash_table_insert(runs->by_id, &copy->id, copy);
	return copy;
}

static void
get_digest(struct sqlite3_stmt *query, int column, struct ms_digest *digest)
{
	if (sqlite3_column_bytes(query, column) == MS_HASH_SIZE)
		memcpy(digest->bytes, sqlite3_column_blob(query, column),
		    MS_HASH_SIZE);
}

static void
put_digest(struct sqlite3_stmt *query, int index,
    const struct ms_digest *digest)
{
	if (is_set(digest))
		(void)sqlite3_bind_blob(query, index, digest->bytes,
		    MS_HASH_SIZE, SQLITE_TRANSIENT);
	else
		(void)sqlite3_bind_null(query, index);
}

/* Load them all; *LAST is the latest that was a run. */
static enum ms_status
load(struct ms_runs *runs, int64_t *last, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(runs->store,
	    "SELECT id, database, options, began, ended, whole, resumes "
	    "FROM run ORDER BY id");
	enum ms_status status;

	*last = 0;
	while ((status = ms_store_step(runs->store, query, err)) == MS_OK) {
		struct run run = {
			.id = sqlite3_column_int64(query, 0),
			.mixed = sqlite3_column_type(query, 3) ==
			    SQLITE_NULL,
			.ended = sqlite3_column_type(query, 4) !=
			    SQLITE_NULL,
			.whole = sqlite3_column_int(query, 5) != 0,
			.resumes = sqlite3_column_int64(query, 6),
		};

		get_digest(query, 1, &run.database);
		get_digest(query, 2, &run.options);
		(void)add(runs, &run);
		if (!run.mixed)
			*last = run.id;
	}
	return status == MS_END ? MS_OK : status;
}

/* Let those count that are to be resumed, from ID back; the first of them, or
 * 0. */
static int64_t
resume(struct ms_runs *runs, int64_t id)
{
	int64_t first = 0;

	for (struct run *run = find(runs, id); run && !run->whole &&
	    ms_hash_equal(&run->options, &runs->config.options);
	    run = find(runs, run->resumes)) {
		first = first != 0 ? first : run->id;
		run->counts = true;
	}
	return first;
}

/* Write RUN as a new row, and add it. */
static struct run *
insert(struct ms_runs *runs, struct run *run, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(runs->store,
	    "INSERT INTO run(database, options, engine, began, resumes) "
	    "VALUES(?, ?, ?, ?, ?) RETURNING id");

	if (!query)
		return NULL;
	put_digest(query, 1, &run->database);
	put_digest(query, 2, &run->options);
	(void)sqlite3_bind_null(query, 3);
	(void)sqlite3_bind_null(query, 4);
	if (!run->mixed) {
		(void)sqlite3_bind_text(query, 3, runs->config.engine, -1,
		    SQLITE_STATIC);
		ms_store_bind(query, 4, ms_clock_wall());
	}
	ms_store_bind(query, 5, run->resumes);
	if (ms_store_step(runs->store, query, err) != MS_OK)
		return NULL;
	run->id = sqlite3_column_int64(query, 0);
	if (ms_store_run(runs->store, query, err) != MS_OK)
		return NULL;
	return add(runs, run);
}

enum ms_status
ms_runs_begin(struct ms_store *store, const struct ms_runs_config *config,
    struct ms_runs **result, struct ms_error *err)
{
	struct ms_runs *runs = g_new0(struct ms_runs, 1);
	struct run run = { .database = config->database,
		.options = config->options };
	enum ms_status status;
	struct run *before;
	int64_t last;

	runs->store = store;
	runs->config = *config;
	runs->by_id = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL,
	    g_free);
	status = load(runs, &last, err);
	if (status == MS_OK) {
		before = find(runs, last);
		runs->ended_well = !before || before->ended;
		if (config->resume)
			run.resumes = resume(runs, last);
		runs->current = insert(runs, &run, err);
		if (!runs->current)
			status = ms_store_error(store, err);
	}
	if (status != MS_OK) {
		ms_runs_free(runs);
		return status;
	}
	runs->current->counts = true;
	*result = runs;
	return MS_OK;
}

void
ms_runs_free(struct ms_runs *runs)
{
	if (!runs)
		return;
	g_hash_table_unref(runs->by_id);
	g_free(runs);
}

int64_t
ms_runs_current(const struct ms_runs *runs)
{
	return runs->current->id;
}

bool
ms_runs_ended_well(const struct ms_runs *runs)
{
	return runs->ended_well;
}

bool
ms_runs_count(const struct ms_runs *runs, int64_t id)
{
	const struct run *run = find(runs, id);

	return run && run->counts;
}

bool
ms_runs_whole(const struct ms_runs *runs, int64_t id)
{
	const struct run *run = find(runs, id);

	return run && run->whole;
}

enum ms_status
ms_runs_join(struct ms_runs *runs, int64_t *a, int64_t b,
    struct ms_error *err)
{
	const struct run *x = find(runs, *a), *y = find(runs, b), *found;
	struct run both = { .mixed = true };
	GHashTableIter iter;
	gpointer value;

	if (!x)
		*a = b;
	if (*a == b || !y)
		return MS_OK;
	if (ms_hash_equal(&x->database, &y->database))
		both.database = x->database;
	if (ms_hash_equal(&x->options, &y->options))
		both.options = x->options;
	g_hash_table_iter_init(&iter, runs->by_id);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		found = value;
		if (found->mixed &&
		    ms_hash_equal(&found->database, &both.database) &&
		    ms_hash_equal(&found->options, &both.options)) {
			*a = found->id;
			return MS_OK;
		}
	}
	found = insert(runs, &both, err);
	if (!found)
		return ms_store_error(runs->store, err);
	*a = found->id;
	return MS_OK;
}

enum ms_status
ms_runs_end(struct ms_runs *runs, bool whole, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(runs->store,
	    "UPDATE run SET ended = ?, whole = ? WHERE id = ?");

	ms_store_bind(query, 1, ms_clock_wall());
	ms_store_bind(query, 2, whole);
	ms_store_bind(query, 3, runs->current->id);
	return ms_store_run(runs->store, query, err);
}
