#include "state/ledger.h"

#include "state/entries.h"
#include "state/rows.h"

#include <glib.h>
#include <string.h>

/* A folder that is being read; or a file that was named, as the only one in a
 * folder of its own. */
struct list {
	uint64_t ticket;
	char *shown;		/* its path as this run has it, */
	char *path;		/* and in full */
	bool single;
	bool exists;		/* in the store */
	int64_t folder;
	int64_t print;		/* 0: will have to be read again */
	struct ms_entries *entries;
	int64_t run;		/* that judged all in it so far; 0: none */
	uint64_t messages;
};

struct file {
	uint64_t ticket;
	struct list *list;
	char *name;
	size_t shown;		/* bytes of its path as this run has it */
	int64_t mark, print;
	uint32_t number;
	bool exists;
	bool cleared;		/* of what was found in it before */
	bool spoilt, cut;
	bool found;
	uint64_t from;		/* offset where reading began */
	int64_t run;
	uint64_t messages;
};

struct ms_ledger {
	struct ms_ledger_config config;
	GHashTable *lists, *files;	/* by ticket */
	GHashTable *paths;	/* set of those of lists: while one is read,
				 * nobody else looks at the same */
	uint64_t tickets;
	int64_t folders;	/* the highest number so far; 0: not asked */
	uint64_t passed;
	bool failed;
	struct ms_error why;
};

static void
free_list(gpointer data)
{
	struct list *list = data;

	ms_entries_free(list->entries);
	g_free(list->shown);
	g_free(list->path);
	g_free(list);
}

static void
free_file(gpointer data)
{
	g_free(((struct file *)data)->name);
	g_free(data);
}

struct ms_ledger *
ms_ledger_new(const struct ms_ledger_config *config)
{
	struct ms_ledger *ledger = g_new0(struct ms_ledger, 1);

	ledger->config = *config;
	/* The ticket comes first in both. */
	ledger->lists = g_hash_table_new_full(g_int64_hash, g_int64_equal,
	    NULL, free_list);
	ledger->files = g_hash_table_new_full(g_int64_hash, g_int64_equal,
	    NULL, free_file);
	ledger->paths = g_hash_table_new(g_str_hash, g_str_equal);
	return ledger;
}

void
ms_ledger_free(struct ms_ledger *ledger)
{
	if (!ledger)
		return;
	g_hash_table_unref(ledger->paths);
	g_hash_table_unref(ledger->files);
	g_hash_table_unref(ledger->lists);
	g_free(ledger);
}

/* Note STATUS, if it is a failure. */
static bool
is_ok(struct ms_ledger *ledger, enum ms_status status)
{
	ledger->failed = ledger->failed || status < 0;
	return status >= 0;
}

static struct file *
find_file(const struct ms_ledger *ledger, uint64_t ticket)
{
	return g_hash_table_lookup(ledger->files, &ticket);
}

static void
drop_list(struct ms_ledger *ledger, struct list *list)
{
	g_hash_table_remove(ledger->paths, list->path);
	g_hash_table_remove(ledger->lists, &list->ticket);
}

static void
drop_file(struct ms_ledger *ledger, struct file *file)
{
	struct list *list = file->list;

	g_hash_table_remove(ledger->files, &file->ticket);
	if (list->single)
		drop_list(ledger, list);
}

static int64_t
entry_of(const struct file *file)
{
	return ms_entries_id(file->list->folder, file->number);
}

/* Take up the row of LIST's path, if there is one. */
static enum ms_status
take_row(struct ms_ledger *ledger, struct list *list,
    struct ms_rows_folder *row)
{
	struct ms_store *store = ledger->config.store;
	enum ms_status status = ms_rows_get_folder(store, list->path, row,
	    &ledger->why);

	list->exists = status == MS_OK;
	list->folder = row->id;
	if (status != MS_END)
		return status;
	status = ledger->folders > 0 ? MS_OK : ms_rows_last_folder(store,
	    &ledger->folders, &ledger->why);
	list->folder = ++ledger->folders;
	return status;
}

/* Write that of LIST. */
static enum ms_status
put_row(struct ms_ledger *ledger, struct list *list, int64_t print,
    struct ms_error *err)
{
	const struct ms_rows_folder row = { list->folder, print, list->run,
		list->messages };

	list->exists = true;
	return ms_rows_put_folder(ledger->config.store, list->path, &row,
	    ms_runs_current(ledger->config.runs), err);
}

/* Is there anything in the entries from FIRST to before END that is to be acted
 * on? */
static bool
is_wanted(struct ms_ledger *ledger, int64_t first, int64_t end)
{
	const struct ms_ledger_config *config = &ledger->config;
	const struct ms_found_range range = { first, end, 0 };
	enum ms_status status;

	if (config->act_on == 0)
		return false;
	status = ms_found_any(config->store, &range, config->act_on,
	    config->policy, &ledger->why);
	return !is_ok(ledger, status) || status == MS_OK;
}

