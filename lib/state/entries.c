#include "state/entries.h"

#include <glib.h>
#include <sqlite3.h>
#include <stdlib.h>

#define RUN_MAX ((1u << 29) - 1)

struct ms_entries {
	struct ms_store *store;
	int64_t folder;
	GArray *list;		/* of struct ms_entries_one */
	uint32_t last;		/* number that was given */
};

static int
by_name(const void *a, const void *b)
{
	const struct ms_entries_one *x = a, *y = b;

	return (x->name > y->name) - (x->name < y->name);
}

int64_t
ms_entries_id(int64_t folder, uint32_t number)
{
	return folder << 32 | (int64_t)number;
}

enum ms_status
ms_entries_load(struct ms_store *store, int64_t folder,
    struct ms_entries **result, struct ms_error *err)
{
	struct ms_entries *entries = g_new0(struct ms_entries, 1);
	struct sqlite3_stmt *query = ms_store_query(store,
	    "SELECT id, name, print, run, messages, found FROM entry "
	    "WHERE id >= ? AND id < ?");
	enum ms_status status;

	entries->store = store;
	entries->folder = folder;
	entries->list = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_entries_one));
	ms_store_bind(query, 1, ms_entries_id(folder, 0));
	ms_store_bind(query, 2, ms_entries_id(folder + 1, 0));
	while ((status = ms_store_step(store, query, err)) == MS_OK) {
		struct ms_entries_one one = {
			.number = (uint32_t)sqlite3_column_int64(query, 0),
			.name = sqlite3_column_int64(query, 1),
			.print = sqlite3_column_int64(query, 2),
			.run = (unsigned)sqlite3_column_int64(query, 3) &
			    RUN_MAX,
			.many = sqlite3_column_int64(query, 4) != 1,
			.found = sqlite3_column_int(query, 5) != 0,
		};

		g_array_append_val(entries->list, one);
		entries->last = one.number;
	}
	if (status != MS_END) {
		ms_entries_free(entries);
		return status;
	}
	if (entries->list->len > 0)
		qsort(entries->list->data, entries->list->len,
		    sizeof(struct ms_entries_one), by_name);
	*result = entries;
	return MS_OK;
}

void
ms_entries_free(struct ms_entries *entries)
{
	if (!entries)
		return;
	g_array_unref(entries->list);
	g_free(entries);
}

struct ms_entries_one *
ms_entries_find(const struct ms_entries *entries, int64_t name)
{
	const struct ms_entries_one wanted = { .name = name };

	if (entries->list->len == 0)
		return NULL;
	return bsearch(&wanted, entries->list->data, entries->list->len,
	    sizeof wanted, by_name);
}

uint32_t
ms_entries_next(struct ms_entries *entries)
{
	return ++entries->last;
}

/* Remove what is kept of entries from FIRST to before END. */
static enum ms_status
drop(struct ms_store *store, int64_t first, int64_t end, struct ms_error *err)
{
	static const char *const texts[] = {
		"DELETE FROM entry WHERE id >= ? AND id < ?",
		"DELETE FROM tail WHERE entry >= ? AND entry < ?",
		"DELETE FROM found WHERE entry >= ? AND entry < ?",
	};
	enum ms_status status = MS_OK;

	for (size_t i = 0; status == MS_OK && i < G_N_ELEMENTS(texts); i++) {
		struct sqlite3_stmt *query = ms_store_query(store, texts[i]);

		ms_store_bind(query, 1, first);
		ms_store_bind(query, 2, end);
		status = ms_store_run(store, query, err);
	}
	return status;
}

enum ms_status
ms_entries_forget(const struct ms_entries *entries, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	for (guint i = 0; status == MS_OK && i < entries->list->len; i++) {
		const struct ms_entries_one *one = &g_array_index(
		    entries->list, struct ms_entries_one, i);
		int64_t id = ms_entries_id(entries->folder, one->number);

		if (!one->seen)
			status = drop(entries->store, id, id + 1, err);
	}
	return status;
}

enum ms_status
ms_entries_drop(struct ms_store *store, int64_t folder, struct ms_error *err)
{
	return drop(store, ms_entries_id(folder, 0),
	    ms_entries_id(folder + 1, 0), err);
}
