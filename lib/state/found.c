#include "state/found.h"

#include "report/readback.h"
#include "message/maildir.h"

#include <glib.h>
#include <sqlite3.h>
#include <string.h>

/* TEXT is bytes: as the system gave it. */
static void
bind_bytes(struct sqlite3_stmt *query, int index, const char *text)
{
	(void)sqlite3_bind_blob(query, index, text, (int)strlen(text),
	    SQLITE_TRANSIENT);
}

bool
ms_found_is_done(const struct ms_outcome *outcome)
{
	for (guint i = 0; i < outcome->deeds->len; i++) {
		const struct ms_deed *deed = outcome->deeds->pdata[i];

		if (deed->state != MS_DEED_DONE)
			return false;
	}
	return outcome->deeds->len > 0;
}

enum ms_status
ms_found_put(struct ms_store *store, const struct ms_found_place *place,
    const struct ms_origin *origin, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "INSERT OR REPLACE INTO found(entry, n, name, member, format, "
	    "many, number, offset, length, delivered, outcome, policy) "
	    "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

	if (!query)
		return ms_store_error(store, err);
	ms_store_bind(query, 1, place->entry);
	ms_store_bind(query, 2, (int64_t)place->n);
	bind_bytes(query, 3, place->name);
	bind_bytes(query, 4, place->member);
	(void)sqlite3_bind_text(query, 5, origin->format, -1, SQLITE_STATIC);
	/* Of a capture, also in which stream: more than 1 was never there. */
	ms_store_bind(query, 6, origin->stream > 0 ?
	    (int64_t)origin->stream + 1 : origin->many);
	ms_store_bind(query, 7, (int64_t)origin->index);
	ms_store_bind(query, 8, (int64_t)origin->offset);
	ms_store_bind(query, 9, (int64_t)origin->length);
	ms_store_bind(query, 10, origin->delivered);
	ms_store_bind(query, 11, place->outcome);
	ms_store_bind(query, 12, place->policy);
	return ms_store_run(store, query, err);
}

static char *
get_bytes(struct sqlite3_stmt *query, int column)
{
	const char *bytes = sqlite3_column_blob(query, column);

	return g_strndup(bytes ? bytes : "",
	    (gsize)sqlite3_column_bytes(query, column));
}

/* Where the message of this row is, instead of where it was first. */
static void
set_origin(struct sqlite3_stmt *query, const struct ms_found_base *base,
    struct ms_origin *origin)
{
	const char *format = (const char *)sqlite3_column_text(query, 4);
	char *name = get_bytes(query, 2), *member = get_bytes(query, 3);
	const int64_t many = sqlite3_column_int64(query, 5);

	ms_message_origin_clear(origin);
	*origin = (struct ms_origin){
		.source = g_strconcat(base->path,
		    base->file || *name == '\0' ? "" : "/",
		    base->file ? "" : name, member, NULL),
		/* There are few formats. */
		.format = format ? g_intern_string(format) : NULL,
		.many = many != 0,
		.stream = many > 1 ? (uint64_t)many - 1 : 0,
		.index = (uint64_t)sqlite3_column_int64(query, 6),
		.offset = (uint64_t)sqlite3_column_int64(query, 7),
		.length = (uint64_t)sqlite3_column_int64(query, 8),
		.delivered = sqlite3_column_int64(query, 9),
	};
	if (format && strcmp(format, "maildir") == 0) {
		const char *last = strrchr(origin->source, '/');

		origin->flags = ms_maildir_flags(last ? last + 1 :
		    origin->source);
	}
	g_free(name);
	g_free(member);
}

/* Tell the row at which QUERY stands. */
static enum ms_status
tell_row(struct sqlite3_stmt *query, const struct ms_found_base *base,
    ms_found_tell *tell, void *arg, struct ms_error *err)
{
	const char *line = (const char *)sqlite3_column_text(query, 11);
	const struct ms_found_kept kept = { sqlite3_column_int64(query, 12),
		sqlite3_column_int64(query, 10) };
	struct ms_readback_item item = { 0 };
	enum ms_status status = ms_readback_parse(line ? line : "",
	    (size_t)sqlite3_column_bytes(query, 11), &item, err);

	if (status == MS_OK && item.outcome) {
		set_origin(query, base, &item.outcome->origin);
		tell(arg, item.outcome, &kept);
	} else if (status >= 0) {
		/* It would pass for clean. */
		status = ms_error_set(err, MS_E_FORMAT, "the state is damaged "
		    "(a message without an outcome): move it away");
	}
	ms_readback_item_clear(&item);
	if (status < 0)
		ms_error_context(err, "what was found in %s", base->path);
	return status < 0 ? status : MS_OK;
}

static void
bind_range(struct sqlite3_stmt *query, const struct ms_found_range *range)
{
	ms_store_bind(query, 1, range->first);
	ms_store_bind(query, 2, range->end);
	ms_store_bind(query, 3, range->before > 0 ?
	    (int64_t)range->before : INT64_MAX);
}

enum ms_status
ms_found_each(struct ms_store *store, const struct ms_found_range *range,
    const struct ms_found_base *base, ms_found_tell *tell, void *arg,
    struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "SELECT entry, n, name, member, format, many, number, offset, "
	    "length, delivered, first, line, outcome.id "
	    "FROM found LEFT JOIN outcome "
	    "ON outcome.id = found.outcome WHERE entry >= ?1 AND entry < ?2 "
	    "AND offset < ?3 ORDER BY entry, n");
	enum ms_status status = MS_OK;

	bind_range(query, range);
	while (status == MS_OK &&
	    (status = ms_store_step(store, query, err)) == MS_OK)
		status = tell_row(query, base, tell, arg, err);
	if (query)
		(void)sqlite3_reset(query);
	return status == MS_END ? MS_OK : status;
}

enum ms_status
ms_found_any(struct ms_store *store, const struct ms_found_range *range,
    unsigned verdicts, int64_t policy, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "SELECT 1 FROM found LEFT JOIN outcome "
	    "ON outcome.id = found.outcome WHERE entry >= ?1 "
	    "AND entry < ?2 AND offset < ?3 AND (?4 = 0 OR ("
	    "?4 >> verdict & 1 = 1 AND policy IS NOT ?5)) LIMIT 1");
	enum ms_status status;

	bind_range(query, range);
	ms_store_bind(query, 4, verdicts);
	ms_store_bind(query, 5, policy);
	status = ms_store_step(store, query, err);
	if (query)
		(void)sqlite3_reset(query);
	return status;
}

enum ms_status
ms_found_rename(struct ms_store *store, int64_t entry, const char *name,
    struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "UPDATE found SET name = ?2 WHERE entry = ?1 AND name <> ?2");

	if (!query)
		return ms_store_error(store, err);
	ms_store_bind(query, 1, entry);
	bind_bytes(query, 2, name);
	return ms_store_run(store, query, err);
}

enum ms_status
ms_found_clear(struct ms_store *store, int64_t entry, uint64_t offset,
    struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(store,
	    "DELETE FROM found WHERE entry = ? AND offset >= ?");

	ms_store_bind(query, 1, entry);
	ms_store_bind(query, 2, (int64_t)offset);
	return ms_store_run(store, query, err);
}
