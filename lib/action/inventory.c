#include "action/inventory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "action/beneath.h"

/* Bytes of "YYYYMMDD". */
#define DAY_BYTES 8

/* What is found under a name. */
enum { HAS_MESSAGE = 1, HAS_RECORD = 2, IS_LEFTOVER = 4, IS_FOREIGN = 8 };

static const char *const message_ends[] = { ".eml", ".zip" };

/* The names in the directory DIR, which stays the caller's. */
static enum ms_status
list_names(int dir, GPtrArray *names, struct ms_error *err)
{
	int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;
	int why;

	if (!stream) {
		(void)ms_error_errno(err, "cannot list the quarantine");
		if (again >= 0)
			(void)close(again);
		return MS_E_IO;
	}
	while (errno = 0, (entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			g_ptr_array_add(names, g_strdup(entry->d_name));
	why = errno;
	(void)closedir(stream);
	errno = why;
	return why == 0 ? MS_OK : ms_error_errno(err,
	    "cannot list the quarantine");
}

/* The id of what has the file name NAME, which ends with END, on DAY; NULL:
 * no name of ours. */
static char *
id_of(const char *day, const char *name, size_t size, const char *end)
{
	const size_t ending = strlen(end);
	char *id;

	if (size <= ending || memcmp(name + size - ending, end, ending) != 0)
		return NULL;
	id = g_strdup_printf("%s/%.*s", day, (int)(size - ending), name);
	if (ms_custody_is_id(id))
		return id;
	g_free(id);
	return NULL;
}

/* The id of what belongs to a message in quarantine; NULL: nothing. */
static char *
id_of_file(const char *day, const char *name, size_t size, unsigned *what)
{
	char *id = id_of(day, name, size, ".json");

	*what = HAS_RECORD;
	for (size_t i = 0; !id && i < G_N_ELEMENTS(message_ends); i++) {
		id = id_of(day, name, size, message_ends[i]);
		*what = HAS_MESSAGE;
	}
	return id;
}

/* Is NAME that of a file that was to become one? */
static bool
is_leftover(const char *day, const char *name)
{
	unsigned what;
	char *id;

	if (name[0] != '.' || !g_str_has_suffix(name, ".new"))
		return false;
	id = id_of_file(day, name + 1, strlen(name) - 5, &what);
	g_free(id);
	return id != NULL;
}

/* Note in TABLE what the file NAME is. */
static void
sort_in(GHashTable *table, const char *day, const char *name)
{
	unsigned what;
	char *id = id_of_file(day, name, strlen(name), &what);

	if (!id) {
		what = is_leftover(day, name) ? IS_LEFTOVER : IS_FOREIGN;
		id = g_strdup_printf("%s/%s", day, name);
	}
	what |= GPOINTER_TO_UINT(g_hash_table_lookup(table, id));
	g_hash_table_replace(table, id, GUINT_TO_POINTER(what));
}

static int
by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Visit what is in TABLE, in order. */
static enum ms_status
visit_table(GHashTable *table, ms_inventory_visit *visit, void *arg,
    struct ms_error *err)
{
	GPtrArray *ids = g_ptr_array_new();
	enum ms_status status = MS_OK;
	GHashTableIter iter;
	gpointer key, value;

	g_hash_table_iter_init(&iter, table);
	while (g_hash_table_iter_next(&iter, &key, &value))
		g_ptr_array_add(ids, key);
	g_ptr_array_sort(ids, by_text);
	for (guint i = 0; i < ids->len && status == MS_OK; i++) {
		const char *id = g_ptr_array_index(ids, i);
		const unsigned what = GPOINTER_TO_UINT(
		    g_hash_table_lookup(table, id));
		const struct ms_inventory_name name = {
			.id = id,
			.message = (what & HAS_MESSAGE) != 0,
			.record = (what & HAS_RECORD) != 0,
			.leftover = what == IS_LEFTOVER,
			.foreign = what == IS_FOREIGN,
		};

		status = visit(arg, &name, err);
	}
	g_ptr_array_unref(ids);
	return status;
}

static enum ms_status
visit_day(struct ms_quarantine *q, const char *day, ms_inventory_visit *visit,
    void *arg, struct ms_error *err)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal,
	    g_free, NULL);
	enum ms_status status;
	int dir;

	status = ms_beneath_directory(ms_quarantine_fd(q), day, false, &dir,
	    err);
	if (status == MS_OK) {
		status = list_names(dir, names, err);
		(void)close(dir);
		for (guint i = 0; i < names->len; i++)
			sort_in(table, day, g_ptr_array_index(names, i));
		if (status == MS_OK)
			status = visit_table(table, visit, arg, err);
	} else if (status == MS_END) {
		status = MS_OK;		/* its last message has just gone */
	}
	g_hash_table_unref(table);
	g_ptr_array_unref(names);
	return status;
}

static bool
is_day(const char *name)
{
	return strlen(name) == DAY_BYTES &&
	    strspn(name, "0123456789") == DAY_BYTES;
}

enum ms_status
ms_inventory_each(struct ms_quarantine *q, unsigned from, unsigned to,
    ms_inventory_visit *visit, void *arg, struct ms_error *err)
{
	GPtrArray *days = g_ptr_array_new_with_free_func(g_free);
	enum ms_status status = list_names(ms_quarantine_fd(q), days, err);

	g_ptr_array_sort(days, by_text);
	for (guint i = 0; i < days->len && status == MS_OK; i++) {
		const char *day = g_ptr_array_index(days, i);
		const struct ms_inventory_name name = { .id = day,
			.foreign = true };

		if (!is_day(day))
			status = visit(arg, &name, err);
	}
	for (guint i = 0; i < days->len && status == MS_OK; i++) {
		const char *day = g_ptr_array_index(days, i);
		unsigned long date = strtoul(day, NULL, 10);

		if (is_day(day) && date >= from && date <= to)
			status = visit_day(q, day, visit, arg, err);
	}
	g_ptr_array_unref(days);
	return status == MS_END ? MS_OK : status;
}

enum ms_status
ms_inventory_sweep(struct ms_quarantine *q, const char *id,
    struct ms_error *err)
{
	char *day = g_strndup(id, strcspn(id, "/"));
	enum ms_status status = MS_E_USAGE;
	int dir;

	if (id[strlen(day)] == '/' && is_day(day) &&
	    is_leftover(day, id + DAY_BYTES + 1)) {
		status = ms_beneath_directory(ms_quarantine_fd(q), day, false,
		    &dir, err);
		if (status == MS_OK) {
			if (unlinkat(dir, id + DAY_BYTES + 1, 0) != 0 &&
			    errno != ENOENT)
				status = ms_error_errno(err,
				    "cannot remove %s", id);
			(void)close(dir);
		}
	} else {
		(void)ms_error_set(err, status, "%s is no leftover", id);
	}
	g_free(day);
	return status == MS_END ? MS_OK : status;
}
