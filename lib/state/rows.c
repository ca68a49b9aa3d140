#include "state/rows.h"

#include "base/clock.h"
#include "state/entries.h"

#include <glib.h>
#include <sqlite3.h>
#include <string.h>

/* What was changed so recently may be changed again without its time being
 * another: some file systems count in pieces of two seconds. */
#define RACY_SECONDS 2

static void
bind_path(struct sqlite3_stmt *query, int index, const char *path)
{
	if (query)
		(void)sqlite3_bind_blob(query, index, path,
		    (int)strlen(path), SQLITE_TRANSIENT);
}

bool
ms_rows_is_racy(const struct stat *st)
{
	return ms_clock_wall() - (int64_t)st->st_mtim.tv_sec <= RACY_SECONDS;
}

enum ms_status
ms_rows_get_folder(struct ms_store *store, const char *path,
    struct ms_rows_folder *folder, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "SELECT id, print, run, messages FROM folder WHERE path = ?");
	enum ms_status status;

	*folder = (struct ms_rows_folder){ 0 };
	bind_path(query, 1, path);
	status = ms_store_step(store, query, err);
	if (status != MS_OK)
		return status;
	folder->id = sqlite3_column_int64(query, 0);
	folder->print = sqlite3_column_int64(query, 1);
	folder->run = sqlite3_column_int64(query, 2);
	folder->messages = (uint64_t)sqlite3_column_int64(query, 3);
	(void)sqlite3_reset(query);
	return MS_OK;
}

enum ms_status
ms_rows_put_folder(struct ms_store *store, const char *path,
    const struct ms_rows_folder *folder, int64_t seen, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "INSERT OR REPLACE INTO folder(path, id, print, run, messages, "
	    "seen) VALUES(?, ?, ?, ?, ?, ?)");

	bind_path(query, 1, path);
	ms_store_bind(query, 2, folder->id);
	ms_store_bind(query, 3, folder->print);
	ms_store_bind(query, 4, folder->run);
	ms_store_bind(query, 5, (int64_t)folder->messages);
	ms_store_bind(query, 6, seen);
	return ms_store_run(store, query, err);
}

enum ms_status
ms_rows_last_folder(struct ms_store *store, int64_t *id, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "SELECT coalesce(max(id), 0) FROM folder");
	enum ms_status status = ms_store_step(store, query, err);

	*id = 0;
	if (status != MS_OK)
		return status;
	*id = sqlite3_column_int64(query, 0);
	(void)sqlite3_reset(query);
	return MS_OK;
}

enum ms_status
ms_rows_forget_below(struct ms_store *store, const char *path, int64_t seen,
    struct ms_error *err)
{
	static const char found[] = "SELECT id FROM folder WHERE path > ?1 "
		"AND path < ?2 AND seen <> ?3";
	static const char gone[] = "DELETE FROM folder WHERE path > ?1 "
		"AND path < ?2 AND seen <> ?3";
	size_t size = strlen(path);
	const char *slash = size > 0 && path[size - 1] == '/' ? "" : "/";
	char *first = g_strconcat(path, slash, NULL);
	char *end = g_strdup(first);
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	struct sqlite3_stmt *query = ms_store_query(store, found);
	enum ms_status status;

	/* What comes after '/'. */
	end[strlen(end) - 1] = '/' + 1;
	bind_path(query, 1, first);
	bind_path(query, 2, end);
	ms_store_bind(query, 3, seen);
	while ((status = ms_store_step(store, query, err)) == MS_OK) {
		int64_t id = sqlite3_column_int64(query, 0);

		g_array_append_val(ids, id);
	}
	status = status == MS_END ? MS_OK : status;
	for (guint i = 0; status == MS_OK && i < ids->len; i++)
		status = ms_entries_drop(store, g_array_index(ids, int64_t,
		    i), err);
	if (status == MS_OK && ids->len > 0) {
		query = ms_store_query(store, gone);
		bind_path(query, 1, first);
		bind_path(query, 2, end);
		ms_store_bind(query, 3, seen);
		status = ms_store_run(store, query, err);
	}
	g_array_unref(ids);
	g_free(end);
	g_free(first);
	return status;
}

enum ms_status
ms_rows_put_entry(struct ms_store *store, const struct ms_rows_entry *entry,
    struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "INSERT OR REPLACE INTO entry(id, name, print, run, messages, "
	    "found) VALUES(?, ?, ?, ?, ?, ?)");

	ms_store_bind(query, 1, entry->id);
	ms_store_bind(query, 2, entry->name);
	ms_store_bind(query, 3, entry->print);
	ms_store_bind(query, 4, entry->run);
	ms_store_bind(query, 5, (int64_t)entry->messages);
	ms_store_bind(query, 6, entry->found);
	return ms_store_run(store, query, err);
}

enum ms_status
ms_rows_get_messages(struct ms_store *store, int64_t entry,
    uint64_t *messages, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "SELECT messages FROM entry WHERE id = ?");
	enum ms_status status;

	*messages = 0;
	ms_store_bind(query, 1, entry);
	status = ms_store_step(store, query, err);
	if (status != MS_OK)
		return status == MS_END ? MS_OK : status;
	*messages = (uint64_t)sqlite3_column_int64(query, 0);
	(void)sqlite3_reset(query);
	return MS_OK;
}

enum ms_status
ms_rows_get_tail(struct ms_store *store, int64_t entry,
    struct ms_memory_end *end, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "SELECT offset, number, before FROM tail WHERE entry = ?");
	enum ms_status status;

	*end = (struct ms_memory_end){ 0 };
	ms_store_bind(query, 1, entry);
	status = ms_store_step(store, query, err);
	if (status != MS_OK)
		return status == MS_END ? MS_OK : status;
	if (sqlite3_column_bytes(query, 2) == MS_HASH_SIZE &&
	    sqlite3_column_int64(query, 1) > 0) {
		end->offset = (uint64_t)sqlite3_column_int64(query, 0);
		end->index = (uint64_t)sqlite3_column_int64(query, 1);
		memcpy(end->before.bytes, sqlite3_column_blob(query, 2),
		    MS_HASH_SIZE);
	}
	(void)sqlite3_reset(query);
	return MS_OK;
}

enum ms_status
ms_rows_put_tail(struct ms_store *store, int64_t entry,
    const struct ms_memory_end *end, struct ms_error *err)
{
	struct sqlite3_stmt *query;

	if (end->offset == 0)
		return ms_store_do(store, "DELETE FROM tail WHERE entry = ?",
		    entry, err);
	query = ms_store_query(store, "INSERT OR REPLACE INTO "
	    "tail(entry, offset, number, before) VALUES(?, ?, ?, ?)");
	ms_store_bind(query, 1, entry);
	ms_store_bind(query, 2, (int64_t)end->offset);
	ms_store_bind(query, 3, (int64_t)end->index);
	if (query)
		(void)sqlite3_bind_blob(query, 4, end->before.bytes,
		    MS_HASH_SIZE, SQLITE_TRANSIENT);
	return ms_store_run(store, query, err);
}
