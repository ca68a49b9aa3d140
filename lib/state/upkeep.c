#include "state/upkeep.h"

#include "state/entries.h"
#include "state/marks.h"

#include <glib.h>
#include <sqlite3.h>

/* One number. */
static enum ms_status
ask(struct ms_store *store, const char *sql, uint64_t *number,
    struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store, sql);
	enum ms_status status = ms_store_step(store, query, err);

	*number = 0;
	if (status != MS_OK)
		return status == MS_END ? MS_OK : status;
	*number = (uint64_t)sqlite3_column_int64(query, 0);
	(void)sqlite3_reset(query);
	return MS_OK;
}

static int64_t
time_or_never(struct sqlite3_stmt *query, int column)
{
	return sqlite3_column_type(query, column) == SQLITE_NULL ? -1 :
	    sqlite3_column_int64(query, column);
}

static enum ms_status
last_run(struct ms_store *store, struct ms_upkeep_info *info,
    struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "SELECT began, ended, whole, engine FROM run "
	    "WHERE began IS NOT NULL ORDER BY id DESC LIMIT 1");
	enum ms_status status = ms_store_step(store, query, err);

	info->began = info->ended = -1;
	if (status != MS_OK)
		return status == MS_END ? MS_OK : status;
	info->began = time_or_never(query, 0);
	info->ended = time_or_never(query, 1);
	info->whole = sqlite3_column_int(query, 2) != 0;
	info->engine = g_strdup((const char *)sqlite3_column_text(query, 3));
	(void)sqlite3_reset(query);
	return MS_OK;
}

void
ms_upkeep_info_clear(struct ms_upkeep_info *info)
{
	g_free(info->engine);
	info->engine = NULL;
}

enum ms_status
ms_upkeep_info(struct ms_store *store, struct ms_upkeep_info *info,
    struct ms_error *err)
{
	const struct {
		const char *sql;
		uint64_t *to;
	} rows[] = {
		{ "SELECT count(*) FROM folder", &info->folders },
		{ "SELECT count(*) FROM entry", &info->files },
		{ "SELECT total(messages) FROM entry", &info->messages },
		{ "SELECT count(*) FROM found JOIN outcome "
		  "ON outcome.id = found.outcome", &info->found },
		{ "SELECT (SELECT count(*) FROM message) + (SELECT "
		  "count(DISTINCT mark) FROM recent WHERE mark NOT IN "
		  "(SELECT mark FROM message))", &info->digests },
		{ "SELECT count(*) FROM run WHERE began IS NOT NULL",
		  &info->runs },
		{ "SELECT page_count * page_size FROM pragma_page_count, "
		  "pragma_page_size", &info->bytes },
	};
	enum ms_status status;

	*info = (struct ms_upkeep_info){ 0 };
	status = last_run(store, info, err);
	for (size_t i = 0; status == MS_OK && i < G_N_ELEMENTS(rows); i++)
		status = ask(store, rows[i].sql, rows[i].to, err);
	if (status != MS_OK)
		ms_upkeep_info_clear(info);
	return status;
}

enum ms_status
ms_upkeep_tell(struct ms_store *store, ms_found_tell *tell, void *arg,
    struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "SELECT path, id FROM folder ORDER BY path");
	enum ms_status status;

	while ((status = ms_store_step(store, query, err)) == MS_OK) {
		const char *path = sqlite3_column_blob(query, 0);
		int64_t id = sqlite3_column_int64(query, 1);
		const struct ms_found_range range = {
			ms_entries_id(id, 0), ms_entries_id(id + 1, 0), 0
		};
		char *copy = g_strndup(path ? path : "",
		    (gsize)sqlite3_column_bytes(query, 0));
		const struct ms_found_base base = { copy, false };

		status = ms_found_each(store, &range, &base, tell, arg, err);
		g_free(copy);
		if (status != MS_OK)
			break;
	}
	if (query)
		(void)sqlite3_reset(query);
	return status == MS_END ? MS_OK : status;
}

/* The folders that nobody has looked at since BEFORE. */
static enum ms_status
prune_folders(struct ms_store *store, int64_t before, uint64_t *count,
    struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "SELECT id FROM folder WHERE seen NOT IN "
	    "(SELECT id FROM run WHERE began >= ?)");
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	enum ms_status status;

	ms_store_bind(query, 1, before);
	while ((status = ms_store_step(store, query, err)) == MS_OK) {
		int64_t id = sqlite3_column_int64(query, 0);

		g_array_append_val(ids, id);
	}
	status = status == MS_END ? MS_OK : status;
	for (guint i = 0; status == MS_OK && i < ids->len; i++)
		status = ms_entries_drop(store, g_array_index(ids, int64_t,
		    i), err);
	if (status == MS_OK)
		status = ms_store_do(store, "DELETE FROM folder WHERE seen "
		    "NOT IN (SELECT id FROM run WHERE began >= ?)", before,
		    err);
	*count = ids->len;
	g_array_unref(ids);
	return status;
}

enum ms_status
ms_upkeep_prune(struct ms_store *store, int64_t before,
    struct ms_upkeep_pruned *pruned, struct ms_error *err)
{
	uint64_t were = 0, are = 0;
	enum ms_status status = ms_store_do(store, "BEGIN IMMEDIATE", 0, err);

	if (status == MS_OK)
		status = ms_marks_gather(store, err);
	if (status == MS_OK)
		status = ask(store, "SELECT count(*) FROM message", &were,
		    err);
	if (status == MS_OK)
		status = prune_folders(store, before, &pruned->folders, err);
	if (status == MS_OK)
		status = ms_store_do(store, "DELETE FROM message WHERE run "
		    "NOT IN (SELECT id FROM run WHERE began >= ?)", before,
		    err);
	/* Runs stay: they are few, and say which findings are new. */
	if (status == MS_OK)
		status = ms_store_do(store, "DELETE FROM outcome WHERE id "
		    "NOT IN (SELECT outcome FROM found UNION SELECT outcome "
		    "FROM message WHERE outcome IS NOT NULL)", 0, err);
	if (status == MS_OK)
		status = ask(store, "SELECT count(*) FROM message", &are,
		    err);
	if (status == MS_OK)
		status = ms_store_do(store, "COMMIT", 0, err);
	if (status == MS_OK)
		status = ms_store_do(store, "VACUUM", 0, err);
	pruned->digests = were - are;
	return status;
}