/* A list for THING, or NULL if nothing can be known of it. */
static struct list *
begin_list(struct ms_ledger *ledger, const struct ms_memory_thing *thing,
    struct ms_rows_folder *row)
{
	char *path = g_canonicalize_filename(thing->name, NULL);
	struct list *list;

	if (ledger->failed || g_hash_table_contains(ledger->paths, path)) {
		g_free(path);
		return NULL;
	}
	list = g_new0(struct list, 1);
	list->ticket = ++ledger->tickets;
	list->shown = g_strdup(thing->name);
	list->path = path;
	g_hash_table_insert(ledger->lists, &list->ticket, list);
	g_hash_table_add(ledger->paths, list->path);
	if (is_ok(ledger, take_row(ledger, list, row)))
		return list;
	drop_list(ledger, list);
	return NULL;
}

static bool
load_entries(struct ms_ledger *ledger, struct list *list)
{
	if (is_ok(ledger, ms_entries_load(ledger->config.store, list->folder,
	    &list->entries, &ledger->why)))
		return true;
	drop_list(ledger, list);
	return false;
}

/* Pass over LIST, as ROW says. */
static enum ms_memory_answer
pass_list(struct ms_ledger *ledger, struct list *list,
    const struct ms_rows_folder *row)
{
	const struct ms_found_range range = {
		ms_entries_id(list->folder, 0),
		ms_entries_id(list->folder + 1, 0), 0
	};
	enum ms_status status;

	list->run = row->run;
	list->messages = row->messages;
	ledger->passed += row->messages;
	(void)is_ok(ledger, put_row(ledger, list, list->print,
	    &ledger->why));
	status = ms_found_any(ledger->config.store, &range, 0, 0,
	    &ledger->why);
	if (!is_ok(ledger, status) || status == MS_OK)
		return MS_MEMORY_TELL;
	drop_list(ledger, list);
	return MS_MEMORY_PASS;
}

static enum ms_memory_answer
on_list(void *arg, const struct ms_memory_thing *thing, uint64_t *ticket)
{
	struct ms_ledger *ledger = arg;
	struct ms_rows_folder row;
	struct list *list = begin_list(ledger, thing, &row);

	*ticket = 0;
	if (!list)
		return MS_MEMORY_READ;
	*ticket = list->ticket;
	list->print = ms_secret_print(ledger->config.secret, thing->st,
	    false);
	if (!thing->must_read && row.print == list->print &&
	    ms_runs_count(ledger->config.runs, row.run) &&
	    !is_wanted(ledger, ms_entries_id(list->folder, 0),
	    ms_entries_id(list->folder + 1, 0)))
		return pass_list(ledger, list, &row);
	if (ms_rows_is_racy(thing->st))
		list->print = 0;
	if (!load_entries(ledger, list))
		*ticket = 0;
	return MS_MEMORY_READ;
}

/* How many messages the store has in FILE. */
static uint64_t
count(struct ms_ledger *ledger, const struct file *file)
{
	uint64_t messages;

	(void)is_ok(ledger, ms_rows_get_messages(ledger->config.store,
	    entry_of(file), &messages, &ledger->why));
	return messages;
}

/* FILE need not be read, as ONE says. */
static enum ms_memory_answer
pass_file(struct ms_ledger *ledger, struct file *file,
    const struct ms_entries_one *one)
{
	struct list *list = file->list;
	uint64_t messages = one->many ? count(ledger, file) : 1;

	ledger->passed += messages;
	list->messages += messages;
	(void)is_ok(ledger, ms_runs_join(ledger->config.runs, &list->run,
	    one->run, &ledger->why));
	if (list->single)
		(void)is_ok(ledger, put_row(ledger, list, 0, &ledger->why));
	if (one->found)
		return MS_MEMORY_TELL;
	drop_file(ledger, file);
	return MS_MEMORY_PASS;
}

static struct file *
begin_file(struct ms_ledger *ledger, const struct ms_memory_thing *thing)
{
	struct list *list = thing->list == 0 ? NULL :
	    g_hash_table_lookup(ledger->lists, &thing->list);
	const char *name = list ? thing->name : "";
	struct file *file;
	struct ms_rows_folder row;

	if (ledger->failed)
		return NULL;
	if (thing->list == 0) {
		list = begin_list(ledger, thing, &row);
		if (!list || !load_entries(ledger, list))
			return NULL;
		list->single = true;
	}
	if (!list)
		return NULL;
	file = g_new0(struct file, 1);
	file->ticket = ++ledger->tickets;
	file->list = list;
	file->name = g_strdup(name);
	file->shown = strlen(list->shown) + (*name ? 1 + strlen(name) : 0);
	file->mark = ms_secret_name(ledger->config.secret, name,
	    thing->unique > 0 ? thing->unique : strlen(name));
	g_hash_table_insert(ledger->files, &file->ticket, file);
	return file;
}

static enum ms_memory_answer
on_file(void *arg, const struct ms_memory_thing *thing, uint64_t *ticket)
{
	struct ms_ledger *ledger = arg;
	struct ms_entries_one *one;
	struct file *file;

	*ticket = 0;
	if (ms_store_is_own(ledger->config.store, thing->st))
		return MS_MEMORY_OWN;
	file = begin_file(ledger, thing);
	if (!file)
		return MS_MEMORY_READ;
	*ticket = file->ticket;
	file->print = ms_secret_print(ledger->config.secret, thing->st,
	    thing->unique > 0);
	one = ms_entries_find(file->list->entries, file->mark);
	if (one) {
		one->seen = true;
		file->exists = true;
		file->number = one->number;
		if (!thing->must_read && one->print == file->print &&
		    ms_runs_count(ledger->config.runs, one->run) &&
		    !(one->found && is_wanted(ledger, entry_of(file),
		    entry_of(file) + 1)))
			return pass_file(ledger, file, one);
	} else {
		file->number = ms_entries_next(file->list->entries);
	}
	if (ms_rows_is_racy(thing->st))
		file->print = 0;
	return MS_MEMORY_READ;
}

static bool
on_grown(void *arg, uint64_t ticket, uint64_t size, struct ms_memory_end *end)
{
	struct ms_ledger *ledger = arg;
	struct file *file = find_file(ledger, ticket);
	const struct ms_entries_one *one = !file || !file->exists ? NULL :
	    ms_entries_find(file->list->entries, file->mark);

	if (ledger->failed || !one ||
	    !ms_runs_count(ledger->config.runs, one->run) ||
	    is_wanted(ledger, entry_of(file), entry_of(file) + 1) ||
	    !is_ok(ledger, ms_rows_get_tail(ledger->config.store,
	    entry_of(file), end, &ledger->why)))
		return false;
	return end->offset > 0 && end->offset < size;
}

const struct ms_memory ms_ledger_memory = {
	.list = on_list,
	.file = on_file,
	.grown = on_grown,
};

enum ms_status
ms_ledger_status(const struct ms_ledger *ledger, struct ms_error *err)
{
	return ledger->failed ? ms_error_set(err, MS_E_IO, "%s",
	    ledger->why.text) : MS_OK;
}

uint64_t
ms_ledger_passed(const struct ms_ledger *ledger)
{
	return ledger->passed;
}

void
ms_ledger_spoil(struct ms_ledger *ledger, uint64_t ticket, bool cut)
{
	struct file *file = find_file(ledger, ticket);

	if (!file)
		return;
	file->spoilt = true;
	file->cut = file->cut || cut;
}

bool
ms_ledger_is_cut(const struct ms_ledger *ledger, uint64_t ticket)
{
	return find_file(ledger, ticket) && find_file(ledger, ticket)->cut;
}

/* Write the row of FILE. */
static enum ms_status
put_entry(struct ms_ledger *ledger, const struct file *file, int64_t print,
    struct ms_error *err)
{
	const struct ms_rows_entry row = { entry_of(file), file->mark, print,
		file->run, file->messages, file->found };

	return ms_rows_put_entry(ledger->config.store, &row, err);
}

/* Forget what was in FILE where it was read again. */
static enum ms_status
clear(struct ms_ledger *ledger, struct file *file, struct ms_error *err)
{
	static const struct ms_memory_end nowhere;
	struct ms_store *store = ledger->config.store;
	enum ms_status status;

	if (file->cleared || !file->exists)
		return MS_OK;
	file->cleared = true;
	status = ms_found_clear(store, entry_of(file), file->from, err);
	/* What is before the last message is only known if that is. */
	if (status == MS_OK && file->from == 0)
		status = ms_rows_put_tail(store, entry_of(file), &nowhere,
		    err);
	return status;
}

/* Note that outcome ID is in FILE. */
static enum ms_status
put_found(struct ms_ledger *ledger, struct file *file,
    const struct ms_outcome *outcome, int64_t id, struct ms_error *err)
{
	const char *source = outcome->origin.source;
	const struct ms_found_place place = {
		.entry = entry_of(file),
		.n = file->messages,
		.name = file->name,
		.member = strlen(source) > file->shown ?
		    source + file->shown : "",
		.outcome = id,
		.policy = ms_found_is_done(outcome) ?
		    ledger->config.policy : 0,
	};
	enum ms_status status = clear(ledger, file, err);

	/* So that its number is given to nobody else. */
	if (status == MS_OK && !file->found) {
		file->found = true;
		if (!file->list->exists)
			status = put_row(ledger, file->list, 0, err);
		if (status == MS_OK)
			status = put_entry(ledger, file, 0, err);
	}
	return status == MS_OK ? ms_found_put(ledger->config.store, &place,
	    &outcome->origin, err) : status;
}

enum ms_status
ms_ledger_message(struct ms_ledger *ledger, const struct ms_outcome *outcome,
    int64_t run, int64_t id, struct ms_error *err)
{
	struct file *file = find_file(ledger, outcome->origin.ticket);

	if (!file)
		return MS_OK;
	file->messages++;
	if (run == 0)
		file->spoilt = true;
	(void)is_ok(ledger, ms_runs_join(ledger->config.runs, &file->run,
	    run, &ledger->why));
	return id == 0 ? MS_OK : put_found(ledger, file, outcome, id, err);
}

/* Tell what is known of the file, or of what is before where it is read. */
static enum ms_status
tell_file(struct ms_ledger *ledger, const struct ms_source_item *item,
    struct file *file, ms_found_tell *tell, void *arg, struct ms_error *err)
{
	const struct ms_found_base base = { item->origin.source, true };
	const struct ms_found_range range = { entry_of(file),
		entry_of(file) + 1, item->end.offset };
	enum ms_status status = ms_found_rename(ledger->config.store,
	    entry_of(file), file->name, err);
	const struct ms_entries_one *one;

	if (status == MS_OK)
		status = ms_found_each(ledger->config.store, &range, &base,
		    tell, arg, err);
	if (item->end.offset == 0) {
		drop_file(ledger, file);
		return status;
	}
	one = ms_entries_find(file->list->entries, file->mark);
	file->from = item->end.offset;
	file->run = one ? one->run : 0;
	file->found = one && one->found;
	file->messages = item->end.index - 1;	/* that one comes again */
	ledger->passed += file->messages;
	return status;
}

enum ms_status
ms_ledger_tell(struct ms_ledger *ledger, const struct ms_source_item *item,
    ms_found_tell *tell, void *arg, struct ms_error *err)
{
	struct file *file = find_file(ledger, item->origin.ticket);
	struct list *list = g_hash_table_lookup(ledger->lists,
	    &item->origin.ticket);
	struct ms_found_base base = { 0 };
	struct ms_found_range range = { 0 };
	enum ms_status status;

	if (file)
		return tell_file(ledger, item, file, tell, arg, err);
	if (!list)
		return MS_OK;
	base.path = list->shown;
	range.first = ms_entries_id(list->folder, 0);
	range.end = ms_entries_id(list->folder + 1, 0);
	status = ms_found_each(ledger->config.store, &range, &base, tell, arg,
	    err);
	drop_list(ledger, list);
	return status;
}

static enum ms_status
finish_file(struct ms_ledger *ledger, const struct ms_source_item *item,
    struct file *file, struct ms_error *err)
{
	struct ms_store *store = ledger->config.store;
	struct list *list = file->list;
	enum ms_status status = clear(ledger, file, err);

	if (file->run == 0)
		file->run = ms_runs_current(ledger->config.runs);
	(void)is_ok(ledger, ms_runs_join(ledger->config.runs, &list->run,
	    file->run, &ledger->why));
	file->spoilt = file->spoilt || item->elsewhere;
	list->messages += file->messages;
	if (file->spoilt || file->print == 0)
		list->print = 0;
	if (status == MS_OK && (list->single || !list->exists))
		status = put_row(ledger, list, 0, err);
	if (status == MS_OK)
		status = put_entry(ledger, file, file->spoilt ? 0 :
		    file->print, err);
	if (status == MS_OK && !file->spoilt && (file->exists ||
	    item->end.offset > 0))
		status = ms_rows_put_tail(store, entry_of(file), &item->end,
		    err);
	drop_file(ledger, file);
	return status;
}

static enum ms_status
finish_list(struct ms_ledger *ledger, const struct ms_source_item *item,
    struct list *list, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (list->run == 0)
		list->run = ms_runs_current(ledger->config.runs);
	if (!item->partial)
		status = ms_entries_forget(list->entries, err);
	if (status == MS_OK && list->exists)
		status = put_row(ledger, list, item->partial ||
		    item->elsewhere ? 0 : list->print, err);
	if (status == MS_OK && item->operand)
		status = ms_rows_forget_below(ledger->config.store,
		    list->path, ms_runs_current(ledger->config.runs), err);
	drop_list(ledger, list);
	return status;
}

enum ms_status
ms_ledger_finish(struct ms_ledger *ledger, const struct ms_source_item *item,
    struct ms_error *err)
{
	struct file *file = find_file(ledger, item->origin.ticket);
	struct list *list = g_hash_table_lookup(ledger->lists,
	    &item->origin.ticket);

	if (file)
		return finish_file(ledger, item, file, err);
	return list ? finish_list(ledger, item, list, err) : MS_OK;
}
